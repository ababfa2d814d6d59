import pg from 'pg';
import { type MigrateResult, migrate, readSqlFiles } from '@/lib/migrations';
import { unreachable } from './database';

/**
 * Brings the application database, which may be empty, to this program's version.
 *
 * @param url PostgreSQL URL of its owner; it need not be a superuser
 * @throws MarqueeError `migration_*` (see `migrate`), `application_database_unreachable`
 */
export async function migrateApplicationDatabase(url: string): Promise<MigrateResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const [schema, functions, migrations] = await Promise.all([
      readSqlFiles(import.meta.dirname, 'schema'),
      readSqlFiles(import.meta.dirname, 'functions'),
      readSqlFiles(import.meta.dirname, 'migrations'),
    ]);
    return await migrate(client, { schema, functions, migrations }, 'marquee');
  } catch (error) {
    throw unreachable(error) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
}
