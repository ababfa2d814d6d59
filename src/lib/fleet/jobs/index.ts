// What an operator does with background jobs.
import type { ApplicationDatabase, Author } from '@/lib/application';
import type { ListedJob, OperationsDatabase } from '@/lib/operations';

/**
 * Retries or cancels a job; recorded in the audit log.
 *
 * @param id or its beginning
 * @throws OperationsError `job_unknown`, `job_ended`, `job_running`
 */
export async function decideJob(
  {
    application,
    operations: { jobs },
  }: { application: ApplicationDatabase; operations: Pick<OperationsDatabase, 'jobs'> },
  command: 'retry' | 'cancel',
  id: string,
  by?: Author,
): Promise<ListedJob> {
  await jobs.start();
  const job = await (command === 'retry' ? jobs.retry(id) : jobs.abort(id));
  const details = { queue: job.queue };
  await application.audit.append(
    { action: `jobs.${command}`, entity: 'jobs', entityId: job.id, details },
    by,
  );
  return job;
}

/** A job without what it carries encrypted, which is of no use to a reader. */
export function shownJob(job: ListedJob): ListedJob {
  const hide = (value: unknown): unknown =>
    typeof value === 'string' && value.startsWith('mq1.') ? '(encrypted)' : value;
  return { ...job, data: JSON.parse(JSON.stringify(job.data ?? {}, (_, value) => hide(value))) };
}
