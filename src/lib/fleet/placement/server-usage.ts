import { withLogin } from '@/lib/data-sources';
import type { DataSource, OperationsDatabase } from '@/lib/operations';

/** What is in use of a data source's server. Its disk is read by the health probes. */
export interface ServerUsage {
  connections: number;
  maxConnections: number;
  databaseBytes: number;
}

/** @throws DataSourceError `data_source_*` where the database cannot be asked */
export async function readServerUsage(
  operations: OperationsDatabase,
  source: DataSource,
): Promise<ServerUsage> {
  let found: ServerUsage | undefined;
  await withLogin('mover', operations, source, async (client) => {
    const { rows } = await client.query<ServerUsage>(
      `select (select sum(numbackends) from pg_catalog.pg_stat_database)::int connections,
         pg_catalog.current_setting('max_connections')::int "maxConnections",
         pg_catalog.pg_database_size(pg_catalog.current_database())::float8 "databaseBytes"`,
    );
    found = rows[0];
  });
  if (!found) throw new Error('A query without a table has one row.');
  return found;
}
