import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Meter } from '@/lib/data-sources/metering/meter';
import { UsageFlush } from '@/lib/data-sources/metering/usage-flush';
import type { UsageBatch } from '@/lib/operations';

const HOUR = 3_600_000;
const hours = (count: number, ms = 0) => Date.UTC(2026, 10, 30, count) + ms;

test('what ends in an hour counts in that hour, also where the clock goes back', () => {
  let now = hours(9, HOUR - 1);
  const meter = new Meter(() => now);
  const add = (rows: number) => meter.statement(meter.of('tenant', 'source'), 'select 1', 2, rows);
  add(1);
  now += 1;
  add(2);
  now -= 1;
  add(4);
  const { usage } = meter.take();
  assert.deepEqual(
    usage.map(({ hour, rows }) => [hour.toISOString(), rows]),
    [
      ['2026-11-30T09:00:00.000Z', 1],
      ['2026-11-30T10:00:00.000Z', 2],
      ['2026-11-30T09:00:00.000Z', 4],
    ],
  );
  assert.deepEqual(meter.take(), { usage: [], statements: [] });
});

test('nothing is lost or counted twice, however hours, tenants and takings follow each other', () => {
  const step = fc.record({
    pass: fc.integer({ min: 0, max: 2 * HOUR }),
    tenant: fc.constantFrom('a', 'b', 'c'),
    place: fc.constantFrom('one', 'two'),
    rows: fc.nat(100),
    take: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let now = hours(0);
      const meter = new Meter(() => now);
      const taken = { statements: 0, rows: 0, calls: 0 };
      const take = () => {
        const { usage, statements } = meter.take();
        for (const one of usage) {
          taken.statements += one.statements;
          taken.rows += one.rows;
        }
        for (const { calls } of statements) taken.calls += calls;
      };
      for (const { pass, tenant, place, rows, take: takes } of steps) {
        now += pass;
        meter.statement(meter.of(tenant, place), `select ${rows} from t`, 1, rows);
        if (takes) take();
      }
      take();
      const rows = steps.reduce((sum, one) => sum + one.rows, 0);
      assert.deepEqual(taken, { statements: steps.length, rows, calls: steps.length });
    }),
  );
});

test('a tenant with countless statements takes bounded memory, and all of their time is counted', () => {
  const meter = new Meter();
  for (let n = 0; n < 1_000; n += 1)
    meter.statement(meter.of('tenant', 'source'), `select column_${n}`, 1, 0);
  const { statements } = meter.take();
  assert.equal(statements.length, 201);
  assert.equal(statements.find(({ fingerprint }) => fingerprint === 'other')?.calls, 800);
  assert.equal(
    statements.reduce((sum, { queryUs }) => sum + queryUs, 0),
    1_000_000,
  );
});

test('a batch whose answer was lost is sent again under its number, and later counts under the next', async () => {
  const batches: UsageBatch[] = [];
  let fails = true;
  const meter = new Meter();
  const flush = new UsageFlush(meter, {
    add: async (batch) => {
      batches.push(batch);
      if (fails) throw new Error('the answer was lost');
    },
    leave: async () => {},
  });
  meter.of(randomUUID(), 'source').statements += 1;
  await assert.rejects(flush.flush());
  meter.of(randomUUID(), 'source').statements += 10;
  await assert.rejects(flush.flush());
  fails = false;
  await flush.close();
  assert.deepEqual(
    batches.map(({ sequence, usage }) => [sequence, usage.map(({ statements }) => statements)]),
    [
      [1, [1]],
      [1, [1]],
      [1, [1]],
      [2, [10]],
    ],
  );
});
