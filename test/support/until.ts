// Waiting for what takes as long as the machine is busy. Limits are for what hangs.
import assert from 'node:assert/strict';
import { pause, withDeadline } from '@/lib/time';

const LIMIT_MS = 90_000;

interface UntilOptions {
  limitMs?: number;
  /** Between two looks. */
  everyMs?: number;
  /** A condition that throws does not hold yet; its last error is the cause of the failure. */
  retry?: boolean;
}

type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

/**
 * Looks again and again until a condition holds.
 *
 * @param what what is waited for, as the error names it
 * @returns the condition's first truthy answer
 * @throws Error once `limitMs` are over
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what = String(condition),
  { limitMs = LIMIT_MS, everyMs = 20, retry = false }: UntilOptions = {},
): Promise<Truthy<T>> {
  const end = performance.now() + limitMs;
  for (let cause: unknown; ; ) {
    try {
      const answer = await condition();
      if (answer) return answer as Truthy<T>;
    } catch (error) {
      if (!retry) throw error;
      cause = error;
    }
    if (performance.now() > end) throw new Error(`Not within ${limitMs / 1000} s: ${what}`, { cause });
    await pause(everyMs);
  }
}

/** Reads until it is what is expected; fails with the last difference. */
export async function untilEqual<T>(read: () => T | Promise<T>, expected: T): Promise<void> {
  const isThere = async () => {
    assert.deepEqual(await read(), expected);
    return true;
  };
  await until(isThere, JSON.stringify(expected), { retry: true });
}

/** What `work` resolves to. @throws Error that names what did not end within `limitMs` */
export function inTime<T>(work: Promise<T>, what: string, limitMs = LIMIT_MS): Promise<T> {
  return withDeadline(work, limitMs, () => new Error(`Not done within ${limitMs / 1000} s: ${what}`));
}
