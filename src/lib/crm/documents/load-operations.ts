import type { TenantClient } from '@/lib/data-sources';
import { type RowOf, tableNamed } from '@/lib/repositories';
import { loadSettings } from '../settings/load';
import { DocumentError } from './errors';
import { allRows, cityLine, rowsOf } from './load-parties';
import type {
  CrewBriefDocument,
  LabelSheet,
  LabelsDocument,
  OrderedItem,
  PackingListDocument,
} from './model';
import { type DocumentWords, wordsOf } from './words';

/** Labels of one PDF: 125 pages of 24, made in about ten seconds of a thread. */
const MOST_LABELS = 3000;

/** The tenant's users by id; accounts are in the application database. */
export type NameUser = (userId: string) => string | undefined;

/** The packing list: what is needed on each date. @throws RepositoryError `record_not_found` */
export async function loadPackingList(client: TenantClient, eventId: string): Promise<PackingListDocument> {
  const event = await rowsOf(client, 'events').get(eventId);
  const words = await loadWords(client);
  const active = { event_id: eventId, status: ['hold', 'reserved', 'checked_out'] } as const;
  const [dates, order, booths, equipment] = await Promise.all([
    loadDates(client, eventId),
    loadOrder(client, eventId),
    allRows(client, 'booth_assignments', { filter: active }),
    allRows(client, 'equipment_assignments', { filter: active }),
  ]);
  const [boothRows, itemRows] = await Promise.all([
    byId(
      client,
      'booths',
      booths.map((row) => row.booth_id),
    ),
    byId(
      client,
      'equipment_items',
      equipment.map((row) => row.equipment_item_id),
    ),
  ]);
  const [kits, boothTypes] = await Promise.all([
    allRows(client, 'equipment_items', {
      filter: { booth_id: [...boothRows.keys()] },
      sort: [{ column: 'name' }],
    }),
    byId(
      client,
      'booth_types',
      [...boothRows.values()].map((row) => row.booth_type_id),
    ),
  ]);
  const equipmentTypes = await byId(
    client,
    'equipment_types',
    [...boothTypes.values()].flatMap((type) => Object.keys(type.required_items as object)),
  );
  /** What the booth's type needs and no item of its kit is: paper, ink and the like. */
  const consumablesOf = (
    booth: RowOf<'booths'> | undefined,
    packed: (RowOf<'equipment_items'> | undefined)[],
  ) => {
    const needed = boothTypes.get(booth?.booth_type_id ?? '')?.required_items as
      | Record<string, number>
      | undefined;
    const there = new Set(packed.map((item) => item?.equipment_type_id));
    return Object.entries(needed ?? {})
      .filter(([type]) => !there.has(type))
      .flatMap(([type, quantity]) => {
        const name = equipmentTypes.get(type)?.name;
        return name ? [{ name, quantity }] : [];
      });
  };
  const itemsOf = (dateId: string, assignmentId: string | null) =>
    equipment
      .filter((row) => row.event_date_id === dateId && row.booth_assignment_id === assignmentId)
      .map((row) => ({ name: labelOf(itemRows.get(row.equipment_item_id), words), quantity: row.quantity }));

  return {
    kind: 'packing-list',
    event: { title: event.title, number: event.event_number },
    order,
    departures: dates.map(({ date, location }) => {
      const here = booths.filter((row) => row.event_date_id === date.id);
      const loose = itemsOf(date.id, null);
      return {
        date: date.event_date,
        ...(location ? { place: location.name } : {}),
        booths: [
          ...here.map((row) => {
            const booth = boothRows.get(row.booth_id);
            const assigned = itemsOf(date.id, row.id);
            const kit = kits.filter((item) => item.booth_id === row.booth_id);
            const packed = [
              ...kit,
              ...equipment
                .filter((one) => one.booth_assignment_id === row.id)
                .map((one) => itemRows.get(one.equipment_item_id)),
            ];
            return {
              name: boothLabel(booth, boothTypes, words),
              items: merge([
                ...assigned,
                ...kit.map((item) => ({ name: labelOf(item, words), quantity: item.quantity })),
                ...consumablesOf(booth, packed),
              ]),
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
  const [dates, order, booths, crew, planner] = await Promise.all([
    loadDates(client, eventId),
    loadOrder(client, eventId),
    allRows(client, 'booth_assignments', {
      filter: { event_id: eventId, status: ['hold', 'reserved', 'checked_out', 'returned'] },
    }),
    allRows(client, 'event_staff_assignments', {
      filter: { event_id: eventId, status: ['invited', 'accepted', 'confirmed'] },
      sort: [{ column: 'arrival_time' }],
    }),
    event.planner_contact_id ? rowsOf(client, 'contacts').find(event.planner_contact_id) : undefined,
  ]);
  const [roles, boothRows] = await Promise.all([
    byId(
      client,
      'staff_roles',
      crew.map((row) => row.staff_role_id),
    ),
    byId(
      client,
      'booths',
      booths.map((row) => row.booth_id),
    ),
  ]);
  const boothTypes = await byId(
    client,
    'booth_types',
    [...boothRows.values()].map((row) => row.booth_type_id),
  );
  return {
    kind: 'crew-brief',
    event: {
      title: event.title,
      number: event.event_number,
      ...(event.dress_code ? { dressCode: event.dress_code } : {}),
      ...(event.guest_count === null ? {} : { guests: event.guest_count }),
      ...(event.load_in_notes ? { notes: event.load_in_notes } : {}),
    },
    order,
    days: dates.map(({ date, location }) => ({
      date: date.event_date,
      ...(location ? { place: location.name } : {}),
      ...(location ? { address: addressOf(location) } : {}),
      times: [
        ...(date.setup_time ? [{ label: words.setUp, at: clock(date.setup_time) }] : []),
        { label: words.start, at: clock(date.start_time) },
        { label: words.end, at: clock(date.end_time) },
      ],
      ...(location?.load_in_notes ? { access: location.load_in_notes } : {}),
      booths: booths
        .filter((row) => row.event_date_id === date.id)
        .map((row) => boothLabel(boothRows.get(row.booth_id), boothTypes, words)),
      crew: crew
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

interface WantedLabels {
  of: 'booths' | 'equipment';
  /** Which of them; all if left out. */
  ids?: string[];
  /** From 1: the first 3,000, the second, … */
  part?: number;
  sheet: LabelSheet;
  /** The address before `/inventory/…`. */
  base: string;
}

/**
 * Labels for what is not retired.
 *
 * @throws DocumentError `document_too_long`: there are more than 3,000, and no part was chosen
 */
export async function loadLabels(
  client: TenantClient,
  { of, ids, part, sheet, base }: WantedLabels,
): Promise<LabelsDocument> {
  const filter = { status: { neq: 'retired' }, ...(ids ? { id: ids } : {}) } as const;
  const page = { filter, limit: MOST_LABELS, offset: ((part ?? 1) - 1) * MOST_LABELS };
  if (of === 'booths') {
    const { rows, next } = await rowsOf(client, 'booths').list({ ...page, sort: [{ column: 'name' }] });
    expectOnePart(part, next);
    const { data } = await client.from('booth_types').select('id,name').throwOnError();
    const types = new Map(data.map(({ id, name }) => [id, name]));
    const labels = rows.map((row) => ({
      address: `${base}/inventory/booths/${row.id}`,
      title: row.name,
      subtitle: types.get(row.booth_type_id) ?? '',
    }));
    return { kind: 'labels', sheet, labels };
  }
  const { rows, next } = await rowsOf(client, 'equipment_items').list({
    ...page,
    sort: [{ column: 'asset_tag' }],
  });
  expectOnePart(part, next);
  const labels = rows.map((row) => ({
    address: `${base}/inventory/equipment/${row.id}`,
    title: row.asset_tag,
    subtitle: row.name,
  }));
  return { kind: 'labels', sheet, labels };
}

function expectOnePart(part: number | undefined, next: string | null): void {
  if (part !== undefined || next === null) return;
  throw new DocumentError('document_too_long', `A PDF has ${MOST_LABELS} labels at most.`, {
    hint: 'Print them in parts: add part=1, part=2, … to the address.',
  });
}

async function loadDates(client: TenantClient, eventId: string) {
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
async function loadOrder(client: TenantClient, eventId: string): Promise<OrderedItem[]> {
  const { data } = await client.rpc('event_order', { for_event: eventId }).throwOnError();
  return data.map(({ name, quantity, includes }) => ({
    name,
    quantity,
    includes: Array.isArray(includes) ? includes.map(String) : [],
  }));
}

/** A booth with its type: `Booth 3 · Mirror booth`. */
function boothLabel(
  booth: RowOf<'booths'> | undefined,
  types: ReadonlyMap<string, RowOf<'booth_types'>>,
  words: DocumentWords,
): string {
  if (!booth) return words.booth;
  return [booth.name, types.get(booth.booth_type_id)?.name].filter(Boolean).join(' · ');
}

type Looked = 'booths' | 'booth_types' | 'equipment_types' | 'equipment_items' | 'staff_roles' | 'locations';

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
  return [location.address, cityLine(location)].filter(Boolean).join(', ');
}

/** `18:00:00` → `18:00`. */
function clock(time: string): string {
  return time.slice(0, 5);
}

function person(label: string, name: string | null | undefined, phone: string | null | undefined) {
  return name ? [{ label, name, ...(phone ? { phone } : {}) }] : [];
}
