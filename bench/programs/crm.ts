// What staff wait for: "can we take it?" with 20,000 events, and the search over 100,000 records.
import { randomUUID } from 'node:crypto';
import type { PostgrestClient } from '@supabase/postgrest-js';
import { seedDemoCompany } from '@/lib/crm/demo-company';
import { type BenchResult, ofRounds, QUICK, quantiles } from '../measure';
import { addTenants, BenchDirectory, createDatabase, managerOf, sql, startServer } from '../tenants';

export const description = 'Availability among 20,000 events and search over 100,000 records, p95 in ms';

const EVENTS = QUICK ? 500 : 20_000;
const RECORDS = QUICK ? 2_000 : 100_000;
const ASKED = QUICK ? 5 : 200;

export async function run(): Promise<BenchResult> {
  const { server, close } = await startServer();
  try {
    const database = await createDatabase(server);
    const [tenant = ''] = await addTenants(database, 1, 0);
    const directory = new BenchDirectory();
    directory.place([tenant], database);
    const manager = managerOf(directory, {}, async (token) => {
      const [userRole = '', userId = ''] = token.split(' ');
      return { tenantId: tenant, userId, userRole };
    });
    const crew = Array.from({ length: 20 }, () => randomUUID());
    await manager.withTenantTransaction(tenant, async (transaction) => {
      await transaction.query('select tenancy.seed_tenant()');
      await seedDemoCompany(transaction, {
        seed: 1,
        events: 200,
        today: '2026-06-15',
        name: 'Bench',
        salesUserIds: crew.slice(0, 2),
        crewUserIds: crew.slice(2),
      });
    });
    await multiply(database.adminUrl, tenant);
    const client = await manager.getClientForTenant(tenant, true);
    const availability = await measure(ASKED, (n) => askAvailability(client, n));
    const asked = (n: number) => nameOf((n * 397) % RECORDS);
    const exact = await measure(ASKED, (n) => search(client, asked(n)));
    // One letter is missing.
    const typo = await measure(ASKED, (n) => search(client, asked(n).replace(/^(..)./, '$1')));
    // Two letters swapped; a word half typed; a part of an address; nothing alike; asked by staff.
    const swapped = await measure(ASKED, (n) => search(client, asked(n).replace(/^(.)(.)(.)/, '$1$3$2')));
    const prefix = await measure(ASKED, (n) => search(client, asked(n).slice(0, 4)));
    const address = await measure(ASKED, (n) =>
      search(client, `${asked(n).toLowerCase().replace(' ', '.').slice(3)}@`),
    );
    const nothing = await measure(ASKED, (n) => search(client, `${n}zzyxw qqwvx`));
    const asStaff = await Promise.all(
      crew.map((user) => manager.getClientForTenant(tenant, false, { accessToken: `staff ${user}` })),
    );
    const staff = await measure(ASKED, (n) => search(asStaff[n % crew.length] ?? client, asked(n)));
    const [year, everything] = [reportsOf('2026-01-01', '2026-12-31'), reportsOf('2020-01-01', '2029-12-30')];
    const yearly = await measure(ASKED, (n) => report(client, year[n % year.length]));
    const tenYears = await measure(everything.length * 3, (n) =>
      report(client, everything[n % everything.length]),
    );
    await manager.close();
    return {
      events: EVENTS,
      records: RECORDS,
      ...ofRounds({
        availability_p50_ms: quantiles(availability, 0.5),
        availability_p95_ms: quantiles(availability, 0.95),
        search_p95_ms: quantiles(
          exact.flatMap((ms, n) => [ms, typo[n] ?? ms]),
          0.95,
        ),
        search_exact_p95_ms: quantiles(exact, 0.95),
        search_typo_p95_ms: quantiles(typo, 0.95),
        search_swapped_p95_ms: quantiles(swapped, 0.95),
        search_prefix_p95_ms: quantiles(prefix, 0.95),
        search_address_p95_ms: quantiles(address, 0.95),
        search_nothing_p95_ms: quantiles(nothing, 0.95),
        search_staff_p95_ms: quantiles(staff, 0.95),
        report_of_a_year_p95_ms: quantiles(yearly, 0.95),
        report_of_ten_years_p95_ms: quantiles(tenYears, 0.95, 3),
      }),
    };
  } finally {
    await close();
  }
}

const SYLLABLES = 'an bel cor da el fin gar hol is jo kar lo mar nor ol per qui ros sal tor'.split(' ');

/** A name of two words, each number another: names differ as people's do. */
function nameOf(n: number): string {
  const word = (seed: number) => {
    const letters = [seed, seed / 20, seed / 400].map((part) => SYLLABLES[Math.floor(part) % 20]).join('');
    return letters.charAt(0).toUpperCase() + letters.slice(1);
  };
  return `${word((n * 7919) % 8000)} ${word((n * 104729) % 7993)}`;
}

/** Twenty years of events with a booth each, and accounts up to the number of records; written as the mover writes. */
async function multiply(adminUrl: string, tenant: string): Promise<void> {
  await sql(
    adminUrl,
    `begin; set local tenancy.copying = 'on'; set local request.jwt.claims = '{"tenant_id": "${tenant}"}';
     insert into accounts (tenant_id, name, email)
       select '${tenant}', name, lower(replace(name, ' ', '.')) || '@example.com'
       from json_array_elements_text('${JSON.stringify(Array.from({ length: RECORDS }, (_, n) => nameOf(n)))}') as name;
     insert into events (tenant_id, id, title, event_number, account_id, start_date, end_date, status)
       select '${tenant}', gen_random_uuid(), 'Event ' || n, 'B-' || n, (select id from accounts where tenant_id = '${tenant}' limit 1),
         date '2010-01-01' + n % 7300, date '2010-01-01' + n % 7300, 'confirmed' from generate_series(1, ${EVENTS}) n;
     insert into event_dates (tenant_id, event_id, event_date, start_time, end_time, timezone, occupied)
       select tenant_id, id, start_date, '12:00', '16:00', 'UTC', tstzrange(start_date + time '10:00', start_date + time '18:00')
       from events where event_number like 'B-%';
     insert into booth_assignments (tenant_id, event_date_id, event_id, booth_id, per)
       select d.tenant_id, d.id, d.event_id, b.id, d.occupied
       from (select *, row_number() over (partition by event_date order by id) as place from event_dates
             where event_id in (select id from events where event_number like 'B-%')) d
       join (select id, row_number() over (order by id) as place from booths where tenant_id = '${tenant}') b using (place)
       on conflict do nothing;
     insert into event_staff_assignments (tenant_id, event_id, event_date_id, user_id, staff_role_id, status, rate_snapshot, per, miles)
       select d.tenant_id, d.event_id, d.id, gen_random_uuid(), (select id from staff_roles where tenant_id = '${tenant}' limit 1),
         'confirmed', 2000, d.occupied, 12 from event_dates d where event_id in (select id from events where event_number like 'B-%');
     insert into invoices (tenant_id, invoice_number, account_id, event_id, status, issue_date, due_date, currency, subtotal, tax, total, paid)
       select tenant_id, event_number, account_id, id, case when start_date < '2029-01-01' then 'paid' else 'sent' end,
         start_date - 30, start_date, 'USD', 90000, 10000, 100000, case when start_date < '2029-01-01' then 100000 else 0 end
       from events where event_number like 'B-%';
     insert into payments (tenant_id, invoice_id, amount, currency, method, status, paid_at, fee)
       select tenant_id, id, total, currency, 'card', 'succeeded', due_date, 2900
       from invoices where invoice_number like 'B-%' and status = 'paid';
     commit`,
  );
  await sql(adminUrl, 'vacuum analyze');
}

async function askAvailability(client: PostgrestClient, n: number): Promise<void> {
  const day = new Date(Date.UTC(2012, 0, 1 + ((n * 31) % 6000))).toISOString().slice(0, 10);
  const dates = [{ event_date: day, start_time: '17:00', end_time: '21:00', timezone: 'America/New_York' }];
  await client.rpc('check_availability', { dates }).throwOnError();
}

async function search(client: PostgrestClient, query: string): Promise<void> {
  await client.rpc('search_records', { query }).throwOnError();
}

type Report = [name: string, parameters: Record<string, unknown>];

/** Each report, over a period. */
function reportsOf(from_day: string, to_day: string): Report[] {
  const period = { from_day, to_day };
  return [
    ['revenue_report', period],
    ['conversion_report', period],
    ['utilisation_report', period],
    ['profit_report', period],
    ['profit_by_event', period],
    ['receivables_report', { as_of: to_day }],
    ['crew_pay_report', period],
  ];
}

async function report(client: PostgrestClient, asked: Report | undefined): Promise<void> {
  if (asked) await client.rpc(asked[0], asked[1]).throwOnError();
}

/** Milliseconds of each call, one after another, warm. */
async function measure(times: number, call: (n: number) => Promise<void>): Promise<number[]> {
  for (let n = 0; n < 20; n++) await call(n + times);
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    const started = performance.now();
    await call(n);
    taken.push(performance.now() - started);
  }
  return taken;
}
