import { useEffect, useState } from 'react';

/** Rows that one frame fills: a whole screen of them takes longer than a frame. */
const ROWS_A_FRAME = 8;

/** What is filled next: of the rows in view, those that are filled already, and a few more. */
export function fillNext(
  filled: ReadonlySet<string>,
  inView: readonly string[],
  most = ROWS_A_FRAME,
): Set<string> {
  let added = 0;
  return new Set(
    inView.filter((id) => {
      if (filled.has(id)) return true;
      added += 1;
      return added <= most;
    }),
  );
}

/** Ids of the rows that are shown with their values; the others in view follow, a few in each frame. */
export function useFilled(inView: readonly string[]): ReadonlySet<string> {
  const [filled, setFilled] = useState<ReadonlySet<string>>(() => fillNext(new Set(), inView));
  useEffect(() => {
    if (inView.every((id) => filled.has(id))) return;
    const frame = requestAnimationFrame(() => setFilled((before) => fillNext(before, inView)));
    return () => cancelAnimationFrame(frame);
  });
  return filled;
}
