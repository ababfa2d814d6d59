import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairQueue } from '@/lib/data-sources/admission/fair-queue';
import { readPoolLimits } from '@/lib/data-sources/admission/pool-config';

/** Which tenant is served, one request after another, when each takes what its tenant's requests take. No clock is involved. */
function serve(tenants: Record<string, { weight: number; tookMs: number }>, requests: number): string[] {
  const queue = new FairQueue<{ settled: boolean; enqueuedAt: number }>();
  for (const [id, { weight }] of Object.entries(tenants)) {
    const share = queue.tenant(id, readPoolLimits({ weight, max: 50 }));
    for (let n = 0; n < requests; n += 1) queue.push(share, { settled: false, enqueuedAt: 0 });
  }
  return Array.from({ length: requests }, () => {
    const next = queue.next(() => true);
    assert.ok(next);
    queue.finish(next.share, tenants[next.share.id]?.tookMs ?? 0, 0);
    return next.share.id;
  });
}

const count = (order: string[], id: string) => order.filter((one) => one === id).length;

test('weights share the time of a busy database', () => {
  const order = serve({ light: { weight: 1, tookMs: 2 }, heavy: { weight: 3, tookMs: 2 } }, 40);
  assert.ok(Math.abs(count(order, 'heavy') - 30) <= 1, order.join(' '));
});

test('time is shared, not requests: whose statements take four times as long gets a quarter of them', () => {
  const order = serve({ slow: { weight: 1, tookMs: 40 }, quick: { weight: 1, tookMs: 10 } }, 50);
  assert.ok(Math.abs(count(order, 'quick') - 40) <= 2, order.join(' '));
});

test('a tenant that comes later does not make up for when it asked nothing', () => {
  const queue = new FairQueue<{ settled: boolean; enqueuedAt: number }>();
  const limits = readPoolLimits({ weight: 1, max: 50 });
  const push = (id: string, times: number) => {
    for (let n = 0; n < times; n += 1)
      queue.push(queue.tenant(id, limits), { settled: false, enqueuedAt: 0 });
  };
  const step = () => {
    const next = queue.next(() => true);
    assert.ok(next);
    queue.finish(next.share, 5, 0);
    return next.share.id;
  };
  push('early', 40);
  for (let n = 0; n < 20; n += 1) step();
  push('late', 20);
  const order = Array.from({ length: 20 }, step);
  assert.ok(Math.abs(count(order, 'late') - 10) <= 1, order.join(' '));
});

test('the tenant with the lowest clock goes next, whatever was started, given up or took long before', () => {
  const operation = fc.record({
    kind: fc.constantFrom('push', 'push', 'cancel', 'cancel all', 'start', 'start', 'next'),
    tenant: fc.integer({ min: 0, max: 11 }),
    tookMs: fc.integer({ min: 0, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400, size: 'max' }), (operations) => {
      type Waiter = { settled: boolean; enqueuedAt: number };
      const queue = new FairQueue<Waiter>();
      const limits = readPoolLimits({ max: 1000 });
      const shares = Array.from({ length: 12 }, (_, n) => queue.tenant(`t${n}`, limits));
      const waiting = shares.map((): Waiter[] => []);
      for (const { kind, tenant, tookMs } of operations) {
        const share = shares[tenant];
        const waiters = waiting[tenant];
        assert.ok(share && waiters);
        if (kind === 'push') {
          const waiter = { settled: false, enqueuedAt: 0 };
          waiters.push(waiter);
          queue.push(share, waiter);
        } else if (kind === 'cancel') {
          for (const waiter of waiters.splice(0)) queue.cancel(share, waiter);
        } else if (kind === 'cancel all') {
          for (const [n, all] of waiting.entries())
            for (const waiter of all.splice(0)) queue.cancel(shares[n] ?? share, waiter);
        } else if (kind === 'start' && queue.waiting === 0) {
          queue.start(share);
          queue.finish(share, tookMs, 0);
        } else if (kind === 'next') {
          const clocks = shares
            .filter((one) => one.waiting > 0)
            .map((one) => one.clock + Math.max(0, one.debt));
          const before = shares.map((one) => one.clock + Math.max(0, one.debt));
          const next = queue.next(() => true);
          assert.equal(next !== undefined, clocks.length > 0);
          if (!next) continue;
          assert.equal(before[shares.indexOf(next.share)], Math.min(...clocks));
          queue.finish(next.share, tookMs, 0);
        }
      }
    }),
    { numRuns: 300 },
  );
});
