// Compares source and target on demand. This takes as long as reading both, so it is a job. Its result is kept for some days.
import type { Jobs } from '@/lib/operations';
import type { RowDifference } from '@/lib/tenant-data/rows';
import type { MoveDependencies } from '../control/ports';
import { describe } from '../errors';
import { verifyMove } from './verify-move';

const QUEUE = 'move-verification';
const LIMIT_SECONDS = 6 * 3600;
/** How long rows that differ are compared again, ms, since a write may be under way. */
const SETTLE_MS = 3_000;
const MOST_DIFFERENCES = 200;

interface Request {
  moveId: string;
  by: string;
}

interface Result {
  rows: number;
  tables: { table: string; rows: number; differences: number }[];
  /** The first 200. */
  differences: RowDifference[];
  error?: ReturnType<typeof describe>;
}

/** The state of a requested verification. */
export interface VerificationState {
  state: 'waiting' | 'running' | 'done' | 'failed';
  requestedAt: Date;
  requestedBy: string;
  finishedAt: Date | null;
  result: Omit<Result, 'error'> | null;
  error: { code: string; message: string; hint?: string } | null;
}

/** Carries out requested verifications in this process. */
export function startVerifications(dependencies: MoveDependencies, jobs: Jobs): Promise<void> {
  return jobs.runInBackground<Request>({
    name: QUEUE,
    limitSeconds: LIMIT_SECONDS,
    retries: 1,
    concurrency: 2,
    pollingIntervalSeconds: 1,
    async work({ moveId }, { signal }): Promise<Result> {
      try {
        const { rows, tables, differences } = await verifyMove(dependencies, moveId, SETTLE_MS, signal);
        return {
          rows,
          tables: tables.map(({ table, rows: count }) => ({
            ...{ table, rows: count },
            differences: differences.filter((difference) => difference.table === table).length,
          })),
          differences: differences.slice(0, MOST_DIFFERENCES),
        };
      } catch (error) {
        if (signal.aborted) throw error;
        return { rows: 0, tables: [], differences: [], error: describe(error) };
      }
    },
  });
}

/** Requests a comparison of the move's source and target. If one is requested or running, this changes nothing. */
export async function requestVerification(jobs: Jobs, moveId: string, by: string): Promise<void> {
  await jobs.request(QUEUE, { moveId, by }, { key: moveId });
}

/** The last verification that was requested for the move; undefined if there was none. */
export async function readVerification(jobs: Jobs, moveId: string): Promise<VerificationState | undefined> {
  await jobs.start();
  const [job] = await jobs.latest<Request>(QUEUE, { moveId }, 1);
  if (!job) return undefined;
  const states = { created: 'waiting', retry: 'waiting', active: 'running', completed: 'done' } as const;
  const output = job.state === 'completed' ? (job.output as unknown as Result) : undefined;
  const state = job.state in states ? states[job.state as keyof typeof states] : 'failed';
  return {
    state: output?.error ? 'failed' : state,
    ...{ requestedAt: job.createdAt, requestedBy: job.data.by, finishedAt: job.completedAt },
    result: output && !output.error ? output : null,
    error: output?.error ?? null,
  };
}
