import { z } from 'zod';
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { createClientLink } from '../client-link';
import { CalendarError } from './errors';

export { CalendarError };

/** What a feed shows: a user's shifts or a booth's bookings. `busy` hides what they are. */
const Definition = z.object({
  hash: z.string(),
  subject: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('user'), id: z.uuid() }),
    z.object({ kind: z.literal('booth'), id: z.uuid() }),
  ]),
  detail: z.enum(['full', 'busy']),
});

export type FeedSubject = z.infer<typeof Definition>['subject'];
export type FeedDetail = z.infer<typeof Definition>['detail'];

export interface CalendarFeed {
  id: string;
  name: string;
  /** The feed's creator: the feed stops with their account. */
  ownerId: string;
  subject: FeedSubject;
  detail: FeedDetail;
  createdAt: string;
}

export interface NewFeed {
  tenantId: string;
  ownerId: string;
  name: string;
  subject: FeedSubject;
  detail: FeedDetail;
}

/** Feeds are stored as saved views of the calendar, which belong to one user each. */
const ENTITY = 'calendar_feed';

/**
 * Makes a feed. Its secret address is shown once: only its hash is kept.
 *
 * @param client of its owner: a booth that they may not read has no feed
 * @throws CalendarError `link_booth_unknown`; RepositoryError `record_conflict`: they have one of this name
 */
export async function createFeed(
  client: TenantClient,
  feed: NewFeed,
): Promise<{ feed: CalendarFeed; token: string }> {
  const { tenantId, ownerId, name, subject, detail } = feed;
  if (subject.kind === 'booth' && !(await new GenericRepository(client, 'booths').find(subject.id))) {
    throw new CalendarError('link_booth_unknown', 'There is no such booth.');
  }
  const link = createClientLink(tenantId);
  const row = await new GenericRepository(client, 'saved_views').create({
    entity: ENTITY,
    name,
    owner_id: ownerId,
    definition: { hash: link.hash, subject, detail },
  });
  return { feed: describe(row), token: link.token };
}

/**
 * Gives a feed a new secret address; the previous one stops working.
 *
 * @param client of its owner
 * @throws CalendarError `link_unknown`
 */
export async function renewFeed(
  client: TenantClient,
  tenantId: string,
  id: string,
): Promise<{ feed: CalendarFeed; token: string }> {
  const views = new GenericRepository(client, 'saved_views');
  const before = await views.findOne({ id, entity: ENTITY });
  if (!before) throw gone();
  const { subject, detail } = Definition.parse(before.definition);
  const link = createClientLink(tenantId);
  const row = await views.update(id, { definition: { hash: link.hash, subject, detail } });
  return { feed: describe(row), token: link.token };
}

/** The feeds of the client's user. */
export async function listFeeds(client: TenantClient): Promise<CalendarFeed[]> {
  const { rows } = await new GenericRepository(client, 'saved_views').list({
    filter: { entity: ENTITY },
    sort: [{ column: 'name' }],
    limit: 200,
  });
  return rows.map(describe);
}

/** The feed of a secret address. @param client of the whole tenant @throws CalendarError `link_unknown` */
export async function findFeed(client: TenantClient, hash: string): Promise<CalendarFeed> {
  const row = await new GenericRepository(client, 'saved_views').findOne({
    entity: ENTITY,
    definition: { contains: { hash } },
  });
  if (row) return describe(row);
  throw gone();
}

function gone(): CalendarError {
  return new CalendarError('link_unknown', 'This calendar no longer exists.', {
    hint: 'Make a new address under Settings, Calendars.',
  });
}

function describe(row: RowOf<'saved_views'>): CalendarFeed {
  const { subject, detail } = Definition.parse(row.definition);
  return {
    id: row.id,
    name: row.name,
    ownerId: row.owner_id ?? '',
    subject,
    detail,
    createdAt: row.created_at,
  };
}
