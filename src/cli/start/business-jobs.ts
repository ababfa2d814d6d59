import type { ApplicationDatabase } from '@/lib/application';
import {
  createOutboxTransport,
  createSmtpTransport,
  MailQueue,
  type MailTransport,
  ReturnPaths,
  startBusinessJobs,
} from '@/lib/crm/jobs';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { Instance } from '../instance';

export interface Mail {
  queue: MailQueue;
  transport: MailTransport;
}

/**
 * Mail by `SMTP_URL`; without it mail lies in the outbox, one `.eml` file each.
 *
 * @param outbox directory of the outbox
 */
export function openMail(instance: Instance, manager: DataSourceManager, outbox: string): Mail {
  const { configuration, operations } = instance;
  const {
    SMTP_URL,
    MAIL_FROM: from,
    MAIL_REPORT_SECRET: secret,
    MAIL_BOUNCE_DOMAIN: bounceDomain,
  } = configuration;
  const transport = SMTP_URL ? createSmtpTransport(SMTP_URL) : createOutboxTransport(outbox);
  const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
  const returns = secret ? { returnPaths: new ReturnPaths(secret), bounceDomain } : {};
  const queue = new MailQueue({ jobs: operations.jobs, transport, from, clientFor, ...returns });
  return { transport, queue };
}

/**
 * Starts what happens by itself: mail, reminders, upkeep.
 *
 * @returns ends the mail transport; the jobs end with the operations database
 */
export async function startMailAndJobs(
  instance: Instance,
  manager: DataSourceManager,
  { queue: mail, transport }: Mail,
): Promise<() => Promise<void>> {
  const { application, operations } = instance;
  const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
  await startBusinessJobs({
    jobs: operations.jobs,
    mail,
    clientFor,
    activeTenants: () => idsOfActive(application),
    emailOf: async (userId) => (await application.users.find(userId))?.email,
  });
  return async () => {
    await operations.jobs.stop();
    transport.close();
  };
}

/** Page by page: there may be ten thousand. */
async function idsOfActive({ tenants }: ApplicationDatabase): Promise<string[]> {
  const ids: string[] = [];
  for (let page = await tenants.list({ status: 'active' }); page.length > 0; ) {
    ids.push(...page.map(({ id }) => id));
    const last = page[page.length - 1];
    page = last ? await tenants.list({ status: 'active', after: last }) : [];
  }
  return ids;
}
