// Several statements in one transaction in a tenant's context: all of them take effect, or none.
//   node several-statements.ts <tenant id>
import { dataSourceManager } from 'marquee/data-sources';

const [tenantId = ''] = process.argv.slice(2);

const busiest = await dataSourceManager.withTenantTransaction(tenantId, async (transaction) => {
  await transaction.query("set local statement_timeout = '5s'");
  const { rows } = await transaction.query<{ month: string; events: number }>(
    "select to_char(start_date, 'YYYY-MM') as month, count(*)::int as events from events group by 1 order by 2 desc limit 3",
  );
  return rows;
});

console.table(busiest);
