// A schema rollout over a small fleet: plan, waves, failures, locks, moves, processes of an older version.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  cancelSchemaRollout,
  decideSource,
  findDrift,
  resumeSchemaRollout,
  startSchemaRollout,
} from '@/lib/fleet/schema-rollout';
import { MoveStore } from '@/lib/movement';
import { createInstallation } from '../../data-sources/installation';
import { createFleet, untilItWaits, version, withClient } from './small-fleet';

const installation = await createInstallation();
const { operations } = installation;
const fleet = await createFleet(installation, 'a', 4);
const { store, names } = fleet;
const requestedBy = 'cli:test';
let next = 1;
/** Each test adds migrations to those before it. */
const migrations: Record<string, string> = {};
const release = (...texts: string[]) => {
  for (const text of texts) migrations[`${String(++next).padStart(4, '0')}_change.sql`] = text;
  return version({ ...migrations });
};
const start = (files: ReturnType<typeof version>, options = {}) =>
  startSchemaRollout(fleet.parts(files), { options, requestedBy });
const statesOf = async (id: string) =>
  Object.fromEntries((await store.sources(id)).map(({ name, state }) => [name, state]));
const hasColumn = async (name: string, column: string) =>
  (
    await fleet.query(
      name,
      `select from pg_attribute where attrelid = 'rooms'::regclass and attname = '${column}'`,
    )
  ).rowCount === 1;

test('a dry run shows statements with their locks and changes nothing', async () => {
  const files = release('alter table rooms add floor int;\n-- For the plan.\ncreate index on rooms (floor);');
  const { plan, rollout } = await startSchemaRollout(fleet.parts(files), { requestedBy, dryRun: true });
  assert.equal(rollout, undefined);
  assert.deepEqual(
    plan.sources.map(({ source, version: at, expand, contract }) => [source, at, expand, contract]),
    names.map((name) => [name, 1, [2], []]),
  );
  assert.deepEqual(
    plan.migrations[0]?.statements.map(({ locks, blocks }) => [locks[0]?.mode, blocks]),
    [
      ['AccessExclusiveLock', 'reads and writes'],
      ['ShareLock', 'writes'],
    ],
  );
  assert.equal(await hasColumn('a1', 'floor'), false);
  assert.equal(await store.open(), undefined);
});

test('the canary comes first; a second operator is told; afterwards there is nothing to do', async () => {
  const files = release();
  const { rollout } = await start(files, { canaries: ['a3'] });
  assert.ok(rollout);
  assert.equal(rollout.waves[0], 'canaries');
  assert.deepEqual(
    (await store.sources(rollout.id)).filter(({ wave }) => wave === 0).map(({ name }) => name),
    ['a3'],
  );
  await assert.rejects(start(files), { code: 'schema_rollout_running', message: /cli:test/ });
  const ended = await fleet.advance(files);
  assert.deepEqual([ended?.step, ended?.failed], ['completed', null]);
  for (const source of await store.sources(rollout.id)) {
    assert.deepEqual(
      [source.state, source.fromVersion, source.version, source.problem],
      ['done', 1, 2, null],
    );
    assert.equal((await operations.dataSources.get(source.name)).schemaVersion, 2);
  }
  const events = await store.events(rollout.id);
  assert.ok(
    !events.some(({ event, detail }) => event === 'halted' || detail.failed),
    'success is never a failure',
  );
  assert.equal((await start(files)).rollout, undefined);
});

test('a failing canary halts the rollout before the others; mended, it is retried and the rollout goes on', async () => {
  await fleet.query('a2', "insert into rooms values (1, 'twice', null), (2, 'twice', null)");
  const files = release('create unique index rooms_name on rooms (name);');
  const { rollout } = await start(files, { canaries: ['a2'] });
  const id = rollout?.id ?? '';
  const halted = await fleet.advance(files);
  assert.equal(halted?.step, 'halted');
  assert.deepEqual([halted?.failed?.source, halted?.failed?.code], ['a2', 'migration_failed']);
  assert.deepEqual(await statesOf(id), { a2: 'failed', a1: 'waiting', a3: 'waiting', a4: 'waiting' });
  assert.equal((await fleet.advance(files))?.step, 'halted', 'until an operator decides');
  await fleet.query('a2', 'delete from rooms where id = 2');
  await decideSource(fleet.parts(files), 'retry', 'a2');
  assert.equal((await fleet.advance(files))?.step, 'completed');
  assert.deepEqual(new Set(Object.values(await statesOf(id))), new Set(['done']));
  await assert.rejects(decideSource(fleet.parts(files), 'retry', 'a2'), { code: 'schema_rollout_unknown' });
});

test('a migration that fails on a database of a later wave leaves those before it migrated and those after it alone', async () => {
  const files = release('alter table rooms add constraint fewer check (id < 8);');
  const { rollout } = await start(files, { percents: [25, 50, 75, 100] });
  const waves = (await store.sources(rollout?.id ?? '')).sort((one, other) => one.wave - other.wave);
  const [, , third = ''] = waves.map(({ name }) => name);
  await fleet.query(third, "insert into rooms values (9, 'nine', null)");
  const halted = await fleet.advance(files);
  assert.deepEqual([halted?.step, halted?.failed?.source], ['halted', third]);
  const states = await statesOf(rollout?.id ?? '');
  assert.deepEqual(
    waves.map(({ name }) => states[name]),
    ['done', 'done', 'failed', 'waiting'],
  );
  await fleet.query(third, 'delete from rooms where id = 9');
  await decideSource(fleet.parts(files), 'retry', third);
  assert.equal((await fleet.advance(files))?.step, 'completed');
});

test('with continue the others are migrated; the rollout halts at its end until the failed one is skipped', async () => {
  await fleet.query('a4', "insert into rooms values (7, 'seven', null)");
  const files = release('alter table rooms add constraint few check (id < 5);');
  const { rollout } = await start(files, { canaries: ['a4'], onError: 'continue' });
  const halted = await fleet.advance(files);
  assert.deepEqual([halted?.step, halted?.failed?.source], ['halted', 'a4']);
  assert.deepEqual(await statesOf(rollout?.id ?? ''), { a4: 'failed', a1: 'done', a2: 'done', a3: 'done' });
  await decideSource(fleet.parts(files), 'skip', 'a4');
  assert.equal((await fleet.advance(files))?.step, 'completed');
  await fleet.query('a4', 'delete from rooms where id = 7');
  assert.equal((await start(files)).plan.sources.find(({ source }) => source === 'a4')?.expand.length, 1);
  assert.equal((await fleet.advance(files))?.step, 'completed');
});

test('a table in use is tried again after pauses, and given up after some attempts', async () => {
  const files = release('alter table rooms add beds int;');
  await withClient(fleet.urlOf('a1'), async (busy) => {
    await busy.query('begin; lock table rooms in access share mode');
    const { rollout } = await start(files, { canaries: ['a1'], lockTimeoutMs: 20, lockAttempts: 2 });
    const halted = await fleet.advance(files);
    assert.deepEqual([halted?.failed?.code, halted?.failed?.source], ['schema_locked', 'a1']);
    assert.equal(await hasColumn('a1', 'beds'), false);
    await cancelSchemaRollout(fleet.parts(files));
    assert.equal((await store.get(rollout?.id)).step, 'cancelled');

    await start(files, { canaries: ['a1'], lockTimeoutMs: 20, lockAttempts: 1_000 });
    const advancing = fleet.advance(files);
    await untilItWaits(fleet.urlOf('a1'), 'alter table rooms');
    await busy.query('commit');
    assert.equal((await advancing)?.step, 'completed');
  });
  assert.equal(await hasColumn('a1', 'beds'), true);
});

test('what takes something away waits until no older process runs, and for the grace time', async () => {
  const before = next;
  const files = release(
    'alter table rooms add now text;',
    '-- phase: contract\nalter table rooms drop former;',
  );
  const old = await operations.processes.join({ role: 'router', schemaVersion: before + 1 });
  const { rollout } = await start(files, { graceMs: 3_600_000 });
  const id = rollout?.id ?? '';
  const waiting = await fleet.advance(files);
  assert.deepEqual([waiting?.step, waiting?.waitsFor], ['waiting', '1 process of an older version to end']);
  assert.deepEqual(new Set(Object.values(await statesOf(id))), new Set(['expanded']));
  assert.deepEqual([await hasColumn('a1', 'now'), await hasColumn('a1', 'former')], [true, true]);
  await old.leave();
  const current = await operations.processes.join({ role: 'router', schemaVersion: before + 2 });
  assert.match((await fleet.advance(files))?.waitsFor ?? '', /grace time/);
  await operations.pool.query(
    "update schema_rollouts set only_new_since = now() - interval '2 hours' where id = $1",
    [id],
  );
  assert.equal((await fleet.advance(files))?.step, 'completed');
  assert.deepEqual([await hasColumn('a1', 'now'), await hasColumn('a1', 'former')], [true, false]);
  await current.leave();
});

test('a database that a move uses is pinned until the move has ended, and no move begins in one being migrated', async () => {
  const files = release('alter table rooms add view text;');
  const [one, two, three] = await Promise.all(
    ['a1', 'a2', 'a3'].map((name) => operations.dataSources.get(name)),
  );
  const moves = new MoveStore(operations.pool);
  const between = (from = '', to = '') => ({
    ...{ tenantId: randomUUID(), fromSource: from, toSource: to, fromTenantId: randomUUID() },
    ...{ toTenantId: randomUUID(), mode: 'logical' as const, options: {}, requestedBy, fromEpoch: 1n },
  });
  const move = await moves.create(between(one?.id, two?.id));
  const { rollout } = await start(files, { canaries: ['a3'] });
  const id = rollout?.id ?? '';
  const waiting = await fleet.advance(files);
  assert.deepEqual([waiting?.step, waiting?.waitsFor], ['waiting', 'moves that use a1, a2']);
  assert.deepEqual(await statesOf(id), { a1: 'pinned', a2: 'pinned', a3: 'done', a4: 'done' });
  assert.equal(await hasColumn('a1', 'view'), false);
  await operations.pool.query(
    "update schema_rollout_sources set state = 'running' where data_source_id = $1 and rollout_id = $2",
    [three?.id, id],
  );
  await assert.rejects(moves.create(between(three?.id, two?.id)), {
    code: 'move_not_possible',
    message: /a3 is being/,
  });
  await operations.pool.query('update moves set finished_at = now() where id = $1', [move.id]);
  assert.equal((await fleet.advance(files))?.step, 'completed');
  assert.deepEqual(new Set(Object.values(await statesOf(id))), new Set(['done']));
});

test('a database that was changed by hand is not migrated before an operator has looked at it', async () => {
  const files = release('alter table rooms add stars int;');
  await findDrift(fleet.parts(files));
  await fleet.query(
    'a1',
    'alter policy own on rooms using (true); drop index rooms_name; create index mine on rooms (id, name)',
  );
  assert.deepEqual((await findDrift(fleet.parts(files))).drifted, ['a1']);
  await start(files, { canaries: ['a1'] });
  const halted = await fleet.advance(files);
  assert.deepEqual([halted?.failed?.code, halted?.failed?.source], ['schema_drifted', 'a1']);
  assert.match(halted?.failed?.message ?? '', /missing: index public\.rooms_name, and \d+ more/);
  await fleet.query(
    'a1',
    'alter policy own on rooms using (id > 0); create unique index rooms_name on rooms (name)',
  );
  await decideSource(fleet.parts(files), 'retry', 'a1');
  assert.equal(
    (await fleet.advance(files))?.step,
    'completed',
    'an index beside the schema is the operator’s own matter',
  );
});

test('a program of another version leaves the rollout alone', async () => {
  const files = release('alter table rooms add other int;');
  await start(files);
  const others = version({ ...migrations, '0099_later.sql': 'select 1;' });
  await assert.rejects(fleet.advance(others), { code: 'schema_rollout_other_version' });
  assert.equal((await resumeSchemaRollout(fleet.parts(files))).step, 'migrating');
  assert.equal((await fleet.advance(files))?.step, 'completed');
});

test('databases that are removed meanwhile hold up no rollout', async () => {
  const files = release('alter table rooms add last int;');
  const { rollout } = await start(files, { canaries: ['a1'], percents: [100], soakMs: 3_600_000 });
  const id = rollout?.id ?? '';
  assert.equal((await fleet.advance(files))?.step, 'soaking');
  for (const name of ['a1', 'a2'])
    await operations.dataSources.remove((await operations.dataSources.get(name)).id);
  const soaked = () =>
    operations.pool.query("update schema_rollouts set step_since = step_since - interval '2 hours'");
  await soaked();
  assert.equal((await fleet.advance(files))?.step, 'soaking');
  await soaked();
  assert.equal((await fleet.advance(files))?.step, 'completed');
  assert.deepEqual(await statesOf(id), { a1: 'done', a2: 'skipped', a3: 'done', a4: 'done' });
});
