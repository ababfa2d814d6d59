import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { seedDemoCompany } from '@/lib/crm/demo-company';
import { addTenant, createTenantDatabase } from '../tenant-data/tenant-database';

const users = {
  salesUserIds: [randomUUID(), randomUUID()],
  crewUserIds: Array.from({ length: 6 }, () => randomUUID()),
};
const company = { seed: 7, events: 40, today: '2026-06-15', name: 'Flash & Frame', ...users };

const database = await createTenantDatabase();

test('a year of a company is deterministic and follows the rules of the database', async () => {
  const digest = async (tenant: string) =>
    database.as({ tenant }, async (query) => {
      await seedDemoCompany(
        { query: async (sql, values) => ({ rows: (await query(sql, values)) as never[] }) },
        company,
      );
      return query<{ digest: string; events: number; overdue: number; cancelled: number; wrong: number }>(`
        select md5(string_agg(i.total || ':' || i.paid || ':' || i.issue_date, ',' order by i.id)) as digest,
          (select count(*)::int from events) as events,
          (select count(*)::int from events where status = 'cancelled') as cancelled,
          count(*) filter (where i.balance > 0 and i.due_date < '2026-06-15')::int as overdue,
          count(*) filter (where i.total <> (select sum(l.line_total) from invoice_line_items l where l.invoice_id = i.id) + i.tax)::int as wrong
        from invoices i`);
    });
  const [first] = await digest(database.tenantA);
  const [second] = await digest(database.tenantB);
  assert.deepEqual(first, second);
  assert.equal(first?.events, 40);
  assert.equal(first?.wrong, 0);
  assert.ok((first?.cancelled ?? 0) > 0 && (first?.overdue ?? 0) > 2);
});

const WANTED = {
  leads: 'contacted converted lost new qualified',
  opportunities: 'closed_lost closed_won negotiation proposal prospecting qualification',
  quotes: 'accepted declined draft expired sent superseded viewed',
  invoices: 'draft paid partially_paid sent void written_off',
};

/** Each of them true, where `$1` is today and `$2` the first of the crew. */
const HOLDS = {
  'an invoice that is not paid, and not due yet':
    "exists (select from invoices where status = 'sent' and next_due_date > $1::date)",
  'an invoice that is not paid, and overdue':
    "exists (select from invoices where status = 'sent' and next_due_date < $1::date)",
  'an invoice that is overdue in part':
    "exists (select from invoices where status = 'partially_paid' and next_due_date < $1::date)",
  'an event today, with crew':
    "exists (select from event_dates d join event_staff_assignments a on a.event_date_id = d.id where d.event_date = $1::date and a.status = 'confirmed')",
  'a confirmed event in the days after tomorrow, where the first of the crew has confirmed, with a booth and a checklist': `exists (select from events e join event_dates d on d.event_id = e.id join event_staff_assignments a on a.event_date_id = d.id
       join booth_assignments b on b.event_date_id = d.id join event_core_task_completion c on c.event_id = e.id
       where e.status = 'confirmed' and d.event_date between $1::date + 2 and $1::date + 14 and a.user_id = $2::uuid
         and a.status = 'confirmed' and b.status = 'reserved')`,
  'a day of the next five on which the first of the crew is free': `exists (select from generate_series(2, 5) n
      where not exists (select from event_staff_assignments a join event_dates d on d.id = a.event_date_id where a.user_id = $2::uuid and d.event_date = $1::date + n)
        and not exists (select from time_off($1::date + n, $1::date + n) where user_id = $2::uuid))`,
  'a crew member who is away soon':
    'exists (select from time_off($1::date + 1, $1::date + 7) where first_day > $1::date)',
  'work of the crew that is done':
    'exists (select from event_staff_assignments a join event_dates d on d.id = a.event_date_id where a.user_id = $2::uuid and d.event_date < $1::date and a.hours_actual > 0)',
  'an open task': "exists (select from tasks where status = 'pending' and due_date >= $1::date)",
  'open deals with a day to come':
    "(select count(*) from opportunities o join event_dates d on d.opportunity_id = o.id where o.stage = 'prospecting' and d.event_date > $1::date) >= 2",
  'a new lead of these days': "exists (select from leads where status = 'new' and created_at > $1::date - 7)",
  'no lead of a later hour': 'not exists (select from leads where created_at >= $1::date)',
  'no deal that is closed at a later hour':
    'not exists (select from opportunities where closed_at >= $1::date)',
  'no quote that is sent at a later hour':
    'not exists (select from quotes where sent_at > $1::date and revision = 1)',
  'no payment of a later hour': 'not exists (select from payments where paid_at >= $1::date)',
  'no mail of a later hour': 'not exists (select from communications where occurred_at >= $1::date)',
};

test('there is one record of each status, money that is due, and work for the crew', async () => {
  const [crew = ''] = users.crewUserIds;
  const missing: string[] = [];
  // A leap day, the first day of a year, and one whose night has an hour more.
  for (const today of ['2024-02-29', '2025-01-01', '2025-11-02']) {
    const tenant = await addTenant(database);
    await database.as({ tenant }, async (query) => {
      await seedDemoCompany(
        { query: async (sql, values) => ({ rows: (await query(sql, values)) as never[] }) },
        { ...company, today, events: 12 },
      );
      for (const [table, statuses] of Object.entries(WANTED)) {
        const column = table === 'opportunities' ? 'stage' : 'status';
        const [found] = await query<{ all: string }>(
          `select string_agg(distinct ${column}, ' ' order by ${column}) as all from ${table}`,
        );
        if (found?.all !== statuses) missing.push(`${today}: ${table} are ${found?.all}`);
      }
      for (const [what, sql] of Object.entries(HOLDS)) {
        const values = [today, crew].slice(0, sql.includes('$2') ? 2 : 1);
        const [found] = await query<{ holds: boolean }>(`select ${sql} as holds`, values);
        if (!found?.holds) missing.push(`${today}: ${what}`);
      }
    });
  }
  assert.deepEqual(missing, []);
});

/** All that is written for a company of no more than the records of every day, its dates as days from today. */
async function writtenOn(today: string): Promise<string> {
  const written: string[] = [];
  const query = async (sql: string, values: unknown[] = []) => {
    written.push(`${sql} ${values.join(' ')}`);
    if (sql.includes('from public.event_types'))
      return { rows: [{ id: 't', categoryId: 'c', name: 'Wedding', slug: 'wedding' }] as never[] };
    return { rows: [] };
  };
  await seedDemoCompany({ query }, { ...company, today, events: 0 });
  return (
    written
      .join('\n')
      // Since when the crew works there.
      .replaceAll('2020-01-01', 'ever')
      .replace(/\d{4}-\d\d-\d\d/g, (day) => `${(Date.parse(day) - Date.parse(today)) / 86_400_000} days`)
  );
}

/** First and last days of months, the leap day among them, and all weekdays. */
const DAYS = [
  ...Array.from({ length: 13 }, (_, month) => [Date.UTC(2028, month, 0), Date.UTC(2028, month, 1)]).flat(),
  ...Array.from({ length: 14 }, (_, day) => Date.UTC(2028, 2, 6 + day)),
];

test('of every day, the same lies as many days before and ahead', async () => {
  const usual = await writtenOn('2025-11-02');
  assert.ok(usual.includes('"start_date":"2 days"'), 'the dates are found');
  for (const day of DAYS) {
    const today = new Date(day).toISOString().slice(0, 10);
    assert.ok((await writtenOn(today)) === usual, today);
  }
});
