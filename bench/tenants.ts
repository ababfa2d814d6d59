// A server, a tenant data database with its logins and tenants, and a manager that routes to them.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { TenantCredentials, TenantPlacement } from '@/lib/application';
import { DataSourceManager } from '@/lib/data-sources/manager';
import {
  admitLoginStatements,
  createLoginStatements,
  generateLogins,
  loginUrl,
} from '@/lib/data-sources/provisioning/logins';
import type { TenantDirectory } from '@/lib/data-sources/route';
import type { SourceSettings } from '@/lib/data-sources/sources';
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

/** Row-level security and grants as every business table has them. */
const ITEMS = `
  create table bench_items (
    tenant_id uuid not null default tenancy.current_tenant(),
    id uuid not null default gen_random_uuid(),
    name text not null, email text not null, status text not null,
    primary key (tenant_id, id)
  );
  alter table bench_items enable row level security;
  alter table bench_items force row level security;
  create policy service on bench_items to tenant_service
    using (tenant_id = (select tenancy.current_tenant()))
    with check (tenant_id = (select tenancy.current_tenant()));
  grant select, insert, update, delete on bench_items to tenant_service;`;

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
  await client.query(ITEMS);
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
  await sql(
    database.adminUrl,
    `insert into bench_items (tenant_id, name, email, status)
     select tenant, 'Item ' || n, 'item' || n || '@example.com', 'active'
     from unnest($1::uuid[]) as tenant, generate_series(1, $2) as n`,
    [ids, rowsEach],
  );
  await sql(database.adminUrl, 'vacuum analyze bench_items');
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

export function managerOf(directory: TenantDirectory, settings: Partial<SourceSettings>): DataSourceManager {
  return new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: () => Promise.reject(new Error('The benchmarks have no users.')),
    settings,
  }));
}
