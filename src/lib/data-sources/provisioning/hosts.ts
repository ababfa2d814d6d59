// The hosts of a data source: one host, or several of a cluster that elects its primary itself.
import type { ApplicationDatabase, Author } from '@/lib/application';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import {
  formatPostgresUrl,
  nameOfHost,
  nameOfServer,
  type PostgresHost,
  parsePostgresUrl,
} from '@/lib/postgres';
import { DataSourceError } from '../errors';
import { connect, readUrl } from '../pool/connect';
import { switchTenants } from './rotate-logins';

/**
 * Parses texts of the form `host:port`, each with one host or several separated by commas.
 *
 * @throws DataSourceError `data_source_url_malformed`
 */
export function readHosts(texts: readonly string[]): PostgresHost[] {
  return readUrl(`postgresql://${texts.join(',')}/database`, 'the data source').hosts;
}

/** Adds hosts to those of a URL. @throws DataSourceError `data_source_url_malformed` */
export function withFurtherHosts(url: string, further: readonly PostgresHost[]): string {
  const parsed = readUrl(url, 'the data source');
  const known = new Set(parsed.hosts.map(nameOfHost));
  const hosts = [...parsed.hosts, ...further.filter((host) => !known.has(nameOfHost(host)))];
  return formatPostgresUrl({ ...parsed, hosts });
}

/**
 * Replaces the hosts of a data source by those that its cluster has now. Every process switches to them at once. The address of a pooler,
 * which only requests use, stays.
 *
 * @throws DataSourceError `data_source_*` if Marquee's logins cannot sign in at the primary there (then nothing has changed);
 *   `data_source_request_refused` for a Supabase project; OperationsError `data_source_unknown`, `data_source_changed`
 */
export async function setHosts(
  databases: { application: ApplicationDatabase; operations: OperationsDatabase },
  idOrName: string,
  hosts: PostgresHost[],
  by?: Author,
): Promise<DataSource> {
  const { dataSources } = databases.operations;
  const source = await dataSources.get(idOrName);
  const { adminUrl, moverUrl, routerUrl } = await dataSources.credentials(source.id);
  const direct = parsePostgresUrl(moverUrl ?? adminUrl ?? '');
  if (!direct || source.engine === 'supabase') {
    throw new DataSourceError('data_source_request_refused', `${source.name} has no hosts of its own.`, {
      hint: 'A Supabase project is reached by its URL.',
    });
  }
  const former = nameOfServer(direct);
  const moved = (url: string | null) => {
    const parsed = url ? parsePostgresUrl(url) : undefined;
    return parsed && nameOfServer(parsed) === former ? formatPostgresUrl({ ...parsed, hosts }) : url;
  };
  const urls = { adminUrl: moved(adminUrl), moverUrl: moved(moverUrl), routerUrl: moved(routerUrl) };
  for (const url of [urls.routerUrl, urls.moverUrl]) {
    if (!url) continue;
    const client = await connect({ url, name: source.name, timeoutMs: 10_000 });
    await client.end();
  }
  const changed = await dataSources.setCredentials(source.id, urls, source.version);
  await databases.operations.timelines.forget(source.id);
  await switchTenants(databases, changed, by);
  return changed;
}
