import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { migrateOperationsDatabase, type OperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { createTestDatabase } from '../../support/postgres';

/** A migrated operations database of its own, open until the test file ends. */
export async function openTestOperationsDatabase(): Promise<{ url: string; operations: OperationsDatabase }> {
  const url = await createTestDatabase('operations', 'operations');
  await migrateOperationsDatabase(url);
  const key = randomBytes(32).toString('hex');
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const operations = openOperationsDatabase({ url, secretBox, maxConnections: 6 });
  after(() => operations.close());
  return { url, operations };
}
