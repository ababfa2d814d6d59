// A server, a tenant data database with its logins and tenants, and a manager that routes to them.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TenantCredentials, TenantPlacement } from '@/lib/application';
import { DataSourceManager, type DataSourceManagerDependencies } from '@/lib/data-sources/manager';
import {
  admitLoginStatements,
  createLoginStatements,
  generateLogins,
  loginUrl,
} from '@/lib/data-sources/provisioning/logins';
import type { TenantDirectory } from '@/lib/data-sources/routing/route';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';
import { migrateTenantData } from '@/lib/tenant-data';

export interface BenchServer {
  server: EmbeddedServer;
  close(): Promise<void>;
}

/** A PostgreSQL of its own in a temporary directory, without fsync: what is measured is the way there. */
export async function startServer(settings: Record<string, string | number> = {}): Promise<BenchServer> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-bench-'));
  const server = await startEmbeddedServer({
    dataDirectory: path.join(directory, 'data'),
    durable: false,
    settings: { shared_buffers: '256MB', jit: 'off', ...settings },
  });
  return {
    server,
    async close() {
      await server.kill('SIGQUIT');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface BenchDatabase {
  id: string;
  adminUrl: string;
  routerUrl: string;
}

/** A migrated database of its own on the server. */
export async function createDatabase(server: EmbeddedServer, name = `bench_${randomUUID().slice(0, 8)}`) {
  await sql(server.url(), `create database ${name}`);
  const adminUrl = server.url(name);
  const logins = generateLogins();
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  for (const statement of createLoginStatements(logins)) await client.query(statement);
  await migrateTenantData(client);
  for (const statement of admitLoginStatements(logins)) await client.query(statement);
  await client.end();
  return { id: randomUUID(), adminUrl, routerUrl: loginUrl(adminUrl, logins.router), logins };
}

export async function sql(url: string, text: string, values?: unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

/** Tenants with open fences and rows of their own. */
export async function addTenants(
  database: BenchDatabase,
  count: number,
  rowsEach: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await sql(database.adminUrl, 'insert into tenancy.fence select unnest($1::uuid[]), 1, $2', [ids, 'open']);
  // As the mover, whose rows the triggers leave as they are.
  await sql(
    database.adminUrl,
    `begin; set local tenancy.copying = 'on';
     insert into accounts (tenant_id, name, email, phone, website, industry, credit_limit)
     select tenant, 'Account ' || n, 'account' || n || '@example.com', '+1 555 0100' || n, 'https://example.com/' || n,
       'Events', n * 1000
     from unnest('{${ids.join(',')}}'::uuid[]) as tenant, generate_series(1, ${Number(rowsEach)}) as n;
     commit`,
  );
  await sql(database.adminUrl, 'vacuum analyze accounts');
  return ids;
}

/** Tenants and where they live, in memory: the application database is measured elsewhere. */
export class BenchDirectory implements TenantDirectory {
  readonly #databases = new Map<string, BenchDatabase>();

  place(tenantIds: readonly string[], database: BenchDatabase): void {
    for (const id of tenantIds) this.#databases.set(id, database);
  }

  async placement(tenantId: string): Promise<TenantPlacement | undefined> {
    const database = this.#databases.get(tenantId);
    return (
      database && {
        tenantId,
        status: 'active',
        dataSourceId: database.id,
        engine: 'postgresql',
        epoch: '1',
        tenantIdInDataSource: tenantId,
        connectionPoolConfig: {},
      }
    );
  }

  async credentials(tenantId: string): Promise<TenantCredentials | undefined> {
    const database = this.#databases.get(tenantId);
    return (
      database && {
        dataSourceId: database.id,
        engine: 'postgresql',
        url: database.routerUrl,
        anonKey: null,
        serviceKey: null,
      }
    );
  }

  async listen() {
    return { close: async () => {} };
  }
}

export function managerOf(
  directory: TenantDirectory,
  settings: DataSourceManagerDependencies['settings'] & {},
  verifyAccessToken: DataSourceManagerDependencies['verifyAccessToken'] = () =>
    Promise.reject(new Error('This benchmark has no users.')),
  usage?: DataSourceManagerDependencies['usage'],
): DataSourceManager {
  return new DataSourceManager(async () => ({
    directory,
    verifyAccessToken,
    settings,
    usage,
  }));
}
