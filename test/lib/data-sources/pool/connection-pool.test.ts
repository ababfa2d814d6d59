import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CircuitBreaker } from '@/lib/data-sources/admission/circuit-breaker';
import { ConnectionBudget } from '@/lib/data-sources/admission/connection-budget';
import { WARMING_MS } from '@/lib/data-sources/admission/constants';
import { readPoolLimits } from '@/lib/data-sources/admission/pool-config';
import { DataSourceError } from '@/lib/data-sources/errors';
import { connect } from '@/lib/data-sources/pool/connect';
import { ConnectionPool } from '@/lib/data-sources/pool/connection-pool';
import { Deadlines } from '@/lib/data-sources/pool/deadlines';
import type { Lease } from '@/lib/data-sources/pool/lease';
import { createTestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';

const pools: ConnectionPool[] = [];
after(() => Promise.all(pools.map((pool) => pool.close())));
const url = await createTestDatabase('pool');
const limits = readPoolLimits({ queueTimeoutMs: 30_000 });

function poolOn(budget: ConnectionBudget, options: { max?: number; url?: string } = {}): ConnectionPool {
  const pool = new ConnectionPool({
    name: 'test',
    budget,
    breaker: new CircuitBreaker('test'),
    deadlines: new Deadlines(),
    max: options.max,
    connect: () => connect({ url: options.url ?? url, name: 'test', timeoutMs: 30_000 }),
  });
  pools.push(pool);
  return pool;
}

const code = (expected: string) => (error: unknown) =>
  error instanceof DataSourceError && error.code === expected;

async function hold(lease: Lease, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  lease.release();
}

test('never opens more connections than the budget, and serves every caller', async () => {
  const budget = new ConnectionBudget(3);
  const pool = poolOn(budget);
  let open = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const lease = await pool.acquire(`tenant-${index % 5}`, limits);
      open += 1;
      most = Math.max(most, open);
      await lease.client.query('select pg_sleep(0.005)');
      open -= 1;
      lease.release();
    }),
  );
  assert.equal(most, 3);
  assert.equal(budget.used, 3);
  assert.deepEqual(pool.statistics, { total: 3, idle: 3, inUse: 0, waiting: 0 });
});

test('a tenant takes at most `max` connections, its queue is bounded in length and in time', async () => {
  const pool = poolOn(new ConnectionBudget(4));
  const narrow = readPoolLimits({ max: 2, queue: 1, queueTimeoutMs: 400 });
  // Open by now, however long that takes on this machine.
  for (const lease of await Promise.all([pool.acquire('a', limits), pool.acquire('a', limits)]))
    lease.release();
  const held = [await pool.acquire('a', narrow), await pool.acquire('a', narrow)];
  const waiting = assert.rejects(pool.acquire('a', narrow), code('tenant_busy'));
  await assert.rejects(pool.acquire('a', narrow), code('tenant_busy'));
  const other = await pool.acquire('b', limits);
  other.release();
  await waiting;
  for (const lease of held) lease.release();
  (await pool.acquire('a', narrow)).release();
});

test('when the database itself is busy the error says so', async () => {
  const pool = poolOn(new ConnectionBudget(1));
  const held = await pool.acquire('a', limits);
  await assert.rejects(pool.acquire('b', readPoolLimits({ queueTimeoutMs: 30 })), code('data_source_busy'));
  held.release();
});

test('tenants that wait are served in turn, however much one of them asks for', async () => {
  const pool = poolOn(new ConnectionBudget(1));
  const order: string[] = [];
  const first = await pool.acquire('warm', limits);
  const ask = async (tenant: string) => {
    const lease = await pool.acquire(tenant, limits);
    order.push(tenant);
    await hold(lease, 3);
  };
  const asked = [...Array.from({ length: 20 }, () => ask('flood')), ask('b'), ask('c')];
  first.release();
  await Promise.all(asked);
  assert.ok(order.indexOf('b') <= 3 && order.indexOf('c') <= 3, order.join(' '));
});

test('databases of one server share its budget: idle connections move to who needs them', async () => {
  const budget = new ConnectionBudget(2);
  const one = poolOn(budget);
  const two = poolOn(budget, { url: await createTestDatabase('pool') });
  const held = [await one.acquire('a', limits), await one.acquire('a', limits)];
  for (const lease of held) lease.release();
  const lease = await two.acquire('b', limits);
  assert.equal(budget.used, 2);
  assert.equal(one.total, 1);
  lease.release();
});

test('more databases than connections: each gets its turn under constant load', async () => {
  const budget = new ConnectionBudget(2);
  const urls = await Promise.all(Array.from({ length: 5 }, () => createTestDatabase('pool')));
  const served = new Map<number, number>();
  let rounds = 0;
  await Promise.all(
    urls.flatMap((own, index) => {
      const pool = poolOn(budget, { url: own });
      return Array.from({ length: 4 }, async () => {
        // Round after round, until each database has had its turn.
        while (served.size < 5) {
          assert.ok(rounds < 20_000, 'some database has had no turn');
          rounds += 1;
          const lease = await pool.acquire('t', limits);
          await lease.client.query('select 1');
          lease.release();
          assert.ok(budget.used <= 2);
          served.set(index, (served.get(index) ?? 0) + 1);
        }
      });
    }),
  );
});

test('of sessions that have slept a tenant wakes a third only after a moment, and others are not kept waiting', async () => {
  const pool = poolOn(new ConnectionBudget(5));
  const opened = await Promise.all(Array.from({ length: 5 }, () => pool.acquire('a', limits)));
  for (const lease of opened) lease.release();
  await sleep(1_100);
  const first = await pool.acquire('a', limits);
  const asked = performance.now();
  const second = await pool.acquire('a', limits);
  const third = pool.acquire('a', limits);
  assert.deepEqual(pool.statistics, { total: 5, idle: 3, inUse: 2, waiting: 1 });
  const other = await pool.acquire('b', limits);
  first.release();
  const later = await third;
  assert.equal(later.connection, first.connection);

  const fourth = await pool.acquire('a', limits);
  const waited = performance.now() - asked;
  assert.ok(waited >= WARMING_MS, `${waited} ms`);
  for (const lease of [second, other, later, fourth]) lease.release();
});

test('a connection the server ends is replaced', async () => {
  const pool = poolOn(new ConnectionBudget(1));
  const lease = await pool.acquire('a', limits);
  await lease.client.query('select pg_terminate_backend(pg_backend_pid())').catch(() => {});
  lease.release(true);
  const next = await pool.acquire('a', limits);
  assert.equal((await next.client.query('select 1 as one')).rows[0]?.one, 1);
  next.release();
});

test('who waits for a database that cannot be reached learns why, all at once', async () => {
  const pool = poolOn(new ConnectionBudget(4), { url: 'postgresql://unknown:x@127.0.0.1:1/none' });
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => pool.acquire('a', limits)));
  for (const outcome of outcomes) {
    assert.ok(outcome.status === 'rejected' && code('data_source_unreachable')(outcome.reason));
  }
  assert.equal(pool.total, 0);
});

test('an aborted wait leaves the queue', async () => {
  const pool = poolOn(new ConnectionBudget(1));
  const held = await pool.acquire('a', limits);
  const controller = new AbortController();
  const waiting = assert.rejects(pool.acquire('b', limits, controller.signal), /gone/);
  controller.abort(new Error('gone'));
  await waiting;
  assert.equal(pool.statistics.waiting, 0);
  held.release();
});

test('unused connections are closed, and renewed ones are not used again', async () => {
  const budget = new ConnectionBudget(2);
  const pool = poolOn(budget);
  const lease = await pool.acquire('a', limits);
  const before = lease.client;
  pool.renew();
  lease.release();
  const renewed = await pool.acquire('a', limits);
  assert.notEqual(renewed.client, before);
  renewed.release();
  pool.closeIdleFor(-1);
  await until(() => budget.used === 0);
});

test('closing refuses who waits and comes after every lease is back', async () => {
  const pool = poolOn(new ConnectionBudget(1));
  const held = await pool.acquire('a', limits);
  const waiting = assert.rejects(pool.acquire('a', limits), code('manager_closed'));
  const closed = pool.close();
  await waiting;
  held.release();
  await closed;
  await assert.rejects(pool.acquire('a', limits), code('manager_closed'));
});

test('a tenant of long statements leaves others the connections that short ones need at times', async () => {
  const pool = poolOn(new ConnectionBudget(8));
  const tenants = Array.from('abcdefgh');
  const lease = (tenant: string) => pool.acquire(tenant, limits);
  for (let round = 0; round < 20; round += 1) {
    for (const one of await Promise.all(tenants.map(lease))) one.release();
  }
  // The next to give one back counts, and finds three in use.
  await sleep(250);
  const [a, b, c, d] = await Promise.all(tenants.slice(0, 4).map(lease));
  for (const one of [d, a, b, c]) one?.release();
  const long = Array.from({ length: 8 }, () => lease('long'));
  await sleep(0);
  assert.deepEqual(pool.statistics, { total: 8, idle: 7, inUse: 1, waiting: 7 });
  const others = await Promise.all(tenants.slice(0, 7).map(lease));
  for (const one of others) one.release();
  for (const one of long) (await one).release();
});

test('a session whose transaction was not ended is not lent again', async () => {
  const pool = poolOn(new ConnectionBudget(1));
  const pidOf = async (lease: Lease) =>
    (await lease.client.query('select pg_backend_pid() as pid')).rows[0]?.pid;
  const left = await pool.acquire('a', limits);
  await left.client.query('begin');
  const before = await pidOf(left);
  left.release();
  const next = await pool.acquire('b', limits);
  assert.notEqual(await pidOf(next), before);
  next.release();
});
