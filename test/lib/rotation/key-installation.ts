// An installation with secrets in every place that has some, opened by several processes with different keys.
import { randomBytes, randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { migrateApplicationDatabase, openApplicationDatabase, type Tenant } from '@/lib/application';
import { sealCredentials } from '@/lib/crm/delivery';
import { directoryOf, provisionDataSource, provisionTenant, tokenVerifier } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import type { RotationDependencies } from '@/lib/rotation';
import { createTokens, openSecrets, type SecretSettings, type Tokens } from '@/lib/secrets';
import { giveToOwner } from '../../support/owner';
import { administer, createTestDatabase } from '../../support/postgres';

export const newKey = () => randomBytes(32).toString('hex');
export const TOTP = 'JBSWY3DPEHPK3PXP';

/** What a process of Marquee has open. */
export interface OpenProcess extends RotationDependencies {
  manager: DataSourceManager;
  tokens: Tokens;
}

export interface KeyInstallation {
  applicationUrl: string;
  operationsUrl: string;
  dataUrl: string;
  /** A process with these keys; closed after the file. */
  open(settings: SecretSettings): Promise<OpenProcess>;
  /** Those that were opened; the first has made it. */
  processes: readonly OpenProcess[];
  /** `active` and `suspended`. */
  tenants: Tenant[];
  userId: string;
  /** Reads every secret as the product does, and fails where one cannot be read. */
  readAll(process: OpenProcess): Promise<void>;
}

/** @param settings of the process that makes it */
export async function createKeyInstallation(settings: SecretSettings): Promise<KeyInstallation> {
  const applicationUrl = await createTestDatabase('application', 'application');
  const operationsUrl = await createTestDatabase('operations', 'operations');
  await migrateApplicationDatabase(applicationUrl);
  await migrateOperationsDatabase(operationsUrl);
  const dataUrl = await giveToOwner(await createTestDatabase('keys_data', 'tenant_data'));
  const opened: { close(): Promise<void> }[] = [];
  const processes: OpenProcess[] = [];
  after(async () => {
    for (const one of opened.reverse()) await one.close();
  });
  const open = async (others: SecretSettings): Promise<OpenProcess> => {
    const secretBox = await openSecrets(others);
    const application = openApplicationDatabase({ url: applicationUrl, secretBox, maxConnections: 4 });
    const operations = openOperationsDatabase({
      ...{ url: operationsUrl, secretBox, maxConnections: 5 },
      recordChange: (change) => application.audit.append(change),
    });
    const tokens = createTokens(operations.tokenKeys);
    const manager = new DataSourceManager(async () => ({
      directory: directoryOf(application),
      verifyAccessToken: tokenVerifier(tokens),
      settings: { connectionsPerServer: 4 },
    }));
    opened.push(application, operations, manager);
    const process = { application, operations, manager, secretBox, tokens };
    processes.push(process);
    return process;
  };
  const first = await open(settings);
  const { application, operations, secretBox, manager, tokens } = first;
  await provisionDataSource(operations, { name: 'shared', kind: 'shared', adminUrl: dataUrl });
  const tenants: Tenant[] = [];
  for (const subdomain of ['active', 'suspended']) {
    const tenant = await provisionTenant(first, { name: subdomain, subdomain, dataSource: 'shared' });
    tenants.push(tenant);
    await application.tenants.setReplicas(tenant.id, [
      { id: 'a', region: null, url: 'postgresql://replica/a' },
    ]);
    const client = await manager.getClientForTenant(tenant.id, true);
    const sealed = await sealCredentials({ services: { secretBox } }, tenant.id, {
      secretKey: `key of ${subdomain}`,
    });
    await client
      .from('user_integrations')
      .insert({ provider: 'stripe', user_id: null, status: 'connected', ...sealed })
      .throwOnError();
  }
  const [active, suspended] = tenants as [Tenant, Tenant];
  await application.tenants.setStatus(suspended.id, 'suspended');
  const user = { tenantId: active.id, email: 'a@b.c', displayName: 'A', role: 'owner' as const };
  const { id: userId } = await application.users.create(user);
  await application.users.setTotpSecret(userId, TOTP);
  const source = await operations.dataSources.get('shared');
  await operations.dataSources.setCredentials(source.id, { anonKey: 'anon', serviceKey: 'service' });
  await tokens.signAccessToken({ userId, tenantId: active.id, role: 'owner', tokenVersion: 1 }, 60);
  await administer(
    operationsUrl,
    `insert into idempotent_requests (tenant_id, caller, key_hash, fingerprint, holder, state, leased_until, status, answer, finished_at, expires_at)
     values ($1, 'a', $2, $2, $3, 'done', now(), 200, $4, now(), now() + interval '1 day')`,
    [
      active.id,
      'a'.repeat(64),
      randomUUID(),
      await secretBox.encrypt('{"body":""}', { owner: active.id, column: 'idempotent_requests.answer' }),
    ],
  );
  await operations.jobs.start();
  await operations.jobs.defineQueue('mail');
  await operations.jobs.send('mail', {
    tenantId: active.id,
    communicationId: randomUUID(),
    sealedAction: await secretBox.encrypt('{}', { owner: active.id, column: 'mail.action' }),
  });
  return {
    ...{ applicationUrl, operationsUrl, dataUrl, open, processes, tenants, userId },
    async readAll(process) {
      const token = await process.tokens.signAccessToken(
        { userId, tenantId: active.id, role: 'owner', tokenVersion: 1 },
        60,
      );
      await process.tokens.verifyAccessToken(token);
      await process.application.users.totpSecret(userId);
      await process.operations.dataSources.credentials(source.id);
      for (const { id } of tenants) {
        await process.application.tenants.credentials(id);
        await process.application.tenants.replicas(id);
      }
      const client = await process.manager.getClientForTenant(active.id, true);
      const { data } = await client.from('user_integrations').select('credentials').throwOnError();
      const place = { owner: active.id, column: 'user_integrations.credentials' };
      await process.secretBox.decrypt(data[0]?.credentials ?? '', place);
    },
  };
}
