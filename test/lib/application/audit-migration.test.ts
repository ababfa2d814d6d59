// A log that was kept before records were chained.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { administer, createTestDatabase } from '../../support/postgres';
import { testSecretBox } from './application-database';

const BASELINE = path.resolve(import.meta.dirname, '../migrations/baselines/application.sql.gz');

test('existing records are chained in their order, without gaps, and further ones continue', async () => {
  const url = await createTestDatabase('application');
  await administer(url, `begin; ${gunzipSync(await readFile(BASELINE))} commit`);
  const record = (actor: string) =>
    `insert into audit_log (actor, action, entity) values ('${actor}', 'kept', 'test')`;
  await administer(
    url,
    `insert into audit_log (actor, action, entity, details)
     select 'user-' || n, 'kept', 'test', jsonb_build_object('n', n, 'price', 1.50) from generate_series(1, 30) n`,
  );
  await administer(url, `begin; ${record('rolled back')}; rollback`);
  await administer(url, record('last'));
  await migrateApplicationDatabase(url);
  const application = openApplicationDatabase({ url, secretBox: testSecretBox() });
  after(() => application.close());
  await application.tenants.create({ name: 'T', subdomain: 'new' });
  const { records, head, problems } = await application.audit.verify({ verifiers: [] });
  assert.deepEqual({ records, head, problems }, { records: 32, head: '32', problems: 0 });
  const [newest, last, kept] = await application.audit.list({ limit: 3 });
  assert.deepEqual([newest?.action, last?.actor, kept?.actor], ['tenants.insert', 'last', 'user-30']);
  await assert.rejects(administer(url, 'delete from audit_log'), { code: 'MQ010' });
});
