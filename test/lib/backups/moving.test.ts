// A tenant that is moved while its rows are backed up, restored, exported or erased.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import {
  type BackupDependencies,
  cleanUp,
  createBackup,
  eraseTenant,
  exportTenant,
  listErasures,
  restoreInPlace,
  verifyBackup,
} from '@/lib/backups';
import { restoreToDataSource } from '@/lib/backups/restore/to-data-source';
import { commandMove, moveDependencies } from '@/lib/movement';
import { BEGIN_COPYING, deleteRows, inTransaction, readTables } from '@/lib/tenant-data/rows';
import { administer } from '../../support/postgres';
import { createBackupWorld } from './world';

const world = await createBackupWorld();
const { dependencies, store, databases, objects, application, operations, directory } = world;
const [, target] = databases;
const by = { store, reason: 'manual' as const, requestedBy: 'test' };
const key = Buffer.alloc(32, 1);

const accountsIn = async (database: { sql: (typeof target)['sql'] }, tenantId: string) =>
  (await database.sql('select count(*)::int as n from accounts where tenant_id = $1', [tenantId])).rows[0].n;

const write = (tenantId: string) =>
  world.manager.execute(tenantId, { text: `insert into accounts (name) values ('on')`, values: [] });

async function moveAway(tenantId: string, to: { id: string } = target): Promise<void> {
  const move = await world.start(tenantId, to, { options: { autoCutOver: true, autoComplete: true } });
  assert.equal(await world.run(move), 'completed');
}

/** Refuses all connections to a database, or admits them again. */
async function setLost(database: { adminUrl: string }, isLost: boolean): Promise<void> {
  const server = new URL(database.adminUrl);
  const name = server.pathname.slice(1);
  server.pathname = '/postgres';
  await administer(server.toString(), `alter database ${name} with allow_connections ${!isLost}`);
  await administer(
    server.toString(),
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
    [name],
  );
}

test('a tenant whose move is open is not erased, and nothing of it is removed', async () => {
  const tenantId = await world.tenantWithFiles();
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const move = await world.start(tenantId, target, { options: { autoCutOver: true } });
  assert.equal(await world.run(move), 'moved');
  const files = objects.size;
  await assert.rejects(eraseTenant(dependencies, tenantId, key, 'test'), { code: 'backup_busy' });
  await verifyBackup(dependencies, backup);
  assert.equal(objects.size, files);
  await write(tenantId);
  assert.equal(await world.want(move, 'complete'), 'completed');
  const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test');
  assert.deepEqual([certificate.before.files, certificate.before.backups], [2, 1]);
});

/** Does `work` when the backups of a tenant that is erased have just been removed. */
function meanwhile(work: () => Promise<unknown>): BackupDependencies {
  const audit = Object.assign(Object.create(application.audit), {
    async append(...record: Parameters<typeof application.audit.append>) {
      if (record[0].action === 'backups.removed') await work();
      return application.audit.append(...record);
    },
  });
  return { ...dependencies, application: { ...application, audit } };
}

test('while a tenant is erased no move of it begins', async () => {
  const tenantId = await world.tenantWithFiles();
  await createBackup(dependencies, { tenantId, ...by });
  let refused = false;
  const movesMeanwhile = meanwhile(async () => {
    await assert.rejects(world.start(tenantId, target), { code: 'move_not_possible' });
    refused = true;
  });
  await eraseTenant(movesMeanwhile, tenantId, key, 'test');
  assert.ok(refused);
  assert.equal(await application.tenants.find(tenantId), undefined);
});

test('a file that a statement adds while its tenant is erased is removed too, and users are refused', async () => {
  const tenantId = await world.tenantWithFiles();
  await createBackup(dependencies, { tenantId, ...by });
  const added = `${tenantId}/added`;
  const adds = meanwhile(async () => {
    assert.equal((await application.tenants.get(tenantId)).status, 'suspended');
    objects.set(added, Buffer.from('late'));
    await databases[0].sql(
      `insert into attachments (tenant_id, entity_type, entity_id, file_name, mime_type, size_bytes, sha256, storage_key, visibility)
       select $1, 'account', id, 'b.txt', 'text/plain', 4, repeat('0', 64), $2, 'internal' from accounts where tenant_id = $1 limit 1`,
      [tenantId, added],
    );
  });
  const { certificate } = await eraseTenant(adds, tenantId, key, 'test');
  assert.equal(certificate.before.files, 3);
  assert.ok(!objects.has(added));
});

test('while a tenant is restored no move of it begins, and afterwards one does', async () => {
  const tenantId = await world.tenantWithFiles();
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const hooks = async (point: string) => {
    if (point === 'recorded')
      await assert.rejects(world.start(tenantId, target), { code: 'move_not_possible' });
  };
  await restoreInPlace({ ...dependencies, hooks }, { backup, requestedBy: 'test' });
  await moveAway(tenantId);
  await write(tenantId);
});

test('a restore that was killed after its decision is cleaned up when its tenant has moved on', async () => {
  const tenantId = await world.tenant(databases[0], 5);
  const third = await world.addDatabase();
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const stopped = new Error('killed');
  let moved = false;
  const hooks = (point: string) => {
    if (point === 'opened') throw stopped;
  };
  // As if its process were gone: what it does to undo itself does not happen.
  const tenants = Object.assign(Object.create(application.tenants), {
    async get(id: string) {
      if (moved) throw stopped;
      return application.tenants.get(id);
    },
    async setDataSource(...given: Parameters<typeof application.tenants.setDataSource>) {
      const tenant = await application.tenants.setDataSource(...given);
      moved = true;
      return tenant;
    },
  });
  await assert.rejects(
    restoreToDataSource(
      { ...dependencies, hooks, application: { ...application, tenants } },
      { backup, requestedBy: 'test', dataSource: target.id },
    ),
    stopped,
  );
  assert.equal(await accountsIn(databases[0], tenantId), 5);
  const move = await world.start(tenantId, third, {
    from: target,
    options: { autoCutOver: true, autoComplete: true },
  });
  assert.equal(await world.run(move), 'completed');
  assert.deepEqual(await cleanUp(dependencies), []);
  for (const database of databases) {
    assert.equal(await accountsIn(database, tenantId), 0);
    const { rows: fences } = await database.sql('select 1 from tenancy.fence where tenant_id = $1', [
      tenantId,
    ]);
    assert.deepEqual(fences, []);
  }
  await write(tenantId);
});

test('a backup that finds its tenant moved away before it read is no backup', async () => {
  const tenantId = await world.tenantWithFiles();
  let moved = false;
  const hooks = async (point: string) => {
    if (point !== 'recorded' || moved) return;
    moved = true;
    await moveAway(tenantId);
  };
  await assert.rejects(createBackup({ ...dependencies, hooks }, { tenantId, ...by }), {
    code: 'backup_busy',
  });
  const { rows } = await createBackup(dependencies, { tenantId, ...by });
  assert.ok((rows ?? 0) > 30);
});

test('an export that finds its tenant moved away before it read is no export', async () => {
  const tenantId = await world.tenantWithFiles();
  let moved = false;
  const tenants = Object.assign(Object.create(application.tenants), {
    async get(id: string) {
      const tenant = await application.tenants.get(id);
      if (!moved) {
        moved = true;
        await moveAway(tenantId);
      }
      return tenant;
    },
  });
  const request = { tenantId, requestedBy: 'test', format: 'csv' as const };
  const [first, second] = ['moved', 'after'].map((name) => path.join(directory, 'moving', name)) as [
    string,
    string,
  ];
  await assert.rejects(
    exportTenant(
      { ...dependencies, application: { ...application, tenants } },
      { ...request, directory: first },
    ),
    { code: 'backup_busy' },
  );
  const { rows } = await exportTenant(dependencies, { ...request, directory: second });
  assert.ok(rows > 30);
});

test('an erasure removes the copy in a database that was given up, or refuses, or names it in its certificate', async () => {
  for (const way of ['restore', 'move'] as const) {
    const gone = await world.addDatabase();
    const tenantId = await world.tenant(gone, 12);
    if (way === 'restore') {
      const backup = await createBackup(dependencies, { tenantId, ...by });
      await restoreToDataSource(dependencies, {
        ...{ backup, requestedBy: 'test', dataSource: target.id, sourceLost: true },
      });
    } else {
      const move = await world.start(tenantId, target, { from: gone, options: { autoCutOver: true } });
      assert.equal(await world.run(move), 'moved');
      await setLost(gone, true);
      await commandMove(moveDependencies({ application, operations }), move.id, 'complete', {
        forget: 'source',
      });
      assert.equal(await world.run(move), 'completed');
    }
    await setLost(gone, true);
    await assert.rejects(eraseTenant(dependencies, tenantId, key, 'test'), {
      code: 'backup_not_possible',
      message: new RegExp(gone.id),
    });
    assert.equal(await accountsIn(target, tenantId), 12);
    await write(tenantId);
    await setLost(gone, false);
    assert.equal(await accountsIn(gone, tenantId), 12);
    const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test');
    assert.deepEqual(
      certificate.copiesRemoved.map(({ dataSource }) => dataSource),
      [gone.id],
    );
    assert.ok((certificate.copiesRemoved[0]?.rows ?? 0) > 12);
    assert.deepEqual(certificate.mayRemain, []);
    assert.equal(await accountsIn(gone, tenantId), 0);
    const { rows: fences } = await gone.sql('select 1 from tenancy.fence where tenant_id = $1', [tenantId]);
    assert.deepEqual(fences, []);
  }
});

test('an erasure that is told so leaves a copy that cannot be reached', async () => {
  const gone = await world.addDatabase();
  const tenantId = await world.tenant(gone, 3);
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const given = { backup, requestedBy: 'test', dataSource: target.id, sourceLost: true };
  await restoreToDataSource(dependencies, given);
  await setLost(gone, true);
  const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test', { leaveUnreachable: true });
  assert.deepEqual(certificate.copiesRemoved, []);
  assert.deepEqual(
    certificate.mayRemain.map((text) => text.includes(gone.id)),
    [true],
  );
  await setLost(gone, false);

  // The database is back: what was left there is erased too, and the earlier certificate stays.
  const again = await eraseTenant(dependencies, tenantId, key, 'test');
  assert.deepEqual([again.certificate.mayRemain, again.certificate.copiesRemoved.length], [[], 1]);
  const kept = async () =>
    (await listErasures(dependencies)).flatMap(({ certificate: one, signature }) =>
      one.tenant === tenantId ? [[one.mayRemain.length, signature]] : [],
    );
  const both = await kept();
  assert.deepEqual(
    both.map(([left]) => left),
    [0, 1],
  );
  assert.equal((await eraseTenant(dependencies, tenantId, key, 'other')).signature, again.signature);
  assert.deepEqual(await kept(), both, 'nothing was there, so nothing is certified anew');
});

/** As a database that was made anew. */
async function emptied(database: { adminUrl: string }, tenantId: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await inTransaction(client, BEGIN_COPYING, async () => {
    await deleteRows(client, await readTables(client), tenantId);
    await client.query('delete from tenancy.fence where tenant_id = $1', [tenantId]);
  });
  await client.end();
}

test('a copy that was given up is not taken for one where the tenant lives again', async () => {
  const gone = await world.addDatabase();
  const tenantId = await world.tenant(gone, 3);
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const given = { backup, requestedBy: 'test' };
  await restoreToDataSource(dependencies, { ...given, dataSource: target.id, sourceLost: true });
  await emptied(gone, tenantId);
  await restoreToDataSource(dependencies, { ...given, dataSource: gone.id });
  const { certificate } = await eraseTenant(dependencies, tenantId, key, 'test');
  assert.deepEqual(certificate.copiesRemoved, []);
  assert.ok(certificate.before.rows > 3);
});
