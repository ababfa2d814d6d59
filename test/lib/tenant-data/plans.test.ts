// Payment plans follow the total, the credits, the payments and the event's date by the rules of docs/payment-plans.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ROUNDING_RULES, roundMoney } from '@/lib/money';
import { monthly, preview, type Part as WebPart } from '@/web/crm/plans/plan';
import { monthsAfter } from '@/web/hooks/dates/days';
import { add, addAccount, addDate, addDeal, addEvent, addLine } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

interface Part {
  label: string;
  type: 'percent' | 'amount' | 'rest';
  value: number | null;
  amount: number;
  due_date: string | null;
  days_before: number | null;
}

interface Invoice {
  total: number;
  paid: number;
  credited: number;
  due_date: string | null;
  next_due_date: string | null;
  next_due_amount: number;
  overdue: boolean;
  plan: Part[];
}

async function read(query: Query, id: string, table = 'invoices'): Promise<Invoice> {
  const [row] = await query<Invoice>(
    table === 'invoices'
      ? `select total::int, paid::int, credited::int, due_date::text, next_due_date::text, next_due_amount::int, overdue(i),
           payment_schedule as plan from invoices i where id = $1`
      : 'select total::int, payment_schedule as plan from quotes where id = $1',
    [id],
  );
  assert.ok(row);
  return row;
}

const amounts = ({ plan }: { plan: Part[] }) => plan.map(({ amount }) => amount);
const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

/** A sent invoice of one line with a plan. */
async function sentWith(query: Query, total: number, plan: unknown, row: Record<string, unknown> = {}) {
  const invoice = await add(query, 'invoices', { account_id: await addAccount(query), ...row });
  await add(query, 'invoice_line_items', {
    invoice_id: invoice,
    item_type: 'custom',
    name: 'Booth',
    unit_price: total,
    taxable: false,
  });
  await query("update invoices set payment_schedule = $2, status = 'sent' where id = $1", [
    invoice,
    JSON.stringify(plan),
  ]);
  return invoice;
}

const pay = (query: Query, invoice: string, amount: number, row: Record<string, unknown> = {}) =>
  add(query, 'payments', { invoice_id: invoice, amount, currency: 'USD', ...row });
const refund = (query: Query, invoice: string, payment: string, amount: number) =>
  pay(query, invoice, amount, { kind: 'refund', refund_of_id: payment });

const HALF = [
  { label: 'Deposit', type: 'percent', value: 50, due_date: '2027-01-01' },
  { label: 'Balance', type: 'rest', due_date: '2027-05-01' },
];

test('amounts always add up to what is owed, paid parts stay, and no part is less than what was paid on it', async () => {
  const part = fc.record({
    type: fc.constantFrom('percent' as const, 'amount' as const),
    percent: fc.integer({ min: 1, max: 40 }),
    amount: fc.integer({ min: 0, max: 40_000 }),
  });
  const step = fc.record({
    kind: fc.constantFrom('pay', 'pay next', 'refund', 'credit', 'take back a credit', 'move', 'replan'),
    share: fc.integer({ min: 1, max: 100 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 150_000 }),
      fc.array(step, { maxLength: 6 }),
      fc.constantFrom('half_up', 'half_even', 'down'),
      async (parts, total, steps, rule) => {
        await service(async (query) => {
          await query(
            "insert into tenant_settings (key, value) values ('rounding', to_jsonb($1::text)) on conflict (tenant_id, key) do update set value = excluded.value",
            [rule],
          );
          const event = await addEvent(query);
          const date = await addDate(query, { event_id: event, event_date: '2030-06-12' });
          let percents = 0;
          const plan = parts.map(({ type, percent, amount }, index) => {
            const isPercent = type === 'percent' && percents + percent <= 100;
            if (isPercent) percents += percent;
            return {
              label: `Part ${index}`,
              type: isPercent ? 'percent' : 'amount',
              value: isPercent ? percent : amount,
              days_before: 300 - index,
            };
          });
          const invoice = await sentWith(
            query,
            total,
            [...plan, { label: 'Balance', type: 'rest', days_before: 14 }],
            { event_id: event },
          );
          let left = total;
          const planned = plan.map(({ type, value }) => {
            const wanted = type === 'percent' ? roundMoney(total * value, rule, 0.01) : value;
            const amount = Math.min(left, wanted);
            left -= amount;
            return amount;
          });
          assert.deepEqual(amounts(await read(query, invoice)), [...planned, left], 'nothing is paid yet');
          for (const { kind, share } of steps) {
            const before = await read(query, invoice);
            const money = before.paid - before.credited;
            const balance = total - before.paid;
            const some = Math.ceil((balance * share) / 100);
            const [latest] = await query<{ id: string; amount: number }>(
              `select p.id, (p.amount - coalesce(sum(r.amount), 0))::int as amount from payments p left join payments r on r.refund_of_id = p.id
               where p.invoice_id = $1 and p.kind = 'payment' and (p.method = 'credit') = $2 group by p.id, p.amount having p.amount > coalesce(sum(r.amount), 0) limit 1`,
              [invoice, kind === 'take back a credit'],
            );
            if (kind === 'pay' && some > 0) await pay(query, invoice, some);
            else if (kind === 'pay next' && before.next_due_amount > 0)
              await pay(query, invoice, before.next_due_amount);
            else if ((kind === 'refund' || kind === 'take back a credit') && latest)
              await refund(query, invoice, latest.id, Math.ceil((latest.amount * share) / 100));
            else if (kind === 'credit' && some > 0)
              await query("select credit_invoice($1, $2, 'late')", [invoice, some]);
            else if (kind === 'move')
              await query("update event_dates set event_date = '2030-06-12'::date + $2::int where id = $1", [
                date,
                share,
              ]);
            else if (kind === 'replan') {
              const [{ kept } = { kept: 0 }] = await query<{ kept: number }>(
                'select tenancy.paid_parts(payment_schedule, paid - credited) as kept from invoices where id = $1',
                [invoice],
              );
              if (kept >= before.plan.length) continue;
              const next = [
                ...before.plan.slice(0, kept),
                { label: 'Rest of it', type: 'rest', due_date: before.due_date },
              ];
              await query('update invoices set payment_schedule = $2 where id = $1', [
                invoice,
                JSON.stringify(next),
              ]);
            } else continue;
            const after = await read(query, invoice);
            const owed = total - after.credited;
            const received = after.paid - after.credited;
            assert.equal(sum(amounts(after)), owed, `${kind}: adds up`);
            assert.ok(amounts(after).every((amount) => amount >= 0));
            let reached = 0;
            let reachedBefore = 0;
            let next: Part | undefined;
            for (const [index, one] of after.plan.entries()) {
              const paidHere = Math.max(0, Math.min(received - reached, one.amount));
              reached += one.amount;
              if (reached > received) next ??= one;
              const old = before.plan[index];
              if (!old || index === before.plan.length - 1) continue;
              reachedBefore += old.amount;
              // Paid before and after: it stays as it was. A part that a credit has made nothing comes back with it.
              if (old.amount > 0 && money > 0 && reachedBefore <= money && reachedBefore <= received)
                assert.deepEqual(
                  [one.amount, one.due_date],
                  [old.amount, old.due_date],
                  `${kind}: part ${index} was paid`,
                );
              assert.ok(one.amount >= paidHere);
            }
            assert.equal(after.due_date, after.plan.at(-1)?.due_date);
            assert.deepEqual(
              [after.next_due_date, after.next_due_amount > 0],
              [next?.due_date ?? null, total > after.paid],
            );
            const dates = after.plan.map(({ due_date }) => due_date ?? '');
            assert.deepEqual(dates, dates.toSorted());
          }
        });
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  await service((query) => query("delete from tenant_settings where key = 'rounding'"));
});

test('a credit lowers what is still open: a paid deposit stays, an unpaid one is half of what is left', async () => {
  await service(async (query) => {
    const unpaid = await sentWith(query, 100_000, HALF);
    await query("select credit_invoice($1, 20000, 'late')", [unpaid]);
    assert.deepEqual(amounts(await read(query, unpaid)), [40_000, 40_000]);

    const paid = await sentWith(query, 100_000, HALF);
    await pay(query, paid, 50_000);
    const credit = await query<{ id: string }>("select id from credit_invoice($1, 20000, 'late')", [paid]);
    assert.deepEqual(amounts(await read(query, paid)), [50_000, 30_000]);
    // Taken back, it is owed again.
    await query("select correct_payment($1, 'wrong invoice')", [credit[0]?.id]);
    assert.deepEqual(amounts(await read(query, paid)), [50_000, 50_000]);
  });
});

test('three equal instalments share a credit after the first was paid; a fixed amount stays as agreed', async () => {
  await service(async (query) => {
    const thirds = [1, 2, 3].map((month) => ({
      label: `Instalment ${month}`,
      type: 'percent',
      value: 33.3333,
      due_date: `2027-0${month}-15`,
    }));
    const invoice = await sentWith(query, 120_000, [
      ...thirds.slice(0, 2),
      { label: 'Instalment 3', type: 'rest', due_date: '2027-03-15' },
    ]);
    assert.deepEqual(amounts(await read(query, invoice)), [40_000, 40_000, 40_000]);
    await pay(query, invoice, 40_000);
    await query("select credit_invoice($1, 20000, 'late')", [invoice]);
    const shared = amounts(await read(query, invoice));
    assert.equal(shared[0], 40_000);
    assert.equal(sum(shared), 100_000);
    assert.ok(Math.abs((shared[1] ?? 0) - 30_000) <= 1, 'equal parts stay equal');

    const fixed = await sentWith(query, 100_000, [
      { label: 'Deposit', type: 'amount', value: 30_000, due_date: '2027-01-01' },
      { label: 'Balance', type: 'rest', due_date: '2027-05-01' },
    ]);
    await query("select credit_invoice($1, 20000, 'late')", [fixed]);
    assert.deepEqual(amounts(await read(query, fixed)), [30_000, 50_000]);
    await query("select credit_invoice($1, 60000, 'late')", [fixed]);
    assert.deepEqual(amounts(await read(query, fixed)), [20_000, 0], 'as far as there is enough');
  });
});

test('the company’s deposit is on a quote however it is made, and on the invoice made of it', async () => {
  const own = await addTenant(database);
  const owner = { tenant: own, role: 'owner' } as const;
  const line = { item_type: 'custom', name: 'Booth', unit_price: 114_500, taxable: false };
  const sold = async (query: Query, quote: string) => {
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    await query("select accept_quote($1, 'Ada')", [quote]);
    const [invoice] = await query<{ id: string }>('select id from invoice_from_quote($1)', [quote]);
    return read(query, invoice?.id ?? '');
  };
  await as(owner, async (query) => {
    // Settings show 50 % where the company chose nothing.
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    await add(query, 'quote_line_items', { quote_id: quote, ...line });
    assert.deepEqual(amounts(await read(query, quote, 'quotes')), [57_250, 57_250]);
    const invoice = await sold(query, quote);
    assert.deepEqual(amounts(invoice), [57_250, 57_250]);
    assert.deepEqual(
      invoice.plan.map(({ label, due_date }) => [label, due_date]),
      [
        ['Deposit', (await query<{ day: string }>('select tenancy.today()::text as day'))[0]?.day],
        ['Balance', '2027-05-29'],
      ],
    );
  });
  await as(owner, async (query) => {
    await query(
      `insert into tenant_settings (key, value) values ('deposit', '{"type": "amount", "value": 20000}'), ('balance_due_days', '30')`,
    );
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    await add(query, 'quote_line_items', { quote_id: quote, ...line });
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    const [revised] = await query<{ id: string }>('select id from revise_quote($1)', [quote]);
    const copy = await read(query, revised?.id ?? '', 'quotes');
    assert.deepEqual(amounts(copy), [20_000, 94_500], 'a copy keeps the plan');
    assert.equal((await sold(query, revised?.id ?? '')).due_date, '2027-05-13');
    // Said otherwise for this quote, it is otherwise.
    const other = await add(query, 'quotes', {
      opportunity_id: (await addDeal(query)).deal,
      deposit_type: 'none',
    });
    await add(query, 'quote_line_items', { quote_id: other, ...line });
    assert.deepEqual((await read(query, other, 'quotes')).plan, []);
    assert.deepEqual(amounts(await sold(query, other)), [114_500]);
  });
});

test('lines and discounts of a draft divide its plan anew; the deposit and the first part are one thing', async () => {
  await as({ tenant, role: 'sales' }, async (query) => {
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', {
      opportunity_id: deal,
      deposit_type: 'percent',
      deposit_value: 30,
    });
    const line = await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'Booth',
      unit_price: 1_001,
      taxable: false,
    });
    assert.deepEqual(amounts(await read(query, quote, 'quotes')), [300, 701]);
    await query('update quote_line_items set quantity = 2 where id = $1', [line]);
    assert.deepEqual(amounts(await read(query, quote, 'quotes')), [601, 1_401]);
    await query("update quotes set discount_type = 'percent', discount_value = 50 where id = $1", [quote]);
    assert.deepEqual(amounts(await read(query, quote, 'quotes')), [300, 701]);
    const plan = [
      { label: 'First', type: 'amount', value: 200 },
      { label: 'Second', type: 'percent', value: 25, due_date: '2027-02-01' },
      { label: 'Last', type: 'rest', days_before: 7 },
    ];
    await query('update quotes set payment_schedule = $2 where id = $1', [quote, JSON.stringify(plan)]);
    assert.deepEqual(amounts(await read(query, quote, 'quotes')), [200, 250, 551]);
    const [mirrored] = await query('select deposit_type, deposit_value::int from quotes where id = $1', [
      quote,
    ]);
    assert.deepEqual(mirrored, { deposit_type: 'amount', deposit_value: 200 });
    await query("update quotes set deposit_type = 'percent', deposit_value = 10 where id = $1", [quote]);
    const changed = await read(query, quote, 'quotes');
    assert.deepEqual(amounts(changed), [100, 250, 651]);
    assert.equal(changed.plan[0]?.label, 'First');
    await query("update quotes set deposit_type = 'none' where id = $1", [quote]);
    assert.deepEqual(amounts(await read(query, quote, 'quotes')), [250, 751]);
  });
});

test('a plan of impossible parts is refused, and the message names the part', async () => {
  const refused: [plan: unknown, message: RegExp][] = [
    [{}, /a list of parts/],
    [['x'], /Part 1 .* is not an object/],
    [[{ type: 'share', value: 1 }], /Part 1 .* neither percent, amount nor rest/],
    [[{ type: 'rest' }, { type: 'rest' }], /Part 1 .* is the rest, but others follow/],
    [
      [
        { type: 'percent', value: 0 },
        { type: 'rest', due_date: '2027-01-01' },
      ],
      /Part 1 .* is 0 %/,
    ],
    [
      [
        { type: 'percent', value: '50' },
        { type: 'rest', due_date: '2027-01-01' },
      ],
      /Part 1 .* has no percentage/,
    ],
    [
      [
        { type: 'amount', value: 10.5 },
        { type: 'rest', due_date: '2027-01-01' },
      ],
      /Part 1 .* is 10\.5/,
    ],
    [
      [
        { type: 'amount', value: -1 },
        { type: 'rest', due_date: '2027-01-01' },
      ],
      /Part 1 .* is -1/,
    ],
    [
      [
        { type: 'percent', value: 60, due_date: '2027-01-01' },
        { type: 'percent', value: 60, due_date: '2027-01-02' },
        { type: 'rest', due_date: '2027-01-03' },
      ],
      /add up to 120 %/,
    ],
    [
      [
        { type: 'percent', value: 50, due_date: '2027-01-01' },
        { type: 'percent', value: 40, due_date: '2027-01-02' },
      ],
      /add up to 90 %/,
    ],
    [
      [
        { amount: 400, due_date: '2027-01-01' },
        { amount: 500, due_date: '2027-01-02' },
      ],
      /add up to 9\.00 USD; the total is 10\.00 USD/,
    ],
    [[{ type: 'rest', due_date: '2027-02-30' }], /Part 1 .* 2027-02-30, which does not exist/],
    [[{ type: 'rest', due_date: '1 May' }], /Part 1 .* has the date/],
    [
      [
        { type: 'percent', value: 50, due_date: '2027-05-01' },
        { type: 'rest', due_date: '2027-04-30' },
      ],
      /Part 2 .* due on 2027-04-30, before the part above it/,
    ],
    [[{ type: 'percent', value: 50 }, { type: 'rest' }], /Part 2 .* has no date/],
    [[{ type: 'rest', days_before: 14 }], /Part 1 .* there is no event/],
    [[{ type: 'rest', days_before: -3, due_date: '2027-01-01' }], /Part 1 .* no number of days/],
    [[{ label: 'x'.repeat(61), type: 'rest', due_date: '2027-01-01' }], /Part 1 .* more than 60 characters/],
    [Array.from({ length: 61 }, () => ({ amount: 1 })), /at most 60 parts/],
  ];
  for (const [plan, message] of refused)
    await assert.rejects(
      service((query) => sentWith(query, 1_000, plan)),
      (error: Error) => sqlState('PT400')(error) && message.test(error.message),
      JSON.stringify(plan),
    );
  // Amounts as other programs write them; the last takes what rounding leaves.
  await service(async (query) => {
    const invoice = await sentWith(query, 1_000, [
      { amount: 400, due_date: '2027-01-01' },
      { amount: 600, due_date: '2027-01-02' },
    ]);
    assert.deepEqual(
      (await read(query, invoice)).plan.map(({ type, label }) => [type, label]),
      [
        ['amount', 'Payment'],
        ['rest', 'Balance'],
      ],
    );
  });
});

test('what is paid of a plan no longer changes; the rest may, also on a sent invoice', async () => {
  const invoice = await service((query) => sentWith(query, 100_000, HALF));
  await service((query) => pay(query, invoice, 50_000));
  const { plan } = await service((query) => read(query, invoice));
  const write = (next: unknown) =>
    as({ tenant, role: 'manager' }, (query) =>
      query('update invoices set payment_schedule = $2 where id = $1', [invoice, JSON.stringify(next)]),
    );
  await assert.rejects(write([{ label: 'All', type: 'rest', due_date: '2027-05-01' }]), sqlState('PT409'));
  await assert.rejects(write([{ ...plan[0], amount: 1 }, plan[1]]), sqlState('PT409'));
  // Amounts that a program sends along are computed, not believed.
  await write([
    plan[0],
    { label: 'March', type: 'percent', value: 25, amount: 1, due_date: '2027-03-01' },
    { ...plan[1], amount: 7 },
  ]);
  assert.deepEqual(amounts(await service((query) => read(query, invoice))), [50_000, 25_000, 25_000]);
  // The invoice's due date is the last part's, whichever is changed.
  await service((query) => query("update invoices set due_date = '2027-06-01' where id = $1", [invoice]));
  assert.equal((await service((query) => read(query, invoice))).plan[2]?.due_date, '2027-06-01');
  await assert.rejects(
    service((query) => query("update invoices set due_date = '2027-02-01' where id = $1", [invoice])),
    sqlState('PT400'),
  );
});

test('a deposit that was not paid makes the invoice overdue, although the balance is due later', async () => {
  await service(async (query) => {
    const invoice = await sentWith(query, 1_000, [
      { label: 'Deposit', type: 'percent', value: 50, due_date: '2020-01-01' },
      { label: 'Balance', type: 'rest', due_date: '2199-01-01' },
    ]);
    const late = await read(query, invoice);
    assert.deepEqual([late.overdue, late.next_due_date, late.next_due_amount], [true, '2020-01-01', 500]);
    await pay(query, invoice, 200);
    assert.equal((await read(query, invoice)).next_due_amount, 300);
    const overdueAmount = 'select overdue_amount(i)::int as amount from invoices i where id = $1';
    assert.deepEqual(await query(overdueAmount, [invoice]), [{ amount: 300 }]);
    await pay(query, invoice, 300);
    const paid = await read(query, invoice);
    assert.deepEqual([paid.overdue, paid.next_due_date, paid.next_due_amount], [false, '2199-01-01', 500]);
    assert.deepEqual(await query(overdueAmount, [invoice]), [{ amount: 0 }]);
    await pay(query, invoice, 500);
    const all = await read(query, invoice);
    assert.deepEqual([all.overdue, all.next_due_date, all.next_due_amount], [false, null, 0]);
  });
});

test('what is due before the event moves with the event, but not what is paid or agreed for a day', async () => {
  await service(async (query) => {
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event, event_date: '2030-06-12' });
    const invoice = await sentWith(
      query,
      90_000,
      [
        { label: 'One', type: 'percent', value: 30, days_before: 60 },
        { label: 'Two', type: 'percent', value: 30, due_date: '2030-05-01' },
        { label: 'Three', type: 'rest', days_before: 14 },
      ],
      { event_id: event },
    );
    const dates = async () => (await read(query, invoice)).plan.map(({ due_date }) => due_date);
    assert.deepEqual(await dates(), ['2030-04-13', '2030-05-01', '2030-05-29']);
    await pay(query, invoice, 27_000);
    await query("update event_dates set event_date = '2030-07-12' where id = $1", [date]);
    assert.deepEqual(await dates(), ['2030-04-13', '2030-05-01', '2030-06-28']);
    // Never before the part above it.
    await query("update event_dates set event_date = '2030-05-03' where id = $1", [date]);
    assert.deepEqual(await dates(), ['2030-04-13', '2030-05-01', '2030-05-01']);
  });
});

test('an offer that is accepted later than planned is still accepted: nothing is due before that day', async () => {
  await service(async (query) => {
    const { deal } = await addDeal(query);
    const plan = [
      { label: 'Deposit', type: 'percent', value: 50 },
      { label: 'Second', type: 'percent', value: 25, due_date: '2020-01-01' },
      { label: 'Balance', type: 'rest', days_before: 2_000 },
    ];
    const quote = await add(query, 'quotes', {
      opportunity_id: deal,
      payment_schedule: JSON.stringify(plan),
    });
    await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'Booth',
      unit_price: 1_000,
      taxable: false,
    });
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    await query("select accept_quote($1, 'Ada')", [quote]);
    const [invoice] = await query<{ id: string }>('select id from invoice_from_quote($1)', [quote]);
    const [today] = await query<{ day: string }>('select tenancy.today()::text as day');
    assert.deepEqual(
      (await read(query, invoice?.id ?? '')).plan.map(({ due_date }) => due_date),
      Array(3).fill(today?.day),
    );
  });
});

test('what is sent is issued that day, and nothing of it is due before; a day that was chosen stays', async () => {
  await service(async (query) => {
    const [day] = await query<{ today: string }>('select tenancy.today()::text as today');
    const draft = async (row: Record<string, unknown> = {}) => {
      const invoice = await add(query, 'invoices', {
        account_id: await addAccount(query),
        created_at: '2026-03-02T17:00:00Z',
        issue_date: '2026-03-02',
        ...row,
      });
      await add(query, 'invoice_line_items', {
        invoice_id: invoice,
        item_type: 'custom',
        name: 'Booth',
        unit_price: 1_000,
        taxable: false,
      });
      return invoice;
    };
    const send = async (invoice: string) => {
      await query("update invoices set status = 'sent' where id = $1", [invoice]);
      const [row] = await query<{ issued: string; due: string | null; plan: { due_date: string }[] }>(
        'select issue_date::text as issued, due_date::text as due, payment_schedule as plan from invoices where id = $1',
        [invoice],
      );
      return [row?.issued, row?.due, row?.plan.map(({ due_date }) => due_date)];
    };
    assert.deepEqual(await send(await draft()), [day?.today, null, []]);
    assert.deepEqual(await send(await draft({ due_date: '2026-03-16' })), [day?.today, day?.today, []]);
    const plan = ['2026-03-02', '2026-04-01', '2099-05-01'].map((due_date, at) => ({
      label: `Part ${at + 1}`,
      ...(at < 2 ? { type: 'percent', value: 30 } : { type: 'rest' }),
      due_date,
    }));
    assert.deepEqual(await send(await draft({ payment_schedule: JSON.stringify(plan) })), [
      day?.today,
      '2099-05-01',
      [day?.today, day?.today, '2099-05-01'],
    ]);
    const chosen = await draft({ issue_date: '2026-02-27', due_date: '2026-03-13' });
    assert.deepEqual(await send(chosen), ['2026-02-27', '2026-03-13', []]);
    const voided = await draft();
    await query("update invoices set status = 'void' where id = $1", [voided]);
    assert.deepEqual(await query('select issue_date::text as issued from invoices where id = $1', [voided]), [
      { issued: '2026-03-02' },
    ]);

    const quoteOf = async (row: Record<string, unknown>) => {
      const { deal } = await addDeal(query);
      const quote = await add(query, 'quotes', {
        opportunity_id: deal,
        created_at: '2026-03-02T17:00:00Z',
        issue_date: '2026-03-02',
        ...row,
      });
      await addLine(query, 'quote', quote);
      const [sent] = await query<{ issued: string }>(
        "update quotes set status = 'sent' where id = $1 returning issue_date::text as issued",
        [quote],
      );
      return sent?.issued;
    };
    assert.equal(await quoteOf({ valid_until: '2099-01-01' }), day?.today);
    assert.equal(await quoteOf({ issue_date: '2026-02-27' }), '2026-02-27');
    // Not after it ends.
    assert.equal(await quoteOf({ valid_until: '2026-03-09' }), '2026-03-02');
  });
});

test('the currency changes only while there are no prices in it', async () => {
  for (const work of [
    async (query: Query) => {
      const quote = await add(query, 'quotes', { opportunity_id: (await addDeal(query)).deal });
      await query("update quotes set currency = 'EUR' where id = $1", [quote]);
      await add(query, 'quote_line_items', {
        quote_id: quote,
        item_type: 'custom',
        name: 'x',
        unit_price: 1,
      });
      await query("update quotes set currency = 'USD' where id = $1", [quote]);
    },
    async (query: Query) => {
      const invoice = await add(query, 'invoices', { account_id: await addAccount(query), currency: 'EUR' });
      await query("update invoices set discount_type = 'amount', discount_value = 100 where id = $1", [
        invoice,
      ]);
      await query("update invoices set currency = 'USD' where id = $1", [invoice]);
    },
    async (query: Query) => {
      const { deal } = await addDeal(query, { amount: 100 });
      // Another amount with it is another price.
      await query("update opportunities set currency = 'EUR', amount = 90 where id = $1", [deal]);
      await query("update opportunities set currency = 'USD' where id = $1", [deal]);
    },
  ])
    await assert.rejects(service(work), sqlState('PT409'));
});

test('what the editor shows is what the database divides', async () => {
  const part = fc.record({
    type: fc.constantFrom('percent' as const, 'amount' as const),
    value: fc.integer({ min: 1, max: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 6 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.constantFrom(...ROUNDING_RULES),
      async (given, due, rule) => {
        const plan = [
          ...given.map(({ type, value }) => ({ type, value: type === 'percent' ? value : value * 777 })),
          { type: 'rest' as const, value: null },
        ].map((one) => ({
          label: 'x',
          amount: 0,
          due_date: null,
          days_before: null,
          ...one,
        })) satisfies WebPart[];
        const { rows } = await database.owner.query<{ plan: WebPart[] }>(
          'select tenancy.divide_plan($1, $2, 0, $3) as plan',
          [JSON.stringify(plan), due, rule],
        );
        assert.deepEqual(
          preview(plan, due, 0, rule),
          rows[0]?.plan.map(({ amount }) => amount),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('monthly instalments from the 31st end on the month’s last day, and return to the 31st', async () => {
  const dates = (first: string, count: number) =>
    monthly(first, count, String, monthsAfter).map(({ due_date }) => due_date);
  assert.deepEqual(dates('2027-01-31', 5), [
    '2027-01-31',
    '2027-02-28',
    '2027-03-31',
    '2027-04-30',
    '2027-05-31',
  ]);
  assert.deepEqual(dates('2028-01-30', 3), ['2028-01-30', '2028-02-29', '2028-03-30']);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 0, max: 60 }),
      async (days, months) => {
        const { rows } = await database.owner.query<{ first: string; later: string }>(
          `select d::text as first, (d + make_interval(months => $2))::date::text as later
           from (select '2000-01-01'::date + $1::int as d) start`,
          [days, months],
        );
        assert.equal(monthsAfter(rows[0]?.first ?? '', months), rows[0]?.later);
      },
    ),
    { numRuns: 100 },
  );
  // Equal parts: the last takes what rounding leaves.
  await service(async (query) => {
    for (const count of [2, 3, 7, 12]) {
      const plan = monthly('2027-01-31', count, (number) => `Payment ${number}`, monthsAfter);
      const invoice = await sentWith(query, 100_001, plan);
      const parts = amounts(await read(query, invoice));
      assert.equal(sum(parts), 100_001);
      assert.ok(Math.max(...parts) - Math.min(...parts) <= count, `${count} parts: ${parts}`);
    }
  });
});

test('an account’s payment terms say when its invoices are due, unless they say so themselves', async () => {
  const days = async (terms: string) => {
    const { rows } = await database.owner.query<{ days: number | null }>(
      'select tenancy.terms_days($1) as days',
      [terms],
    );
    return rows[0]?.days;
  };
  for (const [terms, expected] of [
    ['14', 14],
    ['Net 30', 30],
    ['net60', 60],
    ['30 days', 30],
    ['payable within 7 days', 7],
    ['30 Tage netto', 30],
    ['Zahlbar innerhalb von 14 Tagen', 14],
    ['Due on receipt', 0],
    ['sofort fällig', 0],
    ['2/10 net 30', null],
    ['on the 15th of each month', null],
    ['', null],
  ] as const)
    assert.equal(await days(terms), expected, terms);
  await service(async (query) => {
    const account = (terms: string | null) =>
      add(query, 'accounts', { name: `Terms ${terms}`, payment_terms: terms });
    const net30 = await account('net 30');
    const draft = (row: Record<string, unknown>) =>
      add(query, 'invoices', { issue_date: '2027-01-10', ...row });
    const dueOf = async (id: string) => {
      const [row] = await query<{ due: string | null; plan: Part[] }>(
        'select due_date::text as due, payment_schedule as plan from invoices where id = $1',
        [id],
      );
      return row?.plan.length ? row.plan.map(({ due_date }) => due_date) : row?.due;
    };
    const invoice = await draft({ account_id: net30 });
    assert.equal(await dueOf(invoice), '2027-02-09');
    assert.equal(await dueOf(await draft({ account_id: net30, due_date: '2027-05-01' })), '2027-05-01');
    assert.equal(await dueOf(await draft({ account_id: await account('by agreement') })), null);
    // A plan keeps its own dates; its balance without one is due by the terms, and not before what is above it.
    const rest = { label: 'Balance', type: 'rest' };
    const planned = (plan: unknown[]) =>
      draft({ account_id: net30, payment_schedule: JSON.stringify(plan) }).then(dueOf);
    assert.deepEqual(await planned([rest]), ['2027-02-09']);
    assert.deepEqual(await planned([{ ...HALF[0], due_date: '2027-01-20' }, rest]), [
      '2027-01-20',
      '2027-02-09',
    ]);
    assert.deepEqual(await planned([{ ...HALF[0], due_date: '2027-03-20' }, rest]), [
      '2027-03-20',
      '2027-03-20',
    ]);
    assert.deepEqual(await planned(HALF), ['2027-01-01', '2027-05-01']);
    // A draft follows its account and its day of issue; a date that was chosen stays.
    await query('update invoices set account_id = $2 where id = $1', [invoice, await account('14')]);
    assert.equal(await dueOf(invoice), '2027-01-24');
    await query("update invoices set due_date = '2027-06-01' where id = $1", [invoice]);
    await query('update invoices set account_id = $2 where id = $1', [invoice, net30]);
    assert.equal(await dueOf(invoice), '2027-06-01');
    // What was drafted before is due from the day on which it is sent.
    const old = await draft({
      ...{ account_id: net30, created_at: '2026-03-02T17:00:00Z', issue_date: '2026-03-02' },
    });
    assert.equal(await dueOf(old), '2026-04-01');
    await addLine(query, 'invoice', old);
    await query("update invoices set status = 'sent' where id = $1", [old]);
    const [sent] = await query<{ days: number }>(
      'select due_date - tenancy.today() as days from invoices where id = $1 and issue_date = tenancy.today() and next_due_date = due_date',
      [old],
    );
    assert.equal(sent?.days, 30);
    const planned30 = await draft({
      ...{ account_id: net30, created_at: '2026-03-02T17:00:00Z', issue_date: '2026-03-02' },
      payment_schedule: JSON.stringify([{ ...HALF[0], due_date: '2026-03-10' }, rest]),
    });
    assert.deepEqual(await dueOf(planned30), ['2026-03-10', '2026-04-01']);
    await addLine(query, 'invoice', planned30);
    await query("update invoices set status = 'sent' where id = $1", [planned30]);
    const [sentPlan] = await query<{ days: number }>(
      'select due_date - tenancy.today() as days from invoices where id = $1',
      [planned30],
    );
    assert.equal(sentPlan?.days, 30);
  });
});

test('the invoice of a quote without a plan is due by the account’s terms, else before the event', async () => {
  await service(async (query) => {
    const dueOf = async (terms: string | null) => {
      const { deal } = await addDeal(query);
      await query(
        'update accounts set payment_terms = $2 where id = (select account_id from opportunities where id = $1)',
        [deal, terms],
      );
      const quote = await add(query, 'quotes', {
        opportunity_id: deal,
        deposit_type: 'none',
        deposit_value: 0,
      });
      await addLine(query, 'quote', quote);
      await query("update quotes set status = 'sent' where id = $1", [quote]);
      await query("select accept_quote($1, 'Ada')", [quote]);
      const [invoice] = await query<{ due: string; in_days: number }>(
        'select due_date::text as due, due_date - tenancy.today() as in_days from invoice_from_quote($1)',
        [quote],
      );
      return invoice;
    };
    assert.equal((await dueOf('net 20'))?.in_days, 20);
    assert.equal((await dueOf(null))?.due, '2027-05-29');
  });
});
