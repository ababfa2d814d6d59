import { createRoute, z } from '@hono/zod-openapi';
import { type DealRows, mergeValues } from '@/lib/crm/closing';
import {
  ABOUT_KINDS,
  listAttachable,
  mailColumns,
  readRowsAbout,
  recipientOf,
  rememberAddress,
  suggestMail,
} from '@/lib/crm/correspondence';
import type { Linked } from '@/lib/crm/delivery/jobs';
import { loadSettings } from '@/lib/crm/settings';
import { mergeMailText, mergeTemplate, templateFields } from '@/lib/crm/templates';
import { countMail } from '@/lib/identity';
import { GenericRepository } from '@/lib/repositories';
import { RequestError } from '../../errors';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  Cc,
  createRouter,
  Email,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';
import { makeInvoiceLink } from '../sales/invoice-links';
import { type ApiDependencies, baseUrl } from '../services';
import { remakeButton } from './remade-button';
import { requireValues } from './require-values';

const About = z.object({ kind: z.enum(ABOUT_KINDS), id: Id }).openapi('MessageAbout');
const Attached = z.object({ kind: z.enum(['quote', 'invoice', 'receipt', 'contract', 'file']), id: Id });

const Draft = z.object({
  about: About,
  subject: z.string().max(500),
  body: z
    .string()
    .max(500_000)
    .openapi({ description: 'Text or HTML, with merge fields such as `{{contact.first_name}}`.' }),
});
const Message = Draft.extend({
  to: Email,
  cc: Cc,
  subject: z.string().trim().min(1).max(500),
  attached: z
    .array(Attached)
    .max(10)
    .default([])
    .openapi({ description: 'Of what the preview lists as `attachable`.' }),
  withLink: z.boolean().default(false).openapi({
    description: 'Of an issued invoice: a button to the client’s page of it. Earlier links stay valid.',
  }),
});
const Preview = z
  .object({
    to: z.string().nullable().openapi({ description: 'Of the record’s contact, else of its account.' }),
    isOptedOut: z.boolean().openapi({ description: 'The contact wants no mail: none would be sent.' }),
    language: z.string().openapi({ description: 'Of the recipient, as far as it is known.' }),
    subject: z.string(),
    content: z.string().openapi({ description: 'Sanitized HTML; what is missing in brackets.' }),
    missing: z.array(z.string()),
    attachable: z.array(Attached.extend({ name: z.string() })),
    suggested: z
      .object({ subject: z.string(), body: z.string() })
      .nullable()
      .openapi({ description: 'A text to begin with, in the recipient’s language.' }),
    canLink: z.boolean().openapi({ description: 'Whether the mail may carry a link to the invoice.' }),
  })
  .openapi('MessagePreview');
export type MessageDraft = BodyOf<typeof Draft>;
export type NewMessage = BodyOf<typeof Message>;
export type MessagePreview = AnswerOf<typeof Preview>;
const Retry = z
  .object({
    to: Email.optional(),
    remember: z.boolean().default(false).openapi({
      description: 'Whether the mail’s contact, lead or account gets the address too.',
    }),
  })
  .openapi('MessageRetry');
export type MessageRetry = z.input<typeof Retry>;
const Queued = z.object({ id: Id, status: z.literal('queued') });

const ISSUED = ['sent', 'partially_paid', 'paid'];

/** `/api/messages`: mails about a record, with merge fields filled in. */
export function messageRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);

  /** @param link the client's page, of a record that has one */
  const merge = async (
    { client }: TenantContext,
    { about, subject, body }: z.infer<typeof Draft>,
    link: string,
  ) => {
    const rows = await readRowsAbout(client, about);
    const settings = await loadSettings(client, ['locale', 'timezone', 'payment_instructions']);
    const language = rows.account?.locale ?? settings.locale;
    const values = {
      ...(await mergeValues(client, rows, language)),
      ...(canLink(rows) ? { link } : {}),
    };
    const line = mergeTemplate(subject, values, 'text');
    const text = mergeMailText(body, values);
    return {
      rows,
      language,
      settings,
      subject: line.content,
      content: text.content,
      missing: [...new Set([...line.missing, ...text.missing])],
    };
  };

  const preview = createRoute({
    method: 'post',
    path: '/preview',
    tags: ['Messages'],
    summary: 'A mail as it would be sent, which values it lacks, and what may go with it.',
    request: { body: jsonBody(Draft) },
    responses: { 200: json(Preview, 'The preview.') },
  });
  routes.openapi(preview, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const draft = context.req.valid('json');
    const { rows, settings, ...shown } = await merge(caller, draft, `${baseUrl(context, parts)}/i/…`);
    const attachable = await listAttachable(caller.client, draft.about, rows);
    const isOptedOut = rows.contact?.email_opt_out === true;
    const suggested = draft.about.kind === 'invoice' ? suggestMail(rows, shown.language, settings) : null;
    return context.json(
      { ...shown, to: recipientOf(rows), isOptedOut, attachable, suggested, canLink: canLink(rows) },
      200,
    );
  });

  const send = createRoute({
    method: 'post',
    path: '/',
    tags: ['Messages'],
    summary: 'Sends a mail about a record. Refused where values are missing.',
    request: { headers: IdempotencyHeader, body: jsonBody(Message) },
    responses: { 202: json(Queued, 'Kept among the record’s messages, and on its way.') },
  });
  routes.openapi(send, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { to, cc, attached, withLink, ...draft } = context.req.valid('json');
    const base = baseUrl(context, parts);
    const { rows, missing, language, ...text } = await merge(caller, draft, base);
    requireValues(missing);
    const offered = attached.length > 0 ? await listAttachable(caller.client, draft.about, rows) : [];
    if (attached.some((one) => !offered.some(({ kind, id }) => kind === one.kind && id === one.id))) {
      throw new RequestError('message_incomplete', 'An attachment no longer exists.', {
        hint: 'Choose the attachments again.',
      });
    }
    const idempotencyId = context.get('idempotencyId');
    const queue = await mailQueue();
    await countMail(parts, caller);
    const namesLink = templateFields(`${draft.subject} ${draft.body}`).includes('link');
    const action =
      (withLink || namesLink) && canLink(rows) && rows.invoice
        ? await makeInvoiceLink(caller, rows.invoice, base, language, parts)
        : undefined;
    const { subject, content } = action && namesLink ? await merge(caller, draft, action.url) : text;
    const mail = {
      ...{ to, cc, subject, attached, language, bodyHtml: content, about: mailColumns(rows) },
      ...(withLink && action ? { action } : {}),
      ...(idempotencyId ? { key: `message:${idempotencyId}` } : {}),
    };
    const queued = await queue.queue(caller.tenant.id, mail, caller.client);
    // Already queued by a process that ended before it stored its answer.
    const id = queued ?? (await queuedBefore(caller, mail.key ?? ''));
    return context.json({ id, status: 'queued' as const }, 202);
  });

  const again = createRoute({
    method: 'post',
    path: '/{id}/retry',
    tags: ['Messages'],
    summary: 'Tries a mail again that could not be sent, to another address if one is given.',
    description:
      'If its link is not kept any more, a new one is made; that of a quote or contract ends the one before.',
    request: { params: ById, headers: IdempotencyHeader, body: jsonBody(Retry) },
    responses: { 202: json(Queued, 'On its way.') },
  });
  routes.openapi(again, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { id } = context.req.valid('param');
    const { to, remember } = context.req.valid('json');
    const queue = await mailQueue();
    await countMail(parts, caller);
    const mail =
      to && remember ? await new GenericRepository(caller.client, 'communications').find(id) : undefined;
    // Before the mail is changed, since the address may be refused.
    if (to && mail?.status === 'failed') await rememberAddress(caller.client, mail, to);
    const base = baseUrl(context, parts);
    const button = (link: Linked, language: string | null) =>
      remakeButton(caller, link, language, base, parts);
    if (!(await queue.again(caller.tenant.id, id, caller.client, button, to))) {
      throw new RequestError('message_not_failed', 'There is no such mail that could not be sent.');
    }
    return context.json({ id, status: 'queued' as const }, 202);
  });

  const mailQueue = () => {
    if (parts.services.mail) return parts.services.mail();
    throw new RequestError('mail_not_set_up', 'Mail is not set up here.', {
      hint: 'Ask the operator of the service.',
    });
  };

  const queuedBefore = async ({ client }: TenantContext, thread: string): Promise<string> => {
    const { data } = await client
      .from('communications')
      .select('id')
      .eq('thread_id', thread)
      .single()
      .throwOnError();
    return data.id;
  };

  return routes;
}

function canLink({ invoice }: DealRows): boolean {
  return invoice !== undefined && ISSUED.includes(invoice.status);
}
