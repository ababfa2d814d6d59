import type { SecretBox } from './envelope';

/** This many are reported at once; fewer are reported a minute later, or at the close. */
const AT_ONCE = 100;
const LATER_MS = 60_000;
/** Keys of Marquee itself, read each time something is signed or verified: counted, they would hide who collects customers' credentials. */
const NOT_COUNTED = new Set(['token_keys.seed', 'signing_keys.seed']);

/** A secret box that counts what it decrypts. */
export interface CountedBox {
  box: SecretBox;
  /** Reports what was not reported yet. */
  flush(): Promise<void>;
}

/**
 * Reports how many secrets are decrypted: who reads many of them at once may be collecting them. Nothing waits for a report, and
 * one that fails is made up for by the next.
 */
export function countDecryptions(box: SecretBox, report: (count: number) => Promise<void>): CountedBox {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  let reporting: Promise<void> = Promise.resolve();
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const reported = count;
    count = 0;
    if (reported > 0) {
      reporting = reporting
        .then(() => report(reported))
        .catch(() => {
          count += reported;
        });
    }
    return reporting;
  };
  return {
    box: {
      ...box,
      async decrypt(envelope, place) {
        const text = await box.decrypt(envelope, place);
        if (NOT_COUNTED.has(place.column)) return text;
        count += 1;
        if (count >= AT_ONCE) void flush();
        else timer ??= setTimeout(() => void flush(), LATER_MS).unref();
        return text;
      },
    },
    flush,
  };
}
