import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CalendarEntry } from '../../calendar/icalendar';
import { askApi, type SyncApi } from '../vendor-api';

/** Past entries stay as they were. */
const BACK_MS = 86_400_000;
const PAGE = 250;
const NAME = 'Google Calendar';
const CALENDAR = '/calendars/primary/events';

const Listed = z.object({
  items: z
    .array(
      z.object({
        id: z.string(),
        status: z.string().optional(),
        extendedProperties: z.object({ private: z.record(z.string(), z.string()).optional() }).optional(),
      }),
    )
    .default([]),
  nextPageToken: z.string().optional(),
});

export interface PushedCalendar {
  created: number;
  updated: number;
  removed: number;
}

/**
 * Synchronizes a user's Google calendar with their entries: adds, updates and removes Marquee's events. Other events are
 * not touched. Running it again changes nothing.
 *
 * Marquee's events carry the entry's id as their own, and what they were made from as a private property
 * (Calendar API v3, events.insert and events.list).
 *
 * @param tenantId tells the events of one company from another's in the same calendar
 * @throws SyncError
 */
export async function pushCalendar(
  api: SyncApi,
  tenantId: string,
  entries: CalendarEntry[],
  now = Date.now(),
): Promise<PushedCalendar> {
  const since = new Date(now - BACK_MS).toISOString();
  const there = await listOurs(api, tenantId, since);
  const pushed = { created: 0, updated: 0, removed: 0 };
  for (const entry of entries) {
    if (entry.status === 'cancelled' || entry.end <= since) continue;
    const id = entry.id.replaceAll('-', '');
    const made = digest(entry);
    const known = there.get(id);
    there.delete(id);
    if (known === made) continue;
    const event = toEvent(entry, { marquee: tenantId, made });
    if (known === undefined) {
      const { status } = await askApi(api, NAME, 'POST', CALENDAR, { id, ...event }, [409]);
      pushed.created += 1;
      // Deleted earlier: Google keeps the id, so it is restored instead of added.
      if (status !== 409) continue;
    } else pushed.updated += 1;
    await askApi(api, NAME, 'PUT', `${CALENDAR}/${id}`, event);
  }
  for (const id of there.keys()) {
    await askApi(api, NAME, 'DELETE', `${CALENDAR}/${id}`, undefined, [404, 410]);
    pushed.removed += 1;
  }
  return pushed;
}

/** Marquee's events that are not over: by id, what each was made from. */
async function listOurs(api: SyncApi, tenantId: string, since: string): Promise<Map<string, string>> {
  const ours = new Map<string, string>();
  let pageToken: string | undefined;
  do {
    const query = new URLSearchParams({
      privateExtendedProperty: `marquee=${tenantId}`,
      timeMin: since,
      maxResults: String(PAGE),
      ...(pageToken ? { pageToken } : {}),
    });
    const page = Listed.parse((await askApi(api, NAME, 'GET', `${CALENDAR}?${query}`)).body);
    for (const { id, status, extendedProperties } of page.items) {
      if (status !== 'cancelled') ours.set(id, extendedProperties?.private?.made ?? '');
    }
    pageToken = page.nextPageToken;
  } while (pageToken);
  return ours;
}

function toEvent(entry: CalendarEntry, properties: Record<string, string>) {
  const { title, place, description, start, end, timezone, status } = entry;
  return {
    summary: title,
    ...(place ? { location: place } : {}),
    ...(description ? { description } : {}),
    start: { dateTime: start, timeZone: timezone },
    end: { dateTime: end, timeZone: timezone },
    status,
    extendedProperties: { private: properties },
  };
}

function digest({ updatedAt: _, sequence: __, ...entry }: CalendarEntry): string {
  return createHash('sha256').update(JSON.stringify(entry)).digest('hex').slice(0, 32);
}
