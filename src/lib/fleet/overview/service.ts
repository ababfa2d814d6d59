import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { counts, type Findings, type Item } from './part';
import { inState, saying, that } from './words';

interface Databases {
  application: Pick<ApplicationDatabase, 'ping'>;
  operations: Pick<OperationsDatabase, 'ping' | 'processes'>;
}

/** Marquee's own databases and processes. */
export async function readService({ application, operations }: Databases): Promise<Findings> {
  const databases = await Promise.all([
    database('application', () => application.ping()),
    database('operations', () => operations.ping()),
  ]);
  const processes = await operations.processes.list().catch(() => []);
  const byRole: Record<string, number> = {};
  for (const { role } of processes) byRole[role] = (byRole[role] ?? 0) + 1;
  const none: Item[] =
    processes.length > 0 || databases.some(({ level }) => level === 'bad')
      ? []
      : [
          {
            ...{ level: 'bad', subject: 'server' },
            ...saying(inState('not_running'), that('no_process')),
            ...{ next: 'marquee start', values: { processes: 0 } },
          },
        ];
  return { summary: `processes: ${counts(byRole)}`, items: [...databases, ...none] };
}

async function database(name: string, ping: () => Promise<void>): Promise<Item> {
  const problem = await ping().then(
    () => null,
    (error: Error) => error.message,
  );
  return {
    level: problem === null ? 'ok' : 'bad',
    subject: `${name} database`,
    ...saying(inState(problem === null ? 'reachable' : 'unreachable'), that('text', { text: problem ?? '' })),
    next: 'marquee doctor',
    values: { database: name, problem },
  };
}
