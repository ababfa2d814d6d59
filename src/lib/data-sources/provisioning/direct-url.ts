import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { DataSourceError } from '../errors';
import { checkedUrl } from '../pool/connect';
import { testConnection } from '../testing/connection-test';
import { atAddressOf } from './logins';
import { expectDirect, expectPassed, expectReady } from './readiness';

/**
 * Gives a data source whose URLs lead through a pooler the server's own address: for migrations and moves. Requests go on as before.
 *
 * @param directUrl of the owner; of a data source that a DBA made ready, user and password do not count
 * @throws DataSourceError `data_source_pooled`, `data_source_*` from the connection test: also where the mover's login does not exist,
 *   and so the server is another one; OperationsError `data_source_unknown`
 */
export async function setDirectUrl(
  operations: OperationsDatabase,
  idOrName: string,
  directUrl: string,
): Promise<DataSource> {
  const { id, name } = await operations.dataSources.get(idOrName);
  const { adminUrl, moverUrl } = await operations.dataSources.credentials(id);
  const direct = checkedUrl(directUrl, name);
  if (!moverUrl) {
    throw new DataSourceError('data_source_request_refused', `${name} has no login for moves.`, {
      hint: 'A Supabase project’s database is given when it is added.',
    });
  }
  const mover = atAddressOf(direct, moverUrl);
  const test = await testConnection({ kind: 'postgres', url: mover, purpose: 'mover' });
  expectPassed(name, test);
  expectDirect(name, test);
  if (adminUrl) await expectReady(name, direct);
  return operations.dataSources.setCredentials(id, {
    moverUrl: mover,
    ...(adminUrl ? { adminUrl: direct } : {}),
  });
}
