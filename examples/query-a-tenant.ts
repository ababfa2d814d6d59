// Reads a tenant's rows wherever they live. While `npm start` runs:
//   node scripts/run.mjs examples/query-a-tenant.ts <tenant id>      (marquee tenant list shows the ids)
import { dataSourceManager } from '@/lib/data-sources/manager';

const [tenantId = ''] = process.argv.slice(2);

const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
const { data, error } = await tenantDb.from('accounts').select('*').eq('tenant_id', tenantId);

console.log(error ?? `${data.length} accounts`);
await dataSourceManager.close();
