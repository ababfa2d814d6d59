// What is exported and imported again is the same, whatever its texts hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ExportedTableName, exportTable } from '@/lib/crm/export';
import { IMPORT_ENTITIES, type ImportEntityName, importRows } from '@/lib/crm/import';
import { readCsv } from '@/lib/crm/import/csv';
import { writeCsv } from '@/lib/csv';
import { tableNamed } from '@/lib/repositories';
import { startMarquee } from '../../../server/running-server';

const { manager, a, b } = await startMarquee();
const [source, target] = [
  await manager.getClientForTenant(a.id, true),
  await manager.getClientForTenant(b.id, true),
];
for (const client of [source, target]) {
  const { data: category } = await client
    .from('event_categories')
    .insert({ name: 'Round trip', slug: 'round-trip' })
    .select('id')
    .single()
    .throwOnError();
  await client
    .from('event_types')
    .insert({ name: 'Round trip', slug: 'round-trip', category_id: category.id })
    .throwOnError();
}

/** Texts with everything that CSV and spreadsheets give a meaning. PostgreSQL holds no NUL, and half a surrogate pair is no text. */
const text = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
    fc.constantFrom(
      "'+1 555",
      '+1 555 0100',
      "''=1+1",
      '=1+1',
      '-5',
      "'-5",
      '@x',
      'a;b',
      'a,b\tc',
      '"',
      'two\r\nlines',
      '\tx',
      'ß 日本',
    ),
  )
  .map((value) => value.replaceAll('\u0000', '·'))
  .filter(
    (value) =>
      /\S/u.test(value) && !/[\uD800-\uDFFF]/.test(value.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '')),
  );
/** Names are matched and stored without blanks around them. */
const name = text.map((value) => value.trim().replace(/\s+/g, ' ')).filter((value) => value.length > 1);
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const day = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const birthday = fc
  .date({ min: new Date('1930-01-01'), max: new Date('2020-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const money = fc.integer({ min: 0, max: 1_000_000_00 });
const phone = fc.constantFrom('+1 512 555 0177', '+49 30 901820', '000', 'ask for Ann');
const email = fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.example$/);
const people = { first_name: text, last_name: maybe(text), email: maybe(email), phone: maybe(phone) };
const address = (prefix: string) => ({
  [`${prefix}_street`]: maybe(text),
  [`${prefix}_city`]: maybe(text),
  [`${prefix}_state`]: maybe(text),
  [`${prefix}_postal_code`]: maybe(text),
  [`${prefix}_country`]: maybe(text),
});

/** Rows of each entity, with `mark` in a column by which they are found again; references by name. */
const ROWS: Record<ImportEntityName, Record<string, fc.Arbitrary<unknown>>> = {
  accounts: {
    name: text,
    account_type: fc.constantFrom('individual', 'company'),
    email: maybe(email),
    phone: maybe(phone),
    website: maybe(text),
    industry: maybe(text),
    ...address('billing'),
    tax_id: maybe(text),
    tax_exempt: fc.boolean(),
    credit_limit: maybe(money),
    notes: maybe(text),
  },
  contacts: {
    ...people,
    job_title: maybe(text),
    account: maybe(name),
    ...address('address'),
    birthday: maybe(birthday),
    email_opt_out: fc.boolean(),
    notes: maybe(text),
  },
  leads: {
    ...people,
    company: maybe(text),
    source: maybe(text),
    status: fc.constantFrom('new', 'contacted', 'qualified', 'lost'),
    event_date: maybe(day),
    event_type: maybe(fc.constant('Round trip')),
    guest_count: maybe(fc.nat(5000)),
    message: maybe(text),
  },
  events: {
    title: text,
    account: name,
    status: fc.constantFrom('tentative', 'completed', 'cancelled'),
    start_date: maybe(day),
    location: maybe(name),
    event_type: maybe(fc.constant('Round trip')),
    guest_count: maybe(fc.nat(5000)),
    notes: maybe(text),
  },
  equipment: {
    name: text,
    asset_tag: fc.uuid(),
    equipment_type: name,
    serial_number: fc.uuid(),
    model: maybe(text),
    quantity: fc.integer({ min: 1, max: 1 }),
    condition: fc.constantFrom('excellent', 'good', 'fair', 'needs_repair'),
    purchase_date: maybe(day),
    purchase_price: maybe(money),
    notes: maybe(text),
  },
};

for (const entity of Object.keys(IMPORT_ENTITIES) as ImportEntityName[]) {
  test(`${entity} that are exported and imported elsewhere are equal`, async () => {
    const { table } = IMPORT_ENTITIES[entity];
    const shape = ROWS[entity];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record(shape), { minLength: 1, maxLength: 12 }), async (rows) => {
        await clear(source, table);
        await clear(target, table);
        // An export is what makes the first file: the rows come in by one that is written here.
        const header = Object.keys(shape);
        const given = writeCsv([
          header,
          ...rows.map((row) => header.map((column) => exported(column, row[column]))),
        ]);
        const first = await importRows(source, given, { entity, currency: 'USD', duplicates: 'create' });
        assert.deepEqual([first.failed, first.errors], [0, []]);
        const lines = await Array.fromAsync(exportTable(source, table as ExportedTableName));
        const second = await importRows(target, lines.join(''), {
          entity,
          currency: 'USD',
          duplicates: 'create',
        });
        assert.deepEqual([second.created, second.failed, second.errors], [rows.length, 0, []]);
        const before = await sorted(source, table, header);
        assert.deepEqual(
          before,
          rows.map((row) => JSON.stringify(header.map((column) => exported(column, row[column])))).toSorted(),
        );
        assert.deepEqual(await sorted(target, table, header), before);
      }),
      { numRuns: 8 },
    );
  });
}

type Client = typeof source;

/** As a file holds it: amounts in major units, nothing as an empty cell. */
function exported(column: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  return /credit_limit|price/.test(column) ? (Number(value) / 100).toFixed(2) : String(value);
}

/** The rows as their exported cells, in an order of their own. */
async function sorted(client: Client, table: string, columns: string[]): Promise<string[]> {
  const file = (await Array.fromAsync(exportTable(client, table as ExportedTableName))).join('');
  const rows = await Array.fromAsync(readCsv(file));
  return rows.map(({ cells }) => JSON.stringify(columns.map((column) => cells[column] ?? ''))).toSorted();
}

async function clear(client: Client, table: string): Promise<void> {
  await tableNamed(client, table).delete().not('id', 'is', null).throwOnError();
}

test('amounts of an invoice are exported in one unit, also credits and discounts', async () => {
  const { data: account } = await source
    .from('accounts')
    .insert({ name: 'Exported' })
    .select('id')
    .single()
    .throwOnError();
  const { data: invoice } = await source
    .from('invoices')
    .insert({ account_id: account.id, discount_type: 'amount', discount_value: 1_000 })
    .select('id')
    .single()
    .throwOnError();
  await source
    .from('invoice_line_items')
    .insert({ invoice_id: invoice.id, item_type: 'custom', name: 'Booth', unit_price: 50_000 })
    .throwOnError();
  await source.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  await source
    .rpc('credit_invoice', { invoice_id: invoice.id, amount: 9_000, reason: 'Rain' })
    .throwOnError();
  const columns = ['total', 'discount_value', 'paid', 'credited', 'balance', 'next_due_amount'];
  assert.deepEqual(await sorted(source, 'invoices', columns), [
    JSON.stringify(['490.00', '10.00', '90.00', '90.00', '400.00', '400.00']),
  ]);
});
