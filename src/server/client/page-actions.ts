import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { answerDesign, askQuestion, chooseExtras, findLinked, requireShown } from '@/lib/crm/closing';
import { Attachments, THUMBNAIL_SIZES } from '@/lib/crm/storage';
import type { TenantClient } from '@/lib/data-sources';
import { sendFile } from '../api/files';
import {
  type BodyOf,
  createRouter,
  file,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
  PUBLIC,
} from '../api/router';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { ByToken, ByTokenAndId, openLink, Sha256 } from './link';
import { Offer } from './offer-schema';
import { sendReceipt } from './receipt';
import { shownOffer } from './shown-offer';

const Choice = z.object({ lineIds: z.array(Id).max(500), contentSha256: Sha256 });
const Question = z.object({ question: z.string().trim().min(1).max(5000) });
export const DesignAnswer = z.object({
  name: z.string().trim().min(1).max(200),
  comment: z
    .string()
    .trim()
    .min(1)
    .max(5000)
    .optional()
    .openapi({ description: 'What should change. Without it the design is approved.' }),
});
const Done = z.object({ done: z.literal(true) });

/** How large a picture is wanted. */
export const FileSize = z.object({
  size: z.coerce
    .number()
    .pipe(z.literal(THUMBNAIL_SIZES))
    .optional()
    .openapi({
      type: 'integer',
      enum: [...THUMBNAIL_SIZES],
      description: 'Of a thumbnail: the longest side, pixels.',
    }),
});

export type Choice = BodyOf<typeof Choice>;
export type DesignAnswer = BodyOf<typeof DesignAnswer>;

/** Beside accepting and paying, on `/api/client/<token>`: extras, questions, designs, photos, receipts. */
export function pageActionRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);

  const choose = createRoute({
    method: 'put',
    path: '/{token}/extras',
    tags: ['Client’s page'],
    summary: 'Chooses the extras of the quote: exactly these.',
    ...PUBLIC,
    request: { params: ByToken, body: jsonBody(Choice) },
    responses: { 200: json(Offer, 'The offer with its new total and deposit.') },
  });
  routes.openapi(choose, async (context) => {
    const link = await openLink(context, parts, context.req.valid('param').token);
    await chooseExtras(link.client, link.hash, context.req.valid('json'));
    return context.json(await shownOffer(parts, link), 200);
  });

  const ask = createRoute({
    method: 'post',
    path: '/{token}/questions',
    tags: ['Client’s page'],
    summary: 'Asks the company a question.',
    ...PUBLIC,
    request: { params: ByToken, headers: IdempotencyHeader, body: jsonBody(Question) },
    responses: { 201: json(Done, 'The company sees it.') },
  });
  routes.openapi(ask, async (context) => {
    const { client, hash } = await openLink(context, parts, context.req.valid('param').token);
    await askQuestion(client, hash, context.req.valid('json').question);
    return context.json({ done: true as const }, 201);
  });

  const answer = createRoute({
    method: 'post',
    path: '/{token}/designs/{id}',
    tags: ['Client’s page'],
    summary: 'Approves a design, or asks for changes.',
    ...PUBLIC,
    request: { params: ByTokenAndId, body: jsonBody(DesignAnswer) },
    responses: { 200: json(Offer, 'The page with the answer.') },
  });
  routes.openapi(answer, async (context) => {
    const { token, id: designId } = context.req.valid('param');
    const link = await openLink(context, parts, token);
    const { name, comment } = context.req.valid('json');
    await answerDesign(link.client, link.hash, { designId, name, ...(comment ? { comment } : {}) });
    return context.json(await shownOffer(parts, link), 200);
  });

  const shown = createRoute({
    method: 'get',
    path: '/{token}/files/{id}',
    tags: ['Client’s page'],
    summary: 'A photo of a package, or a proof of a design.',
    ...PUBLIC,
    request: {
      params: ByTokenAndId,
      query: FileSize,
    },
    responses: { 200: file('application/octet-stream', 'The file.') },
  });
  routes.openapi(shown, async (context) => {
    const { token, id } = context.req.valid('param');
    const { size } = context.req.valid('query');
    const { client, hash, tenantId } = await openLink(context, parts, token);
    await requireShown(client, hash, id);
    return sendShown(context, parts, { client, tenantId }, id, size);
  });

  const receipt = createRoute({
    method: 'get',
    path: '/{token}/receipts/{id}',
    tags: ['Client’s page'],
    summary: 'The receipt of a payment as PDF.',
    ...PUBLIC,
    request: { params: ByTokenAndId },
    responses: { 200: file('application/pdf', 'The receipt.') },
  });
  routes.openapi(receipt, async (context) => {
    const { token, id } = context.req.valid('param');
    const link = await openLink(context, parts, token);
    const { invoice } = await findLinked(link.client, link.hash);
    return sendReceipt(context, link, invoice?.id, id);
  });
  return routes;
}

/** Sends a file that the page shows, or its thumbnail. */
export async function sendShown(
  context: Context<Environment>,
  parts: ApiDependencies,
  { client, tenantId }: { client: TenantClient; tenantId: string },
  id: string,
  size?: (typeof THUMBNAIL_SIZES)[number],
) {
  const files = new Attachments(client, parts.services.storage, tenantId, async () => client);
  if (size === undefined) return sendFile(context, await files.read(id));
  const content = await files.thumbnail(id, size, context.req.raw.signal);
  return sendFile(context, { name: 'thumbnail.webp', mimeType: 'image/webp', content });
}
