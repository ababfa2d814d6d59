import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** What one frame spends on rendering rows, ms: layout and painting come on top. */
const FRAME_MS = 8;
/** Rows that one frame fills: a whole screen of them takes longer than a frame. */
const ROWS = { first: 8, least: 2, most: 24 };
/** The number of rows that this device has rendered within `FRAME_MS` so far. */
let rowsAFrame = ROWS.first;

/** What is filled next: of the rows in view, those that are filled already, and a few more. */
export function fillNext(filled: ReadonlySet<string>, inView: readonly string[], most: number): Set<string> {
  let added = 0;
  return new Set(
    inView.filter((id) => {
      if (filled.has(id)) return true;
      added += 1;
      return added <= most;
    }),
  );
}

/**
 * How many rows the next frame fills.
 *
 * @param rows of the last frame, and how long they took, ms
 */
export function nextBatch(rows: number, tookMs: number): number {
  const wanted = Math.round((rows * FRAME_MS) / Math.max(tookMs, 0.1));
  // A slow frame may have had other causes, so the number is adapted by half of the difference.
  return Math.min(ROWS.most, Math.max(ROWS.least, Math.round((rows + wanted) / 2)));
}

/** Ids of the rows that are shown with their values; the others in view follow, a few in each frame. */
export function useFilled(inView: readonly string[]): ReadonlySet<string> {
  // The frame that renders the list itself has enough to do.
  const [filled, setFilled] = useState<ReadonlySet<string>>(() => new Set());
  useEffect(() => {
    if (inView.every((id) => filled.has(id))) return;
    const frame = requestAnimationFrame(() => {
      const missing = inView.filter((id) => !filled.has(id)).length;
      const rows = Math.min(rowsAFrame, missing);
      const started = performance.now();
      flushSync(() => setFilled((before) => fillNext(before, inView, rows)));
      const next = nextBatch(rows, performance.now() - started);
      // A few rows at the end say little of how many would fit.
      if (rows === rowsAFrame || next < rowsAFrame) rowsAFrame = next;
    });
    return () => cancelAnimationFrame(frame);
  });
  return filled;
}
