import type pg from 'pg';
import { dateIn, shiftDate } from '../../dates';
import { addBooths, bookDates } from './bookings';
import { BOOKED, type CopiedTable, copiedId, copiedTables, copyStatement, isCopy } from './copied-tables';
import { SETTLED } from './overrides';

export interface FillOptions {
  /** The tenant's id in its data source. It has some months of a company already (`seedDemoCompany`). */
  tenantId: string;
  /** How many events to make, at least: the last copy of the company is made whole. */
  events: number;
  /** Over how many years, the last of which is the current one. */
  years: number;
  /** ISO date; the current day unless said. */
  today?: string;
  /** Who works at the events. */
  crewUserIds: readonly string[];
  /** Called after each part that was committed. */
  onProgress?(done: { events: number }): void;
}

/** Events of one transaction. */
const EVENTS_AT_ONCE = 2_500;
/** Bookings of a booth in a year. Weddings are on Saturdays, so it is busy with fewer than two a week. */
const EVENTS_OF_A_BOOTH = 93;

/**
 * Makes a company as large as one that has been in business for years: copies what the tenant has, with its clients, deals,
 * documents and history, into the years before, and books booths and people for each date. Triggers do nothing meanwhile, as in
 * a move. Each part is one transaction, and a second run with the same options goes on where the first ended.
 *
 * @param client a session of the mover's login
 * @returns how many events there are; less than asked for where the tenant has none to copy
 */
export async function fillCompany(client: pg.ClientBase, given: FillOptions): Promise<{ events: number }> {
  const options = { today: dateIn('UTC', new Date()), ...given };
  const { tenantId, years } = options;
  const models = await countModels(client, tenantId);
  const copies = models === 0 ? 0 : Math.max(0, Math.ceil(options.events / models) - 1);
  const tables = await copiedTables(client);
  const atOnce = Math.max(1, Math.floor(EVENTS_AT_ONCE / Math.max(1, models)));
  await inTenant(client, tenantId, () =>
    addBooths(client, tenantId, Math.ceil(options.events / years / EVENTS_OF_A_BOOTH)),
  );
  for (let first = 1; first <= copies; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, copies - first + 1) }, (_, n) => first + n);
    await inTenant(client, tenantId, () => copyCompany(client, tables, numbers, options));
    options.onProgress?.({ events: models * (1 + numbers.length + first - 1) });
  }
  for (let year = years; year >= 0; year--) {
    const to = shiftDate(options.today, 365 - year * 365);
    const days = { from: shiftDate(to, -364), to, today: options.today };
    await inTenant(client, tenantId, () => bookDates(client, tenantId, days, options.crewUserIds));
  }
  // The planner must know of the rows before the next statement.
  await client.query('select tenancy.analyze_table(t) from unnest($1::regclass[]) t', [
    [...tables.map(({ name }) => name), ...BOOKED],
  ]);
  return { events: models * (1 + copies) };
}

async function copyCompany(
  client: pg.ClientBase,
  tables: readonly CopiedTable[],
  numbers: readonly number[],
  { tenantId, today, years }: Required<Pick<FillOptions, 'tenantId' | 'today' | 'years'>>,
): Promise<void> {
  const values = [
    tenantId,
    numbers,
    numbers.map((number) => daysEarlier(number, years)),
    numbers.map(familyName),
    today,
  ];
  const names = new Set(tables.map(({ name }) => name));
  for (const table of tables) await client.query(copyStatement(table, names), values);
  await client.query(
    `insert into payments (tenant_id, id, invoice_id, amount, currency, method, status, paid_at)
     select t.tenant_id, ${copiedId('t.id')}, ${copiedId('t.id')}, t.total - t.paid, t.currency, 'bank_transfer', 'succeeded',
       (t.due_date - c.days)::timestamptz
     from invoices t cross join unnest($2::int[], $3::int[], $4::text[]) as c (number, days, family)
     where t.tenant_id = $1::uuid and not ${isCopy('t.id')} and ${SETTLED} and t.total > t.paid
     on conflict do nothing`,
    values,
  );
}

/** Into which year a copy goes, and for most some weeks off, so that not every year has the same busy days. */
function daysEarlier(number: number, years: number): number {
  const [year, round] = [number % years, Math.floor(number / years)];
  const weeks = year === 0 ? round % 6 : (round % 7) - 3;
  return 364 * year + 7 * weeks + (round % 4 === 3 ? 1 : 0);
}

const SYLLABLES = 'an bel cor da el fin gar hol is jo kar lo mar nor ol per qui ros sal tor'.split(' ');

/** A family name of three syllables, another for each number below 8,000. */
function familyName(number: number): string {
  const mixed = (number * 7919) % 8000;
  const letters = [mixed, mixed / 20, mixed / 400].map((part) => SYLLABLES[Math.floor(part) % 20]).join('');
  return letters.charAt(0).toUpperCase() + letters.slice(1);
}

async function countModels(client: pg.ClientBase, tenantId: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from events e where e.tenant_id = $1 and not ${isCopy('e.id')}`,
    [tenantId],
  );
  return rows[0]?.count ?? 0;
}

/** One transaction that leaves triggers out, and does not begin while the tenant is being moved or removed. */
async function inTenant(
  client: pg.ClientBase,
  tenantId: string,
  work: () => Promise<unknown>,
): Promise<void> {
  await client.query(
    'begin isolation level read committed read write; set local tenancy.copying = on; set constraints all deferred',
  );
  try {
    await client.query('select pg_advisory_xact_lock_shared(tenancy.lock_key($1))', [tenantId]);
    const { rows } = await client.query('select from tenancy.fence where tenant_id = $1 and state = $2', [
      tenantId,
      'open',
    ]);
    if (rows.length === 0) throw new Error(`The fence of tenant ${tenantId} is not open here.`);
    await work();
    await client.query('select tenancy.forget_report_months($1)', [tenantId]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
