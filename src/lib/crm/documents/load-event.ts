// What the documents of an event have in common: its dates, what was ordered, names and places.
import type { TenantClient } from '@/lib/data-sources';
import { type RowOf, tableNamed } from '@/lib/repositories';
import { loadSettings } from '../settings/load';
import { allRows, cityLine } from './load-parties';
import type { OrderedItem } from './model';
import { type DocumentWords, wordsOf } from './words';

/** The event's dates in their order, without cancelled ones, and where each is. */
export async function loadDates(client: TenantClient, eventId: string) {
  const rows = await allRows(client, 'event_dates', {
    filter: { event_id: eventId, status: { neq: 'cancelled' } },
    sort: [{ column: 'event_date' }, { column: 'start_time' }],
  });
  const locations = await byId(
    client,
    'locations',
    rows.map((row) => row.location_id),
  );
  return rows.map((date) => ({ date, location: locations.get(date.location_id ?? '') }));
}

/** What the client ordered, without prices. */
export async function loadOrder(client: TenantClient, eventId: string): Promise<OrderedItem[]> {
  const { data } = await client.rpc('event_order', { for_event: eventId }).throwOnError();
  return data.map(({ name, quantity, includes }) => ({
    name,
    quantity,
    includes: Array.isArray(includes) ? includes.map(String) : [],
  }));
}

/** A booth with its type: `Booth 3 · Mirror booth`. */
export function boothLabel(
  booth: RowOf<'booths'> | undefined,
  types: ReadonlyMap<string, RowOf<'booth_types'>>,
  words: DocumentWords,
): string {
  if (!booth) return words.booth;
  return [booth.name, types.get(booth.booth_type_id)?.name].filter(Boolean).join(' · ');
}

type Looked = 'booths' | 'booth_types' | 'equipment_types' | 'equipment_items' | 'staff_roles' | 'locations';

/** Rows by their ids. */
export async function byId<Table extends Looked>(
  client: TenantClient,
  table: Table,
  ids: (string | null)[],
): Promise<Map<string, RowOf<Table>>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))];
  if (wanted.length === 0) return new Map();
  const { data } = await tableNamed(client, table).select('*').in('id', wanted).throwOnError();
  return new Map(data.map((row) => [row.id, row]));
}

/** Internal documents are in the company's own language. */
export async function loadWords(client: TenantClient): Promise<DocumentWords> {
  return wordsOf((await loadSettings(client, ['locale'])).locale);
}

/** A place on one line. */
export function addressOf(location: RowOf<'locations'>): string {
  return [location.address, cityLine(location)].filter(Boolean).join(', ');
}

/** `18:00:00` → `18:00`. */
export function clock(time: string): string {
  return time.slice(0, 5);
}
