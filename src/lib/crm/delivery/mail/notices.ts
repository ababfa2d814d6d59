import { randomUUID } from 'node:crypto';
import type { TenantClient } from '@/lib/data-sources';
import type { Jobs } from '@/lib/operations';
import { loadSettings } from '../../settings/load';
import { escapeHtml } from '../../templates';
import { MailError } from './errors';
import { renderMail } from './message';
import { type Notice, noticeText } from './notice-words';
import type { MailTransport } from './transport';

const QUEUE = 'notice-mail';
const RETRIES = { policy: 'short', retryLimit: 10, retryDelay: 30, retryBackoff: true, retryDelayMax: 3600 };

/** A person of the tenant who is sent mail. */
export interface Recipient {
  email: string;
  locale: string | null;
}

export interface NoticeMailDependencies {
  jobs: Jobs;
  transport: MailTransport;
  /** Address in `From:`. */
  from: string;
  clientFor(tenantId: string): Promise<TenantClient>;
  /** Undefined for people who cannot sign in. */
  recipient(userId: string): Promise<Recipient | undefined>;
  /** The address of a tenant's web application, without a slash at the end; undefined where it is not configured. */
  addressOf(tenantId: string): Promise<string | undefined>;
  /** Called after each mail that was sent. */
  sent?(tenantId: string): void;
}

/** Mails notices (`tenancy.notices`) to those who want them so: soon after the change, in the reader's language. */
export class NoticeMail {
  constructor(private readonly parts: NoticeMailDependencies) {}

  async start(): Promise<void> {
    await this.#define();
    await this.parts.jobs.work<{ tenantId: string }>(
      QUEUE,
      { pollingIntervalSeconds: 1 },
      async ({ data }) => {
        await this.deliver(data.tenantId);
        return undefined;
      },
    );
  }

  /** A tenant has new notices. */
  async queue(tenantId: string): Promise<void> {
    await this.#define();
    await this.parts.jobs.send(QUEUE, { tenantId }, { singletonKey: tenantId });
  }

  /** Sends every notice that waits. One that the mail server refuses for good is given up, since it is shown by the bell too. */
  async deliver(tenantId: string): Promise<void> {
    const { clientFor, recipient } = this.parts;
    const client = await clientFor(tenantId);
    const { data: notices } = await client.rpc('notices_to_mail').throwOnError();
    if (notices.length === 0) return;
    const look = await loadSettings(client, ['company', 'locale']);
    const address = await this.parts.addressOf(tenantId);
    for (const notice of notices as (Notice & { id: string; user_id: string })[]) {
      const to = await recipient(notice.user_id);
      const sent = to !== undefined && (await this.#send(notice, to, look, address));
      if (sent) this.parts.sent?.(tenantId);
      await client.rpc('notice_mailed', { id: notice.id, sent }).throwOnError();
    }
  }

  async #send(
    notice: Notice & { id: string },
    to: Recipient,
    { company, locale }: Awaited<ReturnType<typeof loadSettings<'company' | 'locale'>>>,
    address: string | undefined,
  ): Promise<boolean> {
    const { from, transport } = this.parts;
    const language = to.locale ?? locale;
    const { title, text, open } = noticeText(notice, language, locale);
    const { email } = notice.subject;
    const page = PAGES[notice.entity_type];
    const url = page ? `${address}/${page}/${notice.entity_id}` : address;
    const action = url ? { action: { label: open, url } } : {};
    const content = {
      subject: title,
      bodyHtml: [title, ...text].map((line) => `<p>${escapeHtml(line).replace(/\n/g, '<br>')}</p>`).join(''),
      ...action,
    };
    const brand = { companyName: company.name, primaryColor: company.primary_color, footer: company.name };
    try {
      await transport.send({
        from: `${JSON.stringify(company.name)} <${from}>`,
        to: to.email,
        // An answer goes to the client who asked.
        ...(email ? { replyTo: email } : {}),
        subject: title,
        ...renderMail(content, { ...brand, language }),
        messageId: `${randomUUID()}@${from.split('@')[1] ?? 'marquee'}`,
      });
      return true;
    } catch (error) {
      if (error instanceof MailError && error.permanent) return false;
      throw error;
    }
  }

  #define(): Promise<void> {
    return this.parts.jobs.start().then(() => this.parts.jobs.defineQueue(QUEUE, RETRIES));
  }
}

/** Where the web application shows a kind of record. */
const PAGES: Record<string, string> = {
  lead: 'leads',
  quote: 'quotes',
  invoice: 'invoices',
  event: 'events',
  opportunity: 'opportunities',
  contact: 'contacts',
  account: 'accounts',
};
