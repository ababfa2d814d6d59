import type { DataSourceManager } from '@/lib/data-sources/manager';
import { startHealthJobs, startMonitor } from '@/lib/fleet/health';
import type { Instance } from '../instance';

/**
 * Probes the data sources, together with the other processes, and thins the history once among them all.
 *
 * @param channels names of the channels that alerts are sent by
 * @returns a function that stops it; other processes take over at once
 */
export async function startHealth(
  { operations }: Instance,
  manager: DataSourceManager,
  channels: readonly string[],
  say: (problem: string) => void,
): Promise<() => Promise<void>> {
  const stop = startMonitor({ operations, channels, circuits: () => manager.openCircuits() }, { say });
  await startHealthJobs(operations, channels);
  return stop;
}
