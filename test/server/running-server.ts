// A running server over real databases: tenants A and B share one, each with an owner, a sales person and a viewer.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { hash } from '@node-rs/argon2';
import type { Tenant, UserRole } from '@/lib/application';
import { createDiskStorage } from '@/lib/crm/storage';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { startServer } from '@/server';
import { createInstallation, type Installation } from '../lib/data-sources/installation';
import { createTestDatabase } from '../support/postgres';

export const PASSWORD = 'a password for tests';

export interface RunningMarquee extends Installation {
  manager: DataSourceManager;
  a: Tenant;
  b: Tenant;
  port: number;
  /** `http://127.0.0.1:<port>/t/<subdomain>` */
  address(subdomain: string): string;
}

export async function startMarquee(): Promise<RunningMarquee> {
  const installation = await createInstallation();
  const { application, operations, tokens } = installation;
  const adminUrl = await createTestDatabase('tenant_data', 'tenant_data');
  await provisionDataSource(operations, { name: 'shared-1', kind: 'shared', adminUrl });
  const passwordHash = await hash(PASSWORD);
  const [a, b] = await Promise.all(
    ['a', 'b'].map(async (subdomain) => {
      const tenant = await provisionTenant(installation, {
        name: `Company ${subdomain}`,
        subdomain,
        dataSource: 'shared-1',
      });
      for (const role of ['owner', 'sales', 'viewer'] as UserRole[]) {
        const email = `${role}@${subdomain}.example`;
        await application.users.create({ tenantId: tenant.id, email, displayName: role, role, passwordHash });
      }
      return tenant;
    }),
  );
  if (!a || !b) throw new Error('Two tenants were to be made.');
  const manager = installation.newManager();
  const files = await mkdtemp(path.join(tmpdir(), 'marquee-files-'));
  const secretBox = createSecretBox({
    provider: createLocalKeyProvider(installation.key),
    fingerprintKey: installation.key,
  });
  const services = {
    secretBox,
    storage: createDiskStorage(files),
    testPaymentSecret: 'test',
    oauthClients: {},
  };
  const server = await startServer({
    services,
    application,
    operations,
    manager,
    tokens,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    webDirectory: '/nonexistent',
  });
  after(async () => {
    await server.close();
    await rm(files, { recursive: true, force: true });
  });
  const address = (subdomain: string) => `http://127.0.0.1:${server.port}/t/${subdomain}`;
  return { ...installation, manager, a, b, port: server.port, address };
}
