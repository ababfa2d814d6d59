import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { seedDemoCompany } from '@/lib/crm/demo-company';
import { createTenantDatabase } from '../tenant-data/tenant-database';

const users = {
  salesUserIds: [randomUUID(), randomUUID()],
  crewUserIds: Array.from({ length: 6 }, () => randomUUID()),
};
const company = { seed: 7, events: 150, today: '2026-06-15', name: 'Flash & Frame', ...users };

test('a year of a company is deterministic and follows the rules of the database', async () => {
  const database = await createTenantDatabase();
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
  assert.equal(first?.events, 150);
  assert.equal(first?.wrong, 0);
  assert.ok((first?.cancelled ?? 0) > 3 && (first?.overdue ?? 0) > 2);
});
