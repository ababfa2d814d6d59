// Health of real databases: what is found, by a login without privileges; that one process probes a source at a time; alerts; history.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import {
  readChanges,
  readPublicHealth,
  readSamples,
  setThreshold,
  startMonitor,
  thinHistory,
} from '@/lib/fleet/health';
import { remindOfLasting } from '@/lib/fleet/health/alert';
import { type Claimed, writeRound } from '@/lib/fleet/health/store';
import { DEFAULT_THRESHOLDS } from '@/lib/fleet/health/thresholds';
import { readOverview } from '@/lib/fleet/overview';
import { administer, createTestDatabase, startTestServer } from '../../../support/postgres';
import { until } from '../../../support/until';
import { openTestOperationsDatabase } from '../../operations/operations-database';
import { healthOnce, QUICK, registerSource, setAll } from './watched';

const { operations } = await openTestOperationsDatabase();
const { pool } = operations;
await setAll(operations, null, QUICK);
// A server of its own: locks, slots and transactions are the server's, and other tests have some.
const server = await startTestServer();
const url = await createTestDatabase('watched', undefined, server.url());
const main = await registerSource(operations, 'main', url);
const other = await registerSource(
  operations,
  'other',
  await createTestDatabase('watched', undefined, server.url()),
);

/** Rounds under way of each source, the most there were at once, and which processes made some. */
const underWay = new Map<string, number>();
const processes = new Set<string>();
let most = 0;
const noteRound = (process: string) => (name: string, phase: 'begins' | 'ends') => {
  const count = (underWay.get(name) ?? 0) + (phase === 'begins' ? 1 : -1);
  underWay.set(name, count);
  most = Math.max(most, count);
  processes.add(process);
};
const stops = ['one', 'two', 'three'].map((process) =>
  startMonitor({ operations, channels: ['kept'] }, { onRound: noteRound(process), say: console.error }),
);
after(async () => {
  for (const stop of stops) await stop();
});

const openAlerts = async () =>
  (
    await pool.query<{ rule: string; title: string; acknowledged_by: string | null }>(
      'select rule, title, acknowledged_by from alerts order by raised_at',
    )
  ).rows;
const connected = async (connectionString: string) => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  after(() => client.end().catch(() => {}));
  return client;
};

test('a source in order is healthy, and its measures are read', async () => {
  const health = await healthOnce(operations, main.name, ({ state }) => state === 'healthy');
  assert.deepEqual(health.findings, []);
  for (const name of [
    'connect_ms',
    'round_trip_ms',
    'connections_left',
    'oldest_transaction_s',
    'slots',
    'database_bytes',
  ])
    assert.ok(Number.isFinite(health.measures[name]), name);
  assert.match(health.facts.version ?? '', /^\d+\.\d+/);
  assert.match(health.facts.disk ?? '', /not visible/);
});

test('processes share the sources, and one probes a source at a time', async () => {
  await until(() => processes.size === 3);
  assert.equal(most, 1);
});

test('a transaction that is open for long is found although the login may not see when it began', async () => {
  await setAll(operations, main.id, { transaction_degraded_s: 0.2 });
  const client = await connected(url);
  await client.query('begin; select 1');
  const health = await healthOnce(operations, main.name, ({ state }) => state === 'degraded');
  assert.equal(health.findings[0]?.cause, 'transaction_old');
  assert.match(health.findings[0]?.evidence ?? '', /Process \d+ of postgres: open for at least/);
  assert.match(health.findings[0]?.nextStep ?? '', /pg_terminate_backend/);
  assert.equal(
    (await healthOnce(operations, other.name, ({ probedAt }) => probedAt !== null)).state,
    'healthy',
  );
  const [alert] = await openAlerts();
  assert.equal(alert?.rule, 'source-degraded');
  assert.match(alert?.title ?? '', new RegExp(`${main.name} is degraded: A transaction`));
  await client.query('rollback');
  await healthOnce(operations, main.name, ({ state }) => state === 'healthy');
  assert.deepEqual(
    (await openAlerts()).map(({ acknowledged_by }) => acknowledged_by),
    ['system:recovered'],
  );
  await setThreshold(pool, main.id, 'transaction_degraded_s', null);
});

test('a statement that waits for a lock is found, with who holds it', async () => {
  await setAll(operations, main.id, { lock_wait_degraded_s: 0.1 });
  const [holder, waiter] = [await connected(url), await connected(url)];
  await holder.query('create table waited_for (n int)');
  await holder.query('begin; lock table waited_for');
  const waiting = waiter.query('select from waited_for');
  const { findings } = await healthOnce(
    operations,
    main.name,
    ({ findings: [first] }) => first?.cause === 'locks_blocked',
  );
  const { rows } = await holder.query('select pg_backend_pid() as pid');
  assert.match(findings[0]?.evidence ?? '', new RegExp(`for process ${rows[0].pid}\\.`));
  await holder.query('rollback');
  await waiting;
  await healthOnce(operations, main.name, ({ state }) => state === 'healthy');
  await setThreshold(pool, main.id, 'lock_wait_degraded_s', null);
});

test('a slot that retains WAL is found', async () => {
  const slot = `left_${process.pid}`;
  await administer(url, `select pg_create_physical_replication_slot('${slot}', true)`);
  await administer(url, 'create table written as select generate_series(1, 20000) as n');
  await setAll(operations, main.id, { slot_degraded_bytes: 100_000, slot_unhealthy_bytes: 1e15 });
  const found = await healthOnce(
    operations,
    main.name,
    ({ findings: [first] }) => first?.cause === 'slot_retains_wal',
  );
  assert.match(found.findings[0]?.evidence ?? '', /The slot \w+ retains .* of WAL; nothing reads it\./);
  await administer(url, `select pg_drop_replication_slot('${slot}')`);
  await setThreshold(pool, main.id, 'slot_degraded_bytes', null);
  await healthOnce(operations, main.name, ({ state }) => state === 'healthy');
});

test('what a login may not ask is named, and hides nothing else', async () => {
  const position = 'function pg_current_wal_lsn()';
  await administer(url, `revoke execute on ${position} from public`);
  const { facts, measures, findings } = await healthOnce(
    operations,
    main.name,
    (health) => health.facts['hidden slots'] === 'yes',
  );
  assert.equal(facts['hidden standbys'], 'yes');
  assert.ok(Number.isFinite(measures.blocked_locks));
  assert.deepEqual(findings, []);
  await administer(url, `grant execute on ${position} to public`);
  await healthOnce(operations, main.name, (health) => health.facts['hidden slots'] === undefined);
});

test('a refused password, and a database that is read-only, are unhealthy; staff see neither name nor cause', async () => {
  await pool.query('truncate alerts cascade');
  const login = new URL(main.loginUrl).username;
  await administer(url, `alter role ${login} password 'another'`);
  const health = await healthOnce(operations, main.name, ({ state }) => state === 'unhealthy');
  // A server that trusts local connections would not notice.
  assert.equal(health.findings[0]?.cause, 'sign_in_refused');
  const application = { tenants: { counts: () => Promise.reject(new Error('away')) } } as never;
  const [part] = await readOverview({ application, operations }, ['sources']);
  const shown = part?.items.find(({ subject }) => subject === main.name);
  assert.match(
    shown?.detail ?? '',
    /refuses the login\. .*marquee source rotate-password/,
    'what to do is said',
  );
  assert.equal(shown?.says.details.at(-1)?.code, 'causes.sign_in_refused.nextStep');
  assert.doesNotMatch(JSON.stringify(health), /right|another/);
  const seen = await readPublicHealth(pool, main.id);
  assert.equal(seen.state, 'unhealthy');
  assert.deepEqual(Object.keys(seen.incidents[0] ?? {}).sort(), ['from', 'state', 'to']);
  assert.equal(seen.incidents[0]?.to, null);
  await administer(
    url,
    `alter role ${login} password 'right'; alter role ${login} set default_transaction_read_only = on`,
  );
  await healthOnce(operations, main.name, ({ findings: [first] }) => first?.cause === 'read_only');
  await administer(url, `alter role ${login} reset default_transaction_read_only`);
  await healthOnce(operations, main.name, ({ state }) => state === 'healthy');
  const alerts = await openAlerts();
  assert.equal(alerts.length, 1, 'one alert for one outage, whatever its causes');
  assert.equal(most, 1);
  const [change] = await readChanges(pool, main.id);
  assert.deepEqual([change?.from, change?.to], ['unhealthy', 'healthy']);
});

test('of several hosts the missing one is named, and the source is served', async () => {
  const pair = main.loginUrl.replace(/@([^/]+)\//, '@$1,127.0.0.1:1/');
  await operations.dataSources.create({ name: 'pair', kind: 'byod', adminUrl: pair, routerUrl: pair });
  const health = await healthOnce(operations, 'pair', ({ state }) => state === 'degraded');
  assert.equal(health.findings[0]?.cause, 'standby_unreachable');
  assert.match(health.findings[0]?.evidence ?? '', /^127\.0\.0\.1:1 cannot be reached/);
  assert.match(health.facts.hosts ?? '', /says that it is the primary/);
  await operations.dataSources.update((await operations.dataSources.get('pair')).id, { status: 'offline' });
});

test('a circuit breaker that is open in some process is part of the health', async () => {
  let isOpen = true;
  const circuits = () =>
    isOpen ? [{ dataSourceId: main.id, state: 'open' as const, reason: 'data_source_timeout' }] : [];
  const stop = startMonitor({ operations, channels: [], circuits }, { onRound: noteRound('four') });
  after(stop);
  const { findings } = await healthOnce(operations, main.name, ({ state }) => state === 'degraded');
  assert.equal(findings[0]?.cause, 'circuit_open');
  assert.match(findings[0]?.evidence ?? '', new RegExp(`\\(${process.pid}\\): data_source_timeout`));
  isOpen = false;
  await healthOnce(operations, main.name, ({ state }) => state === 'healthy');
});

const claimedOther: Claimed = {
  ...{ id: other.id, name: other.name, engine: 'postgresql', version: 1, memory: {} },
  ...{ state: 'healthy', levels: [], findings: [], isSampled: false, circuits: null },
};

test('a round that comes back after another process has taken the source over does not count', async () => {
  await pool.query(`update health_sources set next_at = 'infinity' where data_source_id = $1`, [other.id]);
  await until(async () => {
    const { rows } = await pool.query(
      `update health_sources set holder = gen_random_uuid() where data_source_id = $1 and leased_until <= now() returning probed_at`,
      [other.id],
    );
    return rows.length > 0;
  });
  const late = {
    ...{ holder: randomUUID(), everyMs: 1, thresholds: DEFAULT_THRESHOLDS },
    round: { findings: [], measures: {}, facts: { late: 'yes' }, memory: {} },
  };
  assert.equal(await writeRound(pool, claimedOther, late, async () => {}), undefined);
  const { rows } = await pool.query('select facts from health_sources where data_source_id = $1', [other.id]);
  assert.notEqual(rows[0].facts.late, 'yes');
});

test('a round that changes nothing is written by one statement, also where it is kept', async () => {
  const holder = randomUUID();
  // It is due for none of the monitors of this file.
  const { rows: held } = await pool.query<{ state: string }>(
    `update health_sources set holder = $2, next_at = 'infinity' where data_source_id = $1 returning state`,
    [other.id, holder],
  );
  assert.equal(held[0]?.state, 'healthy');
  const alone = {
    query: pool.query.bind(pool),
    connect: () => Promise.reject(new Error('a transaction')),
  } as unknown as pg.Pool;
  const round = { findings: [], measures: { connect_ms: 7 }, facts: { alone: 'yes' }, memory: {} };
  const options = { round, holder, everyMs: 3_600_000, thresholds: DEFAULT_THRESHOLDS };
  assert.equal(await writeRound(alone, claimedOther, options, async () => {}), 'healthy');
  const { rows } = await pool.query('select facts from health_sources where data_source_id = $1', [other.id]);
  assert.deepEqual(rows[0].facts, { alone: 'yes' });
  const kept = (await readSamples(pool, other.id, 1)).at(-1);
  assert.deepEqual(kept?.measures, { connect_ms: { avg: 7, max: 7 } });
});

test('a source that nothing probes any more is in an unknown state', async () => {
  await pool.query(
    `update health_sources set probed_at = now() - interval '2 minutes', next_at = 'infinity' where data_source_id = $1`,
    [other.id],
  );
  const health = await healthOnce(operations, other.name, ({ state }) => state === 'unknown');
  assert.equal(health.state, 'unknown');
});

test('an outage that lasts is reminded of, an hour after it was last reported at the earliest', async () => {
  const alert = { rule: 'source-unhealthy', cause: other.name };
  await pool.query(
    `update health_sources set state = 'unhealthy', probed_at = now() where data_source_id = $1`,
    [other.id],
  );
  const { rows } = await pool.query(
    `insert into alerts (rule, severity, cause, title, last_seen_at) values ($1, 'critical', $2, 'It is away', now() - interval '25 hours') returning id`,
    [alert.rule, alert.cause],
  );
  await pool.query(
    `insert into alert_deliveries (alert_id, channel, delivered_at) values ($1, 'kept', now() - interval '25 hours')`,
    [rows[0].id],
  );
  for (let round = 0; round < 2; round++) await remindOfLasting(pool, ['kept']);
  const { rows: reminded } = await pool.query(
    'select occurrences, delivered_at from alerts join alert_deliveries on alert_id = id where id = $1',
    [rows[0].id],
  );
  assert.deepEqual(reminded, [{ occurrences: 2, delivered_at: null }]);
});

test('history is thinned: averages are those of the rounds, the worst stays the worst', async () => {
  const day = new Date('2026-03-02T00:00:00Z');
  const insert = (seconds: number, level: string, ms: number) =>
    pool.query(
      `insert into health_samples (data_source_id, seconds, at, degraded, unhealthy, cause, measures)
       values ($1, 0, $2, $3, $4, $5, jsonb_build_object('connect_ms', jsonb_build_object('avg', $6::float8, 'max', $6::float8)))`,
      [
        ...[
          other.id,
          new Date(day.getTime() + seconds * 1000),
          Number(level === 'degraded'),
          Number(level === 'unhealthy'),
        ],
        ...[level === 'healthy' ? null : level, ms],
      ],
    );
  await pool.query('delete from health_samples where data_source_id = $1', [other.id]);
  for (const [seconds, level, ms] of [
    [0, 'healthy', 1],
    [100, 'unhealthy', 5],
    [299, 'degraded', 3],
    [300, 'healthy', 11],
    [3_599, 'healthy', 2],
    [3_600, 'healthy', 7],
  ] as const)
    await insert(seconds, level, ms);
  const at = (minutes: number) => new Date(day.getTime() + minutes * 60_000);
  const bucketsOf = async (seconds: number) =>
    (
      await pool.query(
        `select rounds, degraded, unhealthy, cause, measures -> 'connect_ms' as ms from health_samples
         where data_source_id = $1 and seconds = $2 order by at`,
        [other.id, seconds],
      )
    ).rows;
  await thinHistory(pool, at(61));
  await thinHistory(pool, at(61));
  assert.deepEqual(await bucketsOf(300), [
    { rounds: 3, degraded: 1, unhealthy: 1, cause: 'unhealthy', ms: { avg: 3, max: 5 } },
    { rounds: 1, degraded: 0, unhealthy: 0, cause: null, ms: { avg: 11, max: 11 } },
    { rounds: 1, degraded: 0, unhealthy: 0, cause: null, ms: { avg: 2, max: 2 } },
  ]);
  assert.deepEqual(await bucketsOf(3_600), [
    { rounds: 5, degraded: 1, unhealthy: 1, cause: 'unhealthy', ms: { avg: 22 / 5, max: 11 } },
  ]);
  await thinHistory(pool, at(26 * 60));
  assert.deepEqual(await bucketsOf(0), []);
  assert.equal((await bucketsOf(300)).length, 4);
  await thinHistory(pool, at(8 * 24 * 60));
  assert.deepEqual(await bucketsOf(300), []);
  assert.equal((await bucketsOf(3_600)).length, 2);
  await thinHistory(pool, at(91 * 24 * 60));
  assert.deepEqual(await bucketsOf(3_600), []);
  assert.ok((await readSamples(pool, main.id, 1)).length > 0);
});
