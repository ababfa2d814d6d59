// A tenant data database as provisioning leaves one, and a directory of tenants that a test can change at will.
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import type { TenantCredentials, TenantPlacement, TenantStatus } from '@/lib/application';
import {
  admitLoginStatements,
  createLoginStatements,
  type DatabaseLogins,
  generateLogins,
  loginUrl,
} from '@/lib/data-sources/provisioning/logins';
import type { TenantDirectory } from '@/lib/data-sources/routing/route';
import { migrateTenantData } from '@/lib/tenant-data';
import { giveToOwner } from '../../support/owner';
import { administer, createTestDatabase } from '../../support/postgres';

export interface TenantDatabase {
  id: string;
  /** A superuser's. */
  adminUrl: string;
  /** The owner's, who is none: see `test/support/owner`. */
  ownerUrl: string;
  routerUrl: string;
  logins: DatabaseLogins;
  sql(text: string, values?: unknown[]): Promise<pg.QueryResult>;
}

/**
 * A migrated database with its logins, made by an owner that is no superuser. Dropped, with the logins, after the test file.
 *
 * @param given a superuser's URL of an empty database
 */
export async function createTenantDatabase(given?: string): Promise<TenantDatabase> {
  const adminUrl = given ?? (await createTestDatabase('tenants', 'tenant_data'));
  const ownerUrl = await giveToOwner(adminUrl);
  const logins = generateLogins();
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const statement of createLoginStatements(logins)) await client.query(statement);
    await migrateTenantData(client);
    for (const statement of admitLoginStatements(logins)) await client.query(statement);
  } finally {
    await client.end();
  }
  // What an owner may not give, and managed servers' administrators can.
  await administer(adminUrl, `alter role ${logins.mover.name} replication`);
  await administer(adminUrl, `grant pg_read_all_stats to ${logins.mover.name}`);
  if (!given) {
    after(async () => {
      const server = new URL(adminUrl);
      server.pathname = '/postgres';
      for (const { name } of [logins.router, logins.mover]) {
        // Whether the database is gone by now depends on where the test made it.
        await administer(adminUrl, `drop owned by ${name}`).catch(() => {});
        await administer(server.toString(), `drop role if exists ${name}`);
      }
    });
  }
  return {
    id: randomUUID(),
    adminUrl,
    ownerUrl,
    routerUrl: loginUrl(adminUrl, logins.router),
    logins,
    sql: (text, values) => administer(adminUrl, text, values),
  };
}

/** A directory in memory: counts its lookups, and notifies only when the test says so. */
export class TestDirectory implements TenantDirectory {
  readonly placements = new Map<string, TenantPlacement>();
  readonly credentialsByTenant = new Map<string, TenantCredentials>();
  lookups = 0;
  #changed: ((tenantId?: string, epoch?: string) => void) | undefined;

  async placement(tenantId: string): Promise<TenantPlacement | undefined> {
    this.lookups += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return this.placements.get(tenantId);
  }

  async credentials(tenantId: string): Promise<TenantCredentials | undefined> {
    return this.credentialsByTenant.get(tenantId);
  }

  async listen(changed: (tenantId?: string, epoch?: string) => void) {
    this.#changed = changed;
    return { close: async () => {} };
  }

  notify(tenantId?: string, epoch?: string): void {
    this.#changed?.(tenantId, epoch);
  }

  /** Places a tenant on a database and opens its fence there. Returns the tenant's id. */
  async place(
    database: TenantDatabase,
    options: {
      id?: string;
      idInDataSource?: string;
      epoch?: number;
      config?: Record<string, unknown>;
      status?: TenantStatus;
    } = {},
  ): Promise<string> {
    const { id = randomUUID(), idInDataSource = id, epoch = 1, config = {}, status = 'active' } = options;
    await database.sql('select tenancy.open_fence($1, $2)', [idInDataSource, epoch]);
    this.placements.set(id, {
      tenantId: id,
      status,
      dataSourceId: database.id,
      engine: 'postgresql',
      epoch: String(epoch),
      tenantIdInDataSource: idInDataSource,
      connectionPoolConfig: config,
    });
    this.credentialsByTenant.set(id, {
      dataSourceId: database.id,
      engine: 'postgresql',
      url: database.routerUrl,
      anonKey: null,
      serviceKey: null,
    });
    return id;
  }
}
