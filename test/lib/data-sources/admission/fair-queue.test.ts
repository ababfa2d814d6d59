import assert from 'node:assert/strict';
import { test } from 'node:test';
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
