import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionBudget } from '@/lib/data-sources/admission/connection-budget';
import { KEEP_IDLE_MS, SLICE_MS } from '@/lib/data-sources/admission/constants';
import { SimulatedSource, Simulation } from './simulation';

/** Callers that ask one statement of 1 ms after another, each time of a source that chance says. */
function load(sourceCount: number, ceiling: number, seed: number, forMs: number) {
  const simulation = new Simulation();
  const budget = new ConnectionBudget(ceiling, simulation.now);
  const sources = Array.from({ length: sourceCount }, () => new SimulatedSource(simulation, { budget }));
  let state = seed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), state | 1);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const caller = () => {
    if (simulation.now() >= forMs) return;
    sources[Math.floor(random() * sourceCount)]?.ask('t', 1, undefined, caller);
  };
  for (let n = 0; n < 32; n += 1) caller();
  const opened = () => sources.reduce((sum, source) => sum + source.opened, 0);
  simulation.run(100);
  const openedAtFirst = opened();
  simulation.run(forMs);
  const statements = sources.flatMap((source) => source.statements);
  return { openedLater: opened() - openedAtFirst, statements };
}

test('connections stay where they are used: sources that each have some take none from another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
      const { openedLater } = load(10, 20, seed, 1_000);
      assert.ok(openedLater <= 2, `${openedLater} connections opened after the first 100 ms`);
    }),
    { numRuns: 5 },
  );
});

test('more sources than connections: each statement runs, and waits for a few turns', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
      const { statements } = load(30, 5, seed, 1_000);
      const waits = statements.map(({ askedAt, startedAt }) => (startedAt ?? 1_000) - askedAt);
      assert.ok(Math.max(...waits) < 12 * SLICE_MS, `${Math.max(...waits)} ms`);
    }),
    { numRuns: 10 },
  );
});

test('a source without a connection takes the one that is idle for longest, at once', () => {
  const simulation = new Simulation();
  const budget = new ConnectionBudget(2, simulation.now);
  const [a, b, c] = Array.from({ length: 3 }, () => new SimulatedSource(simulation, { budget }));
  assert.ok(a && b && c);
  a.ask('t', 1);
  simulation.run(10);
  b.ask('t', 1);
  simulation.run(20);
  const statement = c.ask('t', 1);
  simulation.run(30);
  assert.ok(statement.endedAt !== undefined);
  assert.deepEqual(
    [a, b, c].map(({ admission }) => admission.total),
    [0, 1, 1],
  );
});

test('a source that has a connection takes another’s only when that is idle for a while', () => {
  const simulation = new Simulation();
  const budget = new ConnectionBudget(2, simulation.now);
  const [a, b] = Array.from({ length: 2 }, () => new SimulatedSource(simulation, { budget }));
  assert.ok(a && b);
  a.ask('t', 1);
  b.ask('t', 1);
  simulation.run(10);
  b.ask('t', 5_000);
  const second = b.ask('t', 1);
  simulation.run(KEEP_IDLE_MS - 10);
  assert.equal(a.admission.total, 1);
  simulation.run(1_000);
  assert.equal(a.admission.total, 0);
  assert.ok(second.endedAt !== undefined, 'without anything else happening meanwhile');
});
