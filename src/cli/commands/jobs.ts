import { Command, Option } from 'commander';
import { decideJob, shownJob } from '@/lib/fleet/jobs';
import type { ListedJob } from '@/lib/operations';
import { wholeNumber } from '../given-values';
import { withInstance } from '../instance';
import { printJson, printRecord, printRows } from '../output';

interface Options {
  json?: boolean;
  queue?: string;
  state?: string;
  limit?: number;
}

const STATES = ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'];

export const jobsCommand = new Command('jobs');

jobsCommand
  .command('list')
  .description('List jobs, the latest first')
  .option('--queue <name>', 'only of this queue')
  .addOption(new Option('--state <state>', 'only in this state').choices(STATES))
  .option('--limit <n>', 'how many at most (50)', wholeNumber(1, 1_000))
  .option('--json', 'print JSON')
  .action(({ json, queue, state, limit }: Options) =>
    withInstance(async ({ operations }) => {
      const jobs = await operations.jobs.history.list({ queue, state, limit });
      if (json) return printJson(jobs.map(shownJob));
      const rows = jobs.map((job) => ({
        id: job.id,
        queue: job.queue,
        state: job.state,
        attempts: job.attempts,
        created: job.createdAt,
        ended: job.completedAt,
        problem: problemOf(job),
      }));
      printRows(rows, false, 'There are no such jobs.');
    }),
  );

jobsCommand
  .command('queues')
  .description('List the queues: their schedules, and how many of their jobs wait, run and failed')
  .option('--json', 'print JSON')
  .action(({ json }: Options) =>
    withInstance(async ({ operations }) => {
      const queues = await operations.jobs.history.queues();
      printRows(
        queues.map((queue) => ({ ...queue })),
        json,
        'No process has started the job queue yet.',
      );
    }),
  );

jobsCommand
  .command('show <job>')
  .description('Show a job with its data and its result, by its id or the beginning of it')
  .option('--json', 'print JSON')
  .action((id: string, { json }: Options) =>
    withInstance(async ({ operations }) => printRecord({ ...shownJob(await operations.jobs.get(id)) }, json)),
  );

for (const [name, description] of [
  ['retry', 'Retry a job that failed or was cancelled'],
  ['cancel', 'Cancel a job that waits or runs'],
] as const) {
  jobsCommand
    .command(`${name} <job>`)
    .description(description)
    .option('--json', 'print JSON')
    .action((id: string, { json }: Options) =>
      withInstance(async (instance) =>
        printRecord({ ...shownJob(await decideJob(instance, name, id)) }, json),
      ),
    );
}

function problemOf({ state, output }: ListedJob): unknown {
  return state === 'failed' || state === 'retry' ? (output?.message ?? null) : null;
}
