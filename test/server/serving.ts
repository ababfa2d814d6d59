// A server over an installation of its own: tenants A and B share one data source, as customers on a plan do.
import { after } from 'node:test';
import { hash } from '@node-rs/argon2';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import type { UserRole } from '@/lib/application';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { type RunningServer, startServer } from '@/server';
import { createInstallation, type Installation } from '../lib/data-sources/installation';
import { createTestDatabase } from '../support/postgres';
import { apiKeyOf } from './api-key';

export const PASSWORD = 'correct horse battery';
const passwordHash = hash(PASSWORD);

export interface Serving extends Installation {
  server: RunningServer;
  /** `http://127.0.0.1:<port>`. */
  url: string;
  tenantIds: Record<'a' | 'b', string>;
  dataSourceUrl: string;
  addUser(tenantId: string | null, email: string, role: UserRole): Promise<string>;
  /** The real client, for a tenant, signed in when an address is given. */
  supabase(tenant: 'a' | 'b', email?: string): Promise<SupabaseClient>;
  /** Signs in by form; gives the cookie. */
  cookieOf(tenant: 'a' | 'b', email: string): Promise<string>;
}

/** Ended after the test file. */
export async function startServing(): Promise<Serving> {
  const installation = await createInstallation();
  const { application, operations, tokens } = installation;
  const manager = installation.newManager({ moveWaitMs: 200 });
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
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    webDirectory: '/nonexistent',
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
    url,
    tenantIds,
    dataSourceUrl,
    addUser,
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
