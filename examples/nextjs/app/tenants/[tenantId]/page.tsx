import { dataSourceManager } from 'marquee/data-sources';

export default async function Accounts({ params }: { params: Promise<{ tenantId: string }> }) {
  const { tenantId } = await params;
  const tenantDb = await dataSourceManager.getClientForTenant(tenantId, true);
  const { data } = await tenantDb.from('accounts').select('id, name').order('name');
  return (
    <ul>
      {data?.map(({ id, name }) => (
        <li key={id}>{name}</li>
      ))}
    </ul>
  );
}
