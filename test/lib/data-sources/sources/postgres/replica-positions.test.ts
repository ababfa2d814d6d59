import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FallbackGate } from '@/lib/data-sources/sources/postgres/replicas/fallback-gate';
import { Positions } from '@/lib/data-sources/sources/postgres/replicas/positions';

test('a replica holds what was committed before the last position that it has replayed', () => {
  const positions = new Positions();
  for (const [at, lsn] of [
    [1, 10n],
    [2, 20n],
    [3, 20n],
    [4, 30n],
  ] as const)
    positions.add({ at, lsn });
  assert.equal(positions.heldBy(9n), undefined);
  assert.equal(positions.heldBy(19n)?.at, 1);
  // Nothing was written from 2 to 3: a replica that has lost its primary is not behind.
  assert.equal(positions.heldBy(20n)?.at, 3);
  assert.equal(positions.heldBy(99n)?.at, 4);
});

test('a log that went back makes what was known void; an answer that comes late changes nothing', () => {
  const positions = new Positions();
  positions.add({ at: 5, lsn: 50n });
  positions.add({ at: 4, lsn: 10n });
  assert.deepEqual(positions.heldBy(55n), { at: 5, lsn: 50n });
  positions.add({ at: 6, lsn: 40n });
  assert.equal(positions.heldBy(55n)?.at, 6);
  assert.equal(positions.heldBy(39n), undefined);
});

test('the primary answers few reads at once that were meant for a replica', async () => {
  const gate = new FallbackGate('main');
  let running = 0;
  let most = 0;
  const open = Promise.withResolvers<void>();
  const reads = Array.from({ length: 60 }, () =>
    gate.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await open.promise;
      running -= 1;
    }, 60_000),
  );
  const refused = Promise.allSettled(reads).then((all) => all.filter(({ status }) => status === 'rejected'));
  open.resolve();
  assert.equal(most, 4);
  const codes = (await refused).map((one) => (one as PromiseRejectedResult).reason.code);
  assert.deepEqual(codes, Array(6).fill('replica_unavailable'));
  assert.equal(most, 4);
  await gate.run(async () => {}, 0);
});

test('a read that waits for its turn gives up in time, and when its caller does', async () => {
  const gate = new FallbackGate('main');
  const open = Promise.withResolvers<void>();
  const reads = Array.from({ length: 4 }, () => gate.run(() => open.promise, 0));
  await assert.rejects(
    gate.run(async () => {}, 0),
    { code: 'replica_unavailable' },
  );
  const caller = new AbortController();
  const waiting = gate.run(async () => {}, 60_000, caller.signal);
  caller.abort(new Error('gone'));
  await assert.rejects(waiting, { message: 'gone' });
  open.resolve();
  await Promise.all(reads);
  await gate.run(async () => {}, 0);
});
