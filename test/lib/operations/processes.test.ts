import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { until } from '../../support/until';
import { openTestOperationsDatabase } from './operations-database';

const { operations } = await openTestOperationsDatabase();
const { processes, pool } = operations;

test('processes that join and leave know how many they are', async () => {
  const counts: number[] = [];
  const first = await processes.join({
    role: 'server',
    heartbeatMs: 50,
    onPeers: (peers) => counts.push(peers),
  });
  const second = await processes.join({
    role: 'server',
    heartbeatMs: 50,
    connections: () => ({ 'db:5432': 7 }),
  });
  const worker = await processes.join({ role: 'worker', heartbeatMs: 50 });
  assert.equal(second.peers, 2);
  assert.equal(worker.peers, 1);
  await until(() => first.peers === 2);
  assert.deepEqual((await processes.list()).find((row) => row.id === second.id)?.connections, {
    'db:5432': 7,
  });
  await second.leave();
  await until(() => first.peers === 1);
  assert.deepEqual(counts, [2, 1]);
  await Promise.all([first.leave(), worker.leave()]);
  assert.deepEqual(await processes.list(), []);
});

test('a process that was killed is left out', async () => {
  const alive = await processes.join({ role: 'server', heartbeatMs: 50 });
  await pool.query(
    "insert into processes (role, host, pid, seen_at) values ('server', 'elsewhere', 1, now() - interval '31 s')",
  );
  assert.deepEqual(
    (await processes.list()).map((row) => row.id),
    [alive.id],
  );
  await until(async () => (await pool.query('select from processes')).rowCount === 1);
  await alive.leave();
});

test('what a killed process of this machine held is free as soon as another joins', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const killed = once(child, 'exit');
  const add = (pid: number | undefined, host = hostname()) =>
    pool.query<{ id: string }>(
      `insert into processes (role, host, pid, connections) values ('router', $1, $2, '{"a:1": 80}') returning id`,
      [host, pid],
    );
  const { rows } = await add(child.pid);
  child.kill('SIGKILL');
  await killed;
  const alive = await add(process.ppid);
  const elsewhere = await add(child.pid, 'another.example');
  const membership = await processes.join({ role: 'router' });
  const known = (await processes.list()).map(({ id }) => id);
  assert.deepEqual(
    [rows, alive.rows, elsewhere.rows].map(([row]) => known.includes(row?.id ?? '')),
    [false, true, true],
  );
  await membership.leave();
  await pool.query(`delete from processes where role = 'router'`);
});
