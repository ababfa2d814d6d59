// A server over an installation of its own: tenants A and B share one data source, as customers on a plan do.
import { after } from 'node:test';
import { hash } from '@node-rs/argon2';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { OperatorRole, UserRole } from '@/lib/application';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { newRecoveryCodes, newTotp } from '@/lib/identity';
import { moveDependencies } from '@/lib/movement';
import { type RunningServer, type ServerOptions, startServer } from '@/server';
import { createInstallation, type Installation } from '../lib/data-sources/installation';
import { createTestDatabase } from '../support/postgres';
import { apiKeyOf } from './api-key';

export const PASSWORD = 'correct horse battery';
const passwordHash = hash(PASSWORD);

export interface Serving extends Installation {
  server: RunningServer;
  manager: DataSourceManager;
  /** `http://127.0.0.1:<port>`. */
  url: string;
  tenantIds: Record<'a' | 'b', string>;
  dataSourceUrl: string;
  addUser(tenantId: string | null, email: string, role: UserRole): Promise<string>;
  /** One of the operator's people, with a second factor; `code` gives a recovery code of it. */
  addOperator(email: string, role: OperatorRole): Promise<{ id: string; code(): string }>;
  /** The real client, for a tenant, signed in when an address is given. */
  supabase(tenant: 'a' | 'b', email?: string): Promise<SupabaseClient>;
  /** Signs in by form; gives the cookie. */
  cookieOf(tenant: 'a' | 'b', email: string): Promise<string>;
}

/** Ended after the test file. */
export async function startServing(
  options: Partial<ServerOptions> = {},
  /** Short, for a test that leaves a fence closed. */
  moveWaitMs = 30_000,
  /** Options that need the installation. */
  further: (installation: Installation) => Promise<Partial<ServerOptions>> = async () => ({}),
): Promise<Serving> {
  const installation = await createInstallation();
  const { application, operations, tokens } = installation;
  const manager = installation.newManager({ moveWaitMs }, operations.usage);
  const dataSourceUrl = await createTestDatabase('shared', 'tenant_data');
  await provisionDataSource(operations, { name: 'shared', kind: 'shared', adminUrl: dataSourceUrl });
  const tenantIds = { a: '', b: '' };
  for (const subdomain of ['a', 'b'] as const) {
    const tenant = { name: `Company ${subdomain}`, subdomain, dataSource: 'shared' };
    tenantIds[subdomain] = (await provisionTenant(installation, tenant)).id;
    await manager.withTenantTransaction(tenantIds[subdomain], async (transaction) => {
      await transaction.query('insert into accounts (name) values ($1), ($2)', [
        `First of ${subdomain}`,
        `Second of ${subdomain}`,
      ]);
      await transaction.query('insert into contacts (first_name, last_name) values ($1, $1)', [subdomain]);
    });
  }
  const server = await startServer({
    application,
    operations,
    manager,
    tokens,
    moves: moveDependencies({ application, operations }),
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    webDirectory: '/nonexistent',
    ...options,
    ...(await further(installation)),
  });
  after(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;

  const addUser = async (tenantId: string | null, email: string, role: UserRole) => {
    const account = { tenantId, email, role, displayName: email, passwordHash: await passwordHash };
    return (await application.users.create(account)).id;
  };
  for (const subdomain of ['a', 'b'] as const) {
    for (const role of ['owner', 'viewer'] as const)
      await addUser(tenantIds[subdomain], `${role}@${subdomain}.example`, role);
  }

  return {
    ...installation,
    server,
    manager,
    url,
    tenantIds,
    dataSourceUrl,
    addUser,
    addOperator: (email, role) => addOperator(installation, email, role),
    async supabase(tenant, email) {
      const key = await apiKeyOf(operations, tenantIds[tenant], 'anon');
      const client = createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } });
      if (email) {
        const { error } = await client.auth.signInWithPassword({ email, password: PASSWORD });
        if (error) throw error;
      }
      return client;
    },
    async cookieOf(tenant, email) {
      const response = await fetch(`${url}/t/${tenant}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: url },
        body: JSON.stringify({ email, password: PASSWORD }),
      });
      return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    },
  };
}

/** One of the operator's people, with a password and a second factor; `code` gives a recovery code of it. */
export async function addOperator(
  { application: { users } }: Pick<Installation, 'application'>,
  email: string,
  operatorRole: OperatorRole,
): Promise<{ id: string; code(): string }> {
  const account = { tenantId: null, email, role: 'operator', operatorRole, displayName: email } as const;
  const { id } = await users.create({ ...account, passwordHash: await passwordHash });
  await users.setTotpSecret(id, newTotp({ email }).secret);
  const { codes, hashes } = await newRecoveryCodes({ id });
  await users.confirmTotp(id, hashes);
  return { id, code: () => codes.pop() ?? '' };
}
