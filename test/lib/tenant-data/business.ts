// What the tests of business rules begin with: rows of a small company, inserted as trusted code.
import { randomUUID } from 'node:crypto';
import type { Query } from './tenant-database';

/** Inserts one row and answers with its id. */
export async function add(query: Query, table: string, row: Record<string, unknown>): Promise<string> {
  const names = Object.keys(row);
  const [added] = await query<{ id: string }>(
    `insert into ${table} (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')}) returning id`,
    Object.values(row),
  );
  if (!added) throw new Error(`Nothing was inserted into ${table}.`);
  return added.id;
}

export const unique = (name: string) => `${name} ${randomUUID().slice(0, 8)}`;

export function addAccount(query: Query): Promise<string> {
  return add(query, 'accounts', { name: unique('Account') });
}

export async function addEvent(query: Query, row: Record<string, unknown> = {}): Promise<string> {
  return add(query, 'events', {
    title: unique('Event'),
    status: 'confirmed',
    account_id: await addAccount(query),
    ...row,
  });
}

/** A date of an event from 18:00 to 23:00 unless said otherwise. */
export async function addDate(query: Query, row: Record<string, unknown> = {}): Promise<string> {
  const belongs = row.event_id || row.opportunity_id ? {} : { event_id: await addEvent(query) };
  return add(query, 'event_dates', {
    event_date: '2027-06-12',
    start_time: '18:00',
    end_time: '23:00',
    timezone: 'Europe/Amsterdam',
    ...belongs,
    ...row,
  });
}

export async function addBooth(query: Query, type: Record<string, unknown> = {}): Promise<string> {
  const boothType = await add(query, 'booth_types', { name: unique('Booth type'), ...type });
  return add(query, 'booths', { name: unique('Booth'), booth_type_id: boothType });
}

export async function addEquipment(
  query: Query,
  tracking: 'serialized' | 'bulk',
  row: Record<string, unknown> = {},
): Promise<string> {
  const type = await add(query, 'equipment_types', { name: unique('Equipment type'), tracking });
  return add(query, 'equipment_items', {
    name: unique('Item'),
    asset_tag: unique('T'),
    equipment_type_id: type,
    ...row,
  });
}

export async function staffRole(query: Query): Promise<string> {
  const [role] = await query<{ id: string }>("select id from staff_roles where name = 'Booth attendant'");
  return role?.id ?? '';
}

/** A sent invoice of one line. `total` in minor units. */
export async function addSentInvoice(
  query: Query,
  total: number,
  row: Record<string, unknown> = {},
): Promise<string> {
  const invoice = await add(query, 'invoices', { account_id: await addAccount(query), ...row });
  await add(query, 'invoice_line_items', {
    invoice_id: invoice,
    item_type: 'custom',
    name: 'Booth',
    unit_price: total,
    taxable: false,
  });
  await query("update invoices set status = 'sent' where id = $1", [invoice]);
  return invoice;
}

/** A deal with an account, a contact and one date; `row` goes to the opportunity. */
export async function addDeal(
  query: Query,
  row: Record<string, unknown> = {},
): Promise<{ deal: string; date: string }> {
  const contact = await add(query, 'contacts', {
    first_name: unique('Ada'),
    email: `${randomUUID()}@example.com`,
  });
  const deal = await add(query, 'opportunities', {
    name: unique('Deal'),
    account_id: await addAccount(query),
    contact_id: contact,
    ...row,
  });
  return { deal, date: await addDate(query, { opportunity_id: deal }) };
}
