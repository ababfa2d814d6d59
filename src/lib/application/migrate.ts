import pg from 'pg';
import { type MigrateResult, migrate, migrationsFrom, readSqlFiles } from '@/lib/migrations';
import { unreachable } from './database';

/**
 * Brings the application database to this program's version.
 *
 * @param url PostgreSQL URL of its owner; it need not be a superuser
 * @throws MarqueeError `migration_changed`, `migration_ahead`, `migration_failed`, `application_database_unreachable`
 */
export async function migrateApplicationDatabase(url: string): Promise<MigrateResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await migrate(client, {
      migrations: migrationsFrom(await readSqlFiles(import.meta.dirname, 'migrations')),
      schema: 'marquee',
    });
  } catch (error) {
    throw unreachable(error) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
}
