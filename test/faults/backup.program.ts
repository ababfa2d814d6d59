// A process that backs a tenant up, restores it or drills it, and stops at a point until it is killed. Prints the point when it is reached.
import { openApplicationDatabase } from '@/lib/application';
import {
  type BackupDependencies,
  type BackupPoint,
  createBackup,
  drillBackup,
  findBackup,
  openStore,
  restoreAsNewTenant,
  restoreInPlace,
  restoreToDataSource,
} from '@/lib/backups';
import { createDiskStorage } from '@/lib/crm/storage';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

export interface BackupOrders {
  applicationUrl: string;
  operationsUrl: string;
  applicationKey: string;
  operationsKey: string;
  files: string;
  store: string;
  tenantId: string;
  work: 'create' | 'in_place' | 'as_new_tenant' | 'to_data_source' | 'drill';
  point: BackupPoint;
  /** So many times the point is passed first. */
  after?: number;
  backup?: string;
  source?: string;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as BackupOrders;
const box = (key: string) => createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
const application = openApplicationDatabase({
  url: orders.applicationUrl,
  secretBox: box(orders.applicationKey),
});
const operations = openOperationsDatabase({
  url: orders.operationsUrl,
  secretBox: box(orders.operationsKey),
});
let left = orders.after ?? 0;
const dependencies: BackupDependencies = {
  ...{
    application,
    operations,
    secretBox: box(orders.operationsKey),
    files: createDiskStorage(orders.files),
  },
  hooks(point) {
    if (point !== orders.point || left-- > 0) return;
    process.stdout.write(`${point}\n`);
    return new Promise(() => setInterval(() => {}, 1000));
  },
};
const { tenantId, source: dataSource = '' } = orders;
const requestedBy = 'killed';
const backup = () => findBackup(operations.pool, orders.backup ?? '');
const works = {
  create: async () =>
    createBackup(dependencies, {
      tenantId,
      store: await openStore(orders.store),
      reason: 'manual',
      requestedBy,
    }),
  in_place: async () => restoreInPlace(dependencies, { backup: await backup(), requestedBy }),
  as_new_tenant: async () =>
    restoreAsNewTenant(dependencies, {
      ...{ backup: await backup(), requestedBy, name: 'Copy', subdomain: `copy-${tenantId.slice(0, 8)}` },
      dataSource,
    }),
  to_data_source: async () =>
    restoreToDataSource(dependencies, { backup: await backup(), requestedBy, dataSource }),
  drill: async () => drillBackup(dependencies, { tenantId, dataSource, requestedBy }),
};
await works[orders.work]();
process.stdout.write('ended\n');
process.exit(0);
