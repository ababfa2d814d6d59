// Reports over a period: figures by hand, and figures by the functions that answer for one row.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import {
  add,
  addAccount,
  addBooth,
  addDate,
  addEquipment,
  addEvent,
  addSentInvoice,
  confirmEvent,
  staffRole,
} from './business';
import { addTenant, createTenantDatabase, type Query, sqlState, type UserRole } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;
let tenant: string;
before(async () => {
  tenant = await addTenant(database);
});

const PERIOD = ['2026-03-01', '2026-03-31'];
const manager = () => ({ tenant, role: 'manager' as const });

const pay = (query: Query, invoice: string, amount: number, row: Record<string, unknown> = {}) =>
  add(query, 'payments', {
    invoice_id: invoice,
    amount,
    currency: 'USD',
    method: 'card',
    status: 'succeeded',
    paid_at: '2026-03-15T12:00:00Z',
    ...row,
  });

test('revenue is by currency and step, with rows for days on which nothing happened', async () => {
  const own = await addTenant(database);
  await as({ tenant: own }, async (query) => {
    const first = await addSentInvoice(query, 10_000, { issue_date: '2026-03-02', due_date: '2026-04-01' });
    await addSentInvoice(query, 5_000, { issue_date: '2026-02-28', due_date: '2026-04-01' });
    await addSentInvoice(query, 700, { issue_date: '2026-03-31', due_date: '2026-04-30', currency: 'EUR' });
    const voided = await addSentInvoice(query, 99, { issue_date: '2026-03-02', due_date: '2026-04-01' });
    await query("update invoices set status = 'void' where id = $1", [voided]);
    const payment = await pay(query, first, 6_000);
    await pay(query, first, 1_000, {
      kind: 'refund',
      refund_of_id: payment,
      paid_at: '2026-03-20T12:00:00Z',
    });
    // Half past eleven in the evening of the 31st in New York, where the company is.
    await pay(query, first, 250, { paid_at: '2026-04-01T03:30:00Z' });
    await pay(query, first, 50, { paid_at: '2026-04-01T04:30:00Z' });
    await query('select credit_invoice($1, 1000, $2)', [first, 'too late']);
  });
  await as({ tenant: own, role: 'manager' }, async (query) => {
    const rows = await query(
      'select bucket::text, currency, invoices, invoiced::int, revenue::int, received::int from revenue_report($1, $2)',
      PERIOD,
    );
    assert.deepEqual(rows, [
      { bucket: '2026-03-01', currency: 'EUR', invoices: 1, invoiced: 700, revenue: 700, received: 0 },
      {
        bucket: '2026-03-01',
        currency: 'USD',
        invoices: 1,
        invoiced: 10_000,
        revenue: 9_000,
        received: 5_250,
      },
    ]);
    const weeks = await query<{ bucket: string; received: number }>(
      "select bucket::text, received::int from revenue_report('2026-03-04', '2026-03-31', 'week') where currency = 'USD'",
    );
    assert.deepEqual(weeks, [
      { bucket: '2026-03-04', received: 0 },
      { bucket: '2026-03-09', received: 6_000 },
      { bucket: '2026-03-16', received: -1_000 },
      { bucket: '2026-03-23', received: 0 },
      { bucket: '2026-03-30', received: 250 },
    ]);
  });
});

test('receivables are what was owed at the end of that day, whatever came later', async () => {
  const own = await addTenant(database);
  const [account, other] = await as({ tenant: own }, async (query) => {
    const late = await addAccount(query);
    const good = await addAccount(query);
    const invoice = (account_id: string, total: number, due_date: string, more = {}) =>
      addSentInvoice(query, total, { account_id, issue_date: '2026-01-01', due_date, ...more });
    await invoice(late, 1_000, '2026-03-31');
    await invoice(late, 2_000, '2026-03-30');
    await invoice(late, 4_000, '2026-02-15');
    await invoice(late, 8_000, '2026-01-15');
    await invoice(late, 16_000, '2026-01-01', { issue_date: '2025-11-01' });
    const paidLater = await invoice(good, 500, '2026-03-20');
    await pay(query, paidLater, 200, { paid_at: '2026-03-25T12:00:00Z' });
    await pay(query, paidLater, 300, { paid_at: '2026-04-02T12:00:00Z' });
    const voidedToday = await invoice(good, 9, '2026-03-20');
    await query("update invoices set status = 'void' where id = $1", [voidedToday]);
    await invoice(good, 77, '2026-05-01', { issue_date: '2026-04-01' });
    return [late, good];
  });
  await as({ tenant: own, role: 'owner' }, async (query) => {
    const columns = `account_id, currency, invoices, not_due::int, days_30::int, days_60::int, days_90::int, older::int,
      total::int, oldest_due::text`;
    const rows = await query(`select ${columns} from receivables_report('2026-03-31')`);
    assert.deepEqual(rows, [
      {
        account_id: account,
        currency: 'USD',
        invoices: 5,
        not_due: 1_000,
        days_30: 2_000,
        days_60: 4_000,
        days_90: 24_000,
        older: 0,
        total: 31_000,
        oldest_due: '2026-01-01',
      },
      {
        account_id: other,
        currency: 'USD',
        invoices: 2,
        not_due: 0,
        // What was still open then, and the invoice that was not void yet.
        days_30: 309,
        days_60: 0,
        days_90: 0,
        older: 0,
        total: 309,
        oldest_due: '2026-03-20',
      },
    ]);
    const [now] = await query(
      `select total::int from receivables_report(current_date) where account_id = $1`,
      [other],
    );
    assert.deepEqual(now, { total: 77 });
  });
});

test('receivables count each part of a payment plan from its own due date', async () => {
  const own = await addTenant(database);
  await as({ tenant: own }, async (query) => {
    const invoice = await addSentInvoice(query, 1_000, {
      issue_date: '2026-01-01',
      payment_schedule: JSON.stringify([
        { label: 'Deposit', type: 'percent', value: 30, due_date: '2026-01-31' },
        { label: 'Second', type: 'percent', value: 30, due_date: '2026-03-25' },
        { label: 'Balance', type: 'rest', due_date: '2026-06-01' },
      ]),
    });
    await pay(query, invoice, 100, { paid_at: '2026-02-01T12:00:00Z' });
    // Not yet on the day of the report.
    await pay(query, invoice, 50, { method: 'credit', paid_at: '2026-05-01T12:00:00Z' });
  });
  await as({ tenant: own, role: 'owner' }, async (query) => {
    const columns =
      'invoices, not_due::int, days_30::int, days_60::int, days_90::int, total::int, oldest_due::text';
    const [row] = await query(`select ${columns} from receivables_report('2026-03-31')`);
    const { total, ...parts } = row as Record<string, number>;
    assert.equal(total, 900);
    assert.deepEqual(parts, {
      invoices: 1,
      not_due: 380,
      days_30: 285,
      days_60: 235,
      days_90: 0,
      oldest_due: '2026-01-31',
    });
  });
});

test('conversion counts the leads that came and the deals that closed, by source', async () => {
  const own = await addTenant(database);
  await as({ tenant: own }, async (query) => {
    const lead = async (source: string | null) =>
      add(query, 'leads', { first_name: 'Ada', email: `${randomUUID()}@example.com`, source });
    const [web, , friend] = [await lead('website'), await lead('website'), await lead(null)];
    await query('select convert_lead($1)', [web]);
    await query('select convert_lead($1)', [friend]);
    const [deal] = await query<{ id: string }>('select id from opportunities where lead_id = $1', [web]);
    await add(query, 'opportunity_line_items', {
      opportunity_id: deal?.id,
      item_type: 'custom',
      name: 'Booth',
      unit_price: 5_000,
    });
    await query("update opportunities set stage = 'closed_won' where lead_id = $1", [web]);
    await query("update opportunities set stage = 'closed_lost' where lead_id = $1", [friend]);
  });
  await as({ tenant: own, role: 'manager' }, async (query) => {
    const read = (from: string, to: string) =>
      query(`select source, leads, converted, won, lost, won_amounts from conversion_report(${from}, ${to})`);
    assert.deepEqual(await read('current_date - 1', 'current_date + 1'), [
      { source: 'website', leads: 2, converted: 1, won: 1, lost: 0, won_amounts: { USD: 5000 } },
      { source: '', leads: 1, converted: 1, won: 0, lost: 1, won_amounts: {} },
    ]);
    assert.deepEqual(await read('current_date - 60', 'current_date - 30'), []);
  });
});

test('use counts days booked: booths once a day, pieces of bulk, people without their days off', async () => {
  const own = await addTenant(database);
  const person = randomUUID();
  const [booth, bulk] = await as({ tenant: own }, async (query) => {
    const booth = await addBooth(query);
    const spare = await addBooth(query);
    await query("update booths set status = 'retired' where id = $1", [spare]);
    const bulk = await addEquipment(query, 'bulk', { quantity: 10 });
    const at = async (event_date: string, row = {}) => {
      const event_id = await addEvent(query);
      return { date: await addDate(query, { event_id, event_date, ...row }), event_id };
    };
    const early = await at('2026-03-10', { start_time: '08:00', end_time: '10:00' });
    const late = await at('2026-03-10', { start_time: '16:00', end_time: '20:00' });
    const april = await at('2026-04-02');
    for (const { date } of [early, late, april]) {
      await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
      await add(query, 'equipment_assignments', {
        event_date_id: date,
        equipment_item_id: bulk,
        quantity: 3,
      });
    }
    await add(query, 'booth_assignments', {
      event_date_id: (await at('2026-03-12')).date,
      booth_id: booth,
      status: 'hold',
      hold_expires_at: '2099-01-01',
    });
    await add(query, 'event_staff_assignments', {
      event_id: late.event_id,
      event_date_id: late.date,
      user_id: person,
      staff_role_id: await staffRole(query),
      status: 'confirmed',
    });
    await query("select enter_time_off('2026-02-20', '2026-03-05', $1)", [person]);
    return [booth, bulk];
  });
  await as({ tenant: own, role: 'manager' }, async (query) => {
    const rows = await query(
      'select kind, thing_id, booked::int, available::int from utilisation_report($1, $2)',
      PERIOD,
    );
    assert.deepEqual(rows, [
      { kind: 'booth', thing_id: booth, booked: 1, available: 31 },
      { kind: 'equipment', thing_id: bulk, booked: 6, available: 310 },
      { kind: 'person', thing_id: person, booked: 1, available: 26 },
    ]);
    const [now] = await query('select current_user as name');
    assert.deepEqual(now, { name: 'tenant_manager' });
  });
});

test('the profit of a period is the profit of its events, each as event_profit says it', async () => {
  const own = await addTenant(database);
  await as({ tenant: own }, async (query) => {
    await query(
      "insert into tenant_settings (key, value) values ('mileage_rate', '67') on conflict (tenant_id, key) do update set value = excluded.value",
    );
    const role = await staffRole(query);
    for (let index = 0; index < 24; index++) {
      const event_id = await addEvent(query);
      const day = String(1 + index).padStart(2, '0');
      const date = await addDate(query, { event_id, event_date: `2026-03-${day}` });
      if (index % 7 > 0) await confirmEvent(query, event_id);
      if (index % 4 < 3) {
        const invoice = await addSentInvoice(query, 1_000 * (index + 1), {
          event_id,
          issue_date: '2026-01-01',
          due_date: '2026-02-01',
        });
        if (index % 3 === 0) await pay(query, invoice, 500, { fee: 17 + index });
        if (index % 5 === 0) await query('select credit_invoice($1, 300, $2)', [invoice, 'sorry']);
        if (index % 6 === 1)
          await query("update invoices set status = 'written_off' where id = $1", [invoice]);
      }
      if (index % 2 === 0) {
        await add(query, 'event_staff_assignments', {
          event_id,
          event_date_id: date,
          user_id: randomUUID(),
          staff_role_id: role,
          status: 'confirmed',
          pay_type: index % 8 === 0 ? 'flat' : 'hourly',
          rate_snapshot: 2_000 + index,
          miles: index,
          ...(index % 6 === 0 ? { hours_actual: 3.25 } : {}),
        });
      }
      if (index % 5 === 2)
        await add(query, 'event_custom_items', { event_id, name: 'Backdrop', cost: 1_111 });
    }
  });
  await as({ tenant: own, role: 'owner' }, async (query) => {
    const figures = 'revenue, labour, custom_items, fees, travel, profit, margin_percent';
    const events = await query<{ event_id: string }>(
      `select event_id, ${figures} from profit_by_event($1, $2, 'latest', 100)`,
      PERIOD,
    );
    assert.ok(events.length >= 20);
    for (const { event_id, ...said } of events) {
      const [one] = await query(`select ${figures} from event_profit($1)`, [event_id]);
      assert.deepEqual(said, one);
    }
    const [sums] = await query(
      `select sum(events)::int as events, sum(revenue)::int as revenue, sum(profit)::int as profit from profit_report($1, $2, 'week')`,
      PERIOD,
    );
    const [added] = await query(
      `select count(*)::int as events, sum(revenue)::int as revenue, sum(profit)::int as profit from profit_by_event($1, $2, 'latest', 100)`,
      PERIOD,
    );
    assert.deepEqual(sums, added);
    // Pages hang together, and the best come first where they are asked for.
    const pages: { event_id: string; profit: string; of_all: number }[] = [];
    for (const skip of [0, 10, 20]) {
      pages.push(
        ...(await query<{ event_id: string; profit: string; of_all: number }>(
          "select event_id, profit, of_all from profit_by_event($1, $2, 'best', 10, $3)",
          [...PERIOD, skip],
        )),
      );
    }
    assert.equal(new Set(pages.map(({ event_id }) => event_id)).size, events.length);
    assert.equal(pages[0]?.of_all, events.length);
    const profits = pages.map(({ profit }) => Number(profit));
    assert.deepEqual(
      profits,
      profits.toSorted((a, b) => b - a),
    );
  });
});

test('reports are for those who read all of it, profit for managers; a period that cannot be meant is refused', async () => {
  const calls = [
    "revenue_report('2026-01-01', '2026-01-31')",
    "conversion_report('2026-01-01', '2026-01-31')",
    "utilisation_report('2026-01-01', '2026-01-31')",
    "receivables_report('2026-01-31')",
    'pipeline_report()',
  ];
  const profits = [
    "profit_report('2026-01-01', '2026-01-31')",
    "profit_by_event('2026-01-01', '2026-01-31')",
  ];
  const call = (role: UserRole, what: string) =>
    as({ tenant, role }, (query) => query(`select * from ${what}`));
  for (const role of ['sales', 'staff'] as const)
    for (const what of [...calls, ...profits]) await assert.rejects(call(role, what), sqlState('PT403'));
  for (const what of profits) await assert.rejects(call('viewer', what), sqlState('PT403'));
  for (const what of calls) await call('viewer', what);
  for (const role of ['owner', 'admin', 'manager'] as const)
    for (const what of [...calls, ...profits]) await call(role, what);
  for (const call of [
    "revenue_report('2026-02-01', '2026-01-31')",
    "revenue_report('1026-02-01', '2026-01-31')",
    "revenue_report('2026-01-01', '2026-01-31', 'minute')",
    "utilisation_report(null, '2026-01-31')",
  ])
    await assert.rejects(
      as(manager(), (query) => query(`select * from ${call}`)),
      sqlState('PT400'),
    );
});

test('another tenant’s figures are in no report', async () => {
  const own = await addTenant(database);
  await as({ tenant }, async (query) => {
    const event_id = await addEvent(query);
    await addDate(query, { event_id, event_date: '2026-03-03' });
    await addSentInvoice(query, 4_200, { event_id, issue_date: '2026-03-03', due_date: '2026-03-03' });
  });
  await as({ tenant: own, role: 'owner' }, async (query) => {
    const [revenue] = await query('select sum(invoiced)::int as sum from revenue_report($1, $2)', PERIOD);
    assert.deepEqual(revenue, { sum: 0 });
    for (const call of [
      "profit_by_event('2026-03-01', '2026-03-31')",
      "receivables_report('2026-03-31')",
      "utilisation_report('2026-03-01', '2026-03-31')",
    ])
      assert.deepEqual(await query(`select * from ${call}`), []);
  });
});
