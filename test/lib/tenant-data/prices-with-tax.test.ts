// Prices that include the tax: it is taken out of them, and what the lines say is what the client pays.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ROUNDING_RULES } from '@/lib/money';
import { add, addAccount, addDeal } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;

const set = (query: Query, key: string, value: unknown) =>
  query(
    `insert into tenant_settings (key, value) values ($1, $2)
     on conflict (tenant_id, key) do update set value = excluded.value`,
    [key, JSON.stringify(value)],
  );
const vat = (prices_include_tax: boolean) => ({ name: 'MwSt.', rate: 0.19, prices_include_tax });

async function addLines(
  query: Query,
  table: 'quote_line_items' | 'invoice_line_items',
  parent: string,
  lines: readonly [price: number, rate: number][],
): Promise<void> {
  const column = table === 'quote_line_items' ? 'quote_id' : 'invoice_id';
  for (const [unit_price, tax_rate] of lines)
    await add(query, table, {
      [column]: parent,
      item_type: 'custom',
      name: 'x',
      unit_price,
      tax_rate,
      taxable: tax_rate > 0,
    });
}

interface Figures {
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
  taxes: { rate: number; net: number; tax: number }[];
  prices_include_tax: boolean;
}

async function figures(query: Query, table: 'quotes' | 'invoices', id: string): Promise<Figures> {
  const [row] = await query<Figures>(
    `select subtotal::float8, discount::float8, tax::float8, total::float8, taxes, prices_include_tax from ${table} where id = $1`,
    [id],
  );
  if (!row) throw new Error('The document is not there.');
  return row;
}

test('whatever is sold: net and tax of each rate add up to its prices, and the total is what the lines say', async () => {
  const line = fc.tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.constantFrom(0, 5.5, 7, 8.875, 19, 21));
  const tenant = await addTenant(database);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 0, max: 100 }),
      fc.constantFrom(...ROUNDING_RULES),
      async (lines, percent, rule) => {
        await as({ tenant }, async (query) => {
          await set(query, 'tax', vat(true));
          await set(query, 'rounding', rule);
          const invoice = await add(query, 'invoices', {
            account_id: await addAccount(query),
            discount_type: 'percent',
            discount_value: percent,
          });
          await addLines(query, 'invoice_line_items', invoice, lines);
          const { subtotal, discount, tax, total, taxes } = await figures(query, 'invoices', invoice);
          assert.equal(
            subtotal,
            lines.reduce((sum, [price]) => sum + price, 0),
          );
          assert.equal(total, subtotal - discount);
          assert.equal(
            tax,
            taxes.reduce((sum, one) => sum + one.tax, 0),
          );
          const untaxed = total - taxes.reduce((sum, one) => sum + one.net + one.tax, 0);
          if (!lines.some(([, rate]) => rate === 0)) assert.equal(untaxed, 0);
          else assert.ok(untaxed >= 0);
          for (const { rate, net, tax } of taxes) {
            // The tax is what the rate makes of the exact net, to less than a unit.
            const exact = ((net + tax) * rate) / (100 + rate);
            assert.ok(Math.abs(tax - exact) <= (rule === 'down' ? 1 : 0.5) + 1e-6, `${tax} of ${net + tax}`);
          }
        });
      },
    ),
    { numRuns: 40 },
  );
});

test('a new document takes the company’s choice, a draft can change it, and what was sent keeps it', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    await set(query, 'tax', vat(true));
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    await addLines(query, 'quote_line_items', quote, [[119_000, 19]]);
    const included = {
      subtotal: 119_000,
      discount: 0,
      tax: 19_000,
      total: 119_000,
      taxes: [{ name: 'MwSt.', rate: 19, net: 100_000, tax: 19_000 }],
      prices_include_tax: true,
    };
    assert.deepEqual(await figures(query, 'quotes', quote), included);
    await query('update quotes set prices_include_tax = false where id = $1', [quote]);
    assert.equal((await figures(query, 'quotes', quote)).total, 141_610);
    await query('update quotes set prices_include_tax = true where id = $1', [quote]);
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    await set(query, 'tax', vat(false));
    await query('savepoint sent');
    await assert.rejects(
      query('update quotes set prices_include_tax = false where id = $1', [quote]),
      sqlState('PT409'),
    );
    await query('rollback to savepoint sent');
    // A revision and the invoice are of the same prices.
    const [revised] = await query<{ id: string }>('select id from revise_quote($1)', [quote]);
    assert.deepEqual(await figures(query, 'quotes', revised?.id ?? ''), included);
    await query("update quotes set status = 'sent' where id = $1", [revised?.id]);
    await query("select accept_quote($1, 'Ana')", [revised?.id]);
    const [invoice] = await query<{ id: string }>('select id from invoice_from_quote($1)', [revised?.id]);
    assert.deepEqual(await figures(query, 'invoices', invoice?.id ?? ''), included);
    await query("update invoices set status = 'sent' where id = $1", [invoice?.id]);
    await query('savepoint issued');
    await assert.rejects(
      query('update invoices set prices_include_tax = false where id = $1', [invoice?.id]),
      sqlState('PT409'),
    );
    await query('rollback to savepoint issued');
  });
});

test('a tax-exempt client pays the prices as they are', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    await set(query, 'tax', vat(true));
    const account = await add(query, 'accounts', { name: 'Museum', tax_exempt: true });
    const invoice = await add(query, 'invoices', { account_id: account });
    await addLines(query, 'invoice_line_items', invoice, [[119_000, 19]]);
    const { tax, total, taxes } = await figures(query, 'invoices', invoice);
    assert.deepEqual([tax, total, taxes], [0, 119_000, []]);
  });
});

test('reports count the net of prices that include tax', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    await set(query, 'tax', vat(true));
    const invoice = await add(query, 'invoices', {
      account_id: await addAccount(query),
      issue_date: '2026-03-10',
      discount_type: 'amount',
      discount_value: 1_900,
    });
    await addLines(query, 'invoice_line_items', invoice, [
      [119_000, 19],
      [20_900, 0],
    ]);
    await query("update invoices set status = 'sent' where id = $1", [invoice]);
    const { tax, total } = await figures(query, 'invoices', invoice);
    const period = ['2026-01-01', '2026-12-31'];
    const accrual = await query<{ rate: number; net: number; tax: number }>(
      "select rate::float, net::int, tax::int from sales_tax_report($1, $2, 'accrual') order by rate",
      period,
    );
    assert.equal(
      accrual.reduce((sum, row) => sum + row.net + row.tax, 0),
      total,
    );
    assert.equal(accrual.find(({ rate }) => rate === 19)?.tax, tax);
    const [revenue] = await query<{ invoiced: number; revenue: number }>(
      'select sum(invoiced)::int as invoiced, sum(revenue)::int as revenue from revenue_report($1, $2)',
      period,
    );
    assert.deepEqual(revenue, { invoiced: total, revenue: total - tax });
  });
});
