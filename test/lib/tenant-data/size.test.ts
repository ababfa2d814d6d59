// What ten years of business cost a statement that shows what is due now: of two companies with as much business a year, one has been
// there for five years. Pages of the database are counted, not time. `npm run bench -- size` measures more of it, and larger.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { fillCompany, seedDemoCompany } from '@/lib/crm/demo-company';
import { until } from '../../support/until';
import { createTenantDatabase, type Query } from './tenant-database';

const database = await createTenantDatabase();
const { owner, tenantA: young, tenantB: old } = database;
const today = new Date().toISOString().slice(0, 10);
const daysFrom = (days: number) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
const year = `'${daysFrom(-365)}', '${today}'`;
const EVENTS_A_YEAR = 70;

before(async () => {
  for (const [tenantId, years] of [
    [young, 1],
    [old, 5],
  ] as const) {
    const crewUserIds = Array.from({ length: 6 }, () => randomUUID());
    await database.as({ tenant: tenantId }, (query) =>
      seedDemoCompany(
        { query: async (sql, values) => ({ rows: (await query(sql, values)) as never[] }) },
        { seed: 3, events: 30, today, name: 'Size', salesUserIds: [randomUUID()], crewUserIds },
      ),
    );
    await fillCompany(owner, { tenantId, events: EVENTS_A_YEAR * years, years, today, crewUserIds });
  }
  await owner.query('vacuum analyze');
});

/** The plan of a statement that was run as an owner, warm. */
async function planOf(tenant: string, sql: string): Promise<Plan> {
  return database.as({ tenant, role: 'owner' }, async (query) => {
    await explain(query, sql);
    return explain(query, sql);
  });
}

interface Plan {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Temp Written Blocks': number;
}

async function explain(query: Query, sql: string): Promise<Plan> {
  const [row] = await query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
    `explain (analyze, buffers, format json) ${sql}`,
  );
  return row?.['QUERY PLAN'][0].Plan as Plan;
}

const pages = (plan: Plan) => plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];

const OF_NOW: Record<string, string> = {
  'the revenue of a year': `select * from revenue_report(${year})`,
  'the conversion of a year': `select * from conversion_report(${year})`,
  'the use of a year': `select * from utilisation_report(${year})`,
  'the profit of a year': `select * from profit_report(${year})`,
  'the profit of a year by event': `select * from profit_by_event(${year})`,
  'the sales tax of a year': `select * from sales_tax_report(${year})`,
  'the sales tax of a year, as paid': `select * from sales_tax_report(${year}, 'cash')`,
  'the pay of a year': `select * from crew_pay_report(${year})`,
  receivables: `select * from receivables_report('${today}')`,
  pipeline: 'select * from pipeline_report()',
  overbookings: 'select * from overbookings()',
  readiness: 'select * from event_readiness()',
  'the first events that are not ready': 'select * from event_readiness(days => 21, unready => 6)',
  'the pipeline board': 'select pipeline_board()',
  'the start screen’s figures': 'select today_numbers()',
  'days of open deals': 'select * from deal_days()',
  'open shifts': `select * from open_shifts('${today}', '${daysFrom(14)}')`,
  'states of days': `select * from day_states(array['${daysFrom(6)}', '${daysFrom(13)}']::date[])`,
  availability: `select * from check_availability('[{"event_date": "${daysFrom(6)}", "start_time": "17:00", "end_time": "21:00", "timezone": "UTC"}]')`,
  archive: 'select * from archived_records()',
};

/** Pages after five years at most. More are read where a setting is read for every row, or a table for a few of its rows. */
const MOST_PAGES: Record<string, number> = {
  'the conversion of a year': 420,
  'the profit of a year': 200,
  'the profit of a year by event': 225,
  'the pay of a year': 110,
  overbookings: 60,
  archive: 40,
};

for (const [name, sql] of Object.entries(OF_NOW)) {
  test(`${name}: years of business before do not cost`, async () => {
    const [few, many] = [await planOf(young, sql), await planOf(old, sql)];
    // An index over years is a level deeper, and a period's rows lie on more pages.
    assert.ok(
      pages(many) <= 2 * pages(few) + 100,
      `${pages(few)} pages after one year, ${pages(many)} after five`,
    );
    assert.ok(pages(many) <= (MOST_PAGES[name] ?? Number.POSITIVE_INFINITY), `${pages(many)} pages`);
    assert.equal(many['Temp Written Blocks'], 0, 'nothing is sorted on disk');
  });
}

test('overbooked bookings are found by indexes of their own', async () => {
  const rows = await database.as({ tenant: old, role: 'owner' }, (query) =>
    query<{ 'QUERY PLAN': string }>('explain select id from equipment_assignments where overbooked'),
  );
  assert.match(rows.map((row) => row['QUERY PLAN']).join('\n'), /equipment_assignments_overbooked/);
});

test('what a list computes in each row reads settings once a statement', async () => {
  for (const [field, from] of [
    ['is_stale(o)', 'opportunities o where closed_at is null'],
    ['priority(e)', 'events e'],
    ['overdue(i), overdue_amount(i)', "invoices i where status in ('sent', 'partially_paid')"],
  ] as const) {
    const limited = `(select * from ${from} limit 40)`;
    const alias = from.split(' ')[1];
    // Whole rows: ids alone may be read from an index.
    const bare = await planOf(old, `select ${alias} from ${limited} ${alias}`);
    const computed = await planOf(old, `select ${alias}, ${field} from ${limited} ${alias}`);
    assert.ok(
      pages(computed) <= pages(bare) + 20,
      `${field}: ${pages(bare)} pages without, ${pages(computed)} with`,
    );
  }
});

test('a setting that changes is seen by the next statement', async () => {
  await database.as({ tenant: young, role: 'owner' }, async (query) => {
    const critical = async (days: number) => {
      await query(
        `insert into tenant_settings (key, value) values ('priority_windows', jsonb_build_object('critical', $1::int, 'high', 501, 'medium', 502, 'low', 503))
         on conflict (tenant_id, key) do update set value = excluded.value`,
        [days],
      );
      const [row] = await query<{ found: number }>(
        "select count(*) filter (where priority(e) = 'critical')::int as found from events e",
      );
      return row?.found ?? -1;
    };
    const [few, all] = [await critical(1), await critical(500)];
    assert.ok(few < all, `${few} of ${all}`);
  });
});

test('a client’s deals, events, quotes and invoices are read by the client, in their order', async () => {
  for (const [table, order] of [
    ['opportunities', 'expected_close_date'],
    ['events', 'start_date'],
    ['quotes', 'issue_date'],
    ['invoices', 'issue_date'],
  ] as const) {
    const [client] = (
      await owner.query<{ id: string }>(
        `select account_id as id from ${table} where tenant_id = $1 group by 1 order by count(*) limit 1`,
        [old],
      )
    ).rows;
    const plan = await planOf(
      old,
      `select * from ${table} where account_id = '${client?.id}' order by ${order} nulls last limit 101`,
    );
    assert.ok(pages(plan) < 40, `${table}: ${pages(plan)} pages`);
  }
});

test('reports read months that are added up, not their rows', async () => {
  const years = `'${daysFrom(-5 * 365)}', '${daysFrom(60)}'`;
  const reports = [
    'revenue_report',
    'conversion_report',
    'profit_report',
    'profit_by_event',
    'sales_tax_report',
    'utilisation_report',
  ];
  const pagesOf = async () => {
    const read: number[] = [];
    for (const report of reports) read.push(pages(await planOf(old, `select * from ${report}(${years})`)));
    return read;
  };
  const fromRows = await pagesOf();
  // The first time waits for transactions of other databases of the server, too.
  await until(async () => {
    const [upkeep] = await database.as({ tenant: old }, (query) =>
      query<{ left: number }>('select add_up_reports(1) as left'),
    );
    const { rows } = await owner.query(
      'select count(distinct month)::int as months from tenancy.report_months where tenant_id = $1',
      [old],
    );
    // A slow machine adds up fewer at a time.
    return upkeep?.left === 0 && rows[0].months > 50;
  });
  await owner.query('vacuum analyze tenancy.report_months');
  const fromMonths = await pagesOf();
  const total = (all: number[]) => all.reduce((sum, one) => sum + one, 0);
  assert.ok(Math.max(...fromMonths) < 400, `${reports}: ${fromMonths} pages`);
  assert.ok(total(fromMonths) < total(fromRows) / 2, `${fromMonths} pages, ${fromRows} from rows`);
});
