// The sales-tax report: by place and rate, by accrual and by cash, which agree once an invoice is settled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { add, addAccount, addDate, addEvent } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;

interface Row {
  bucket: string;
  place: string;
  rate: number;
  currency: string;
  invoices: number;
  net: number;
  tax: number;
}

const report = (query: Query, basis: string, from = '2026-01-01', to = '2026-12-31') =>
  query<Row>(
    `select bucket::text, place, tax_name, rate::float, currency, invoices, net::int, tax::int
     from sales_tax_report($1, $2, $3)`,
    [from, to, basis],
  );

/** A sent invoice of lines [price, rate]; rate 0 is untaxed. */
async function addInvoice(
  query: Query,
  lines: [price: number, rate: number][],
  row: Record<string, unknown> = {},
) {
  const invoice = await add(query, 'invoices', {
    account_id: await addAccount(query),
    issue_date: '2026-03-10',
    ...row,
  });
  for (const [unit_price, tax_rate] of lines)
    await add(query, 'invoice_line_items', {
      invoice_id: invoice,
      item_type: 'custom',
      name: 'x',
      unit_price,
      tax_rate,
      taxable: tax_rate > 0,
    });
  await query("update invoices set status = 'sent' where id = $1", [invoice]);
  return invoice;
}

const pay = (
  query: Query,
  invoice: string,
  amount: number,
  paid_at: string,
  row: Record<string, unknown> = {},
) => add(query, 'payments', { invoice_id: invoice, amount, currency: 'USD', paid_at, ...row });

test('accrual is by day of issue and credit, cash by day of payment and refund, in the company’s month', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const hall = await add(query, 'locations', { name: 'Hall', city: 'Columbus', state: 'OH' });
    const event = await addEvent(query);
    await addDate(query, { event_id: event, location_id: hall });
    const columbus = await addInvoice(
      query,
      [
        [100_000, 7.5],
        [20_000, 0],
      ],
      { event_id: event },
    );
    const account = await add(query, 'accounts', {
      name: 'Elsewhere',
      billing_city: 'Erie',
      billing_state: 'PA',
    });
    await addInvoice(query, [[50_000, 6]], { account_id: account });
    const voided = await addInvoice(query, [[9_999, 6]]);
    await query("update invoices set status = 'void' where id = $1", [voided]);
    await addInvoice(query, [[7_777, 6]], { issue_date: '2025-12-31' });
    // Half of 127,500 on the last evening of March in New York.
    const payment = await pay(query, columbus, 63_750, '2026-04-01T03:30:00Z');
    await pay(query, columbus, 12_750, '2026-05-02T12:00:00Z', { kind: 'refund', refund_of_id: payment });
    await pay(query, columbus, 25_500, '2026-06-02T12:00:00Z', { method: 'credit' });
  });
  await as({ tenant, role: 'manager' }, async (query) => {
    const row = (bucket: string, place: string, rate: number, net: number, tax: number) => ({
      bucket: `2026-${bucket}-01`,
      place,
      tax_name: rate ? 'Tax' : '',
      rate,
      currency: 'USD',
      invoices: 1,
      net,
      tax,
    });
    assert.deepEqual(await report(query, 'accrual'), [
      row('03', 'Columbus, OH', 7.5, 100_000, 7_500),
      row('03', 'Columbus, OH', 0, 20_000, 0),
      row('03', 'Erie, PA', 6, 50_000, 3_000),
      row('06', 'Columbus, OH', 7.5, -20_000, -1_500),
      row('06', 'Columbus, OH', 0, -4_000, 0),
    ]);
    assert.deepEqual(await report(query, 'cash'), [
      row('03', 'Columbus, OH', 7.5, 50_000, 3_750),
      row('03', 'Columbus, OH', 0, 10_000, 0),
      row('05', 'Columbus, OH', 7.5, -10_000, -750),
      row('05', 'Columbus, OH', 0, -2_000, 0),
    ]);
  });
  for (const role of ['sales', 'staff'] as const)
    await assert.rejects(
      as({ tenant, role }, (query) => report(query, 'cash')),
      sqlState('PT403'),
    );
  await assert.rejects(
    as({ tenant, role: 'owner' }, (query) => report(query, 'both')),
    sqlState('PT400'),
  );
});

test('a corrected payment changes the month that it is in, and no other', async () => {
  const tenant = await addTenant(database);
  const corrected = async (changes: string) => {
    await as({ tenant }, async (query) => {
      const invoice = await addInvoice(query, [[50_000, 0]], { issue_date: '2026-04-01' });
      const payment = await pay(query, invoice, 50_000, '2026-05-05T12:00:00Z', { method: 'cash' });
      await query(`select correct_payment($1, 'typed wrong'${changes})`, [payment]);
    });
    return as({ tenant, role: 'manager' }, async (query) => {
      const [day] = await query<{ today: string }>('select tenancy.today()::text as today');
      const received = async (from: string, to: string) => {
        const [row] = await query<{ received: number }>(
          'select coalesce(sum(received), 0)::int as received from revenue_report($1, $2)',
          [from, to],
        );
        const cash = await report(query, 'cash', from, to);
        assert.equal(
          cash.reduce((sum, { net }) => sum + net, 0),
          row?.received,
        );
        return row?.received;
      };
      return [
        await received('2026-04-01', '2026-04-30'),
        await received('2026-05-01', '2026-05-31'),
        await received('2026-06-01', day?.today ?? ''),
      ];
    });
  };
  // The figures add up over the cases: each says what it added.
  assert.deepEqual(await corrected(", 50000, 'check'"), [0, 50_000, 0]);
  // Another day of the same month, and another amount.
  assert.deepEqual(await corrected(", 30000, 'cash', '2026-05-28T12:00:00Z'"), [0, 80_000, 0]);
  // In another month it is taken back now: what May was stays.
  assert.deepEqual(await corrected(", 50000, 'cash', '2026-04-28T12:00:00Z'"), [50_000, 130_000, -50_000]);
  // It never came.
  assert.deepEqual(await corrected(''), [50_000, 180_000, -100_000]);
});

test('whatever is paid, refunded and credited: once settled, cash and accrual say the same tax, and nothing is lost', async () => {
  const line = fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.constantFrom(0, 6, 7.25, 8.875));
  const step = fc.record({
    kind: fc.constantFrom('pay', 'credit', 'refund'),
    share: fc.integer({ min: 1, max: 99 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 4 }),
      fc.array(step, { maxLength: 6 }),
      fc.constantFrom('half_up', 'half_even', 'down'),
      async (lines, steps, rule) => {
        const tenant = await addTenant(database);
        await as({ tenant }, async (query) => {
          await query("insert into tenant_settings (key, value) values ('rounding', to_jsonb($1::text))", [
            rule,
          ]);
          const invoice = await addInvoice(query, lines);
          const state = async () => {
            const [row] = await query<{ balance: number; total: number; tax: number; net: number }>(
              'select balance::int, total::int, tax::int, (subtotal - discount)::int as net from invoices where id = $1',
              [invoice],
            );
            assert.ok(row);
            return row;
          };
          let day = 1;
          const at = () => `2026-04-${String(day++).padStart(2, '0')}T12:00:00Z`;
          const paid: { id: string; left: number; method: string }[] = [];
          for (const { kind, share } of steps) {
            const { balance } = await state();
            const amount = Math.ceil((balance * share) / 100);
            if (kind === 'refund') {
              const from = paid.find(({ left }) => left > 0);
              if (!from) continue;
              const back = Math.ceil((from.left * share) / 100);
              from.left -= back;
              await pay(query, invoice, back, at(), {
                kind: 'refund',
                refund_of_id: from.id,
                method: from.method,
              });
            } else if (amount > 0) {
              const method = kind === 'credit' ? 'credit' : 'cash';
              paid.push({ id: await pay(query, invoice, amount, at(), { method }), left: amount, method });
            }
          }
          const { balance, tax, net } = await state();
          if (balance > 0) await pay(query, invoice, balance, at());
          const sums = async (basis: string) => {
            const rows = await report(query, basis);
            return Object.fromEntries(
              rows.map(({ rate }) => [
                rate,
                [
                  rows.filter((one) => one.rate === rate).reduce((sum, one) => sum + one.net, 0),
                  rows.filter((one) => one.rate === rate).reduce((sum, one) => sum + one.tax, 0),
                ],
              ]),
            );
          };
          const [accrual, cash] = [await sums('accrual'), await sums('cash')];
          for (const rate of Object.keys({ ...accrual, ...cash }))
            assert.deepEqual(cash[rate] ?? [0, 0], accrual[rate] ?? [0, 0], `at ${rate} %`);
          const [first] = await query<{ net: number; tax: number }>(
            "select sum(net)::int as net, sum(tax)::int as tax from sales_tax_report('2026-03-01', '2026-03-31')",
          );
          assert.deepEqual(first, { net, tax }, 'the invoice as it was issued');
          // What each entry says of itself adds up to it, and all of them to the invoice.
          const shares = await query<{ id: string; amount: number; rate: number; net: number; tax: number }>(
            `select p.id, (case p.kind when 'refund' then -p.amount else p.amount end)::int as amount, t.rate::float, t.net::int,
               t.tax::int
             from payments p cross join lateral payment_taxes(p.id) t where p.invoice_id = $1`,
            [invoice],
          );
          for (const { id, amount } of shares) {
            const own = shares.filter((share) => share.id === id);
            assert.equal(
              own.reduce((sum, share) => sum + share.net + share.tax, 0),
              amount,
            );
          }
          for (const rate of Object.keys(accrual)) {
            // Credits included: all entries together have the tax that was issued.
            const ofRate = shares.filter((share) => String(share.rate) === rate);
            const issued = await query<{ tax: number }>(
              "select coalesce(sum(tax), 0)::int as tax from sales_tax_report('2026-03-01', '2026-03-31') where rate = $1",
              [rate],
            );
            assert.equal(
              ofRate.reduce((sum, share) => sum + share.tax, 0),
              issued[0]?.tax,
              `at ${rate} %`,
            );
          }
        });
      },
    ),
    { numRuns: 15 },
  );
});

test('a credit note and a later month stay as they are when an earlier payment is recorded later', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const invoice = await addInvoice(query, [[1_000, 8.875]]);
    await pay(query, invoice, 100, '2026-05-05T12:00:00Z');
    const credit = await pay(query, invoice, 333, '2026-04-20T12:00:00Z', { method: 'credit' });
    const said = async () => [
      await query('select * from payment_taxes($1)', [credit]),
      await report(query, 'accrual'),
      await report(query, 'cash', '2026-05-01'),
    ];
    const before = await said();
    // Each of these would shift the places at which shares are rounded.
    for (const amount of [3, 5, 6, 7, 11]) {
      await pay(query, invoice, amount, '2026-04-02T12:00:00Z');
      assert.deepEqual(await said(), before);
    }
  });
});

test('a refund that is confirmed later changes no share of what came in meanwhile', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const invoice = await addInvoice(query, [[1_000, 8.875]]);
    const at = (day: string) => ({ created_at: day });
    const first = await pay(query, invoice, 400, '2026-04-05', at('2026-04-05'));
    const refunds: string[] = [];
    for (const amount of [3, 5, 6, 7, 11])
      refunds.push(
        await pay(query, invoice, amount, '2026-04-20', {
          ...{ kind: 'refund', refund_of_id: first, status: 'pending', provider: 'test' },
          ...at('2026-04-20'),
        }),
      );
    const later = await pay(query, invoice, 333, '2026-05-02', at('2026-05-02'));
    const said = async () => [
      await query('select * from payment_taxes($1)', [later]),
      await report(query, 'cash', '2026-05-01', '2026-05-31'),
    ];
    const before = await said();
    for (const refund of refunds) {
      await query("update payments set status = 'succeeded', paid_at = '2026-06-02' where id = $1", [refund]);
      assert.deepEqual(await said(), before);
    }
  });
});
