import type { TenantClient } from '@/lib/data-sources';
import { addressOf, boothLabel, byId, clock, loadDates, loadOrder, loadWords } from './load-event';
import { allRows, rowsOf } from './load-parties';
import type { CrewBriefDocument } from './model';

/** The tenant's users by id; accounts are in the application database. */
export type NameUser = (userId: string) => string | undefined;

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

function person(label: string, name: string | null | undefined, phone: string | null | undefined) {
  return name ? [{ label, name, ...(phone ? { phone } : {}) }] : [];
}
