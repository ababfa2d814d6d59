// Whom a document is for, and the event that it is about.
import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository, type ListOptions, type RowOf, type TableName } from '@/lib/repositories';
import { DocumentError } from './errors';
import type { Occasion, Party } from './model';

/** The most lines, dates or people of a document: more than any real one has. */
const MOST_ROWS = 1000;

export function rowsOf<Table extends TableName>(client: TenantClient, table: Table) {
  return new GenericRepository(client, table);
}

/**
 * All rows for a document.
 *
 * @throws DocumentError `document_too_long`: there are more than a document may have, and none may be missing from it
 */
export async function allRows<Table extends TableName>(
  client: TenantClient,
  table: Table,
  options: Pick<ListOptions<RowOf<Table>>, 'filter' | 'sort'>,
): Promise<RowOf<Table>[]> {
  const { rows, next } = await rowsOf(client, table).list({ ...options, limit: MOST_ROWS });
  if (next === null) return rows;
  throw new DocumentError(
    'document_too_long',
    `The document would have more than ${MOST_ROWS} ${table.replaceAll('_', ' ')}.`,
    { hint: 'Divide it: make a second quote, invoice or event for the other part.' },
  );
}

/** The current addressee of an account's documents. */
interface Addressee {
  name?: string | null;
  email?: string | null;
  street?: string | null;
  city?: string | null;
  state?: string | null;
  postal_code?: string | null;
  country?: string | null;
  tax_id?: string | null;
}

/** @param kept `bill_to` of an invoice that was sent: the addressee at that time, even if the account changed since */
export async function loadParty(
  client: TenantClient,
  accountId: string | null | undefined,
  contactId: string | null | undefined,
  kept?: unknown,
): Promise<{ billTo: Party; locale: { locale?: string } }> {
  const [account, contact] = await Promise.all([
    accountId ? rowsOf(client, 'accounts').find(accountId) : undefined,
    contactId ? rowsOf(client, 'contacts').find(contactId) : undefined,
  ]);
  const to = isObject(kept) ? (kept as Addressee) : account && addresseeOf(account);
  const person = contact ? [contact.first_name, contact.last_name].filter(Boolean).join(' ') : '';
  const name = to?.name ?? person;
  const lines = [person === name ? '' : person, to?.street, cityLine(to ?? {}), to?.country]
    .concat(to?.email ?? contact?.email, to?.tax_id)
    .filter((line): line is string => Boolean(line));
  return { billTo: { name, lines }, locale: account?.locale ? { locale: account.locale } : {} };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function addresseeOf(account: RowOf<'accounts'>): Addressee {
  return {
    name: account.name,
    email: account.email,
    street: account.billing_street,
    city: account.billing_city,
    state: account.billing_state,
    postal_code: account.billing_postal_code,
    country: account.billing_country,
    tax_id: account.tax_id,
  };
}

/** `Columbus, OH 43215`; without a state `50667 Köln`. */
export function cityLine({ city, state, postal_code: code }: Omit<Addressee, 'name'>): string {
  if (!state) return [code, city].filter(Boolean).join(' ');
  return [city, [state, code].filter(Boolean).join(' ')].filter(Boolean).join(', ');
}

export async function loadEventOccasion(
  client: TenantClient,
  eventId: string,
): Promise<Occasion | undefined> {
  const event = await rowsOf(client, 'events').find(eventId);
  return event && loadOccasion(client, event.title, { event_id: eventId });
}

/** The dates of an event or a deal, each with its hours and place. Undefined where there are none. */
export async function loadOccasion(
  client: TenantClient,
  title: string,
  filter: { event_id?: string; opportunity_id?: string },
): Promise<Occasion | undefined> {
  const rows = await allRows(client, 'event_dates', {
    filter: { ...filter, status: { neq: 'cancelled' } },
    sort: [{ column: 'event_date' }, { column: 'start_time' }],
  });
  if (rows.length === 0) return undefined;
  const ids = [...new Set(rows.flatMap(({ location_id }) => location_id ?? []))];
  const found = ids.length === 0 ? [] : await allRows(client, 'locations', { filter: { id: ids } });
  const places = new Map(found.map((location) => [location.id, placeOf(location)]));
  return {
    title,
    dates: rows.map((row) => {
      const place = places.get(row.location_id ?? '');
      return {
        date: row.event_date,
        start: row.start_time.slice(0, 5),
        end: row.end_time.slice(0, 5),
        timezone: row.timezone,
        ...(place ? { place } : {}),
      };
    }),
  };
}

function placeOf(location: RowOf<'locations'>): Party {
  const lines = [location.address, cityLine(location), location.country];
  return { name: location.name, lines: lines.filter((line): line is string => Boolean(line)) };
}
