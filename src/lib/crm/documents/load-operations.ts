import type { TenantClient } from '@/lib/data-sources';
import { type RowOf, tableNamed } from '@/lib/repositories';
import { loadSettings } from '../settings/load';
import { rowsOf } from './load';
import type { CrewBriefDocument, LabelSheet, LabelsDocument, PackingListDocument } from './model';
import { type DocumentWords, wordsOf } from './words';

/** More rows than any event has. */
const ALL = 1000;

/** The tenant's users by id; accounts are in the application database. */
export type NameUser = (userId: string) => string | undefined;

/** The packing list: what is needed on each date. @throws RepositoryError `record_not_found` */
export async function loadPackingList(client: TenantClient, eventId: string): Promise<PackingListDocument> {
  const event = await rowsOf(client, 'events').get(eventId);
  const words = await loadWords(client);
  const active = { event_id: eventId, status: ['hold', 'reserved', 'checked_out'] } as const;
  const [dates, booths, equipment] = await Promise.all([
    loadDates(client, eventId),
    rowsOf(client, 'booth_assignments').list({ filter: active, limit: ALL }),
    rowsOf(client, 'equipment_assignments').list({ filter: active, limit: ALL }),
  ]);
  const [boothRows, itemRows] = await Promise.all([
    byId(
      client,
      'booths',
      booths.rows.map((row) => row.booth_id),
    ),
    byId(
      client,
      'equipment_items',
      equipment.rows.map((row) => row.equipment_item_id),
    ),
  ]);
  const kits = await rowsOf(client, 'equipment_items').list({
    filter: { booth_id: [...boothRows.keys()] },
    sort: [{ column: 'name' }],
    limit: ALL,
  });
  const itemsOf = (dateId: string, assignmentId: string | null) =>
    equipment.rows
      .filter((row) => row.event_date_id === dateId && row.booth_assignment_id === assignmentId)
      .map((row) => ({ name: labelOf(itemRows.get(row.equipment_item_id), words), quantity: row.quantity }));

  return {
    kind: 'packing-list',
    event: { title: event.title, number: event.event_number },
    departures: dates.map(({ date, location }) => {
      const here = booths.rows.filter((row) => row.event_date_id === date.id);
      const loose = itemsOf(date.id, null);
      return {
        date: date.event_date,
        ...(location ? { place: location.name } : {}),
        booths: [
          ...here.map((row) => {
            const assigned = itemsOf(date.id, row.id);
            const kit = kits.rows
              .filter((item) => item.booth_id === row.booth_id)
              .map((item) => ({ name: labelOf(item, words), quantity: item.quantity }));
            return {
              name: boothRows.get(row.booth_id)?.name ?? words.booth,
              items: merge([...assigned, ...kit]),
            };
          }),
          ...(loose.length > 0 ? [{ name: words.otherEquipment, items: merge(loose) }] : []),
        ],
      };
    }),
  };
}

/** The crew brief: place, times, crew, contacts. A user who may not see others' shifts gets only their own. */
export async function loadCrewBrief(
  client: TenantClient,
  eventId: string,
  nameUser: NameUser,
): Promise<CrewBriefDocument> {
  const event = await rowsOf(client, 'events').get(eventId);
  const words = await loadWords(client);
  const [dates, crew, planner] = await Promise.all([
    loadDates(client, eventId),
    rowsOf(client, 'event_staff_assignments').list({
      filter: { event_id: eventId, status: ['invited', 'accepted', 'confirmed'] },
      sort: [{ column: 'arrival_time' }],
      limit: ALL,
    }),
    event.planner_contact_id ? rowsOf(client, 'contacts').find(event.planner_contact_id) : undefined,
  ]);
  const roles = await byId(
    client,
    'staff_roles',
    crew.rows.map((row) => row.staff_role_id),
  );
  return {
    kind: 'crew-brief',
    event: {
      title: event.title,
      number: event.event_number,
      ...(event.dress_code ? { dressCode: event.dress_code } : {}),
      ...(event.load_in_notes ? { notes: event.load_in_notes } : {}),
    },
    days: dates.map(({ date, location }) => ({
      date: date.event_date,
      ...(location ? { place: location.name } : {}),
      ...(location ? { address: addressOf(location) } : {}),
      times: [
        ...(date.setup_time ? [{ label: words.setUp, at: clock(date.setup_time) }] : []),
        { label: words.start, at: clock(date.start_time) },
        { label: words.end, at: clock(date.end_time) },
      ],
      crew: crew.rows
        .filter((row) => row.event_date_id === date.id || row.event_date_id === null)
        .map((row) => ({
          name: nameUser(row.user_id) ?? words.crew,
          role: roles.get(row.staff_role_id)?.name ?? '',
          ...(row.arrival_time ? { arrival: clock(row.arrival_time) } : {}),
        })),
    })),
    contacts: [
      ...person(words.onSite, event.onsite_contact_name, event.onsite_contact_phone),
      ...person(
        words.planner,
        planner && `${planner.first_name} ${planner.last_name ?? ''}`.trim(),
        planner?.phone,
      ),
      ...dates.flatMap(({ location }) =>
        location ? person(location.name, location.contact_name, location.contact_phone) : [],
      ),
    ],
  };
}

/**
 * Labels for what is not retired.
 *
 * @param wanted which things, of those chosen by `ids` or of all; `base` is the address before `/inventory/…`
 */
export async function loadLabels(
  client: TenantClient,
  { of, ids, sheet, base }: { of: 'booths' | 'equipment'; ids?: string[]; sheet: LabelSheet; base: string },
): Promise<LabelsDocument> {
  const filter = { status: { neq: 'retired' }, ...(ids ? { id: ids } : {}) } as const;
  if (of === 'booths') {
    const { rows } = await rowsOf(client, 'booths').list({ filter, sort: [{ column: 'name' }], limit: ALL });
    const { data } = await client.from('booth_types').select('id,name').throwOnError();
    const types = new Map(data.map(({ id, name }) => [id, name]));
    const labels = rows.map((row) => ({
      address: `${base}/inventory/booths/${row.id}`,
      title: row.name,
      subtitle: types.get(row.booth_type_id) ?? '',
    }));
    return { kind: 'labels', sheet, labels };
  }
  const { rows } = await rowsOf(client, 'equipment_items').list({
    filter,
    sort: [{ column: 'asset_tag' }],
    limit: ALL,
  });
  const labels = rows.map((row) => ({
    address: `${base}/inventory/equipment/${row.id}`,
    title: row.asset_tag,
    subtitle: row.name,
  }));
  return { kind: 'labels', sheet, labels };
}

async function loadDates(client: TenantClient, eventId: string) {
  const { rows } = await rowsOf(client, 'event_dates').list({
    filter: { event_id: eventId, status: { neq: 'cancelled' } },
    sort: [{ column: 'event_date' }, { column: 'start_time' }],
    limit: ALL,
  });
  const locations = await byId(
    client,
    'locations',
    rows.map((row) => row.location_id),
  );
  return rows.map((date) => ({ date, location: locations.get(date.location_id ?? '') }));
}

type Looked = 'booths' | 'equipment_items' | 'staff_roles' | 'locations';

async function byId<Table extends Looked>(
  client: TenantClient,
  table: Table,
  ids: (string | null)[],
): Promise<Map<string, RowOf<Table>>> {
  const wanted = [...new Set(ids.filter((id): id is string => id !== null))];
  if (wanted.length === 0) return new Map();
  const { data } = await tableNamed(client, table).select('*').in('id', wanted).throwOnError();
  return new Map(data.map((row) => [row.id, row]));
}

function merge(items: { name: string; quantity: number }[]) {
  const counts = new Map<string, number>();
  for (const { name, quantity } of items) counts.set(name, Math.max(counts.get(name) ?? 0, quantity));
  return [...counts].map(([name, quantity]) => ({ name, quantity }));
}

function labelOf(item: RowOf<'equipment_items'> | undefined, words: DocumentWords): string {
  return item ? `${item.name} (${item.asset_tag})` : words.item;
}

/** Internal documents are in the company's own language. */
async function loadWords(client: TenantClient): Promise<DocumentWords> {
  return wordsOf((await loadSettings(client, ['locale'])).locale);
}

function addressOf(location: RowOf<'locations'>): string {
  const city = [location.postal_code, location.city, location.state].filter(Boolean).join(' ');
  return [location.address, city].filter(Boolean).join(', ');
}

/** `18:00:00` → `18:00`. */
function clock(time: string): string {
  return time.slice(0, 5);
}

function person(label: string, name: string | null | undefined, phone: string | null | undefined) {
  return name ? [{ label, name, ...(phone ? { phone } : {}) }] : [];
}
