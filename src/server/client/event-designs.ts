import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { answerDesignOf, loadCompanyLook, readDesigns } from '@/lib/crm/closing';
import { type AnswerOf, createRouter, file, json, jsonBody, PUBLIC } from '../api/router';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import { ByToken, ByTokenAndId, guardLinks, openLink } from './link';
import { CompanyLook, PageDesign } from './offer-schema';
import { DesignAnswer, FileSize, sendShown } from './page-actions';

const DesignsPage = z
  .object({
    company: CompanyLook,
    title: z.string(),
    date: z.iso.date().nullable().openapi({ description: 'The event’s first day.' }),
    designs: z.array(PageDesign),
  })
  .openapi('DesignsPage');
export type DesignsPage = AnswerOf<typeof DesignsPage>;

/** `/api/client/events/<token>`: the designs of an event, which its client approves. The link is the permission. */
export function clientEventRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  routes.use(guardLinks());

  const find = async (context: Context<Environment>, token: string) => {
    const link = await openLink(context, parts, token);
    const { data: event } = await link.client
      .from('events')
      .select('id,title,start_date')
      .eq('portal_token_hash', link.hash)
      .is('deleted_at', null)
      .neq('status', 'cancelled')
      .maybeSingle()
      .throwOnError();
    if (!event) throw new RequestError('link_unknown', 'This link no longer opens anything.');
    return { ...link, event };
  };

  const show = async ({ client, event }: Awaited<ReturnType<typeof find>>): Promise<DesignsPage> => {
    const [company, designs] = await Promise.all([loadCompanyLook(client), readDesigns(client, event.id)]);
    return { company, title: event.title, date: event.start_date, designs };
  };

  const read = createRoute({
    method: 'get',
    path: '/{token}',
    tags: ['Client’s page'],
    summary: 'The designs of an event.',
    ...PUBLIC,
    request: { params: ByToken },
    responses: { 200: json(DesignsPage, 'What the client is shown.') },
  });
  routes.openapi(read, async (context) =>
    context.json(await show(await find(context, context.req.valid('param').token)), 200),
  );

  const answer = createRoute({
    method: 'post',
    path: '/{token}/designs/{id}',
    tags: ['Client’s page'],
    summary: 'Approves a design of the event, or asks for changes.',
    ...PUBLIC,
    request: { params: ByTokenAndId, body: jsonBody(DesignAnswer) },
    responses: { 200: json(DesignsPage, 'The page with the answer.') },
  });
  routes.openapi(answer, async (context) => {
    const { token, id: designId } = context.req.valid('param');
    const found = await find(context, token);
    const { name, comment } = context.req.valid('json');
    await answerDesignOf(found.client, found.event.id, { designId, name, ...(comment ? { comment } : {}) });
    return context.json(await show(found), 200);
  });

  const proof = createRoute({
    method: 'get',
    path: '/{token}/files/{id}',
    tags: ['Client’s page'],
    summary: 'A proof of a design of the event.',
    ...PUBLIC,
    request: { params: ByTokenAndId, query: FileSize },
    responses: { 200: file('application/octet-stream', 'The file.') },
  });
  routes.openapi(proof, async (context) => {
    const { token, id } = context.req.valid('param');
    const found = await find(context, token);
    const designs = await readDesigns(found.client, found.event.id);
    if (!designs.some(({ proofs }) => proofs.some((one) => one.id === id)))
      throw new RequestError('not_found', 'There is no such file.');
    return sendShown(context, parts, found, id, context.req.valid('query').size);
  });
  return routes;
}
