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

/** A tentative event; `confirmEvent` reserves something for its dates. */
export async function addEvent(query: Query, row: Record<string, unknown> = {}): Promise<string> {
  return add(query, 'events', {
    title: unique('Event'),
    account_id: await addAccount(query),
    ...row,
  });
}

/** Reserves an item for each date of an event that has no booth, and confirms the event. */
export async function confirmEvent(query: Query, event: string): Promise<void> {
  const dates = await query<{ id: string }>(
    `select d.id from event_dates d where d.event_id = $1 and d.status <> 'cancelled' and not exists (
       select from booth_assignments a where a.event_date_id = d.id and a.status = 'reserved')`,
    [event],
  );
  for (const { id } of dates) {
    const item = await addEquipment(query, 'bulk', { quantity: 1 });
    await add(query, 'equipment_assignments', {
      event_date_id: id,
      equipment_item_id: item,
      status: 'reserved',
    });
  }
  await query("update events set status = 'confirmed' where id = $1", [event]);
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

/** A line of 100: a quote or an invoice without any is not sent. */
export function addLine(query: Query, document: 'quote' | 'invoice', id: string): Promise<string> {
  const line = { item_type: 'custom', name: 'Booth', unit_price: 100 };
  return add(query, `${document}_line_items`, { [`${document}_id`]: id, ...line });
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

/** A package with a booth type that has so many booths. */
export async function addPackage(query: Query, booths: number): Promise<string> {
  const booth = await addBooth(query);
  const [row] = await query<{ type: string }>('select booth_type_id as type from booths where id = $1', [
    booth,
  ]);
  for (let more = 1; more < booths; more += 1)
    await add(query, 'booths', { name: unique('Booth'), booth_type_id: row?.type });
  return add(query, 'packages', { name: unique('Package'), booth_type_id: row?.type, base_price: 100_000 });
}

/** A sent quote for the package, on the date of `addDeal`. */
export async function addOffer(
  query: Query,
  packageId: string,
  row: Record<string, unknown> = {},
): Promise<{ deal: string; quote: string; date: string }> {
  const { deal, date } = await addDeal(query);
  const quote = await add(query, 'quotes', { opportunity_id: deal });
  await add(query, 'quote_line_items', {
    ...{ quote_id: quote, item_type: 'package', package_id: packageId, name: 'Package', unit_price: 100_000 },
    ...row,
  });
  await query("update quotes set status = 'sent' where id = $1", [quote]);
  return { deal, quote, date };
}
