import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import {
  type ApplicationDatabase,
  migrateApplicationDatabase,
  openApplicationDatabase,
} from '@/lib/application';
import { createLocalKeyProvider, createSecretBox, type SecretBox } from '@/lib/secrets';
import { createTestDatabase } from '../../support/postgres';

export function testSecretBox(key = randomBytes(32).toString('hex')): SecretBox {
  return createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
}

/** A migrated application database of its own, open until the test file ends. */
export async function openTestApplicationDatabase(): Promise<{
  url: string;
  application: ApplicationDatabase;
  secretBox: SecretBox;
}> {
  const url = await createTestDatabase('application', 'application');
  await migrateApplicationDatabase(url);
  const secretBox = testSecretBox();
  const application = openApplicationDatabase({
    url,
    secretBox,
    author: { actor: 'test' },
    maxConnections: 4,
  });
  after(() => application.close());
  return { url, application, secretBox };
}
