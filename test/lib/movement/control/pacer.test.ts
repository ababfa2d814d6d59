import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Pacer } from '@/lib/movement/control/pacer';

function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

async function timeOf(pause: Promise<void>): Promise<number> {
  const began = performance.now();
  await pause;
  return performance.now() - began;
}

describe('a pacer', () => {
  test('pauses background work for as long as the piece took, and saves short pauses up', async () => {
    const pause = Pacer.forBackground({ options: {} }).flow();
    work(30);
    assert.ok((await timeOf(pause())) >= 28);
    const later = Pacer.forBackground({ options: {} }).flow();
    let paused = 0;
    for (let piece = 0; piece < 20; piece += 1) {
      work(2);
      paused += await timeOf(later());
    }
    assert.ok(paused >= 30, `${paused} ms for 40 ms of work`);
  });

  test('does not pause with load: false', async () => {
    const pause = Pacer.forBackground({ options: { load: false } }).flow();
    work(30);
    const first = await Promise.race([pause().then(() => 'went on'), setImmediate('paused')]);
    assert.equal(first, 'went on');
  });

  test('begins a copy with a quarter of its time, before it knows what others notice', async () => {
    const pacer = await Pacer.forCopy([], { id: 'x', options: {}, load: {} });
    const pause = pacer.flow();
    work(20);
    assert.ok((await timeOf(pause())) >= 55, '60 ms after 20 ms of work');
    assert.equal(pacer.share, 0.25);
    await pacer.close();
  });

  test('keeps all flows of a copy together below its bytes a second', async () => {
    const move = { id: 'x', options: { bytesPerSecond: 1_000_000 }, load: false as const };
    const pacer = await Pacer.forCopy([], move);
    const began = performance.now();
    const flows = [pacer.flow(), pacer.flow()];
    for (let piece = 0; piece < 5; piece += 1) await Promise.all(flows.map((pause) => pause(20_000)));
    assert.ok(performance.now() - began >= 175, '200 kB take 200 ms');
    assert.equal(pacer.share, 1);
    await pacer.close();
  });
});
