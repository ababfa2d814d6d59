import { randomUUID } from 'node:crypto';
import type { ApplicationDatabase } from '@/lib/application';
import { makeAttachments } from '@/lib/crm/correspondence';
import {
  createOutboxTransport,
  createSmtpTransport,
  MailQueue,
  type MailTransport,
  NoticeMail,
  ReturnPaths,
  renderMail,
  startBusinessJobs,
} from '@/lib/crm/delivery/jobs';
import { loadSettings } from '@/lib/crm/settings';
import { Attachments } from '@/lib/crm/storage';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { AccountMail, MailCodes, Sessions } from '@/lib/identity';
import type { Services } from '@/server';
import type { Instance } from '../instance';

/** Color of mails in the service's own name. */
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
 * @param services.storage files that go with mails
 */
export function openMail(
  instance: Instance,
  manager: DataSourceManager,
  outbox: string,
  { storage, openedSecret }: Pick<Services, 'storage' | 'openedSecret'>,
): Mail {
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
  const { jobs } = operations;
  const sent = (tenantId: string) => manager.countUsage(tenantId, { mails: 1 });
  const notices = new NoticeMail({
    ...{ jobs, transport, from, clientFor, sent },
    recipient: async (userId) => {
      const user = await application.users.find(userId);
      return user && user.status !== 'disabled' ? user : undefined;
    },
    addressOf: async (tenantId) => {
      const { PUBLIC_URL: base } = configuration;
      return base && `${base.replace(/\/$/, '')}/t/${(await application.tenants.get(tenantId)).subdomain}`;
    },
  });
  const openedNames = openedSecret ? new ReturnPaths(openedSecret) : undefined;
  const queue = new MailQueue({
    ...{ jobs, secretBox, transport, from, clientFor, sent, notices, ...returns },
    attach: async (tenantId, attached) =>
      makeAttachments(await clientFor(tenantId), storage, tenantId, attached),
    openedUrl: (tenantId, communicationId) => {
      const base = configuration.PUBLIC_URL?.replace(/\/$/, '');
      return (
        base &&
        openedNames &&
        `${base}/mail-opened/${openedNames.localPart({ tenantId, communicationId })}.gif`
      );
    },
  });
  const account = new AccountMail({
    ...{ application, tokens, jobs: operations.jobs, codes: new MailCodes(operations.pool) },
    // Such a mail also goes out while the company's database cannot be reached.
    languageOf: (tenantId) =>
      clientFor(tenantId)
        .then((client) => loadSettings(client, ['locale']))
        .then(
          ({ locale }) => locale,
          () => undefined,
        ),
    async send({ companyName, to, language, tenantId, ...content }) {
      const look = { companyName, primaryColor: PRIMARY_COLOR, footer: companyName, language };
      await transport.send({
        from: `${JSON.stringify(companyName)} <${from}>`,
        to,
        subject: content.subject,
        ...renderMail(content, look),
        messageId: `${randomUUID()}@${from.split('@')[1] ?? 'marquee'}`,
      });
      if (tenantId) sent(tenantId);
    },
  });
  return { transport, queue, account };
}

/**
 * Starts what happens by itself: mail, reminders, upkeep.
 *
 * @returns a function that closes the mail transport; the jobs end with the operations database
 */
export async function startMailAndJobs(
  instance: Instance,
  manager: DataSourceManager,
  { queue: mail, account, transport }: Mail,
  { storage }: Pick<Services, 'storage'>,
): Promise<() => Promise<void>> {
  const { application, operations, configuration } = instance;
  const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
  const base = configuration.PUBLIC_URL?.replace(/\/$/, '');
  await startBusinessJobs({
    ...(base ? { base } : {}),
    jobs: operations.jobs,
    mail,
    clientFor,
    activeTenants: () => idsOfActive(application),
    forgetOld: async () => {
      await new Sessions(operations.pool).forgetOld();
      await operations.idempotentRequests.forgetOld();
    },
    removeFile: async (tenantId, id) => {
      const client = await clientFor(tenantId);
      await new Attachments(client, storage, tenantId, async () => client).remove(id);
    },
    emailOf: async (userId) => (await application.users.find(userId))?.email,
  });
  await account.start();
  return async () => {
    await operations.jobs.stop();
    transport.close();
  };
}

async function idsOfActive({ tenants }: ApplicationDatabase): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of tenants.all({ status: 'active' })) ids.push(id);
  return ids;
}
