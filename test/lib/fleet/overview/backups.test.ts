// Backups and drills are late by their schedule, not by a fixed time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackup } from '@/lib/backups';
import { readOverview } from '@/lib/fleet/overview';
import { longestInterval } from '@/lib/fleet/overview/cron-interval';
import { createBackupWorld } from '../../backups/world';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const world = await createBackupWorld();
const { application, operations, dependencies, store, databases } = world;

test('the longest time between two runs of a cron expression', () => {
  for (const [cron, expected] of [
    ['0 2 * * *', DAY],
    ['0 2,14 * * *', 12 * HOUR],
    ['0 2,8 * * *', 18 * HOUR],
    ['*/15 * * * *', HOUR / 4],
    ['0 2 * * 0', 7 * DAY],
    ['0 2 * * 7', 7 * DAY],
    ['0 2 * * mon-fri', 3 * DAY],
    ['0 2 1 * *', 31 * DAY],
    ['0 2 1 jan *', 366 * DAY],
    ['0 2 1 * 1', 7 * DAY],
    ['30 22 */10 * *', 10 * DAY],
    ['0 0 31 2 *', undefined],
    ['0 2 L * *', undefined],
    ['0 25 * * *', undefined],
  ] as const)
    assert.equal(longestInterval(cron), expected, cron);
});

test('a tenant’s last backup and last proven one may be as old as the schedule lets them become', async () => {
  const tenantId = await world.tenant(databases[0], 1);
  const { subdomain } = await application.tenants.get(tenantId);
  const request = { tenantId, store, reason: 'manual', requestedBy: 'test' } as const;
  const { id } = await createBackup(dependencies, request);
  const stateWith = async (days: number, schedule?: { at: string; drillsAt: string; drillDays: number }) => {
    await operations.pool.query(
      'update backups set as_of = now() - make_interval(secs => $2), proven_at = now() where id = $1',
      [id, days * 86_400],
    );
    const [part] = await readOverview({ application, operations, backups: schedule }, ['backups']);
    return part?.items.find(({ subject }) => subject === subdomain)?.state;
  };
  const weekly = { at: '0 2 * * 0', drillsAt: '0 4 * * *', drillDays: 14 };
  const twice = { at: '0 2,14 * * *', drillsAt: '0 4 * * *', drillDays: 1 };
  assert.equal(await stateWith(1.25), 'proven');
  assert.equal(await stateWith(2), 'no recent backup');
  assert.equal(await stateWith(7.25, weekly), 'proven');
  assert.equal(await stateWith(8, weekly), 'no recent backup');
  assert.equal(await stateWith(1.25, twice), 'no recent backup');
  assert.equal(await stateWith(0.5, { ...twice, drillDays: 31 }), 'proven');
  const daily = { at: '0 2 * * *', drillsAt: '0 4 * * *', drillDays: 7 };
  assert.equal(await stateWith(1.4, { ...daily, at: '0 2 * * 0', drillDays: 31 }), 'proven');
  // From here on there is a newer backup, which no drill has proven.
  await createBackup(dependencies, request);
  // Drilled shortly before a backup was made, and a night after the seventh day.
  assert.equal(await stateWith(15.2, { ...weekly, drillDays: 7 }), 'proven');
  assert.equal(await stateWith(15.6, { ...weekly, drillDays: 7 }), 'not proven');
  assert.equal(await stateWith(9.2, daily), 'proven');
  assert.equal(await stateWith(9.6, daily), 'not proven');
});
