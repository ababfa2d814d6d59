// Reads a tenant's rows, in whichever database they are.
//   node query-a-tenant.ts <tenant id>      (npx marquee tenant list shows the ids)
import { dataSourceManager } from 'marquee/data-sources';

const [tenantId = ''] = process.argv.slice(2);

const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
const { data, error } = await tenantDb.from('accounts').select('*').eq('tenant_id', tenantId);

console.log(error ?? `${data.length} accounts`);
