// Servers that stop, die, refuse and fill up, probed with the default thresholds: the cause is right, other sources are not affected.
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import pg from 'pg';
import { startMonitor } from '@/lib/fleet/health';
import { healthOnce, registerSource, setAll } from '../lib/fleet/health/watched';
import { openTestOperationsDatabase } from '../lib/operations/operations-database';
import { administer, startTestServer } from '../support/postgres';

const { operations } = await openTestOperationsDatabase();
const server = await startTestServer({ settings: { max_connections: 20, max_wal_size: '256MB' } });
const faulty = await registerSource(operations, 'faulty', server.url());
const sound = await registerSource(operations, 'sound', (await startTestServer()).url());
/** A machine with much to do is slow; the test is about the rest. */
await setAll(operations, null, { connect_slow_ms: 60_000, round_trip_slow_ms: 60_000, connections_left: 0 });

const soundRounds: number[] = [];
let stop: (() => Promise<void>) | undefined;
before(async () => {
  const onRound = (name: string, phase: string) => {
    if (name === sound.name && phase === 'ends') soundRounds.push(Date.now());
  };
  stop = startMonitor({ operations, channels: [] }, { onRound });
  await healthOnce(operations, sound.name, ({ state }) => state === 'healthy');
  await healthOnce(operations, faulty.name, ({ state }) => state === 'healthy');
});
after(async () => {
  await stop?.();
});

/** Waits until the fault is noticed, mends it, waits until that is noticed, and says how long both took. */
async function noticed(
  context: TestContext,
  cause: string,
  mend: () => Promise<unknown>,
  state = 'unhealthy',
): Promise<void> {
  const begun = Date.now();
  const found = await healthOnce(operations, faulty.name, (health) => health.state === state);
  const after = Date.now() - begun;
  assert.equal(found.findings[0]?.cause, cause, JSON.stringify(found.findings));
  assert.ok(found.findings[0]?.nextStep);
  const other = await healthOnce(operations, sound.name, () => true);
  assert.equal(other.state, 'healthy');
  assert.deepEqual(other.findings, []);
  assert.ok(
    soundRounds.some((at) => at >= begun),
    'the other source was probed meanwhile',
  );
  const mended = Date.now();
  await mend();
  await healthOnce(operations, faulty.name, (health) => health.state === 'healthy');
  context.diagnostic(`noticed after ${after} ms, over after ${Date.now() - mended} ms`);
}

test('a server that is stopped (SIGSTOP) is noticed', async (context) => {
  process.kill(server.pid ?? 0, 'SIGSTOP');
  await noticed(context, 'server_not_answering', async () => process.kill(server.pid ?? 0, 'SIGCONT'));
});

test('a server that is killed is noticed', async (context) => {
  await server.kill('SIGQUIT');
  await noticed(context, 'server_unreachable', () => server.start());
});

test('a login whose password was changed is noticed', async (context) => {
  const login = new URL(faulty.loginUrl).username;
  await administer(server.url(), `alter role ${login} password 'another'`);
  await noticed(context, 'sign_in_refused', () =>
    administer(server.url(), `alter role ${login} password 'right'`),
  );
});

test('a server without a connection left is noticed', async (context) => {
  const clients: pg.Client[] = [];
  for (let full = false; !full; ) {
    const client = new pg.Client({ connectionString: faulty.loginUrl });
    client.on('error', () => {});
    await client.connect().then(
      () => clients.push(client),
      (error: { code?: string }) => {
        if (error.code !== '53300') throw error;
        full = true;
      },
    );
  }
  await noticed(context, 'connections_exhausted', () => Promise.all(clients.map((client) => client.end())));
});

test('a slot that holds WAL is noticed', async (context) => {
  await setAll(operations, faulty.id, { slot_degraded_bytes: 4 * 1024 ** 2 });
  await administer(server.url(), `select pg_create_physical_replication_slot('left', true)`);
  await administer(server.url(), 'create table written as select generate_series(1, 100000) as n');
  await noticed(
    context,
    'slot_retains_wal',
    () => administer(server.url(), `select pg_drop_replication_slot('left')`),
    'degraded',
  );
});

test('a transaction that stays open is noticed', async (context) => {
  await setAll(operations, faulty.id, { transaction_degraded_s: 2 });
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  await client.query('begin; select 1');
  await noticed(context, 'transaction_old', () => client.end(), 'degraded');
});
