import { createRoute, z } from '@hono/zod-openapi';
import { type Context, Hono } from 'hono';
import type { User } from '@/lib/application';
import {
  type CalendarFeed,
  calendarFeed,
  createFeed,
  type FeedSubject,
  findFeed,
  listFeeds,
  loadBusyTimes,
  loadEntries,
  renewFeed,
} from '@/lib/crm/calendar';
import { readClientLink } from '@/lib/crm/closing';
import { GenericRepository } from '@/lib/repositories';
import type { Environment } from '../../context';
import { RequestError } from '../../errors';
import { refuseInactive, requireTenantContext } from '../../tenant-context';
import { limitByAddress } from '../rate-limit';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';
import { type ApiDependencies, baseUrl } from '../services';

const Feed = z
  .object({
    id: Id,
    name: z.string(),
    subject: z.object({ kind: z.enum(['user', 'booth']), id: Id }),
    detail: z.enum(['full', 'busy']),
    createdAt: z.string(),
  })
  .openapi('CalendarFeed');

const NewFeed = z.object({
  name: z.string().trim().min(1).max(100),
  /** Without one: the caller's own shifts. */
  boothId: Id.optional(),
  detail: z.enum(['full', 'busy']).default('full'),
});

const OpenedFeed = Feed.extend({ url: z.url() });
const Feeds = z.object({ feeds: z.array(Feed) });
export type CalendarFeedAnswer = AnswerOf<typeof Feed>;
export type CalendarFeeds = AnswerOf<typeof Feeds>;
/** With its secret address, which is shown once. */
export type OpenedFeed = AnswerOf<typeof OpenedFeed>;
export type NewFeed = BodyOf<typeof NewFeed>;

/** `/api/calendar-feeds`: calendars for other programs, each at a secret address. */
export function calendarFeedRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const addressOf = (context: Context<Environment>, token: string) =>
    `${baseUrl(context, parts)}/calendar/${token}.ics`;

  const add = createRoute({
    method: 'post',
    path: '/',
    tags: ['Calendars'],
    summary: 'Makes a calendar of the caller’s own shifts, or of a booth.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewFeed) },
    responses: { 201: json(OpenedFeed, 'Its address is shown once.') },
  });
  routes.openapi(add, async (context) => {
    const { client, tenant, user } = await requireTenantContext(context, parts);
    const { name, boothId, detail } = context.req.valid('json');
    const subject: FeedSubject = boothId ? { kind: 'booth', id: boothId } : { kind: 'user', id: user.id };
    const made = await createFeed(client, { tenantId: tenant.id, ownerId: user.id, name, subject, detail });
    return context.json({ ...describe(made.feed), url: addressOf(context, made.token) }, 201);
  });

  const renew = createRoute({
    method: 'post',
    path: '/{id}/renew',
    tags: ['Calendars'],
    summary: 'Gives a calendar a new secret address; the previous one stops working.',
    request: { params: ById, headers: IdempotencyHeader },
    responses: { 200: json(OpenedFeed, 'Its address is shown once.') },
  });
  routes.openapi(renew, async (context) => {
    const { client, tenant } = await requireTenantContext(context, parts);
    const made = await renewFeed(client, tenant.id, context.req.valid('param').id);
    return context.json({ ...describe(made.feed), url: addressOf(context, made.token) }, 200);
  });

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Calendars'],
    summary: 'The caller’s own calendars.',
    responses: { 200: json(Feeds, 'The calendars.') },
  });
  routes.openapi(list, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    return context.json({ feeds: (await listFeeds(client)).map(describe) }, 200);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Calendars'],
    summary: 'Deletes a calendar: its address stops working.',
    request: { params: ById },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(remove, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    await new GenericRepository(client, 'saved_views').delete(context.req.valid('param').id);
    return context.body(null, 204);
  });

  const freeBusy = createRoute({
    method: 'get',
    path: '/free-busy',
    tags: ['Calendars'],
    summary: 'When a booth, or the caller, is busy on some days of the company’s calendar.',
    request: { query: z.object({ boothId: Id.optional(), from: z.iso.date(), to: z.iso.date() }) },
    responses: {
      200: json(
        z.object({ busy: z.array(z.object({ start: z.string(), end: z.string() })) }),
        'Busy periods; adjacent ones are merged.',
      ),
    },
  });
  routes.openapi(freeBusy, async (context) => {
    const { client, user } = await requireTenantContext(context, parts);
    const { boothId, from, to } = context.req.valid('query');
    const subject: FeedSubject = boothId ? { kind: 'booth', id: boothId } : { kind: 'user', id: user.id };
    const busy = await loadBusyTimes(client, subject, { from, to });
    return context.json({ busy }, 200);
  });
  return routes;
}

/** Per minute and address: many calendar programs behind one address, each polling a few times an hour. */
const REQUESTS = 120;
const FEED_SESSION_SECONDS = 60;

/** `/calendar/<token>.ics`: what calendar programs subscribe to. The address is the permission. */
export function calendarPages(parts: ApiDependencies): Hono<Environment> {
  const pages = new Hono<Environment>();
  const clientOf = async (user: User, tenantId: string) => {
    const accessToken = await parts.signIn.signToken(user, FEED_SESSION_SECONDS);
    return parts.manager.getClientForTenant(tenantId, false, { accessToken });
  };
  pages.get('/:file{.+\\.ics}', limitByAddress(REQUESTS), async (context) => {
    const { tenantId, hash } = readClientLink(context.req.param('file').slice(0, -'.ics'.length));
    const tenant = await parts.application.tenants.find(tenantId);
    if (!tenant) throw new RequestError('link_unknown', 'This calendar no longer exists.');
    refuseInactive(tenant);
    const client = await parts.manager.getClientForTenant(tenantId, true);
    const feed = await findFeed(client, hash);
    const owner = await parts.application.users.find(feed.ownerId);
    if (owner?.status !== 'active' || owner.tenantId !== tenantId) {
      throw new RequestError('link_unknown', 'This calendar no longer exists.');
    }
    const { subject, ownerId } = feed;
    // A user's own shifts, also cancelled ones. Of a booth, what the owner's role may see, even if the feed's row was written by other means.
    const reader =
      subject.kind === 'user' && subject.id === ownerId ? client : await clientOf(owner, tenantId);
    const text = calendarFeed(feed.name, await loadEntries(reader, subject), feed.detail);
    return context.body(text, 200, {
      'content-type': 'text/calendar; charset=utf-8',
      'cache-control': 'private, max-age=300',
      'content-disposition': 'inline; filename="calendar.ics"',
    });
  });
  return pages;
}

function describe({ id, name, subject, detail, createdAt }: CalendarFeed): z.infer<typeof Feed> {
  return { id, name, subject, detail, createdAt };
}
