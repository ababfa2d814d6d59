import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import pg from 'pg';
import { generateTypes } from '@/lib/rest/types-generator';
import { migrateTenantData } from '@/lib/tenant-data';
import { createTestDatabase } from '../../../support/postgres';

test('the written types of the tenant schema are what its migrations say', async () => {
  const client = new pg.Client({ connectionString: await createTestDatabase() });
  await client.connect();
  try {
    await migrateTenantData(client);
    const written = await readFile('src/lib/tenant-data/types.ts', 'utf8');
    assert.ok(
      written === (await generateTypes(client, ['public'], 'tenant_id')),
      'stale; run: marquee types --tenant-data --output src/lib/tenant-data/types.ts',
    );
  } finally {
    await client.end();
  }
});
