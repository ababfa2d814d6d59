import type { TenantClient } from '@/lib/data-sources';
import type { Jobs } from '@/lib/operations';
import { makeInvoiceButton } from '../../closing';
import { localTime } from '../../dates';
import { loadSettings } from '../../settings/load';
import type { MailQueue } from '../mail/queue';
import { findReminders, type InvoiceButton } from '../mail/reminders';

export { renderMail } from '../mail/message';
export { NoticeMail } from '../mail/notices';
export type { Action, Attached, Linked, OutgoingMail } from '../mail/outgoing-mail';
export { MailQueue } from '../mail/queue';
export { ReturnPaths } from '../mail/return-path';
export {
  createOutboxTransport,
  createSmtpTransport,
  type MailAttachment,
  type MailTransport,
} from '../mail/transport';

export interface BusinessJobsDependencies {
  jobs: Jobs;
  mail: MailQueue;
  /** Ids of the tenants that are active now. */
  activeTenants(): Promise<string[]>;
  clientFor(tenantId: string): Promise<TenantClient>;
  /** A user's address, by id. */
  emailOf(userId: string): Promise<string | undefined>;
  /** The address of this server for clients, without a slash at the end; without it reminders have no button. */
  base?: string;
  /** Removes expired rows: ended sessions, answers to idempotent requests. */
  forgetOld(): Promise<void>;
  /** Deletes an attachment: its row and its file. */
  removeFile(tenantId: string, attachmentId: string): Promise<void>;
  now?: () => Date;
}

const UPKEEP = 'upkeep';
const REMINDERS = 'reminders';

/**
 * Scheduled work for every tenant: each quarter of an hour, holds and quotes expire; each hour, tenants whose local hour of
 * reminders has come get those not sent that day. A failing tenant does not stop the others.
 */
export async function startBusinessJobs(parts: BusinessJobsDependencies): Promise<void> {
  const { jobs } = parts;
  await jobs.start();
  await parts.mail.start();
  for (const [queue, cron, work] of [
    [UPKEEP, '*/15 * * * *', runUpkeep],
    [REMINDERS, '5 * * * *', runReminders],
  ] as const) {
    await jobs.defineQueue(queue, { retryLimit: 2, retryDelay: 60 });
    await jobs.schedule(queue, cron);
    await jobs.work(queue, { pollingIntervalSeconds: 30 }, async () => ({ failed: await work(parts) }));
  }
}

/**
 * Expires holds and quotes, removes expired rows and what is archived for more than 30 days, adds up months of reports, ends mails that
 * wait for nothing, mails notices that wait.
 *
 * @returns ids of tenants that could not be reached
 */
export async function runUpkeep(
  parts: Pick<BusinessJobsDependencies, 'activeTenants' | 'clientFor' | 'forgetOld' | 'removeFile'> &
    Partial<Pick<BusinessJobsDependencies, 'mail'>>,
): Promise<string[]> {
  await parts.forgetOld();
  return forEachTenant(parts, async (client, tenantId) => {
    await client.rpc('expire_holds').throwOnError();
    await client.rpc('expire_quotes').throwOnError();
    const { data: files } = await client.rpc('expired_files').throwOnError();
    for (const id of files as unknown as string[]) await parts.removeFile(tenantId, id);
    await client.rpc('purge_archive').throwOnError();
    await client.rpc('forget_notices').throwOnError();
    await addUpReports(client);
    await endLostMails(client);
    // Notices of changes after which no process queued the mails.
    const { data: areWaiting } = await client.rpc('notices_wait', undefined, { get: true }).throwOnError();
    if (areWaiting) await parts.mail?.notify(tenantId);
  });
}

/** Longer than a mail is retried, and the oldest mails that are looked at. */
const [RETRIED_DAYS, SEEN_DAYS] = [3, 30];

/** A mail that is still queued has lost its job, as when a process was killed before it made one: its sender hears that it failed. */
async function endLostMails(client: TenantClient): Promise<void> {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  await client
    .from('communications')
    .update({ status: 'failed', failure_reason: `It was not sent within ${RETRIED_DAYS} days.` })
    .eq('type', 'email')
    .eq('direction', 'outbound')
    .eq('status', 'queued')
    .lt('updated_at', daysAgo(RETRIED_DAYS))
    .gt('occurred_at', daysAgo(SEEN_DAYS))
    .lt('occurred_at', daysAgo(RETRIED_DAYS))
    .throwOnError();
}

/** Ten years of a large company take about seven times. */
const MOST_TIMES = 15;

async function addUpReports(client: TenantClient): Promise<void> {
  for (let times = 0; times < MOST_TIMES; times += 1) {
    const { data: monthsLeft } = await client.rpc('add_up_reports').throwOnError();
    if (monthsLeft === 0) return;
  }
}

/** Queues the reminders of tenants whose hour it is. @returns ids of tenants that could not be reached */
export function runReminders(
  parts: Omit<BusinessJobsDependencies, 'forgetOld' | 'removeFile'>,
): Promise<string[]> {
  const now = parts.now?.() ?? new Date();
  return forEachTenant(parts, async (client, tenantId) => {
    const { reminders, timezone } = await loadSettings(client, ['reminders', 'timezone']);
    const local = localTime(timezone, now);
    // From that hour on: it may be skipped (daylight saving), or no process ran then. Each reminder is sent once.
    if (local.hour < reminders.hour) return;
    const { base } = parts;
    const button: InvoiceButton | undefined = base
      ? (id, language) => makeInvoiceButton(client, tenantId, id, { base, language })
      : undefined;
    for (const mail of await findReminders(client, local.date, parts.emailOf, button))
      await parts.mail.queue(tenantId, mail);
  });
}

async function forEachTenant(
  parts: Pick<BusinessJobsDependencies, 'activeTenants' | 'clientFor'>,
  work: (client: TenantClient, tenantId: string) => Promise<void>,
): Promise<string[]> {
  const failed: string[] = [];
  for (const tenantId of await parts.activeTenants()) {
    try {
      await work(await parts.clientFor(tenantId), tenantId);
    } catch {
      // The tenant's database is unreachable or being moved: the next run retries.
      failed.push(tenantId);
    }
  }
  return failed;
}
