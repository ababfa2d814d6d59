import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Backoff, pause, Throttle, withDeadline } from '@/lib/time';

test('each pause is twice as long as the one before, up to the limit, and short again after a reset', () => {
  const backoff = new Backoff(100, 500);
  assert.deepEqual(
    Array.from({ length: 4 }, () => backoff.next()),
    [100, 200, 400, 500],
  );
  assert.equal(backoff.nextMs, 500);
  backoff.reset();
  assert.equal(backoff.next(), 100);
});

test('a pause ends without an error when its signal aborts, also one that had aborted before', async () => {
  const stopping = new AbortController();
  const paused = pause(600_000, { signal: stopping.signal });
  stopping.abort();
  await paused;
  await pause(600_000, { signal: stopping.signal });
});

test('work in time gives its result or its own error', async () => {
  const late = () => new Error('late');
  assert.equal(await withDeadline(Promise.resolve(1), 600_000, late), 1);
  await assert.rejects(withDeadline(Promise.reject(new Error('own')), 600_000, late), /own/);
});

test('late work is given up with the error named, and what comes of it later is ignored', async () => {
  const { promise: work, reject } = Promise.withResolvers<never>();
  await assert.rejects(
    withDeadline(work, 1, () => new Error('late')),
    /late/,
  );
  // An unhandled rejection would fail the test run.
  reject(new Error('too late to matter'));
  await pause(0);
});

test('of many calls for a key the first is run at once, and the others once at the end of the interval', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const ran: string[] = [];
    const throttle = new Throttle<string>(100, (key) => ran.push(key));
    for (const key of ['a', 'a', 'a', 'b']) throttle.call(key);
    assert.deepEqual(ran, ['a', 'b']);
    mock.timers.tick(100);
    assert.deepEqual(ran, ['a', 'b', 'a']);
    mock.timers.tick(100);
    throttle.call('a');
    assert.deepEqual(ran, ['a', 'b', 'a', 'a']);
    const ended: string[] = [];
    const atTheEnd = new Throttle<string>(100, (key) => ended.push(key), { leading: false });
    for (const key of ['a', 'a', 'b']) atTheEnd.call(key);
    assert.deepEqual(ended, []);
    mock.timers.tick(100);
    assert.deepEqual(ended, ['a', 'b']);
  } finally {
    mock.timers.reset();
  }
});
