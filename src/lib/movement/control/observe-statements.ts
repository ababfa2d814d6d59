// What a process that serves tenants does for moves besides serving: it sees their statements.
import type { StatementObserver } from '@/lib/data-sources';
import { HealthRecorder } from '../rollout/health';
import { RolloutStore } from '../rollout/rollout-store';
import { DarkReader } from '../verify/shadow-reads/shadow-reader';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';

const LOOK_EVERY_MS = 1_000;

/**
 * Compares reads of tenants whose moves catch up, and counts how the tenants of rollouts fare.
 *
 * @param manager whose statements are looked at
 * @param onError told what kept it from looking; it goes on
 */
export function observeForMoves(
  dependencies: MoveDependencies,
  manager: { observeStatements(observer?: StatementObserver): void },
  onError: (error: unknown) => void = () => {},
): { close(): Promise<void> } {
  const store = new MoveStore(dependencies.operations);
  const darkReader = new DarkReader(dependencies);
  const health = new HealthRecorder(new RolloutStore(dependencies.operations), dependencies.operations);
  manager.observeStatements({
    watches: (tenantId) => darkReader.watches(tenantId) || health.watches(tenantId),
    finished(statement) {
      darkReader.finished(statement);
      health.finished(statement);
    },
  });
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= Promise.all([store.list({ open: true }).then((open) => darkReader.look(open)), health.look()])
      .then(() => {})
      .catch(onError)
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      manager.observeStatements();
      await looking;
      await darkReader.close();
    },
  };
}
