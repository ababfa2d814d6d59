import { MarqueeError } from '@/lib/failures';
import { Backoff, pause } from '@/lib/time';

/** Longer than the pause of a move, shorter than browsers wait. */
const PATIENCE_MS = 20_000;

/** Does what may be done twice again while the tenant's database cannot be reached, or its answer is lost. */
export async function retryWhileUnavailable<T>(work: () => Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
  const backoff = new Backoff(200, 2_000);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const mayPass = error instanceof MarqueeError && error.transient;
      if (!mayPass || performance.now() + backoff.nextMs > until) throw error;
      await pause(backoff.next());
    }
  }
}
