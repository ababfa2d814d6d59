import { dataSourceManager } from '@/lib/data-sources/manager';

export async function GET(_request: Request, { params }: { params: Promise<{ tenantId: string }> }) {
  const { tenantId } = await params;
  const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
  const { data } = await tenantDb.from('accounts').select('*').eq('tenant_id', tenantId);
  return Response.json(data);
}
