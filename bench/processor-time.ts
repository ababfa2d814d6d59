// Processor time of this program and all that it has started: unlike throughput, it hardly depends on what else the machine does.
import { readdirSync, readFileSync } from 'node:fs';

/**
 * A clock of the processes that run by now.
 *
 * @returns processor time used so far, microseconds; NaN where the system has no /proc
 */
export function processorClock(): () => number {
  const children = Map.groupBy(processes(), ({ parent }) => parent);
  const ids = [process.pid];
  for (const id of ids) ids.push(...(children.get(id) ?? []).map((child) => child.id));
  return () => (children.size === 0 ? Number.NaN : ids.reduce((sum, id) => sum + timeOf(id), 0));
}

function processes(): { id: number; parent: number }[] {
  return entries('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : '';
    // After the name, which may hold anything, stand state and parent.
    const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return parent === undefined ? [] : [{ id: Number(name), parent: Number(parent) }];
  });
}

/** Of all threads; the system counts nanoseconds. */
function timeOf(id: number): number {
  const threads = entries(`/proc/${id}/task`);
  const spent = threads.map((thread) => textOf(`/proc/${id}/task/${thread}/schedstat`).split(' ')[0]);
  return spent.reduce((sum, nanoseconds) => sum + Number(nanoseconds ?? 0) / 1000, 0);
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Empty where the process has ended. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
