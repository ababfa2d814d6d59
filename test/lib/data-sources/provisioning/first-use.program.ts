// The specification's snippet, and nothing that closes anything: it has to end by itself.
import { dataSourceManager } from '@/lib/data-sources/manager';

const [tenantId = '', seconds = '0'] = process.argv.slice(2);

const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
const { data, error } = await tenantDb.from('accounts').select('*').eq('tenant_id', tenantId);
const slept = await dataSourceManager.execute(tenantId, {
  text: 'select pg_sleep($1::float8)',
  values: [seconds],
});
console.log(JSON.stringify({ rows: data?.length, error, slept: slept.length }));
