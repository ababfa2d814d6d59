import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedBudgets } from '@/lib/data-sources';
import type { BudgetMember } from '@/lib/data-sources/admission/connection-budget';
import { openOperationsDatabase } from '@/lib/operations';
import { startProxy } from '../../../support/proxy';
import { inTime, until } from '../../../support/until';
import { testSecretBox } from '../../application/application-database';
import { createInstallation } from '../installation';

const { operations, operationsUrl, key } = await createInstallation();
await operations.dataSources.create({
  name: 'one',
  kind: 'shared',
  adminUrl: 'postgresql://u:p@db.example:5432/one',
  connectionBudget: 10,
});
const SERVER = 'db.example:5432';
const options = { connectionsPerServer: 99, everyMs: 20 };

/** A pool that takes what it is granted and gives it back when it is asked. */
class Greedy implements BudgetMember {
  total = 0;
  idleSince = Number.POSITIVE_INFINITY;
  usagePerConnection(): number {
    return 0;
  }
  grant(): boolean {
    this.total += 1;
    return true;
  }
  closeIdle(): boolean {
    return false;
  }
}

test('processes share a server’s ceiling while others join and leave', async () => {
  const first = await SharedBudgets.join(operations, options);
  const one = await first.budgetOf(SERVER);
  assert.equal(one.max, 10);
  const second = await SharedBudgets.join(operations, options);
  const other = await second.budgetOf(SERVER);
  assert.ok(one.max + other.max <= 10 || other.max === 0);
  await until(() => one.max === 5 && other.max === 5);
  await second.close();
  await until(() => one.max === 10);
  await first.close();
});

test('connections that are not closed yet count: the claims never exceed the ceiling', async () => {
  const first = await SharedBudgets.join(operations, options);
  const one = await first.budgetOf(SERVER);
  const pool = new Greedy();
  while (one.used < 10) {
    const attempt = {};
    if (one.take(pool, attempt)) pool.total += 1;
    one.opened(attempt);
  }
  const second = await SharedBudgets.join(operations, options);
  const other = await second.budgetOf(SERVER);
  await until(() => one.max === 5);
  assert.equal(other.max, 0);
  for (let given = 0; given < 5; given += 1) {
    pool.total -= 1;
    one.closing();
    one.give(pool);
  }
  await until(() => other.max === 5);
  assert.equal(one.used + other.max, 10);
  await first.close();
  await second.close();
});

test('the claim of a process that has not been seen for half a minute is over', async () => {
  const budgets = await SharedBudgets.join(operations, options);
  const budget = await budgets.budgetOf(SERVER);
  const { rows } = await operations.pool.query<{ id: string }>(
    `insert into processes (id, role, host, pid, seen_at, connections)
     select gen_random_uuid(), role, 'gone', 1, now() - interval '10 s', $1 from processes limit 1 returning id`,
    [JSON.stringify({ [SERVER]: 8 })],
  );
  await until(() => budget.max === 2);
  await operations.pool.query("update processes set seen_at = now() - interval '31 s' where id = $1", [
    rows[0]?.id,
  ]);
  await until(() => budget.max === 10);
  await operations.pool.query('delete from processes where id = $1', [rows[0]?.id]);
  await budgets.close();
});

test('a server that the registry does not know has the default ceiling', async () => {
  const budgets = await SharedBudgets.join(operations, options);
  assert.equal((await budgets.budgetOf('elsewhere:5432')).max, 99);
  await budgets.close();
});

test('while the operations database does not answer, a server that is used for the first time gets one connection', async () => {
  const way = await startProxy(operationsUrl);
  const far = openOperationsDatabase({ url: way.through(operationsUrl), secretBox: testSecretBox(key) });
  const budgets = await SharedBudgets.join(far, options);
  assert.equal((await budgets.budgetOf(SERVER)).max, 10);
  way.partition();
  const other = await inTime(budgets.budgetOf('elsewhere:5432'), 'the budget of a second server');
  assert.equal(other.max, 1);
  way.heal();
  await until(() => other.max === 99);
  await budgets.close();
  await far.close();
});

test('while the operations database refuses, a server that is used for the first time gets one connection', async () => {
  const isDown = { now: false };
  const pool = new Proxy(operations.pool, {
    get: (real, name) =>
      name === 'connect' && isDown.now
        ? () => Promise.reject(new Error('refused'))
        : Reflect.get(real, name, real),
  });
  const budgets = await SharedBudgets.join({ ...operations, pool }, options);
  isDown.now = true;
  const budget = await budgets.budgetOf(SERVER);
  assert.equal(budget.max, 1);
  isDown.now = false;
  await until(() => budget.max === 10);
  await budgets.close();
});

test('a process that starts while the operations database is away shares the ceilings once it is back', async () => {
  const isDown = { now: true };
  const budgets = await SharedBudgets.join(
    {
      pool: operations.pool,
      processes: {
        join: (as: Parameters<typeof operations.processes.join>[0]) =>
          isDown.now ? Promise.reject(new Error('refused')) : operations.processes.join(as),
      } as unknown as typeof operations.processes,
    },
    options,
  );
  const budget = await budgets.budgetOf(SERVER);
  assert.equal(budget.max, 99);
  isDown.now = false;
  await until(() => budget.max === 10);
  await until(async () =>
    (await operations.processes.list()).some(({ connections }) => connections[SERVER] === 10),
  );
  await budgets.close();
});
