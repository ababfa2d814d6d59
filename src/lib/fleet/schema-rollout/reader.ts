import type pg from 'pg';
import { withAdministrator, withLogin } from '@/lib/data-sources';
import type { DataSource, OperationsDatabase } from '@/lib/operations';

/** The catalog may be read by every login: of a database that only its DBA administers, Marquee reads it as the login for moves. */
export async function withReader<T>(
  operations: OperationsDatabase,
  source: DataSource,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { adminUrl, moverUrl } = await operations.dataSources.credentials(source.id);
  if (adminUrl || !moverUrl) return withAdministrator(operations, source, work);
  let result: T | undefined;
  await withLogin('mover', operations, source, async (client) => {
    result = await work(client);
  });
  return result as T;
}
