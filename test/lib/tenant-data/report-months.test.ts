// Months of reports that are added up beforehand: they say what reading every row says, whatever changes and whenever.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { seedDemoCompany } from '@/lib/crm/demo-company';
import { until } from '../../support/until';
import { add, addAccount, addEvent, addSentInvoice } from './business';
import { addTenant, claimsOf, connect, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;
const today = new Date().toISOString().slice(0, 10);
const dayFrom = (days: number) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
const PERIOD = `'${dayFrom(-500)}', '${dayFrom(400)}'`;
let tenant: string;

before(async () => {
  tenant = await addTenant(database);
  await as({ tenant }, (query) =>
    seedDemoCompany(
      { query: async (sql, values) => ({ rows: (await query(sql, values)) as never[] }) },
      {
        seed: 5,
        events: 14,
        today,
        name: 'Months',
        salesUserIds: [randomUUID()],
        crewUserIds: [randomUUID(), randomUUID()],
      },
    ),
  );
});

const REPORTS = {
  revenue: `revenue_report(${PERIOD}) r`,
  weeks: `revenue_report(${PERIOD}, 'week') r`,
  conversion: `conversion_report(${PERIOD}) r`,
  use: `utilisation_report(${PERIOD}) r`,
  profit: `profit_report(${PERIOD}) r`,
  events: `profit_by_event(${PERIOD}, 'best', 5000) r`,
  accrual: `sales_tax_report(${PERIOD}) r`,
  cash: `sales_tax_report(${PERIOD}, 'cash') r`,
};

async function reports(query: Query): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const [name, from] of Object.entries(REPORTS))
    found[name] = await query(`select to_jsonb(r)::text as row from ${from} order by 1`);
  return found;
}

/** Adds up until no month is left. */
async function addUpOnce(of: string): Promise<void> {
  let left = 1;
  while (left > 0)
    [{ left } = { left: 0 }] = await as({ tenant: of }, (query) =>
      query<{ left: number }>('select add_up_reports(1) as left'),
    );
}

/** The first time waits for transactions of other databases of the server, too. */
const addUp = (of = tenant) =>
  until(async () => {
    await addUpOnce(of);
    const { rows } = await database.owner.query(
      'select from tenancy.report_upkeep where tenant_id = $1 and formulas is not null',
      [of],
    );
    return rows.length > 0;
  });

class Undone extends Error {}

/** Work whose changes are undone. */
async function undone<T>(of: string, work: (query: Query) => Promise<T>): Promise<T> {
  let result: T | undefined;
  await as({ tenant: of }, async (query) => {
    result = await work(query);
    throw new Undone();
  }).catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
  });
  return result as T;
}

/** What the reports say, and what they say where no month is added up. */
function both(of = tenant) {
  return undone(of, async (query) => {
    const said = await reports(query);
    await query('delete from tenancy.report_months');
    return { said, read: await reports(query) };
  });
}

async function countAddedUp(of = tenant): Promise<number> {
  const [row] = await as({ tenant: of }, (query) =>
    query<{ count: number }>(
      `select count(*)::int from tenancy.report_parts('revenue', ${PERIOD}) where stored is not null`,
    ),
  );
  return row?.count ?? 0;
}

/** A row of a table, the same for the same number. */
const one = (table: string, where: string, number: number) =>
  `(select id from ${table} where ${where} order by id offset ${number} % greatest(1, (select count(*) from ${table} where ${where})) limit 1)`;

/** Changes of rows that reports read. Those that a rule refuses change nothing. */
const CHANGES: Record<string, (n: number, query: Query) => Promise<unknown>> = {
  'a payment, perhaps long ago': (n, query) =>
    query(
      `insert into payments (invoice_id, amount, currency, method, status, paid_at, fee)
       select id, greatest(1, least(balance, 1 + ${n})), currency, 'card', 'succeeded', now() - interval '${n % 300} days', ${n % 40}
       from invoices where id = ${one('invoices', "status in ('sent', 'partially_paid')", n)}`,
    ),
  'a refund': (n, query) =>
    query(
      `insert into payments (invoice_id, kind, refund_of_id, amount, currency, method, status, paid_at)
       select invoice_id, 'refund', id, 1, currency, method, 'succeeded', now()
       from payments where id = ${one('payments', "kind = 'payment' and status = 'succeeded' and method <> 'credit'", n)}`,
    ),
  'a credit': (n, query) =>
    query(
      `select credit_invoice(id, 1 + ${n % 500}, 'late') from invoices where id = ${one('invoices', "status in ('sent', 'partially_paid')", n)}`,
    ),
  'an invoice sent': (n, query) =>
    addSentInvoice(query, 1000 + n, { issue_date: dayFrom(-(n % 400)), due_date: dayFrom(30) }),
  'an invoice written off': (n, query) =>
    query(
      `update invoices set status = 'written_off' where id = ${one('invoices', "status in ('sent', 'partially_paid')", n)}`,
    ),
  'an invoice voided': (n, query) =>
    query(
      `update invoices set status = 'void' where id = ${one('invoices', "status = 'sent' and paid = 0", n)}`,
    ),
  'an event moved': (n, query) =>
    query(
      `update event_dates set event_date = event_date + ${(n % 90) - 45} where id = ${one('event_dates', 'event_id is not null', n)}`,
    ),
  'a date cancelled': (n, query) =>
    query(`update event_dates set status = 'cancelled' where id = ${one('event_dates', 'true', n)}`),
  'an event hidden': (n, query) =>
    query(`update events set deleted_at = now() where id = ${one('events', 'deleted_at is null', n)}`),
  'an event shown again': (n, query) =>
    query(`update events set deleted_at = null where id = ${one('events', 'deleted_at is not null', n)}`),
  'a booth’s booking deleted': (n, query) =>
    query(`delete from booth_assignments where id = ${one('booth_assignments', 'true', n)}`),
  'equipment booked less': (n, query) =>
    query(
      `update equipment_assignments set status = 'cancelled' where id = ${one('equipment_assignments', 'true', n)}`,
    ),
  'more pieces of an item': (n, query) =>
    query(
      `update equipment_items set quantity = quantity + 1 where id = ${one('equipment_items', 'quantity > 1', n)}`,
    ),
  'a lead of earlier': (n, query) =>
    query(
      `insert into leads (first_name, source, created_at) values ('Eve', 'source ${n % 3}', now() - interval '${n % 400} days')`,
    ),
  'another source of a lead': (n, query) =>
    query(`update leads set source = 'other ${n % 2}' where id = ${one('leads', "status = 'converted'", n)}`),
  'a deal closed': (n, query) =>
    query(
      `update opportunities set stage = '${n % 2 ? 'closed_won' : 'closed_lost'}' where id = ${one('opportunities', 'true', n)}`,
    ),
  'a closed deal is worth more': (n, query) =>
    query(
      `update opportunities set amount = amount + ${n} where id = ${one('opportunities', 'closed_at is not null', n)}`,
    ),
  'hours and miles of a shift': (n, query) =>
    query(
      `update event_staff_assignments set hours_actual = ${n % 9}, miles = ${n % 70}, status = 'confirmed' where id = ${one('event_staff_assignments', 'true', n)}`,
    ),
  'a shift withdrawn': (n, query) =>
    query(
      `update event_staff_assignments set status = 'cancelled' where id = ${one('event_staff_assignments', 'true', n)}`,
    ),
  'something bought for an event': (n, query) =>
    query(
      `insert into event_custom_items (event_id, name, cost) values (${one('events', 'true', n)}, 'Backdrop', ${n})`,
    ),
  'something bought given back': (n, query) =>
    query(`delete from event_custom_items where id = ${one('event_custom_items', 'true', n)}`),
  'another rate of a role': (n, query) =>
    query(`update staff_roles set default_rate = ${1000 + n} where id = ${one('staff_roles', 'true', n)}`),
  'another rate of a person': (n, query) =>
    query(
      `insert into user_pay_rate_history (user_id, pay_type, rate, effective)
       select user_id, 'hourly', ${2000 + n}, daterange(current_date - ${n % 300}, null) from event_staff_assignments
       where id = ${one('event_staff_assignments', 'true', n)}`,
    ),
  'another setting': (n, query) =>
    query(
      `insert into tenant_settings (key, value) values ($1, $2) on conflict (tenant_id, key) do update set value = excluded.value`,
      [
        ['mileage_rate', JSON.stringify(60 + (n % 20))],
        ['timezone', JSON.stringify(n % 2 ? 'Pacific/Auckland' : 'America/New_York')],
        ['rounding', JSON.stringify(n % 2 ? 'half_even' : 'down')],
      ][n % 3] as string[],
    ),
  'an event deleted and restored': async (n, query) => {
    const [entry] = await query<{ id: string }>(
      `select id from events where id = ${one('events', 'true', n)}`,
    );
    await query('delete from events where id = $1', [entry?.id]);
    await query('select restore_archived(array[id]) from tenancy.archive where record_id = $1', [entry?.id]);
  },
};

test('whatever changes, what is added up says what every row says, to the cent', async () => {
  await addUp();
  const changed = new Set<string>();
  const step = fc.record({
    change: fc.constantFrom(...Object.keys(CHANGES)),
    n: fc.integer({ min: 0, max: 5000 }),
    addUp: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 6 }), async (steps) => {
      for (const { change, n, addUp: addsUp } of steps) {
        const refused = await as({ tenant }, async (query) => {
          await CHANGES[change]?.(n, query);
        }).then(
          () => false,
          () => true,
        );
        if (!refused) changed.add(change);
        if (addsUp) await addUp();
      }
      const { said, read } = await both();
      assert.deepEqual(said, read);
    }),
    { numRuns: 8, seed: 21, endOnFailure: true },
  );
  assert.ok(changed.size > 10, `Only these changes were made: ${[...changed].join(', ')}`);
  await addUp();
  assert.ok((await countAddedUp()) > 8);
});

test('each change by itself is seen, and only its months are read again', async () => {
  await addUp();
  const all = await countAddedUp();
  assert.ok(all > 8, `${all} months`);
  for (const [name, change] of Object.entries(CHANGES))
    await undone(tenant, async (query) => {
      await query('savepoint before');
      try {
        await change(3, query);
      } catch {
        await query('rollback to before');
      }
      const said = await reports(query);
      await query('delete from tenancy.report_months');
      assert.deepEqual(said, await reports(query), name);
    });
  await as({ tenant }, async (query) => {
    await CHANGES['something bought for an event']?.(1, query);
  });
  const left = await countAddedUp();
  assert.ok(left >= all - 1, `${left} months of ${all} are left`);
});

test('pages of events’ profit, in each order, are parts of one list over months added up and read', async () => {
  await addUp();
  await undone(tenant, async (query) => {
    // A month in the middle that is read again.
    await CHANGES['something bought for an event']?.(1, query);
    const page = async (sorted: string, most: number, skip: number) =>
      query(
        `select to_jsonb(r)::text as row from profit_by_event(${PERIOD}, '${sorted}', ${most}, ${skip}) r`,
      );
    const paged = async (sorted: string) => {
      const pages = [];
      for (let skip = 0; skip < 60; skip += 3) pages.push(...(await page(sorted, 3, skip)));
      return pages;
    };
    const orders = ['latest', 'best', 'worst'];
    const said = [];
    for (const sorted of orders) said.push(await paged(sorted));
    await query('delete from tenancy.report_months');
    const read = [];
    for (const sorted of orders) read.push(await page(sorted, 60, 0));
    assert.ok((read[0]?.length ?? 0) > 6);
    assert.deepEqual(said, read);
  });
});

const addLead = (query: Query, daysAgo: number) =>
  add(query, 'leads', { first_name: 'Ann', source: 'fair', created_at: `${dayFrom(-daysAgo)}T12:00:00Z` });

test('a change that is committed while months are added up is not lost', async () => {
  const own = await addTenant(database);
  await as({ tenant: own }, async (query) => {
    await addEvent(query, { start_date: today });
    await addLead(query, 90);
  });
  const writer = await connect(database.url);
  const enter = async () => {
    await writer.query('begin');
    await writer.query('select tenancy.enter($1, 1, $2, $3, false)', [
      own,
      'tenant_service',
      claimsOf({ tenant: own }),
    ]);
  };
  const query = (async (sql: string, values?: unknown[]) => (await writer.query(sql, values)).rows) as Query;
  try {
    // One that began before the tenant's changes are noted.
    await enter();
    await addLead(query, 60);
    await addUpOnce(own);
    assert.equal(await countAddedUp(own), 0, 'nothing is added up before it has ended');
    await writer.query('commit');
    await addUp(own);
    const first = await both(own);
    assert.deepEqual(first.said, first.read);
    assert.ok((await countAddedUp(own)) > 2);
    // One that is still open while its month is added up, beside another that waits for nothing.
    await enter();
    await addLead(query, 60);
    await as({ tenant: own }, async (other) => {
      await other("set local lock_timeout = '2s'");
      await addLead(other, 60);
    });
    await addUp(own);
    await writer.query('commit');
    const second = await both(own);
    assert.deepEqual(second.said, second.read);
    await addUp(own);
    const third = await both(own);
    assert.deepEqual(third.said, second.said);
    assert.deepEqual(third.said, third.read);
  } finally {
    await writer.end();
  }
});

test('a transaction notes a month once, and a tenant with few rows notes nothing', async () => {
  const count = async (of: string, work: (query: Query) => Promise<unknown>) =>
    undone(of, async (query) => {
      const before = await query('select from tenancy.report_changes');
      await work(query);
      return (await query('select from tenancy.report_changes')).length - before.length;
    });
  const items = async (query: Query) => {
    const event = await add(query, 'events', {
      title: 'Fair',
      account_id: await addAccount(query),
      start_date: today,
    });
    for (let n = 0; n < 5; n += 1)
      await add(query, 'event_custom_items', { event_id: event, name: 'x', cost: 5 });
  };
  assert.equal(await count(tenant, items), 1);
  const small = await addTenant(database);
  assert.equal(await count(small, items), 0);
  const [row] = await as({ tenant: small }, (query) => query('select add_up_reports() as left'));
  assert.deepEqual(row, { left: 0 });
});

test('another formula has every month added up anew', async () => {
  await addUp();
  await as({ tenant }, (query) =>
    query(`update tenancy.report_months set stored = '[]', added_up_at = now() - interval '1 day'`),
  );
  await as({ tenant }, (query) => query("update tenancy.report_upkeep set formulas = 'of another release'"));
  await addUp();
  const { said, read } = await both();
  assert.deepEqual(said, read);
});

test('what is added up is read by those who may read all of it: profit by managers, nothing by sales and crew', async () => {
  const parts = (report: string) => (query: Query) =>
    query(`select * from tenancy.report_parts('${report}', ${PERIOD})`);
  for (const [role, report] of [
    ['staff', 'revenue'],
    ['sales', 'revenue'],
    ['viewer', 'profit'],
    ['viewer', 'profit_by_event'],
  ] as const)
    await assert.rejects(as({ tenant, role }, parts(report)), sqlState('PT403'), `${role} ${report}`);
  for (const table of ['report_months', 'report_changes', 'report_upkeep'])
    await assert.rejects(
      as({ tenant, role: 'owner' }, (query) => query(`select * from tenancy.${table}`)),
      sqlState('42501'),
    );
  const other = await addTenant(database);
  assert.equal((await as({ tenant: other }, parts('revenue'))).length, 1);
});
