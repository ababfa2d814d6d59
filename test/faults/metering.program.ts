// A process that runs statements for a tenant, ten at a time, and prints how many were run and added, until it is killed.
import { DataSourceManager } from '@/lib/data-sources/manager';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

export interface MeteringOrders {
  operationsUrl: string;
  tenantId: string;
  dataSourceId: string;
  routerUrl: string;
}

const { operationsUrl, tenantId, dataSourceId, routerUrl } = JSON.parse(
  process.argv[2] ?? '{}',
) as MeteringOrders;
const key = '0'.repeat(64);
const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
const { usage } = openOperationsDatabase({ url: operationsUrl, secretBox });
const manager = new DataSourceManager(async () => ({
  usage,
  verifyAccessToken: () => Promise.reject(new Error('no user signs in here')),
  directory: {
    placement: async () => ({
      ...{ tenantId, status: 'active', dataSourceId, engine: 'postgresql', epoch: '1' },
      ...{ tenantIdInDataSource: tenantId, connectionPoolConfig: {} },
    }),
    credentials: async () => ({
      dataSourceId,
      engine: 'postgresql',
      url: routerUrl,
      anonKey: null,
      serviceKey: null,
    }),
    listen: async () => ({ close: async () => {} }),
  },
}));
for (let added = 10; ; added += 10) {
  for (let n = 0; n < 10; n += 1) await manager.execute(tenantId, { text: 'select 1', values: [] });
  await manager.flushUsage();
  process.stdout.write(`${added}\n`);
}
