import type { TenantClient } from '@/lib/data-sources';
import type { Jobs } from '@/lib/operations';
import type { RowOf, UpdateOf } from '@/lib/repositories';
import type { SecretBox } from '@/lib/secrets';
import { readClientLink } from '../../client-link';
import { loadBranding } from '../../documents';
import { idOf } from '../../ids';
import { failureOf } from '../../refusals';
import { loadSettings } from '../../settings/load';
import { MailError } from './errors';
import { renderMail } from './message';
import type { NoticeMail } from './notices';
import { type Action, type Attached, type Linked, type OutgoingMail, REMINDER } from './outgoing-mail';
import type { ReturnPaths } from './return-path';
import { actionPlace, MAIL_QUEUE } from './sealed-actions';
import type { MailAttachment, MailTransport } from './transport';

/** Retries over about two days, so that a mail server may be down overnight. */
const RETRIES = { retryLimit: 10, retryDelay: 60, retryBackoff: true, retryDelayMax: 6 * 3600 };

/** What a mail is made of when it is sent. */
type SentRow = Pick<
  RowOf<'communications'>,
  'subject' | 'body' | 'to_address' | 'cc' | 'attached' | 'language'
>;

interface MailJob {
  tenantId: string;
  communicationId: string;
  /** The mail's action, encrypted because its link is a permission and jobs are kept for a week. */
  sealedAction?: string;
}

export interface MailQueueDependencies {
  jobs: Jobs;
  secretBox: SecretBox;
  transport: MailTransport;
  /** Address in `From:`, e.g. `mail@marquee.example`; the company's own address goes into `Reply-To:`. */
  from: string;
  clientFor(tenantId: string): Promise<TenantClient>;
  /** Identifies the mail in its Message-ID, so that reports can be matched. */
  returnPaths?: ReturnPaths;
  /** The domain of return paths, which identify the mail too. */
  bounceDomain?: string | undefined;
  /** Makes and reads what goes with mails. */
  attach?(tenantId: string, attached: readonly Attached[]): Promise<MailAttachment[]>;
  /** The address of the tracking picture, whose request shows that a mail was opened. */
  openedUrl?(tenantId: string, communicationId: string): string | undefined;
  /** Called after each mail that was sent. */
  sent?(tenantId: string): void;
  /** Mails notices to the tenant's own people. */
  notices?: NoticeMail;
}

/** Outgoing mail: queued with the tenant's data, sent by any process, retried after failures. */
export class MailQueue {
  constructor(private readonly parts: MailQueueDependencies) {}

  /** Begins to send what is queued. */
  async start(): Promise<void> {
    const { jobs } = this.parts;
    await jobs.defineQueue(MAIL_QUEUE, RETRIES);
    await jobs.work<MailJob>(MAIL_QUEUE, { concurrency: 2 }, async ({ data, retryCount }) => {
      await this.deliver(data, retryCount >= RETRIES.retryLimit);
      return undefined;
    });
    await this.parts.notices?.start();
  }

  /** A tenant has new notices, which are mailed to those who want that. */
  async notify(tenantId: string): Promise<void> {
    await this.parts.notices?.queue(tenantId);
  }

  /**
   * @param sender the sender's client, whose rights apply; the tenant's service client by default
   * @returns the id in `communications`; undefined where a mail with this key exists
   */
  async queue(tenantId: string, mail: OutgoingMail, sender?: TenantClient): Promise<string | undefined> {
    const client = sender ?? (await this.parts.clientFor(tenantId));
    if (mail.key) {
      const { data } = await client
        .from('communications')
        .select('id')
        .eq('thread_id', mail.key)
        .limit(1)
        .throwOnError();
      if (data.length > 0) return undefined;
    }
    const action = mail.action ?? (await mail.makeAction?.());
    const row = {
      // An id made of the key: of two processes that queue the same mail at once, one succeeds.
      ...(mail.key ? { id: idOf(`${tenantId}:mail:${mail.key}`) } : {}),
      type: 'email',
      direction: 'outbound',
      status: 'queued',
      subject: mail.subject,
      body: mail.bodyHtml,
      to_address: mail.to,
      cc: mail.cc?.length ? mail.cc.join(', ') : null,
      language: mail.language ?? null,
      thread_id: mail.key ?? null,
      ...mail.about,
    };
    const { data, error, status } = await client.from('communications').insert(row).select('id').single();
    if (error?.code === '23505' && mail.key) return undefined;
    if (error) throw failureOf(error, status);
    const attached = [
      ...(mail.attached ?? []).map(({ kind, id }) => ({ kind, id })),
      ...(action?.opens ? [{ kind: LINK, to: action.opens.kind, id: action.opens.id }] : []),
    ];
    if (attached.length > 0) {
      // Only the system writes it, after the sender's rights were checked: what it names is read as the whole tenant.
      const trusted = await this.parts.clientFor(tenantId);
      await trusted.from('communications').update({ attached }).eq('id', data.id).throwOnError();
    }
    const job: MailJob = {
      tenantId,
      communicationId: data.id,
      ...(action ? { sealedAction: await this.#seal(tenantId, action) } : {}),
    };
    await this.parts.jobs.send(MAIL_QUEUE, job).catch(async (error: unknown) => {
      // Remove the row, which has no job: a later attempt makes both.
      const trusted = await this.parts.clientFor(tenantId);
      await trusted.from('communications').delete().eq('id', data.id).throwOnError();
      throw error;
    });
    return data.id;
  }

  /**
   * Queues a failed mail again. Its link is kept nowhere but in its job: where that is gone, or can no longer be read, a new one is made.
   *
   * @param sender whose rights apply
   * @param makeAction makes a button with a new link, in the language of the mail
   * @param to another address
   * @returns false where it did not fail
   * @throws MailError `mail_link_replaced`; what `makeAction` does: the mail stays as it is
   */
  async again(
    tenantId: string,
    communicationId: string,
    sender: TenantClient,
    makeAction: (link: Linked, language: string | null) => Promise<Action>,
    to?: string,
  ): Promise<boolean> {
    const { data: taken } = await sender
      .from('communications')
      .update({ status: 'queued' })
      .eq('id', communicationId)
      .eq('type', 'email')
      .eq('status', 'failed')
      .select('failure_reason, to_address, attached, language, body')
      .throwOnError();
    const [mail] = taken;
    if (!mail) return false;
    const { failure_reason, to_address, attached, language, body } = mail;
    const trusted = await this.parts.clientFor(tenantId);
    const change = (columns: UpdateOf<'communications'>) =>
      trusted.from('communications').update(columns).eq('id', communicationId).throwOnError();
    try {
      await change({ failure_reason: null, ...(to ? { to_address: to } : {}) });
      const job = { tenantId, communicationId };
      const [former] = await this.parts.jobs.latest<MailJob>(MAIL_QUEUE, job, 1);
      const isKept = former && (await this.#isUsable(trusted, former.data));
      const link = isKept ? undefined : linkOf(attached);
      const action = link && (await makeAction(link, language));
      if (action) await change({ body: withLink(body, action.url) });
      const sealed = action ? { sealedAction: await this.#seal(tenantId, action) } : {};
      await this.parts.jobs.send(MAIL_QUEUE, isKept ? former.data : { ...job, ...sealed });
    } catch (error) {
      // First the reason: a mail that fails with another reason is a notice.
      await change({ failure_reason, to_address });
      await change({ status: 'failed' });
      throw error;
    }
    return true;
  }

  /** Sends a queued mail. @param last whether it is the last attempt */
  async deliver(job: MailJob, last: boolean): Promise<void> {
    const { tenantId, communicationId } = job;
    const client = await this.parts.clientFor(tenantId);
    const { data: mail } = await client
      .from('communications')
      .select(
        'id, status, subject, body, to_address, cc, attached, language, thread_id, contact:contacts(email_opt_out), invoice:invoices(next_due_date)',
      )
      .eq('id', communicationId)
      .maybeSingle()
      .throwOnError();
    // Deleted, or sent by an attempt that ended before the queue recorded it.
    if (mail?.status !== 'queued' || !mail.to_address) return;
    // A reminder that waited for the mail server: what it asks for was paid since, or is due on another day.
    const { thread_id: key, invoice } = mail;
    if (invoice && key?.startsWith(REMINDER) && !key.endsWith(`:${invoice.next_due_date}`)) {
      await client.from('communications').delete().eq('id', communicationId).throwOnError();
      return;
    }
    const record = async (change: UpdateOf<'communications'>) => {
      await client.from('communications').update(change).eq('id', communicationId).throwOnError();
    };
    if (mail.contact?.email_opt_out) {
      await record({ status: 'failed', failure_reason: 'The contact has opted out of email.' });
      return;
    }
    if (mail.to_address.endsWith('.invalid')) {
      await record({
        status: 'failed',
        failure_reason:
          'This is a sample client, so nothing was mailed. Give the client your own address to see what arrives.',
      });
      return;
    }
    let messageId: string;
    try {
      messageId = await this.#send(client, job, mail);
    } catch (error) {
      const final = last || (error instanceof MailError && error.permanent);
      if (!final) throw error;
      await record({
        status: 'failed',
        failure_reason: error instanceof Error ? error.message : 'It could not be sent.',
      });
      await this.notify(tenantId);
      return;
    }
    await record({ status: 'sent', occurred_at: new Date().toISOString(), provider_message_id: messageId });
  }

  /** @returns the Message-ID, without angle brackets */
  async #send(
    client: TenantClient,
    { tenantId, communicationId, sealedAction }: MailJob,
    mail: SentRow,
  ): Promise<string> {
    const [{ company, mail_opens }, { companyName, companyLines, primaryColor, logo, locale }] =
      await Promise.all([loadSettings(client, ['company', 'mail_opens']), loadBranding(client)]);
    const action = sealedAction ? { action: await this.#open(tenantId, sealedAction) } : {};
    const openedUrl = mail_opens ? this.parts.openedUrl?.(tenantId, communicationId) : undefined;
    const content = {
      ...{ subject: mail.subject ?? '', bodyHtml: mail.body ?? '', ...action },
      ...(openedUrl ? { openedUrl } : {}),
    };
    const look = {
      companyName,
      primaryColor,
      footer: [companyName, ...companyLines].join(' · '),
      ...(logo ? { logo } : {}),
      language: mail.language ?? locale,
    };
    const { from, returnPaths, bounceDomain } = this.parts;
    const name = returnPaths?.localPart({ tenantId, communicationId }) ?? communicationId;
    const messageId = `${name}@${from.split('@')[1] ?? 'marquee'}`;
    const attached = (mail.attached as unknown as (Attached | LinkNote)[]).filter((one) => one.kind !== LINK);
    const attachments =
      attached.length > 0 ? ((await this.parts.attach?.(tenantId, attached)) ?? []) : undefined;
    await this.parts.transport.send({
      from: `${JSON.stringify(company.name)} <${from}>`,
      to: mail.to_address ?? '',
      ...(mail.cc ? { cc: mail.cc.split(', ') } : {}),
      ...(attachments ? { attachments } : {}),
      ...(company.email ? { replyTo: company.email } : {}),
      subject: content.subject,
      ...renderMail(content, look),
      messageId,
      ...(returnPaths && bounceDomain ? { returnPath: `${name}@${bounceDomain}` } : {}),
    });
    this.parts.sent?.(tenantId);
    return messageId;
  }

  /** Whether a mail can be sent again with the link of its job, if it has one. @throws MailError `mail_link_replaced` */
  async #isUsable(trusted: TenantClient, { tenantId, sealedAction }: MailJob): Promise<boolean> {
    if (!sealedAction) return true;
    const action = await this.#open(tenantId, sealedAction).catch(() => undefined);
    if (action) await refuseReplaced(trusted, action);
    return action !== undefined;
  }

  #seal(tenantId: string, action: Action): Promise<string> {
    return this.parts.secretBox.encrypt(JSON.stringify(action), actionPlace(tenantId));
  }

  async #open(tenantId: string, sealed: string): Promise<Action> {
    return JSON.parse(await this.parts.secretBox.decrypt(sealed, actionPlace(tenantId)));
  }
}

/** Stands among what is attached to a mail with a link: what it opens. */
const LINK = 'link';

interface LinkNote {
  kind: typeof LINK;
  to: Linked['kind'];
  id: string;
}

function linkOf(attached: unknown): Linked | undefined {
  const note = (attached as (Attached | LinkNote)[]).find((one) => one.kind === LINK);
  return note && { kind: note.to, id: note.id };
}

/** A quote and a contract have one link at a time. @throws MailError `mail_link_replaced` */
async function refuseReplaced(trusted: TenantClient, { opens, url }: Action): Promise<void> {
  if (!opens || opens.kind === 'invoice') return;
  const table = opens.kind === 'quote' ? 'quotes' : 'contracts';
  const { data } = await trusted
    .from(table)
    .select('token_hash')
    .eq('id', opens.id)
    .maybeSingle()
    .throwOnError();
  const { hash } = readClientLink(url.slice(url.lastIndexOf('/') + 1));
  if (!data || data.token_hash === hash) return;
  throw new MailError(
    'mail_link_replaced',
    `The ${opens.kind} was sent again since, so the link of this mail no longer opens it.`,
    true,
  );
}

/** A text that names the link of its button, as `{{link}}` does, with the new one. */
function withLink(body: string | null, url: string): string | null {
  const [place = ''] = /\/\w+\/(?=[\w-]+$)/.exec(url) ?? [];
  return place && body ? body.replace(new RegExp(`https?://[^\\s"'<>]+${place}[\\w-]{64}`, 'g'), url) : body;
}
