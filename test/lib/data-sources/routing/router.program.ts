// A Marquee process of its own for a test: runs the shared manager, writes and reads what it is told on standard input.
import { createInterface } from 'node:readline';
import { dataSourceManager } from '@/lib/data-sources/manager';

for await (const line of createInterface({ input: process.stdin })) {
  const { tenantId, name } = JSON.parse(line) as { tenantId: string; name: string };
  const client = await dataSourceManager.getClientForTenant(tenantId, true);
  const { error, status } = await client.from('accounts').insert({ name });
  const route = await dataSourceManager.route(tenantId);
  console.log(JSON.stringify({ status, error, epoch: route.epoch, dataSourceId: route.dataSourceId }));
}
await dataSourceManager.close();
