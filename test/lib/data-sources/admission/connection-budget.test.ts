import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionBudget } from '@/lib/data-sources/admission/connection-budget';
import {
  KEEP_IDLE_MS,
  SIGN_IN_MS,
  SIGN_INS_AT_LEAST,
  SLICE_MS,
} from '@/lib/data-sources/admission/constants';
import { SimulatedSource, Simulation } from './simulation';

/** Callers that ask one statement of 1 ms after another, each time of a source that chance says; by default of all alike. */
function load(
  sourceCount: number,
  ceiling: number,
  seed: number,
  forMs: number,
  { settledAt = 300, draw = (chance: number) => chance } = {},
) {
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
    sources[Math.floor(draw(random()) * sourceCount)]?.ask('t', 1, undefined, caller);
  };
  for (let n = 0; n < 32; n += 1) caller();
  const opened = () => sources.reduce((sum, source) => sum + source.opened, 0);
  simulation.run(settledAt);
  const openedAtFirst = opened();
  simulation.run(forMs);
  const statements = sources.flatMap((source) => source.statements);
  return { openedLater: opened() - openedAtFirst, statements };
}

test('connections stay where they are used: sources that each have some take none from another', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
      const { openedLater } = load(10, 20, seed, 1_000);
      assert.ok(openedLater <= 2, `${openedLater} connections opened after the first 300 ms`);
    }),
    { numRuns: 5 },
  );
});

test('a source for each connection: none keeps two for long while another has none, however much it is used', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
      const { openedLater } = load(20, 20, seed, 3_000, { settledAt: 1_000, draw: (chance) => chance ** 3 });
      // Hardly ever more than none; in one draw of a hundred they change hands for a while.
      assert.ok(openedLater <= 200, `${openedLater} connections opened after the first second`);
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

test('a source without a connection takes one that is idle, at once', () => {
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

test('the source that is used least loses its idle connection, not the one whose last statement is oldest', () => {
  const { simulation, sources } = sourcesOf(3, 2);
  const [often, once, another] = sources;
  for (let n = 0; n < 20; n += 1) often?.ask('t', 1);
  simulation.run(100);
  once?.ask('t', 1);
  simulation.run(200);
  another?.ask('t', 1);
  simulation.run(300);
  assert.deepEqual(
    sources.map(({ admission }) => admission.total),
    [1, 0, 1],
  );
});

/** Sources of one server that ask at once, and the most connections that were opening, or changing hands, at once. */
function sourcesOf(count: number, ceiling: number, openMs: (n: number) => number = () => 5) {
  const simulation = new Simulation();
  const budget = new ConnectionBudget(ceiling, simulation.now);
  const sources = Array.from(
    { length: count },
    (_, n) => new SimulatedSource(simulation, { budget, openMs: openMs(n) }),
  );
  const most = { opening: 0, missing: 0 };
  const watch = () => {
    const opening = sources.reduce((sum, source) => sum + source.opening, 0);
    const open = sources.reduce((sum, { admission }) => sum + admission.total, 0) - opening;
    most.opening = Math.max(most.opening, opening);
    most.missing = Math.max(most.missing, ceiling - open);
    if (simulation.now() < 2_000) simulation.after(0.5, watch);
  };
  return { simulation, sources, most, watch };
}

test('connections to a server are opened a few at a time, whichever sources want them, and soon all are open', () => {
  const { simulation, sources, most, watch } = sourcesOf(20, 20);
  for (const source of sources) source.ask('t', 1_000);
  watch();
  simulation.run(20 * 5);
  assert.equal(most.opening, SIGN_INS_AT_LEAST);
  assert.ok(sources.every(({ opened }) => opened === 1));
});

test('few connections change their source at once: the others serve meanwhile', () => {
  const { simulation, sources, most, watch } = sourcesOf(40, 20);
  for (const source of sources.slice(0, 20)) source.ask('t', 1);
  simulation.run(1_000);
  const late = sources.slice(20).map((source) => source.ask('t', 1));
  watch();
  simulation.run(1_500);
  assert.equal(most.missing, SIGN_INS_AT_LEAST / 2);
  assert.ok(late.every(({ endedAt }) => endedAt !== undefined));
});

test('databases that do not answer a sign-in hold up the others of their server for a moment only', () => {
  const { simulation, sources } = sourcesOf(6, 20, (n) => (n < 5 ? 60_000 : 5));
  const asked = sources.map((source) => source.ask('t', 1));
  simulation.run(SIGN_IN_MS + 200);
  assert.ok(asked.at(-1)?.endedAt !== undefined);
  assert.equal(asked[0]?.startedAt, undefined);
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
