import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backupStates, createBackup, listBackups, startBackupJobs } from '@/lib/backups';
import { tenantsToDrill } from '@/lib/backups/jobs';
import { until } from '../../support/until';
import { createBackupWorld } from './world';

const world = await createBackupWorld();
const { dependencies, store, operations, directory } = world;

test('by themselves, every tenant is backed up, old backups are pruned, and those that are due are drilled', {
  timeout: 120_000,
}, async () => {
  const tenants = [await world.tenantWithFiles(), await world.tenantWithFiles()];
  const [first = ''] = tenants;
  const request = { tenantId: first, store, reason: 'scheduled', requestedBy: 'test' } as const;
  const stuck = await createBackup(dependencies, request);
  await operations.pool.query(`update backups set store = 'ftp://gone' where id = $1`, [stuck.id]);
  const old = await createBackup(dependencies, request);
  assert.deepEqual(await tenantsToDrill(dependencies, 7), [first]);
  const { jobs } = operations;
  await jobs.start();
  await startBackupJobs(dependencies, {
    ...{ jobs, store: directory, retention: { daily: 1, weekly: 0, monthly: 0 }, pollSeconds: 1 },
    // Not by the clock: the test sends them.
    ...{ at: '0 0 1 1 *', drillsAt: '0 0 1 1 *', drillDays: 7 },
  });
  await jobs.request('backups-plan', {});
  const complete = async (tenantId: string) =>
    (await listBackups(operations.pool, { tenantId })).filter(({ state }) => state === 'complete');
  await until(async () => (await complete(tenants[1] ?? '')).length === 1);
  await until(async () => {
    const [newest, ...others] = await complete(first);
    return newest?.id !== old.id && others.length === 0;
  });
  // A backup that cannot be pruned is no reason to make another one.
  await until(async () => {
    const done = await jobs.history.list({ queue: 'backups-create', state: 'completed', limit: 20 });
    return done.some(({ output }) =>
      JSON.stringify(output?.notPruned ?? '').includes('backup_store_invalid'),
    );
  });
  assert.deepEqual((await tenantsToDrill(dependencies, 7)).sort(), tenants.sort());
  await jobs.request('backups-create', { tenantId: crypto.randomUUID() });
  await until(async () => {
    const done = await jobs.history.list({ queue: 'backups-create', state: 'completed', limit: 20 });
    return done.some(({ output }) => String(output?.skipped ?? '').includes('tenant'));
  });
  await jobs.request('backups-plan-drills', {});
  await until(async () =>
    [...(await backupStates(operations.pool, tenants)).values()].every(
      ({ lastDrill }) => lastDrill === 'passed',
    ),
  );
  assert.deepEqual(await tenantsToDrill(dependencies, 7), []);
  await jobs.stop();
});
