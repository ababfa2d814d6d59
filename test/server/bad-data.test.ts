// What people enter that cannot be, through the real Supabase client: refused in words, nothing lost, never a 500.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { administer } from '../support/postgres';
import { startServing } from './serving';

const serving = await startServing();
// Raises whatever SQLSTATE it is asked for.
await administer(
  serving.dataSourceUrl,
  `create function public.raising(code text) returns void language plpgsql as
     $$ begin raise exception 'said' using errcode = code, hint = 'for administrators'; end $$;
   grant execute on function public.raising to tenant_user`,
);
const client = await serving.supabase('a', 'owner@a.example');

/** Inserts a row that must be there for what is tried. */
async function made(table: string, row: Record<string, unknown>): Promise<Record<string, string>> {
  const { data, error } = await client.from(table).insert(row).select().single();
  assert.equal(error, null, JSON.stringify(error));
  return data;
}

const account = await made('accounts', { name: 'Kept' });
const event = await made('events', { title: 'Kept', account_id: account.id });
const deal = await made('opportunities', { name: 'Kept', account_id: account.id });
const quote = await made('quotes', { opportunity_id: deal.id });
const date = { event_id: event.id, start_time: '18:00', end_time: '23:00', timezone: 'Europe/Amsterdam' };
const line = { quote_id: quote.id, item_type: 'custom', name: 'x', unit_price: 100 };

const REFUSED: [what: string, table: string, row: unknown, words: RegExp][] = [
  [
    'a day that does not exist',
    'event_dates',
    { ...date, event_date: '2027-02-30' },
    /“2027-02-30” is not a date/,
  ],
  ['no day at all', 'event_dates', { ...date, event_date: 'soon' }, /“soon” is not a date/],
  ['a day without limits', 'event_dates', { ...date, event_date: 'infinity' }, /out of range/],
  ['a year far away', 'event_dates', { ...date, event_date: '9999-01-01' }, /too far/],
  [
    'a time that the clocks skip',
    'event_dates',
    { ...date, event_date: '2027-03-28', start_time: '02:30' },
    /before or after the change/,
  ],
  [
    'a time of 25 hours',
    'event_dates',
    { ...date, event_date: '2027-03-01', start_time: '25:00' },
    /“25:00” is not a date or time/,
  ],
  [
    'a timezone turned round',
    'event_dates',
    { ...date, event_date: '2027-03-01', timezone: 'UTC+2' },
    /Europe\/Amsterdam/,
  ],
  ['a negative price', 'packages', { name: 'P', base_price: -1 }, /Base price must be an amount/],
  [
    'an enormous price',
    'packages',
    { name: 'P', base_price: 9_007_199_254_740_991 },
    /Base price must be an amount/,
  ],
  [
    'a price past bigint',
    'packages',
    { name: 'P', base_price: '99999999999999999999' },
    /number is too large|not a whole number/,
  ],
  ['half a cent', 'packages', { name: 'P', base_price: '1.5' }, /“1.5” is not a whole number/],
  [
    'lines that come to too much',
    'quote_line_items',
    { ...line, quantity: 999_999_999, unit_price: 100_000_000_000 },
    /quantity and the price/,
  ],
  ['no quantity', 'quote_line_items', { ...line, quantity: 0 }, /Quantity is too small/],
  [
    'a quantity of 20 digits',
    'quote_line_items',
    { ...line, quantity: '12345678901234567890.5' },
    /number is too large/,
  ],
  ['not a number', 'quote_line_items', { ...line, quantity: 'NaN' }, /Check the quantity/],
  [
    'a discount of 200 %',
    'quote_line_items',
    { ...line, discount_type: 'percent', discount_value: 200 },
    /at most 100/,
  ],
  [
    'a note of 10 MB',
    'notes',
    { entity_type: 'account', entity_id: account.id, content: 'x'.repeat(9_000_000) },
    /100,000 characters/,
  ],
  [
    'a name too long for an index',
    'accounts',
    { name: Array.from({ length: 9000 }, (_, n) => n.toString(36)).join('') },
    /too long/,
  ],
  [
    'a name too long for a sorted index',
    'accounts',
    { name: randomBytes(4000).toString('base64') },
    /^(?!.*MD5).*A text is too long\. Shorten it/s,
  ],
  ['an empty name', 'accounts', { name: '' }, /Name must not be empty/],
  ['no name', 'accounts', { name: null }, /Name is required/],
  ['a null character', 'accounts', { name: 'a\u0000b' }, /character that cannot be stored/],
  [
    'half of a surrogate pair',
    'accounts',
    { name: 'a\ud800b' },
    /character that cannot be stored|wrong format/,
  ],
  [
    'an unknown status',
    'accounts',
    { name: 'x', status: 'great' },
    /Status is not one of the allowed values/,
  ],
  ['something twice', 'event_categories', { name: 'Again', slug: 'weddings' }, /already one with this slug/],
  ['something that is not there', 'events', { title: 'x', account_id: event.id }, /no longer exists/],
  ['a number that is no key', 'events', { title: 'x', account_id: '7' }, /“7” is not an id/],
];

for (const [what, table, row, words] of REFUSED)
  test(`${what} is refused in words`, async () => {
    const { error, status } = await client.from(table).insert(row as never);
    assert.ok(error && status >= 400 && status < 500, `${status} ${JSON.stringify(error)}`);
    assert.match(`${error.message} ${error.hint}`, words);
  });

test('what is sent twice at once, nested beyond measure or too slow is no failure of ours', async () => {
  const twice = await client.from('accounts').upsert(
    [
      { id: account.id, name: 'A' },
      { id: account.id, name: 'B' },
    ],
    { onConflict: 'tenant_id,id' },
  );
  assert.deepEqual([twice.status, twice.error?.hint], [400, 'The same record was sent twice at once.']);
  for (const [code, expected, words] of [
    ['57014', 503, /took too long.*nothing was changed/],
    ['54001', 400, /too deeply nested/],
    ['55P03', 409, /Another user was changing/],
  ] as const) {
    const { status, error } = await client.rpc('raising', { code });
    assert.deepEqual([status, error?.code], [expected, code]);
    assert.match(error?.hint ?? '', words);
  }
});

test('what others need is not deleted, and says who needs it', async () => {
  const { error, status } = await client.from('accounts').delete().eq('id', account.id);
  assert.equal(status, 409);
  assert.match(error?.hint ?? '', /still used by (events|opportunities)/);
  assert.equal((await client.from('accounts').select('id').eq('id', account.id)).data?.length, 1);
});

test('ten decimals become three; text of any script stays as it is, to the letter', async () => {
  const kept = await made('quote_line_items', { ...line, quantity: '1.0004999999' });
  assert.deepEqual([Number(kept.quantity), Number(kept.line_total)], [1, 100]);
  const name = 'שלום ‮abc‬ 👩‍👩‍👧‍👦 𝔘𝔫𝔦 e\u0301 =1+1';
  assert.equal((await made('accounts', { name })).name, name);
});

test('the currency of an invoice with money on it stays', async () => {
  const invoice = await made('invoices', { account_id: account.id });
  await made('invoice_line_items', {
    invoice_id: invoice.id,
    item_type: 'custom',
    name: 'x',
    unit_price: 500,
  });
  await client.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  await made('payments', { invoice_id: invoice.id, amount: 500, currency: 'USD' });
  const { error, status } = await client.from('invoices').update({ currency: 'EUR' }).eq('id', invoice.id);
  assert.equal(status, 409);
  assert.match(`${error?.message} ${error?.hint}`, /was sent and can no longer be changed.*Void it/);
  const foreign = await client
    .from('payments')
    .insert({ invoice_id: invoice.id, amount: 5, currency: 'EUR' });
  assert.match(foreign.error?.message ?? '', /The invoice is in USD, the payment in EUR/);
});

test('of two who edit one record the second changes nothing and learns of it', async () => {
  const row = await made('accounts', { name: 'Two editors' });
  const save = (name: string) =>
    client.from('accounts').update({ name }).eq('id', row.id).eq('version', row.version).select();
  const answers = await Promise.all([save('First'), save('Second')]);
  assert.deepEqual(answers.map(({ data }) => data?.length).sort(), [0, 1]);
});

test('many who change the same things at once all get an answer that is no failure of ours', async () => {
  const lines = await Promise.all([1, 2, 3].map(() => made('quote_line_items', line)));
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      client.from('quote_line_items').upsert(
        // In turns from either end, so that they wait for each other.
        (n % 2 ? lines : lines.toReversed()).map((one) => ({ ...line, id: one.id, unit_price: n })),
        { onConflict: 'tenant_id,id' },
      ),
    ),
  );
  // 503 is a machine that is too busy: nothing was changed, and the client may ask again.
  for (const { status, error } of answers)
    assert.ok(status < 500 || status === 503, `${status} ${JSON.stringify(error)}`);
  const { data: after } = await client
    .from('quotes')
    .select('total, lines:quote_line_items(line_total)')
    .eq('id', quote.id)
    .single();
  const sum = ((after?.lines ?? []) as { line_total: number }[]).reduce(
    (total, one) => total + one.line_total,
    0,
  );
  assert.equal(after?.total, sum);
});
