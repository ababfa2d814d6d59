import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import {
  backupStates,
  createBackup,
  drillBackup,
  findBackup,
  openBackup,
  restoreAsNewTenant,
  restoreInPlace,
  verifyBackup,
} from '@/lib/backups';
import { restoreToDataSource } from '@/lib/backups/restore/to-data-source';
import { digestTable, readTables } from '@/lib/tenant-data/rows';
import { createBackupWorld } from './world';

const world = await createBackupWorld();
const { dependencies, store, databases, objects, operations, application } = world;
const by = { store, reason: 'manual' as const, requestedBy: 'test' };

/** Digest of each table with rows of a tenant. */
async function digests(database: { adminUrl: string }, tenantId: string, without: string[] = []) {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    await client.query("set timezone = 'UTC'; set extra_float_digits = 1");
    const found: Record<string, string> = {};
    for (const table of await readTables(client)) {
      const { rows, digest } = await digestTable(table, { client, tenantId });
      if (rows > 0 && !without.includes(table.name)) found[table.name] = `${rows} ${digest}`;
    }
    return found;
  } finally {
    await client.end();
  }
}

describe('a backup of one tenant', { concurrency: false }, () => {
  test('holds what the database has, by the digests that moves use, and is read back without it', async () => {
    const tenantId = await world.tenantWithFiles(200);
    const backup = await createBackup(dependencies, { tenantId, ...by });
    const { manifest } = await openBackup(dependencies, backup);
    const held = Object.fromEntries(
      manifest.tables
        .filter(({ rows }) => rows > 0)
        .map(({ name, rows, digest }) => [name, `${rows} ${digest}`]),
    );
    assert.deepEqual(held, await digests(databases[0], tenantId));
    assert.equal(manifest.files.length, 2);
    assert.ok(Object.keys(held).length > 4);
    const verified = await verifyBackup(dependencies, backup);
    assert.equal(verified.rows, manifest.rows);
    assert.equal(verified.bytes, manifest.bytes);
    const stored = Buffer.concat(
      await Promise.all((await store.list(tenantId)).map(async (key) => (await store.get(key)) as Buffer)),
    );
    assert.ok(!stored.includes('example.com'), 'values are encrypted');
  });

  test('brings a tenant back as it was, in place, after a backup of what is there', async () => {
    const tenantId = await world.tenantWithFiles();
    const before = await digests(databases[0], tenantId);
    const backup = await createBackup(dependencies, { tenantId, ...by });
    const [file = '', changed = ''] = [...objects.keys()].filter((key) => key.startsWith(tenantId));
    const saved = objects.get(changed) ?? Buffer.of();
    objects.delete(file);
    objects.set(changed, Buffer.alloc(saved.length));
    await world.manager.execute(tenantId, {
      text: `delete from accounts a where name like 'Account 1%' and not exists (select from attachments f where f.entity_id = a.id)`,
      values: [],
    });
    await world.manager.execute(tenantId, {
      text: `insert into accounts (name) values ('since')`,
      values: [],
    });
    const spoiled = await digests(databases[0], tenantId);
    const restored = await restoreInPlace(dependencies, { backup, requestedBy: 'test' });
    assert.deepEqual(await digests(databases[0], tenantId), before);
    assert.equal(restored.files, 2);
    assert.ok(objects.has(file));
    assert.deepEqual(objects.get(changed), saved);
    const rows = await world.manager.execute(tenantId, { text: 'select 1 from accounts', values: [] });
    assert.ok(rows.length > 0, 'the tenant works on');
    const safety = await findBackup(operations.pool, restored.safetyBackup ?? '');
    await restoreInPlace(dependencies, { backup: safety, requestedBy: 'test' });
    assert.deepEqual(await digests(databases[0], tenantId), spoiled);
  });

  test('brings single rows and one table back, and leaves later rows', async () => {
    const tenantId = await world.tenantWithFiles();
    const backup = await createBackup(dependencies, { tenantId, ...by });
    const { rows } = await databases[0].sql(
      `select id::text from accounts where tenant_id = $1 and name in ('Account 1', 'Account 2') order by name`,
      [tenantId],
    );
    const [one = '', two = ''] = rows.map(({ id }) => String(id));
    await databases[0].sql(`update accounts set name = 'spoiled' where tenant_id = $1`, [tenantId]);
    await databases[0].sql(`insert into accounts (tenant_id, name) values ($1, 'since')`, [tenantId]);
    const request = { backup, requestedBy: 'test', table: 'accounts' };
    const restored = await restoreInPlace(dependencies, { ...request, keys: [one] });
    assert.equal(restored.rows, 1);
    const names = async () =>
      (
        await databases[0].sql('select name from accounts where tenant_id = $1 and id = any ($2)', [
          tenantId,
          [one, two],
        ])
      ).rows
        .map(({ name }) => name)
        .sort();
    assert.deepEqual(await names(), ['Account 1', 'spoiled']);
    await assert.rejects(restoreInPlace(dependencies, { ...request, keys: [two, crypto.randomUUID()] }), {
      code: 'backup_unknown',
    });
    assert.deepEqual(await names(), ['Account 1', 'spoiled'], 'nothing was changed');
    await restoreInPlace(dependencies, request);
    assert.deepEqual(await names(), ['Account 1', 'Account 2']);
    const since = await databases[0].sql(`select 1 from accounts where tenant_id = $1 and name = 'since'`, [
      tenantId,
    ]);
    assert.equal(since.rowCount, 1);
    await assert.rejects(restoreInPlace(dependencies, { ...request, table: 'nothing' }), {
      code: 'backup_unknown',
    });
  });

  test('becomes a new tenant beside the first, in another database too', async () => {
    const tenantId = await world.tenantWithFiles(30, crypto.randomUUID());
    const backup = await createBackup(dependencies, { tenantId, ...by });
    const { tenantIdInDataSource } = await application.tenants.get(tenantId);
    for (const [at, database] of databases.entries()) {
      const restored = await restoreAsNewTenant(dependencies, {
        ...{ backup, requestedBy: 'test', name: 'Copy', subdomain: `copy-${at}` },
        dataSource: database.id,
      });
      const { status } = await application.tenants.get(restored.tenant);
      assert.equal(status, 'suspended');
      assert.deepEqual(
        await digests(database, restored.tenant, ['attachments']),
        await digests(databases[0], tenantIdInDataSource, ['attachments']),
      );
      const { rows } = await database.sql('select storage_key from attachments where tenant_id = $1', [
        restored.tenant,
      ]);
      assert.equal(rows.length, 2);
      for (const { storage_key } of rows)
        assert.ok(objects.has(storage_key) && storage_key.startsWith(restored.tenant));
    }
    await assert.rejects(
      restoreAsNewTenant(dependencies, { backup, requestedBy: 'test', name: 'Copy', subdomain: 'copy-0' }),
      { code: 'subdomain_taken' },
    );
  });

  test('goes into another database, and the tenant with it', async () => {
    const tenantId = await world.tenantWithFiles();
    const before = await digests(databases[0], tenantId);
    const backup = await createBackup(dependencies, { tenantId, ...by });
    const restored = await restoreToDataSource(dependencies, {
      ...{ backup, requestedBy: 'test', dataSource: databases[1].id },
    });
    assert.ok(restored.safetyBackup);
    assert.deepEqual(await digests(databases[1], tenantId), before);
    assert.deepEqual(await digests(databases[0], tenantId), {}, 'nothing is left');
    assert.equal((await application.tenants.get(tenantId)).dataSourceId, databases[1].id);
    await world.manager.execute(tenantId, {
      text: `insert into accounts (name) values ('after')`,
      values: [],
    });
  });

  test('is proven by a drill, which leaves nothing', async () => {
    const tenantId = await world.tenantWithFiles();
    const backup = await createBackup(dependencies, { tenantId, ...by });
    const [count, files] = [(await application.tenants.list()).length, objects.size];
    const drill = await drillBackup(dependencies, {
      tenantId,
      dataSource: databases[1].id,
      requestedBy: 'test',
    });
    assert.deepEqual([drill.state, drill.error], ['passed', null]);
    assert.equal(drill.result.rows, backup.rows);
    assert.deepEqual([(await application.tenants.list()).length, objects.size], [count, files]);
    const { rows } = await operations.pool.query('select scratch_tenant from drills where id = $1', [
      drill.id,
    ]);
    assert.deepEqual(await digests(databases[1], rows[0].scratch_tenant), {});
    const state = (await backupStates(operations.pool, [tenantId])).get(tenantId);
    assert.equal(state?.lastDrill, 'passed');
    assert.deepEqual(state?.lastProvenAt, backup.asOf);
  });
});
