import { ApplicationError, type SignedCheckpoint } from '@/lib/application';
import { checkpointKeys, checkpointSinks } from '../audit-settings';
import type { Instance } from '../instance';

const EVERY_MS = 60_000;

export interface CheckpointOptions {
  /** Default a minute. */
  everyMs?: number;
  /** Called with what is wrong where the log is not what was written. */
  chainBroken?: (message: string) => Promise<void>;
}

/**
 * Signs a checkpoint of the audit log each minute in which it has grown. Each process delivers the newest one, whichever
 * process has made it, to its own configured places; what could not be delivered is tried again a minute later.
 *
 * @returns a function that stops it
 */
export function startCheckpoints(
  instance: Instance,
  say: (problem: string) => void,
  { everyMs = EVERY_MS, chainBroken }: CheckpointOptions = {},
): () => Promise<void> {
  const { application, configuration } = instance;
  const sinks = checkpointSinks(configuration).map((sink) => ({ sink, delivered: '' }));
  const deliver = async (signed: SignedCheckpoint) => {
    for (const one of sinks) {
      if (one.delivered === signed.note) continue;
      await one.sink.deliver(signed).then(
        () => {
          one.delivered = signed.note;
        },
        (error: Error) => say(`The checkpoint was not written to ${one.sink.name}: ${error.message}`),
      );
    }
  };
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() =>
      // Read each time: another process may have made the next key.
      checkpointKeys(instance)
        .then(({ signer, verifiers }) =>
          application.audit.checkpoint(signer, verifiers, { actor: 'system:audit' }),
        )
        .then(deliver)
        .catch(async (error: Error) => {
          say(`The audit log was not signed: ${error.message}`);
          if (error instanceof ApplicationError && error.code === 'audit_log_changed')
            await chainBroken?.(error.message);
        })
        .catch((error: Error) => say(`No alert was raised: ${error.message}`)),
    );
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
