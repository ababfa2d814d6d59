import PostalMime, { type Attachment } from 'postal-mime';
import type { TenantClient } from '@/lib/data-sources';

/** A provider's or mail server's report about a mail. */
export interface MailReport {
  type: 'bounced' | 'delivered' | 'complained';
  /** For the company's staff. */
  reason?: string;
}

/** What enhanced status codes mean (RFC 3463), the more exact first. */
const MEANINGS: [status: RegExp, words: string][] = [
  [/^\d\.1\.[123]$/, 'There is no such mailbox'],
  [/^\d\.1\.2$|^\d\.4\.[46]$/, 'There is no such mail server'],
  [/^\d\.2\.1$/, 'The mailbox is closed'],
  [/^\d\.2\.2$/, 'The mailbox is full'],
  [/^\d\.3\.4$/, 'The mail is too large for the recipient'],
  [/^\d\.7\./, 'The recipient’s mail server refused the mail'],
  [/^4\./, 'The recipient’s mail server did not take it for days'],
];

/**
 * Reads a mail that says what became of another: a delivery status notification (RFC 3464, RFC 6533), or a report of
 * abuse (RFC 5965).
 *
 * @returns undefined where the report is not final: an automatic answer, a delay, a mail that cannot be parsed
 */
export async function readDeliveryStatus(mail: string): Promise<MailReport | undefined> {
  const { attachments = [] } = (await parseMail(mail)) ?? {};
  const part = (type: RegExp) => attachments.find(({ mimeType }) => type.test(mimeType))?.content;
  const feedback = part(/^message\/feedback-report$/);
  if (feedback) {
    const [{ 'feedback-type': type } = {}] = await readGroups(feedback);
    return type?.toLowerCase() === 'abuse' ? { type: 'complained' } : undefined;
  }
  const status = part(/^message\/(global-)?delivery-status$/);
  for (const fields of status ? await readGroups(status) : []) {
    const action = fields.action?.toLowerCase();
    if (action === 'delivered') return { type: 'delivered' };
    if (action === 'failed') return { type: 'bounced', reason: reasonOf(fields) };
  }
  return undefined;
}

/** Undefined where the mail is nested too deep, or its headers are too long. */
function parseMail(mail: string) {
  return PostalMime.parse(mail, { attachmentEncoding: 'utf8' }).catch(() => undefined);
}

/** The groups of fields of a report, about the mail and about each recipient. Names are in lower case. */
function readGroups(report: Attachment['content']): Promise<Record<string, string>[]> {
  const groups = String(report)
    .trim()
    .split(/(?:\r?\n[ \t]*){2,}/);
  return Promise.all(
    groups.map(async (group) => {
      // A group is written like the header of a mail.
      const { headers = [] } = (await parseMail(`${group}\r\n\r\n`)) ?? {};
      return Object.fromEntries(headers.map(({ key, value }) => [key, value]));
    }),
  );
}

function reasonOf(fields: Record<string, string>): string {
  const code = /\d\.\d{1,3}\.\d{1,3}/.exec(fields.status ?? '')?.[0] ?? '';
  const said = fields['diagnostic-code']?.replace(/^[\w-]+;\s*/, '').slice(0, 300);
  const meaning = MEANINGS.find(([pattern]) => pattern.test(code))?.[1] ?? 'It could not be delivered';
  return `${meaning}${code && ` (${code})`}.${said ? ` The server said: ${said}` : ''}`;
}

/** Records a report about a sent mail. Reports may be repeated or late: a recorded failure stays. */
export async function recordReport(
  client: TenantClient,
  communicationId: string,
  { type, reason }: MailReport,
): Promise<void> {
  if (type === 'complained') return stopMail(client, communicationId);
  const change =
    type === 'delivered'
      ? { status: 'delivered' }
      : { status: 'failed', failure_reason: reason ?? 'It could not be delivered.' };
  await client
    .from('communications')
    .update(change)
    .eq('id', communicationId)
    .in('status', type === 'delivered' ? ['sent'] : ['sent', 'delivered'])
    .throwOnError();
}

/** A recipient who reports spam gets no more mail. */
async function stopMail(client: TenantClient, communicationId: string): Promise<void> {
  const { data } = await client
    .from('communications')
    .update({ failure_reason: 'The recipient reported it as spam and gets no more mail.' })
    .eq('id', communicationId)
    .select('contact_id')
    .maybeSingle()
    .throwOnError();
  if (!data?.contact_id) return;
  await client.from('contacts').update({ email_opt_out: true }).eq('id', data.contact_id).throwOnError();
}
