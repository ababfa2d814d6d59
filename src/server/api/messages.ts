import { createRoute, z } from '@hono/zod-openapi';
import { mergeValues, readEventRows } from '@/lib/crm/closing';
import { isHtml, mergeTemplate, textToHtml } from '@/lib/crm/templates';
import { countMail } from '@/lib/identity';
import { requireTenantContext, type TenantContext } from '../context';
import { RequestError } from '../errors';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from './router';
import type { ApiParts } from './services';

const Draft = z.object({
  eventId: Id,
  subject: z.string().max(500),
  body: z
    .string()
    .max(500_000)
    .openapi({ description: 'Text or HTML, with merge fields such as `{{contact.first_name}}`.' }),
});
const Message = Draft.extend({ to: z.email().max(320), subject: z.string().trim().min(1).max(500) });
const Preview = z
  .object({
    to: z.string().nullable().openapi({ description: 'Of the event’s contact, else of its account.' }),
    subject: z.string(),
    content: z.string().openapi({ description: 'Sanitised HTML; what is missing in brackets.' }),
    missing: z.array(z.string()),
  })
  .openapi('MessagePreview');
export type MessageDraft = BodyOf<typeof Draft>;
export type NewMessage = BodyOf<typeof Message>;
export type MessagePreview = AnswerOf<typeof Preview>;
const Queued = z.object({ id: Id, status: z.literal('queued') });

/** `/api/messages`: mails about an event, with merge fields filled in. */
export function messageRoutes(parts: ApiParts) {
  const routes = createRouter(parts);

  const merge = async ({ client }: TenantContext, { eventId, subject, body }: z.infer<typeof Draft>) => {
    const rows = await readEventRows(client, eventId);
    const values = await mergeValues(client, rows);
    const line = mergeTemplate(subject, values, 'text');
    const text = isHtml(body) ? mergeTemplate(body, values, 'html') : mergeTemplate(body, values, 'text');
    return {
      rows,
      to: rows.contact?.email ?? rows.account?.email ?? null,
      subject: line.content,
      content: isHtml(body) ? text.content : textToHtml(text.content),
      missing: [...new Set([...line.missing, ...text.missing])],
    };
  };

  const preview = createRoute({
    method: 'post',
    path: '/preview',
    tags: ['Messages'],
    summary: 'A mail as it would be sent, and which values it lacks.',
    request: { body: jsonBody(Draft) },
    responses: { 200: json(Preview, 'The preview.') },
  });
  routes.openapi(preview, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { rows: _, ...shown } = await merge(caller, context.req.valid('json'));
    return context.json(shown, 200);
  });

  const send = createRoute({
    method: 'post',
    path: '/',
    tags: ['Messages'],
    summary: 'Sends a mail about an event. Refused where values are missing.',
    request: { headers: IdempotencyHeader, body: jsonBody(Message) },
    responses: { 202: json(Queued, 'Kept among the event’s messages, and on its way.') },
  });
  routes.openapi(send, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { to, ...draft } = context.req.valid('json');
    const { rows, subject, content, missing } = await merge(caller, draft);
    if (missing.length > 0) {
      throw new RequestError(
        'message_incomplete',
        `The mail needs ${missing.map((field) => `{{${field}}}`).join(', ')}, which this event does not have.`,
        { hint: 'Fill them in, or write it otherwise.' },
      );
    }
    const { event, contact } = rows;
    const intent = context.get('intent');
    const mail = {
      to,
      subject,
      bodyHtml: content,
      ...(intent ? { key: `message:${intent}` } : {}),
      about: {
        event_id: event.id,
        account_id: event.account_id,
        contact_id: contact?.id ?? null,
        opportunity_id: event.opportunity_id,
      },
    };
    await countMail(parts, caller);
    const queued = await (await mailQueue()).queue(caller.tenant.id, mail, caller.client);
    // Already queued by a process that ended before it stored its answer.
    const id = queued ?? (await queuedBefore(caller, mail.key ?? ''));
    return context.json({ id, status: 'queued' as const }, 202);
  });

  const again = createRoute({
    method: 'post',
    path: '/{id}/retry',
    tags: ['Messages'],
    summary: 'Tries a mail again that could not be sent.',
    request: { params: ById },
    responses: { 202: json(Queued, 'On its way.') },
  });
  routes.openapi(again, async (context) => {
    const caller = await requireTenantContext(context, parts);
    const { id } = context.req.valid('param');
    await countMail(parts, caller);
    if (!(await (await mailQueue()).again(caller.tenant.id, id, caller.client))) {
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
