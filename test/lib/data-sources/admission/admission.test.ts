// The admission policy as a state machine: no database, and a clock that the test moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConnectionBudget } from '@/lib/data-sources/admission/connection-budget';
import { WARMING_AT_LEAST, WARMING_MS } from '@/lib/data-sources/admission/constants';
import { readPoolLimits } from '@/lib/data-sources/admission/pool-config';
import { DataSourceError } from '@/lib/data-sources/errors';
import { ranFor, SimulatedSource, Simulation } from './simulation';

const code = (expected: string) => (error: unknown) =>
  error instanceof DataSourceError && error.code === expected;

/** A source with this many sessions, used a moment ago by several tenants. */
function warmSource(sessions: number, tenants: readonly string[] = ['w']) {
  const simulation = new Simulation();
  const source = new SimulatedSource(simulation, { budget: new ConnectionBudget(sessions, simulation.now) });
  const until = 1_000;
  const work = () => {
    if (simulation.now() > until) return;
    for (const tenant of tenants) source.ask(tenant, 10);
    for (let n = tenants.length; n < sessions; n += 1) source.ask(tenants[0] as string, 10);
    simulation.after(20, work);
  };
  work();
  simulation.run();
  assert.equal(source.admission.statistics.idle, sessions);
  source.statements.length = 0;
  return { simulation, source };
}

test('a session that was used for its lifetime is replaced', () => {
  const simulation = new Simulation();
  const budget = new ConnectionBudget(1, simulation.now);
  const source = new SimulatedSource(simulation, { budget, lifetimeMs: 1_000 });
  const limits = readPoolLimits({});
  const work = () => {
    if (simulation.now() < 2_500) source.ask('a', 10, limits, work);
  };
  work();
  simulation.run();
  assert.equal(source.opened, 3);
  assert.ok(source.statements.every(({ endedAt }) => endedAt !== undefined));
});

test('every statement runs or is cancelled, within max and the budget, whatever comes when', () => {
  const ask = fc.record({
    at: fc.integer({ min: 0, max: 3_000 }),
    source: fc.integer({ min: 0, max: 2 }),
    tenant: fc.constantFrom('a', 'b', 'c', 'd'),
    tookMs: fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 600 })),
    cancelAfter: fc.option(fc.integer({ min: 0, max: 200 })),
  });
  const scenario = fc.record({
    asks: fc.array(ask, { minLength: 1, maxLength: 120 }),
    budget: fc.integer({ min: 1, max: 6 }),
    max: fc.integer({ min: 1, max: 4 }),
    openMs: fc.integer({ min: 1, max: 120 }),
  });
  fc.assert(
    fc.property(scenario, ({ asks, budget: ceiling, max, openMs }) => {
      const simulation = new Simulation();
      const budget = new ConnectionBudget(ceiling, simulation.now);
      const sources = Array.from({ length: 3 }, () => new SimulatedSource(simulation, { budget, openMs }));
      const limits = readPoolLimits({ max });
      const cancelled = new Set<unknown>();
      for (const { at, source, tenant, tookMs, cancelAfter } of asks) {
        simulation.after(at, () => {
          const statement = sources[source]?.ask(tenant, tookMs, limits);
          for (const { inFlight } of sources) for (const n of inFlight.values()) assert.ok(n <= max);
          assert.ok(budget.used <= ceiling);
          if (cancelAfter === null || !statement) return;
          simulation.after(cancelAfter, () => {
            if (statement.startedAt === undefined) cancelled.add(statement);
            statement.cancel();
          });
        });
      }
      simulation.run();
      for (const { statements, admission } of sources) {
        for (const one of statements) assert.ok(cancelled.has(one) !== (one.endedAt !== undefined));
        assert.equal(admission.statistics.waiting, 0);
        assert.equal(admission.statistics.inUse, 0);
      }
    }),
    { numRuns: 300 },
  );
});

test('tenants that flood share the time of the database by their weights', () => {
  const weight = fc.constantFrom(1, 2, 3);
  const tookMs = fc.integer({ min: 2, max: 30 });
  fc.assert(
    fc.property(weight, weight, tookMs, tookMs, (heavy, light, heavyMs, lightMs) => {
      const { simulation, source } = warmSource(4);
      const until = simulation.now() + 5_000;
      const flood = (tenant: string, took: number, share: number) => {
        const limits = readPoolLimits({ weight: share });
        const ask = () => void (simulation.now() < until && source.ask(tenant, took, limits, ask));
        for (let n = 0; n < 20; n += 1) ask();
      };
      flood('heavy', heavyMs, heavy);
      flood('light', lightMs, light);
      simulation.run(until);
      const from = (tenant: string) => ranFor(source.statements, tenant, until);
      const ratio = from('heavy') / from('light') / (heavy / light);
      assert.ok(ratio > 0.8 && ratio < 1.25, `${ratio} times the share`);
    }),
    { numRuns: 12 },
  );
});

test('a tenant that comes while another floods waits for one statement at most', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 5, max: 49 }),
      fc.integer({ min: 0, max: 900 }),
      (sessions, floodMs, at) => {
        const { simulation, source } = warmSource(sessions);
        for (let n = 0; n < 400; n += 1) source.ask('flood', floodMs);
        simulation.run(simulation.now() + at);
        const other = source.ask('other', 5);
        simulation.run();
        assert.ok((other.startedAt ?? Number.POSITIVE_INFINITY) - other.askedAt <= floodMs + WARMING_MS);
      },
    ),
  );
});

test('a tenant of long statements leaves the sessions that short ones use at times', () => {
  const short = ['a', 'b', 'c'];
  const { simulation, source } = warmSource(8, short);
  for (let n = 0; n < 8; n += 1) source.ask('long', 10_000);
  simulation.run(simulation.now() + 100);
  const waits = short.map((tenant) => source.ask(tenant, 5));
  simulation.run(simulation.now() + 10);
  for (const { startedAt, askedAt } of waits) assert.equal(startedAt, askedAt);
});

test('sessions kept for other tenants are given out once those have gone', () => {
  const { simulation, source } = warmSource(8, ['a', 'b', 'c', 'd']);
  const only = Array.from({ length: 8 }, () => source.ask('only', 60_000));
  simulation.run(simulation.now() + 100);
  assert.ok(only.some(({ startedAt }) => startedAt === undefined));
  simulation.run(simulation.now() + 10_000);
  assert.ok(only.every(({ startedAt }) => startedAt !== undefined));
});

test('a burst opens sessions a few at a time, and more as those are done', () => {
  const simulation = new Simulation();
  const source = new SimulatedSource(simulation, {
    budget: new ConnectionBudget(20, simulation.now),
    openMs: 10,
  });
  for (let n = 0; n < 16; n += 1) source.ask('a', 30_000);
  assert.equal(source.opening, WARMING_AT_LEAST);
  simulation.run(2_000);
  assert.equal(source.admission.statistics.inUse, 16);
  assert.ok(source.mostOpening <= 8, `${source.mostOpening} opened at once`);
});

test('a burst on sessions that are cold waits for none of them longer than it warms up', () => {
  const { simulation, source } = warmSource(8);
  simulation.run(simulation.now() + 5_000);
  const asked = simulation.now();
  for (let n = 0; n < 8; n += 1) source.ask('a', 2);
  assert.equal(source.admission.statistics.inUse, WARMING_AT_LEAST);
  const other = source.ask('b', 2);
  assert.equal(other.startedAt, asked, 'the first statement of another tenant is not kept waiting');
  simulation.run();
  const last = Math.max(...source.statements.map(({ startedAt = Number.POSITIVE_INFINITY }) => startedAt));
  assert.ok(last - asked < 10, `${last - asked} ms`);
});

test('after tables have changed, sessions that were used a moment ago warm up again', () => {
  const { source } = warmSource(8);
  source.admission.cool();
  for (let n = 0; n < 8; n += 1) source.ask('a', 2);
  assert.equal(source.admission.statistics.inUse, WARMING_AT_LEAST);
});

test('where the last session is lost and none can be opened, statements that wait learn why', () => {
  const simulation = new Simulation();
  const source = new SimulatedSource(simulation, {
    budget: new ConnectionBudget(2, simulation.now),
    reachable: () => false,
  });
  const asked = Array.from({ length: 5 }, () => source.ask('a', 5));
  simulation.run();
  for (const { refused } of asked) assert.match(String(refused), /unreachable/);
});

test('where a session cannot be opened beside those at work, it is tried again', () => {
  let reachable = true;
  const simulation = new Simulation();
  const source = new SimulatedSource(simulation, {
    budget: new ConnectionBudget(2, simulation.now),
    reachable: () => reachable,
  });
  source.ask('a', 10_000);
  simulation.run(20);
  reachable = false;
  const second = source.ask('a', 5);
  simulation.run(30);
  reachable = true;
  simulation.run(1_000);
  assert.ok(second.endedAt !== undefined);
});

test('a tenant is refused where its queue is full, and everything once the source is shut', () => {
  const { source } = warmSource(1);
  const limits = readPoolLimits({ queue: 1 });
  source.ask('a', 1_000, limits);
  const waiting = source.ask('a', 1, limits);
  assert.ok(code('tenant_busy')(source.ask('a', 1, limits).refused));
  source.admission.shut();
  assert.ok(code('manager_closed')(waiting.refused));
  assert.ok(code('manager_closed')(source.ask('b', 1).refused));
});
