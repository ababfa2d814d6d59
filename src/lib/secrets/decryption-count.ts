import type { SecretBox } from './envelope';

/** A hundred decryptions are reported immediately, fewer after a minute or on close. */
const AT_ONCE = 100;
const LATER_MS = 60_000;
/** Marquee's own keys are decrypted whenever it signs or verifies. If they were counted, they would hide mass reading of customers' credentials. */
const NOT_COUNTED = new Set(['token_keys.seed', 'signing_keys.seed']);

/** A secret box that counts its decryptions. */
export interface CountedBox {
  box: SecretBox;
  /** Reports the decryptions that were not reported yet. */
  flush(): Promise<void>;
}

/**
 * Reports how many secrets are decrypted: a process that decrypts many at once may be collecting them. Decryption does not wait for a
 * report, and the count of a failed report is added to the next one.
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
