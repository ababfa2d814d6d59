// The frames of a page while something is done in it: by the clock, and as the processor's time of its main thread.
import type { Browser, Page } from 'playwright-core';

export interface Times {
  clockMs: number[];
  processorMs: number[];
}

export async function framesDuring(browser: Browser, page: Page, work: () => Promise<void>): Promise<Times> {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await page.evaluate(recordFrames);
  await work();
  const clockMs = await page.evaluate('globalThis.frames_ms()');
  const trace = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  return { clockMs: clockMs as number[], processorMs: processorOfFrames(trace.traceEvents) };
}

/** In the page: keeps the milliseconds between frames, until `frames_ms` is called for them. */
function recordFrames(): void {
  const frames: number[] = [];
  let last = performance.now();
  let waiting = 0;
  const next = (now: number) => {
    frames.push(now - last);
    last = now;
    waiting = requestAnimationFrame(next);
  };
  waiting = requestAnimationFrame(next);
  Object.assign(globalThis, {
    frames_ms: () => {
      cancelAnimationFrame(waiting);
      // The first frame waited for this function.
      return frames.slice(1);
    },
  });
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  /** The thread's own time. */
  tdur?: number;
  args?: { name?: string };
}

/** The main thread's time in each frame: its tasks from one animation frame to the next. */
function processorOfFrames(events: readonly TraceEvent[]): number[] {
  const onThread = (event: TraceEvent) => `${event.pid}:${event.tid}`;
  const mains = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(onThread),
  );
  const starts = events.filter(({ name }) => name === 'FireAnimationFrame');
  const main = starts[0] && onThread(starts[0]);
  if (!main || !mains.has(main)) throw new Error('The trace has no frames.');
  const times = starts.map(({ ts }) => ts).sort((one, other) => one - other);
  const frames = new Array<number>(times.length).fill(0);
  const tasks = events
    .filter((event) => event.name.endsWith('RunTask') && event.ph === 'X' && onThread(event) === main)
    .sort((one, other) => one.ts - other.ts);
  let frame = 0;
  for (const { ts, tdur = 0 } of tasks) {
    while (frame + 1 < times.length && ts > (times[frame] ?? 0)) frame += 1;
    frames[frame] = (frames[frame] ?? 0) + tdur / 1000;
  }
  return frames;
}
