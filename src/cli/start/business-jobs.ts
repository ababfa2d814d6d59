import { randomUUID } from 'node:crypto';
import type { ApplicationDatabase } from '@/lib/application';
import {
  createOutboxTransport,
  createSmtpTransport,
  MailQueue,
  type MailTransport,
  ReturnPaths,
  renderMail,
  startBusinessJobs,
} from '@/lib/crm/delivery/jobs';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { AccountMail, MailCodes, Sessions } from '@/lib/identity';
import type { Instance } from '../instance';

/** Of mails in the service's own name. */
const PRIMARY_COLOR = '#3b5bdb';

export interface Mail {
  queue: MailQueue;
  account: AccountMail;
  transport: MailTransport;
}

/**
 * Mail by `SMTP_URL`; without it mail lies in the outbox, one `.eml` file each.
 *
 * @param outbox directory of the outbox
 */
export function openMail(instance: Instance, manager: DataSourceManager, outbox: string): Mail {
  const { configuration, application, operations, secretBox, tokens } = instance;
  const {
    SMTP_URL,
    MAIL_FROM: from,
    MAIL_REPORT_SECRET: secret,
    MAIL_BOUNCE_DOMAIN: bounceDomain,
  } = configuration;
  const transport = SMTP_URL ? createSmtpTransport(SMTP_URL) : createOutboxTransport(outbox);
  const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
  const returns = secret ? { returnPaths: new ReturnPaths(secret), bounceDomain } : {};
  const queue = new MailQueue({ jobs: operations.jobs, secretBox, transport, from, clientFor, ...returns });
  const account = new AccountMail({
    ...{ application, tokens, jobs: operations.jobs, codes: new MailCodes(operations.pool) },
    async send({ companyName, to, ...content }) {
      const look = { companyName, primaryColor: PRIMARY_COLOR, footer: companyName };
      await transport.send({
        from: `${JSON.stringify(companyName)} <${from}>`,
        to,
        subject: content.subject,
        ...renderMail(content, look),
        messageId: `${randomUUID()}@${from.split('@')[1] ?? 'marquee'}`,
      });
    },
  });
  return { transport, queue, account };
}

/**
 * Starts what happens by itself: mail, reminders, upkeep.
 *
 * @returns ends the mail transport; the jobs end with the operations database
 */
export async function startMailAndJobs(
  instance: Instance,
  manager: DataSourceManager,
  { queue: mail, account, transport }: Mail,
): Promise<() => Promise<void>> {
  const { application, operations } = instance;
  const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
  await startBusinessJobs({
    jobs: operations.jobs,
    mail,
    clientFor,
    activeTenants: () => idsOfActive(application),
    forgetOld: async () => {
      await new Sessions(operations.pool).forgetOld();
      await operations.idempotentRequests.forgetOld();
    },
    emailOf: async (userId) => (await application.users.find(userId))?.email,
  });
  await account.start();
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
