// In a process that serves tenants, passes their statements to shadow reads and to the health records of rollouts.
import type { StatementObserver } from '@/lib/data-sources';
import { HealthRecorder } from '../rollout/health';
import { RolloutStore } from '../rollout/rollout-store';
import { ShadowReader } from '../verify/shadow-reads/shadow-reader';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';

const REFRESH_EVERY_MS = 1_000;

/**
 * Repeats reads of tenants whose moves catch up, and counts statements of tenants in rollouts.
 *
 * @param manager the manager whose statements are observed
 * @param onError called if the open moves or rollouts cannot be read; the next attempt follows a second later
 */
export function observeForMoves(
  dependencies: MoveDependencies,
  manager: { observeStatements(observer?: StatementObserver): void },
  onError: (error: unknown) => void = () => {},
): { close(): Promise<void> } {
  const store = new MoveStore(dependencies.operations);
  const shadowReader = new ShadowReader(dependencies);
  const health = new HealthRecorder(new RolloutStore(dependencies.operations), dependencies.operations);
  manager.observeStatements({
    watches: (tenantId) => shadowReader.watches(tenantId) || health.watches(tenantId),
    finished(statement) {
      shadowReader.finished(statement);
      health.finished(statement);
    },
  });
  let refreshing: Promise<void> | undefined;
  const timer = setInterval(() => {
    refreshing ??= Promise.all([
      store.list({ open: true }).then((open) => shadowReader.refresh(open)),
      health.refresh(),
    ])
      .then(() => {})
      .catch(onError)
      .finally(() => {
        refreshing = undefined;
      });
  }, REFRESH_EVERY_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      manager.observeStatements();
      await refreshing;
      await shadowReader.close();
    },
  };
}
