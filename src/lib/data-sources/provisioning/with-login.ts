import type pg from 'pg';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { sealKeyOf } from '@/lib/tenant-data';
import { failureOf } from '../connection-errors';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';

/**
 * Runs `work` on a connection of its own, signed in to a data source as one of its logins.
 *
 * @throws DataSourceError `data_source_unknown` if it has no such login; as `connect`, also where the connection ends; what `work` throws
 */
export async function withLogin<T>(
  login: 'router' | 'mover' | 'admin',
  operations: OperationsDatabase,
  source: DataSource,
  work: (client: pg.Client, sealKey: Buffer | undefined) => Promise<T>,
): Promise<T> {
  const { routerUrl, moverUrl, adminUrl } = await operations.dataSources.credentials(source.id);
  const url = { router: routerUrl, mover: moverUrl, admin: adminUrl }[login];
  if (!url) {
    throw new DataSourceError(
      'data_source_unknown',
      `The data source ${source.name} has no ${login} login.`,
      {
        hint: 'Add it again: marquee source add',
      },
    );
  }
  const client = await connect({
    url,
    name: source.name,
    timeoutMs: 10_000,
    applicationName: 'marquee provisioning',
  });
  try {
    return await work(client, sealKeyOf(url));
  } catch (error) {
    throw failureOf(client, source.name, error);
  } finally {
    await client.end();
  }
}
