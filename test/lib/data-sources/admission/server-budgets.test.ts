import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedBudgets } from '@/lib/data-sources';
import type { BudgetMember } from '@/lib/data-sources/admission/connection-budget';
import { createInstallation } from '../installation';

const { operations } = await createInstallation();
await operations.dataSources.create({
  name: 'one',
  kind: 'shared',
  adminUrl: 'postgresql://u:p@db.example:5432/one',
  connectionBudget: 10,
});
const SERVER = 'db.example:5432';
const options = { connectionsPerServer: 99, everyMs: 20 };

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition());
}

/** A pool that takes what it is granted and gives it back when it is asked. */
class Greedy implements BudgetMember {
  total = 0;
  idleSince = Number.POSITIVE_INFINITY;
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
  while (one.used < 10) if (one.take(pool)) pool.total += 1;
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

test('a server that the registry does not know has the default ceiling', async () => {
  const budgets = await SharedBudgets.join(operations, options);
  assert.equal((await budgets.budgetOf('elsewhere:5432')).max, 99);
  await budgets.close();
});
