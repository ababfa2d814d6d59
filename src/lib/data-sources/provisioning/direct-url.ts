import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { DataSourceError } from '../errors';
import { testConnection } from '../testing/connection-test';
import { acceptUrl, rulesIn, type UrlRules } from './given-url';
import { atAddressOf } from './logins';
import { expectDirect, expectPassed, expectReady } from './readiness';

/**
 * Sets the address of the server itself, for migrations and moves, if the URLs of a data source lead to a pooler. Requests still go through
 * the pooler.
 *
 * @param directUrl URL of the owner at the server
 * @param rules default: the rules of the data source's other URLs
 * @throws DataSourceError `data_source_pooled`; `data_source_*` from the connection test, which also fails if this is another server, where
 *   the mover's login does not exist; OperationsError `data_source_unknown`, `data_source_changed`
 */
export async function setDirectUrl(
  operations: OperationsDatabase,
  idOrName: string,
  directUrl: string,
  rules: UrlRules = {},
): Promise<DataSource> {
  const { id, name, version } = await operations.dataSources.get(idOrName);
  const { adminUrl, moverUrl } = await operations.dataSources.credentials(id);
  if (!moverUrl) {
    throw new DataSourceError('data_source_request_refused', `${name} has no login for moves.`, {
      hint: 'A Supabase project’s database is given when it is added.',
    });
  }
  const direct = acceptUrl(directUrl, name, { ...rulesIn(moverUrl), ...rules });
  const mover = atAddressOf(direct, moverUrl);
  const test = await testConnection({ kind: 'postgres', url: mover, purpose: 'mover' });
  expectPassed(name, test);
  expectDirect(name, test);
  if (adminUrl) await expectReady(name, direct);
  const urls = { moverUrl: mover, ...(adminUrl ? { adminUrl: direct } : {}) };
  return operations.dataSources.setCredentials(id, urls, version);
}
