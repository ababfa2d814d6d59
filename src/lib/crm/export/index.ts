// Lists as CSV, in the form that an import reads: money in major units with its currency, names beside ids.
import { BYTE_ORDER_MARK, writeCsv } from '@/lib/csv';
import type { TenantClient } from '@/lib/data-sources';
import { decimalAmount, roundMoney } from '@/lib/money';
import { tableNamed } from '@/lib/repositories';
import { shiftDate } from '../dates';
import { loadSettings } from '../settings/load';

interface ExportedTable {
  /** Columns of amounts in minor units. */
  money?: readonly string[];
  /** Columns that hold an amount where another says `amount`, else a percentage. */
  deductions?: Readonly<Record<string, string>>;
  /** Tables whose names stand beside ids, by column. */
  names?: Readonly<Record<string, `${string}(${string})`>>;
  /** Rows that are hidden have a date in `deleted_at`. */
  hides?: boolean;
}

const client = { account_id: 'accounts(name)', contact_id: 'contacts(first_name,last_name)' } as const;
const totals = ['subtotal', 'discount', 'tax', 'total'];
const discount = { discount_value: 'discount_type' };

/** Tables that can be exported. */
export const EXPORTS = {
  accounts: { money: ['credit_limit'], hides: true },
  contacts: { hides: true },
  leads: { money: ['budget'], names: { event_type_id: 'event_types(name)' } },
  opportunities: {
    money: ['amount', 'budget'],
    names: { ...client, event_type_id: 'event_types(name)' },
  },
  events: {
    names: {
      account_id: client.account_id,
      primary_contact_id: client.contact_id,
      planner_contact_id: client.contact_id,
      event_type_id: 'event_types(name)',
      event_category_id: 'event_categories(name)',
      location_id: 'locations(name)',
    },
    hides: true,
  },
  quotes: {
    money: totals,
    deductions: { ...discount, deposit_value: 'deposit_type' },
    names: { ...client, opportunity_id: 'opportunities(name)' },
  },
  invoices: {
    money: [...totals, 'paid', 'credited', 'balance', 'next_due_amount'],
    deductions: discount,
    names: { ...client, event_id: 'events(title)' },
  },
  payments: { money: ['amount', 'fee'], names: { invoice_id: 'invoices(invoice_number)' } },
  tasks: {},
  booths: { names: { booth_type_id: 'booth_types(name)', location_id: 'locations(name)' } },
  equipment_items: {
    money: ['purchase_price'],
    names: {
      equipment_type_id: 'equipment_types(name)',
      booth_id: 'booths(name)',
      location_id: 'locations(name)',
    },
  },
  locations: {},
  packages: {
    money: ['base_price', 'extra_hour_price'],
    names: { booth_type_id: 'booth_types(name)' },
  },
  products: { money: ['price', 'cost'], names: { design_item_type_id: 'design_item_types(name)' } },
} as const satisfies Record<string, ExportedTable>;

export type ExportedTableName = keyof typeof EXPORTS;

type Row = Record<string, unknown>;

const PAGE = 1000;
/** Columns that mean nothing outside of the database. */
const LEFT_OUT = /^(tenant_id|phone_key|deleted_at|merged_into_id|merged_at|.*_hash)$/;
/** Embedded names, by column: `as_account_id`. */
const alias = (column: string) => `as_${column}`;

/**
 * All rows of a table that the client may read, as lines of CSV. Reads page by page by key: a long list needs little memory, and no
 * row is missed.
 *
 * @param nameOf a user's name, by id
 */
export async function* exportTable(
  tenantClient: TenantClient,
  table: ExportedTableName,
  nameOf: (userId: string) => string | undefined = () => undefined,
): AsyncGenerator<string> {
  const { money = [], deductions = {}, names = {}, hides }: ExportedTable = EXPORTS[table];
  const { currency } = await loadSettings(tenantClient, ['currency']);
  const embedded = Object.entries(names).map(([column, target]) => embed(table, column, target));
  if (table === 'contacts') embedded.push('contact_accounts(is_primary,accounts(name))');
  if (table === 'events') embedded.push(DATES);
  let columns: string[] | undefined;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const reading = tableNamed(tenantClient, table)
      .select<string, Row>(['*', ...embedded].join(','))
      .gt('id', after)
      .order('id')
      .limit(PAGE);
    const { data } = await (hides ? reading.is('deleted_at', null) : reading).throwOnError();
    const rows = data.map((row) => {
      const cells: Row = {};
      for (const [column, value] of Object.entries(row)) {
        if (LEFT_OUT.test(column) || column.startsWith('as_') || BESIDE.has(column)) continue;
        const isMoney = money.includes(column) || row[deductions[column] ?? ''] === 'amount';
        const isAmount = isMoney && value !== null && value !== undefined;
        cells[column] = isAmount
          ? decimalAmount(roundMoney(String(value)), String(row.currency ?? currency))
          : value;
        if (column in names) cells[column.replace(/_id$/, '')] = nameIn(row[alias(column)]);
        if (PEOPLE.has(column)) cells[column.replace(/(_id)?$/, '_name')] = nameOf(String(value));
      }
      if (table === 'contacts') cells.account = primaryAccount(row.contact_accounts);
      if (table === 'events') Object.assign(cells, hoursAndBooths(row.event_dates as BookedDate[]));
      if (money.length > 0) cells.currency ??= currency;
      return cells;
    });
    const isFirst = columns === undefined;
    columns ??= Object.keys(rows[0] ?? {});
    const ordered = columns;
    const lines = rows.map((row) => ordered.map((column) => row[column]));
    yield isFirst ? BYTE_ORDER_MARK + writeCsv([ordered, ...lines]) : writeCsv(lines);
    if (rows.length < PAGE) return;
    after = String(data.at(-1)?.id);
  }
}

/** Rows of other tables that are read with a row, for cells of its own. */
const BESIDE = new Set(['contact_accounts', 'event_dates']);

const DATES =
  'event_dates!event_dates_event_id_fkey(event_date,start_time,end_time,status,booth_assignments!booth_assignments_event_date_id_fkey(status,booths!booth_assignments_booth_id_fkey(name)))';

interface BookedDate {
  event_date: string;
  start_time: string;
  end_time: string;
  status: string;
  booth_assignments: { status: string; booths: { name: string } | null }[];
}

/**
 * The hours and booths of an event's dates, as an import makes dates of them: where all days from the first to the last have the same. Empty
 * for other events.
 */
function hoursAndBooths(all: readonly BookedDate[]): { start_time: string; end_time: string; booth: string } {
  const standing = all.filter(({ status }) => status !== 'cancelled');
  const dates = (standing.length > 0 ? standing : all).toSorted((a, b) =>
    a.event_date.localeCompare(b.event_date),
  );
  const [first] = dates;
  const boothsOf = ({ booth_assignments }: BookedDate) =>
    booth_assignments
      .flatMap(({ status, booths }) => (status !== 'cancelled' && booths ? booths.name : []))
      .sort()
      .join('; ');
  const isSame = dates.every(
    (date, index) =>
      first &&
      date.event_date === shiftDate(first.event_date, index) &&
      date.start_time === first.start_time &&
      date.end_time === first.end_time &&
      boothsOf(date) === boothsOf(first),
  );
  if (!first || !isSame) return { start_time: '', end_time: '', booth: '' };
  return { start_time: first.start_time, end_time: first.end_time, booth: boothsOf(first) };
}

/** Columns that name a user. */
const PEOPLE = new Set(['owner_id', 'assigned_to']);

/** The foreign key is named, since some tables have several to the same one. */
function embed(table: string, column: string, target: string): string {
  const [other = '', columns = ''] = target.split(/[()]/);
  return `${alias(column)}:${other}!${table}_${column}_fkey(${columns})`;
}

function nameIn(embedded: unknown): string {
  return Object.values((embedded as Row | null) ?? {})
    .filter(Boolean)
    .join(' ');
}

function primaryAccount(links: unknown): string {
  const all = (links as { is_primary: boolean; accounts: Row | null }[] | undefined) ?? [];
  return nameIn((all.find(({ is_primary }) => is_primary) ?? all[0])?.accounts);
}
