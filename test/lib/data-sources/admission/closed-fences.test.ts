// Statements before a closed fence, with a clock that the test moves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClosedFences, Passage, Probe } from '@/lib/data-sources/admission/closed-fences';
import {
  LONGEST_PROBE_PAUSE_MS,
  PROBE_PASSED_MS,
  WAITING_BYTES,
} from '@/lib/data-sources/admission/constants';
import { DataSourceError, staleRoute } from '@/lib/data-sources/errors';
import { Simulation } from './simulation';

const T = 'tenant';
/** Statements of the tenant that may be in flight at once. */
const MAX = 16;
const code = (expected: string) => (error: unknown) =>
  error instanceof DataSourceError && error.code === expected;

/** A tenant whose fence is open or closed, and statements that behave as the router's do. */
class Tenant {
  closed = true;
  refusals = 0;
  running = 0;
  mostRunning = 0;
  readonly started: number[] = [];
  #asked = 0;
  readonly simulation = new Simulation();
  readonly fences = new ClosedFences(this.simulation);

  /** @returns what became of it, once it is known */
  ask({ waitMs = 10_000, signal = undefined as AbortSignal | undefined } = {}): { outcome?: unknown } {
    const asked: { outcome?: unknown } = {};
    this.#repeat(this.#asked++, this.simulation.now() + waitMs, signal).then(
      (outcome) => Object.assign(asked, { outcome }),
      (outcome: unknown) => Object.assign(asked, { outcome }),
    );
    return asked;
  }

  async #repeat(n: number, until: number, signal: AbortSignal | undefined): Promise<string> {
    let held: Probe | Passage | undefined;
    try {
      for (;;) {
        held ??= await this.fences.wait(T, { until, bytes: 0, max: MAX, signal });
        const probe = held instanceof Probe ? held : undefined;
        try {
          return await (probe ? probe.watch(this.#attempt(n), () => {}) : this.#attempt(n));
        } catch (error) {
          if (this.simulation.now() > until) throw error;
          const next = probe && !probe.ended ? probe : this.fences.close(T);
          if (next !== held) held?.end();
          held = next;
          await next?.pause(signal);
        }
      }
    } finally {
      held?.end();
    }
  }

  async #attempt(n: number): Promise<string> {
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    if (!this.closed) this.started.push(n);
    await this.simulation.sleep(1);
    this.running -= 1;
    if (!this.closed) return 'done';
    this.refusals += 1;
    throw staleRoute(T);
  }
}

test('every statement ends: done once the fence is open, aborted, or moving at its limit', async () => {
  const statement = fc.record({
    at: fc.integer({ min: 0, max: 1_000 }),
    waitMs: fc.integer({ min: 50, max: 3_000 }),
    abortAfter: fc.option(fc.integer({ min: 0, max: 500 })),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 2_000 }),
      async (statements, opensAt) => {
        const tenant = new Tenant();
        const { simulation } = tenant;
        const asked: { at: number; waitMs: number; aborted: boolean; outcome: { outcome?: unknown } }[] = [];
        for (const { at, waitMs, abortAfter } of statements) {
          simulation.after(at, () => {
            const controller = new AbortController();
            const one = {
              at,
              waitMs,
              aborted: false,
              outcome: tenant.ask({ waitMs, signal: controller.signal }),
            };
            asked.push(one);
            if (abortAfter === null) return;
            simulation.after(abortAfter, () => {
              one.aborted = true;
              controller.abort();
            });
          });
        }
        simulation.after(opensAt, () => {
          tenant.closed = false;
        });
        await simulation.runSettled(10_000);
        for (const { at, waitMs, aborted, outcome } of asked) {
          const isMoving =
            outcome.outcome instanceof DataSourceError &&
            ['tenant_moving', 'route_stale'].includes(outcome.outcome.code);
          const mayBeLate = at + waitMs <= opensAt + 2 * LONGEST_PROBE_PAUSE_MS;
          const isAborted = outcome.outcome instanceof DOMException;
          assert.ok(
            outcome.outcome === 'done' || (isMoving && mayBeLate) || (isAborted && aborted),
            String(outcome.outcome),
          );
        }
        assert.equal(tenant.fences.has(T), false);
      },
    ),
    { numRuns: 60 },
  );
});

test('one statement probes; the others are released once it has passed', async () => {
  const tenant = new Tenant();
  const asked = [tenant.ask()];
  await tenant.simulation.runSettled(20);
  for (let n = 0; n < 50; n += 1) asked.push(tenant.ask());
  await tenant.simulation.runSettled(2_000);
  assert.ok(tenant.refusals < 2_000 / LONGEST_PROBE_PAUSE_MS + 10, `${tenant.refusals} refusals`);
  tenant.closed = false;
  await tenant.simulation.runSettled(2_000 + LONGEST_PROBE_PAUSE_MS + 10);
  assert.ok(asked.every(({ outcome }) => outcome === 'done'));
});

test('a change of the route makes the probe try at once', async () => {
  const tenant = new Tenant();
  const asked = tenant.ask();
  await tenant.simulation.runSettled(1_001);
  tenant.closed = false;
  tenant.fences.routeChanged(T);
  await tenant.simulation.runSettled(1_004);
  assert.equal(asked.outcome, 'done');
});

test('where the probe is aborted, one other statement probes', async () => {
  const tenant = new Tenant();
  const controller = new AbortController();
  const first = tenant.ask({ signal: controller.signal });
  await tenant.simulation.runSettled(100);
  const others = Array.from({ length: 20 }, () => tenant.ask());
  await tenant.simulation.runSettled(500);
  const before = tenant.refusals;
  controller.abort();
  await tenant.simulation.runSettled(520);
  assert.ok(first.outcome instanceof DOMException);
  assert.ok(tenant.refusals - before <= 4, `${tenant.refusals - before} refusals`);
  tenant.closed = false;
  await tenant.simulation.runSettled(700);
  assert.ok(others.every(({ outcome }) => outcome === 'done'));
});

test('a probe that is not refused for a while has passed, and the others need not wait for its answer', async () => {
  const { simulation, fences } = new Tenant();
  const probe = fences.close(T);
  const waiting = fences.wait(T, { until: 10_000, bytes: 0, max: 1 });
  const answer = probe?.watch(simulation.sleep(60_000), () => {});
  await simulation.runSettled(PROBE_PASSED_MS);
  assert.ok((await waiting) instanceof Passage);
  assert.equal(fences.has(T), false);
  await simulation.runSettled(60_000);
  await answer;
});

test('any number of statements waits; then they go on in their order, `max` at once, also those that come meanwhile', async () => {
  const tenant = new Tenant();
  const { simulation } = tenant;
  const asked = Array.from({ length: 1 }, () => tenant.ask());
  await simulation.runSettled(10);
  for (let n = 0; n < 2_000; n += 1) asked.push(tenant.ask());
  await simulation.runSettled(1_000);
  tenant.closed = false;
  tenant.mostRunning = 0;
  for (let n = 0; n < 100; n += 1) simulation.after(100 + n / 10, () => asked.push(tenant.ask()));
  await simulation.runSettled(2_000);
  assert.ok(asked.every(({ outcome }) => outcome === 'done'));
  assert.equal(tenant.mostRunning, MAX);
  assert.deepEqual(
    tenant.started,
    tenant.started.toSorted((one, other) => one - other),
  );
  assert.equal(tenant.fences.has(T), false);
});

test('where the fence closes again while statements go on, none is lost, and one probes', async () => {
  const tenant = new Tenant();
  const { simulation } = tenant;
  const asked = Array.from({ length: 300 }, () => tenant.ask());
  await simulation.runSettled(200);
  tenant.closed = false;
  for (let at = 200; tenant.started.length < 40; at += 1) await simulation.runSettled(at);
  tenant.closed = true;
  assert.ok(tenant.started.length > 1 && tenant.started.length < 300, `${tenant.started.length} started`);
  const before = tenant.refusals;
  await simulation.runSettled(1_200);
  assert.ok(tenant.refusals - before <= 2 * MAX + 30, `${tenant.refusals - before} refusals`);
  tenant.closed = false;
  await simulation.runSettled(2_000);
  assert.ok(asked.every(({ outcome }) => outcome === 'done'));
});

test('no more bytes wait than the limit, and no statement longer than its own', async () => {
  const { simulation, fences } = new Tenant();
  const probe = fences.close(T);
  const wait = (bytes: number) => fences.wait(T, { until: 100, bytes, max: 1 });
  const late = assert.rejects(wait(WAITING_BYTES / 2), code('tenant_moving'));
  await assert.rejects(wait(WAITING_BYTES / 2), code('tenant_busy'));
  await simulation.runSettled(100);
  await late;
  const again = assert.rejects(wait(WAITING_BYTES / 2), code('tenant_moving'));
  await simulation.runSettled(200);
  await again;
  probe?.end();
  assert.equal(fences.has(T), false);
});
