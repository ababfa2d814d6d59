// A migrated tenant data database with two tenants, and connections that enter them as any user.
import { randomBytes, randomUUID } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { admitRouter, migrateTenantData, openFence, seedTenantDefaults } from '@/lib/tenant-data';
import { administer, createTestDatabase } from '../../support/postgres';

export type UserRole = 'owner' | 'admin' | 'manager' | 'sales' | 'staff' | 'viewer';

/** Who runs a statement: a user of a role, or trusted server code. */
export interface Actor {
  tenant: string;
  role?: UserRole;
  userId?: string;
  epoch?: number;
}

export type Query = <R extends pg.QueryResultRow = pg.QueryResultRow>(
  sql: string,
  values?: unknown[],
) => Promise<R[]>;

export interface TenantDatabase {
  /** URL of the owner (a superuser unless the test says otherwise). */
  url: string;
  owner: pg.Client;
  routerUrl: string;
  tenantA: string;
  tenantB: string;
  /** Runs `work` in one transaction in the actor's context; rolls back when it throws. */
  as<T>(actor: Actor, work: (query: Query) => Promise<T>): Promise<T>;
}

/** Makes it on the shared test server, or where `url` (a superuser's) points. */
export async function createTenantDatabase(given?: string): Promise<TenantDatabase> {
  const url = given ?? (await createTestDatabase('tenant_data', 'tenant_data'));
  const owner = await connect(url);
  await migrateTenantData(owner);
  const login = `router_test_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await owner.query(`create role ${login} login noinherit password '${password}'`);
  await admitRouter(owner, login);
  const router = new URL(url);
  router.username = login;
  router.password = password;
  const pool = new pg.Pool({ connectionString: router.toString(), max: 60, idleTimeoutMillis: 0 });
  pool.on('error', () => {});
  // Hooks run in order: the database, and with it what the login was granted there, is dropped before this one.
  after(async () => {
    await Promise.allSettled([pool.end(), owner.end()]);
    const server = new URL(url);
    server.pathname = '/postgres';
    await administer(server.toString(), `drop role ${login}`);
  });
  const database: TenantDatabase = {
    url,
    owner,
    routerUrl: router.toString(),
    tenantA: randomUUID(),
    tenantB: randomUUID(),
    as: (actor, work) => inTransaction(pool, actor, work),
  };
  for (const tenantId of [database.tenantA, database.tenantB]) await addTenant(database, tenantId);
  return database;
}

/** Opens the fence of a further tenant and seeds it. */
export async function addTenant(
  database: Pick<TenantDatabase, 'owner' | 'routerUrl'>,
  tenantId: string = randomUUID(),
): Promise<string> {
  await openFence(database.owner, { tenantId, epoch: 1 });
  const client = new pg.Client({ connectionString: database.routerUrl });
  await client.connect();
  await seedTenantDefaults(client, { tenantId, epoch: 1 });
  await client.end();
  return tenantId;
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function inTransaction<T>(pool: pg.Pool, actor: Actor, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select tenancy.enter($1, $2, $3, $4, false)', [
      actor.tenant,
      actor.epoch ?? 1,
      actor.role ? 'authenticated' : 'tenant_service',
      claimsOf(actor),
    ]);
    const result = await work(async (sql, values) => (await client.query(sql, values)).rows as never);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

export function claimsOf(actor: Actor): string {
  return JSON.stringify(
    actor.role
      ? {
          role: 'authenticated',
          tenant_id: actor.tenant,
          sub: actor.userId ?? '00000000-0000-4000-8000-00000000cafe',
          user_role: actor.role,
        }
      : { role: 'tenant_service', tenant_id: actor.tenant },
  );
}

/** For `assert.rejects`: a PostgreSQL error with this SQLSTATE. */
export function sqlState(code: string): (error: unknown) => boolean {
  return (error) => {
    if (error instanceof pg.DatabaseError && error.code === code) return true;
    throw error;
  };
}
