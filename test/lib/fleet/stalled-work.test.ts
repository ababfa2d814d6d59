import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { Alerts } from '@/lib/alerts';
import { DEFAULT_OPTIONS, SchemaRolloutStore } from '@/lib/fleet/schema-rollout';
import { alertOnStalled } from '@/lib/fleet/stalled-work';
import { RolloutStore } from '@/lib/movement';
import { openTestOperationsDatabase } from '../operations/operations-database';

const { operations } = await openTestOperationsDatabase();
const { pool } = operations;
const alerts = new Alerts({ application: {} as never, operations, channels: [] });
const schemas = new SchemaRolloutStore(pool);
const rollouts = new RolloutStore(pool);

beforeEach(() => pool.query('truncate alerts, schema_rollouts, rollouts, moves cascade'));

async function look() {
  await alertOnStalled(operations, ['log']);
  return (await alerts.list({ all: true })).map(
    ({ rule, acknowledgedBy, occurrences }) => `${rule} ${acknowledgedBy ?? 'open'} ${occurrences}`,
  );
}

const schemaRollout = () =>
  schemas.create({
    ...{ toVersion: 7, files: 'digest', waves: [], options: DEFAULT_OPTIONS },
    ...{ requestedBy: 'test', versions: new Map() },
  });

const rollout = () =>
  rollouts.create(
    {
      ...{ fromSources: ['a'], toSource: 'b', requestedBy: 'test' },
      options: { soakMs: 0, gates: {}, move: {} } as never,
    },
    [],
  );

/** As if a table's rows had last been changed so long ago. */
const age = (table: string, hours: number) =>
  pool.query(
    `update ${table} set updated_at = now() - make_interval(hours => $1), step_since = now() - make_interval(hours => $1)`,
    [hours],
  );

test('a halted schema rollout is one open alert, and is resolved when it goes on', async () => {
  const { id } = await schemaRollout();
  assert.deepEqual(await look(), []);
  const failed = {
    gate: 'migration',
    source: 'db-1',
    code: 'schema_drifted',
    message: 'It differs.',
  } as const;
  await schemas.setStep(id, 'halted', { failed });
  assert.deepEqual(await look(), ['rollout-halted open 1']);
  assert.deepEqual(await look(), ['rollout-halted open 1']);
  const [alert] = await alerts.list();
  assert.equal(alert?.title, 'The schema rollout to version 7 has halted');
  assert.match(
    alert?.detail.findings?.join('\n') ?? '',
    /db-1: It differs\. \[schema_drifted\]\n.*migrate resume/,
  );
  await schemas.setStep(id, 'migrating');
  assert.deepEqual(await look(), ['rollout-halted system:recovered 1']);
  await schemas.setStep(id, 'halted', { failed });
  assert.deepEqual((await look()).sort(), ['rollout-halted open 1', 'rollout-halted system:recovered 1']);
  await schemas.setStep(id, 'cancelled');
  assert.deepEqual(await look(), Array(2).fill('rollout-halted system:recovered 1'));
});

test('alerts name data sources as operators do', async () => {
  const url = 'postgresql://u:p@127.0.0.1:1/none';
  const { id } = await operations.dataSources.create({
    name: 'main-2',
    kind: 'shared',
    adminUrl: url,
    routerUrl: url,
  });
  const request = { fromSources: ['a'], toSource: id, requestedBy: 'test' };
  await rollouts.create({ ...request, options: { soakMs: 0, gates: {}, move: {} } as never }, []);
  await age('rollouts', 2);
  await look();
  assert.match((await alerts.list())[0]?.title ?? '', /main-2/);
});

test('an alert that an operator has acknowledged is not raised again at once', async () => {
  const { id } = await schemaRollout();
  await schemas.setStep(id, 'halted');
  await look();
  await pool.query(`update alerts set acknowledged_at = now(), acknowledged_by = 'cli:ann'`);
  assert.deepEqual(await look(), ['rollout-halted cli:ann 1']);
});

test('a schema rollout that records nothing, or waits for a day, is stuck', async () => {
  const { id } = await schemaRollout();
  await age('schema_rollouts', 2);
  assert.deepEqual(await look(), ['rollout-stuck open 1']);
  await schemas.setStep(id, 'waiting', { waitsFor: 'moves that use db-1' });
  assert.deepEqual(await look(), ['rollout-stuck system:recovered 1']);
  await age('schema_rollouts', 25);
  await schemas.setStep(id, 'waiting', { waitsFor: 'moves that use db-1' });
  await look();
  const [alert] = await alerts.list();
  assert.match(alert?.detail.findings?.[0] ?? '', /It has waited since .* for moves that use db-1\./);
});

test('a rollout of moves whose gate has failed is an alert, but not one that an operator halted', async () => {
  const made = await rollout();
  await rollouts.setFailed(made.id, { gate: 'operator', message: 'The operator halted the rollout.' });
  await rollouts.setStep(made, 'halted');
  assert.deepEqual(await look(), []);
  const failed = { gate: 'pause', tenantId: randomUUID(), message: 'Statements waited 3000 ms.' };
  await rollouts.setFailed(made.id, failed);
  await rollouts.note(made, 'gate_failed', failed);
  await rollouts.setStep(made, 'returning');
  assert.deepEqual(await look(), ['rollout-halted open 1']);
  await rollouts.setStep(made, 'halted');
  assert.deepEqual(await look(), ['rollout-halted open 1']);
  assert.equal((await alerts.list())[0]?.tenantId, failed.tenantId);
  await rollouts.setFailed(made.id, null);
  await rollouts.setStep(made, 'moving');
  assert.deepEqual(await look(), ['rollout-halted system:recovered 1']);
});

test('a rollout of moves is stuck where neither it nor a move of it records anything, unless it is paused', async () => {
  const made = await rollout();
  await age('rollouts', 3);
  assert.deepEqual(await look(), ['rollout-stuck open 1']);
  const moveId = randomUUID();
  await pool.query(
    `insert into moves (id, tenant_id, from_source, to_source, from_tenant_id, to_tenant_id, mode, requested_by)
     values ($1, $1, 'a', 'b', $1, $1, 'logical', 'test')`,
    [moveId],
  );
  await pool.query(
    `insert into rollout_tenants (rollout_id, tenant_id, place, wave, from_source, move_id) values ($1, $2, 0, 0, 'a', $2)`,
    [made.id, moveId],
  );
  assert.deepEqual(await look(), ['rollout-stuck system:recovered 1']);
  await pool.query(`update moves set updated_at = now() - interval '3 hours'`);
  await rollouts.want(made.id, 'pause');
  await age('rollouts', 3);
  assert.deepEqual(await look(), ['rollout-stuck system:recovered 1']);
});

test('a move that needs the operator is an alert until it is taken up again', async () => {
  const id = randomUUID();
  await pool.query(
    `insert into moves (id, tenant_id, from_source, to_source, from_tenant_id, to_tenant_id, mode, requested_by, error)
     values ($1, $1, 'a', 'b', $1, $1, 'logical', 'test', $2)`,
    [id, JSON.stringify({ code: 'move_slot_lost', message: 'The slot is lost.' })],
  );
  assert.deepEqual(await look(), ['move-failed open 1']);
  await pool.query('update moves set error = null, attempt = attempt + 1');
  assert.deepEqual(await look(), ['move-failed system:recovered 1']);
});
