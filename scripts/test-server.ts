import pg from 'pg';
import { migrateApplicationDatabase } from '@/lib/application';
import { type EmbeddedServer, startEmbeddedServer } from '@/lib/embedded';
import { migrateOperationsDatabase } from '@/lib/operations';
import { migrateTenantData } from '@/lib/tenant-data';
import { giveToOwner } from '../test/support/owner';

/** A PostgreSQL for test files (`MARQUEE_TEST_POSTGRES_URL`): what most begin with is migrated once, see `createTestDatabase`. */
export async function startMigratedServer(dataDirectory: string): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({
    dataDirectory,
    durable: false,
    settings: {
      ...{ max_connections: 400, shared_buffers: '256MB' },
      ...{ max_wal_senders: 40, max_replication_slots: 40 },
    },
  });
  const migrated = async (name: string, migrate: (url: string) => Promise<unknown>) => {
    await onConnection(server.url(), (client) => client.query(`create database migrated_${name}`));
    await migrate(server.url(`migrated_${name}`));
    // Smaller by what migrating left in the catalogs: hundreds of databases are copies of it. The tables themselves stay without
    // statistics, as they are after a migration: a vacuum would tell the planner that they are empty.
    await onConnection(server.url(`migrated_${name}`), (client) =>
      client.query(
        'vacuum full pg_class, pg_attribute, pg_proc, pg_depend, pg_constraint, pg_index, pg_trigger, pg_description',
      ),
    );
  };
  await migrated('application', migrateApplicationDatabase);
  await migrated('operations', migrateOperationsDatabase);
  await migrated('tenant_data', async (url) => onConnection(await giveToOwner(url), migrateTenantData));
  return server;
}

async function onConnection(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
