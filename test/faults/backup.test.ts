// A process that backs a tenant up, restores it or drills it is killed at every step: nothing is lost, nothing half-done is seen or left.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { startBackups } from '@/cli/start/backups';
import {
  type BackupPoint,
  cleanUp,
  createBackup,
  openBackup,
  restoreAsNewTenant,
  restoreInPlace,
  verifyBackup,
} from '@/lib/backups';
import { createDiskStorage } from '@/lib/crm/storage';
import { createBackupWorld } from '../lib/backups/world';
import { until } from '../support/until';
import type { BackupOrders } from './backup.program';

const world = await createBackupWorld();
const { databases, operations, application, store, directory, keys } = world;
const filesDirectory = path.join(directory, 'files');
const dependencies = { ...world.dependencies, files: createDiskStorage(filesDirectory) };

/** `half_written`: before the table after `accounts` is written. */
const STEPS: Record<BackupOrders['work'], (BackupPoint | 'half_written')[]> = {
  create: ['recorded', 'table', 'part', 'before_manifest', 'before_complete'],
  in_place: [
    'recorded',
    'fence_held',
    'part',
    'before_manifest',
    'before_complete',
    'half_written',
    'before_commit',
    'committed',
  ],
  as_new_tenant: ['recorded', 'tenant_created', 'table', 'half_written', 'before_commit', 'committed'],
  to_data_source: ['recorded', 'fence_held', 'before_commit', 'committed', 'before_complete', 'opened'],
  drill: ['recorded', 'tenant_created', 'table', 'before_commit', 'committed', 'opened'],
};

async function killedAt(
  orders: Omit<
    BackupOrders,
    'applicationUrl' | 'operationsUrl' | 'applicationKey' | 'operationsKey' | 'files' | 'store'
  >,
) {
  const given: BackupOrders = { ...keys, files: filesDirectory, store: directory, ...orders };
  const program = path.join(import.meta.dirname, 'backup.program.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(given)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  assert.equal(line, orders.point, `${orders.work} reaches ${orders.point}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Accounts in all tenants of both databases, by tenant. */
async function accounts(): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const database of databases) {
    const { rows } = await database.sql(
      'select tenant_id, count(*)::int as n from accounts group by tenant_id',
    );
    for (const { tenant_id, n } of rows) found.set(tenant_id, (found.get(tenant_id) ?? 0) + n);
  }
  return found;
}

/** Waits until the database has noticed that the killed process is gone, and its lock is free. */
async function cleanedUp() {
  await until(async () => {
    assert.deepEqual(await cleanUp(dependencies), []);
    const { rows } = await operations.pool.query(
      `select (select count(*) from backups where state in ('running', 'removing')) + (select count(*) from restores where state = 'running' or fence_held)
         + (select count(*) from drills where state = 'running' or not scratch_removed) as open`,
    );
    return Number(rows[0].open) === 0;
  }, 'everything that was left to be cleaned up');
}

describe('a process that works on backups is killed', { concurrency: false }, () => {
  for (const [work, points] of Object.entries(STEPS) as [BackupOrders['work'], (typeof STEPS)['create']][]) {
    for (const point of points) {
      test(`${work} at ${point}`, { timeout: 180_000 }, async () => {
        const tenantId = await world.tenant(databases[0], 30);
        const by = { store, reason: 'manual' as const, requestedBy: 'test' };
        const backup = await createBackup(dependencies, { tenantId, ...by });
        await world.manager.execute(tenantId, {
          text: `insert into accounts (name) values ('since')`,
          values: [],
        });
        const before = await accounts();
        const tenants = (await application.tenants.list()).length;
        const order = (await openBackup(dependencies, backup)).manifest.tables.map(({ name }) => name);
        // Its safety backup passes every table before.
        const passed = (work === 'in_place' ? order.length : 0) + order.indexOf('accounts') + 1;
        await killedAt({
          ...(point === 'half_written' ? { point: 'table', after: passed } : { point }),
          ...{ work, tenantId, backup: backup.id, source: databases[1].id },
        });
        await cleanedUp();

        const restored = before.get(tenantId) === 31 && (await accounts()).get(tenantId) === 30;
        const isDone =
          { in_place: point === 'committed', to_data_source: point === 'opened' }[work as string] ?? false;
        assert.equal(restored, isDone, 'the rows are those of before, or all of them those of the backup');
        const after = await accounts();
        after.set(tenantId, before.get(tenantId) ?? 0);
        assert.deepEqual(after, before, 'nothing is left of a tenant that was not finished');
        assert.equal((await application.tenants.list()).length, tenants);
        // The tenant works where its route says.
        await world.manager.execute(tenantId, {
          text: `insert into accounts (name) values ('after')`,
          values: [],
        });
        // What is in the store is whole backups.
        const { rows } = await operations.pool.query<{ id: string }>(
          `select id from backups where tenant_id = $1 and state = 'complete'`,
          [tenantId],
        );
        const stored = new Set((await store.list(tenantId)).map((key) => key.split('/')[1]));
        assert.deepEqual([...stored].sort(), rows.map(({ id }) => id).sort());
        await verifyBackup(dependencies, backup);
        const again = await createBackup(dependencies, { tenantId, ...by });
        const { manifest } = await openBackup(dependencies, again);
        const expected = (await accounts()).get(tenantId);
        assert.equal(manifest.tables.find(({ name }) => name === 'accounts')?.rows, expected);

        if (work !== 'in_place' && work !== 'as_new_tenant') return;
        // The same command again.
        const request = { backup, requestedBy: 'test' };
        const subdomain = `copy-${tenantId.slice(0, 8)}`;
        const done =
          work === 'in_place'
            ? await restoreInPlace(dependencies, request)
            : await restoreAsNewTenant(dependencies, {
                ...{ ...request, name: 'Copy', subdomain },
                dataSource: databases[1].id,
              });
        const now = await accounts();
        assert.equal(now.get(done.tenant), 30);
        assert.equal(now.get(tenantId), work === 'in_place' ? 30 : expected);
      });
    }
  }
});

test('a tenant whose restore was killed works again while a server runs, also one without a place for backups', {
  timeout: 180_000,
}, async () => {
  const tenantId = await world.tenant(databases[0], 30);
  const by = { store, reason: 'manual' as const, requestedBy: 'test' };
  const backup = await createBackup(dependencies, { tenantId, ...by });
  const configuration = { BACKUP_URL: undefined } as Parameters<typeof startBackups>[0]['configuration'];
  const problems: string[] = [];
  await startBackups(
    { application, operations, secretBox: world.secretBox, configuration },
    dependencies.files,
    (problem) => problems.push(problem),
  );
  await killedAt({ work: 'in_place', point: 'fence_held', tenantId, backup: backup.id });
  // Waits for the fence.
  await world.manager.execute(tenantId, { text: `insert into accounts (name) values ('after')`, values: [] });
  assert.equal((await accounts()).get(tenantId), 31);
  assert.deepEqual(problems, []);
  await operations.jobs.stop();
});
