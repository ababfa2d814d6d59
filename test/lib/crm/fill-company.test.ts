import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { fillCompany, seedDemoCompany } from '@/lib/crm/demo-company';
import { createTenantDatabase } from '../tenant-data/tenant-database';

const today = '2026-06-15';
const crewUserIds = Array.from({ length: 8 }, () => randomUUID());
const database = await createTenantDatabase();
const { owner, tenantA: tenantId, tenantB } = database;
const options = { tenantId, events: 100, years: 5, today, crewUserIds };

const count = async (sql: string): Promise<number> => {
  const { rows } = await owner.query<{ count: number }>(`select count(*)::int as count ${sql}`, [tenantId]);
  return rows[0]?.count ?? -1;
};

await database.as({ tenant: tenantId }, (query) =>
  seedDemoCompany(
    { query: async (sql, values) => ({ rows: (await query(sql, values)) as never[] }) },
    { seed: 7, events: 20, today, name: 'Big', salesUserIds: [randomUUID()], crewUserIds },
  ),
);
const TABLES = [
  'events',
  'event_dates',
  'accounts',
  'contacts',
  'leads',
  'opportunities',
  'quotes',
  'quote_line_items',
  'invoices',
  'tasks',
  'communications',
];
const before = new Map<string, number>();
for (const table of TABLES) before.set(table, await count(`from ${table} where tenant_id = $1`));
const filled = await fillCompany(owner, options);

test('the company has five times as many of all that belongs to its clients, over five years', async () => {
  assert.equal(filled.events, 100);
  for (const table of TABLES)
    assert.equal(await count(`from ${table} where tenant_id = $1`), 5 * (before.get(table) ?? 0), table);
  const years = await count(
    "from (select from events where tenant_id = $1 group by date_trunc('year', start_date)) y",
  );
  assert.ok(years >= 5, `${years} years`);
  assert.equal(await count('from events where tenant_id <> $1'), 0, 'the neighbor');
});

test('what is long past is over, and paid but for a few', async () => {
  assert.equal(
    await count(`from events where tenant_id = $1 and start_date < '${today}' and status in ('tentative', 'confirmed')
      and substr(id::text, 15, 1) = '8'`),
    0,
  );
  const [all, open] = [
    await count("from invoices where tenant_id = $1 and due_date < '2026-04-01'"),
    await count(
      "from invoices where tenant_id = $1 and due_date < '2026-04-01' and status in ('sent', 'partially_paid')",
    ),
  ];
  assert.ok(all > 50 && open < all / 5, `${open} of ${all}`);
  assert.equal(
    await count(`from invoices i where tenant_id = $1 and paid <> coalesce((select sum(p.amount) from payments p
      where p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.status = 'succeeded' and p.kind = 'payment'), 0)`),
    0,
    'paid is the sum of payments',
  );
});

test('every copied date has a booth, its kit and people, and none is booked twice', async () => {
  const copies = "substr(d.id::text, 15, 1) = '8' and d.event_id is not null and d.status <> 'cancelled'";
  const dates = await count(`from event_dates d where d.tenant_id = $1 and ${copies}`);
  const booked = await count(`from event_dates d where d.tenant_id = $1 and ${copies}
    and exists (select from booth_assignments a join equipment_assignments e on e.tenant_id = a.tenant_id and e.booth_assignment_id = a.id
      where a.tenant_id = d.tenant_id and a.event_date_id = d.id)
    and exists (select from event_staff_assignments s where s.tenant_id = d.tenant_id and s.event_date_id = d.id)`);
  assert.ok(dates > 60 && booked > dates * 0.95, `${booked} of ${dates}`);
  assert.equal(
    await count(`from booth_assignments a join booth_assignments b on b.tenant_id = a.tenant_id and b.booth_id = a.booth_id and b.id > a.id
      and b.per && a.per where a.tenant_id = $1 and a.status in ('reserved', 'checked_out') and b.status in ('reserved', 'checked_out')
      and not a.overbooked and not b.overbooked`),
    0,
  );
});

test('clients differ in name and address; a second run changes nothing', async () => {
  for (const column of ['name', 'email'])
    assert.equal(
      await count(
        `from (select from accounts where tenant_id = $1 group by ${column} having count(*) > 1) twice`,
      ),
      0,
      column,
    );
  const digest = () =>
    owner.query(
      "select md5(string_agg(b::text, ',' order by id)) from booth_assignments b where tenant_id = $1",
      [tenantId],
    );
  const first = await digest();
  assert.deepEqual(await fillCompany(owner, options), { events: 100 });
  assert.deepEqual((await digest()).rows, first.rows);
  assert.equal(await count('from events where tenant_id = $1'), 100);
});

test('a tenant without events has nothing to copy; one that is being moved is left alone', async () => {
  assert.deepEqual(await fillCompany(owner, { ...options, tenantId: tenantB }), { events: 0 });
  await owner.query("update tenancy.fence set state = 'closed' where tenant_id = $1", [tenantB]);
  await assert.rejects(fillCompany(owner, { ...options, tenantId: tenantB }), /fence .* is not open/);
});
