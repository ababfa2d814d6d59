// The credentials of data sources as the registry stores them: an envelope in a column each.
import { Cluster, withoutPassword } from '@/lib/postgres';
import type { SecretBox } from '@/lib/secrets';
import { type DataSourceCredentials, SECRET_COLUMNS, securityOf } from './data-source';
import type { Places } from './registry-record';

type CredentialName = keyof DataSourceCredentials;
type Column = [name: string, value: unknown];

const CREDENTIALS = Object.entries(SECRET_COLUMNS) as [CredentialName, string][];

/** The columns of the envelopes, named as the properties of `DataSourceCredentials`, for `select`. */
export const ENVELOPES = CREDENTIALS.map(([name, column]) => `${column} "${name}"`).join(', ');

/** @param owner id of the data source @param row its `ENVELOPES` @throws SecretError `envelope_*`, `key_provider_*` */
export async function decryptCredentials(
  box: SecretBox,
  owner: string,
  row: DataSourceCredentials,
): Promise<DataSourceCredentials> {
  const decrypted = CREDENTIALS.map(async ([name, column]) => {
    const envelope = row[name];
    return [name, envelope === null ? null : await box.decrypt(envelope, { owner, column })];
  });
  return Object.fromEntries(await Promise.all(decrypted));
}

/** Former credentials of these names. One that no key opens any more is left out. */
export async function decryptFormer(
  box: SecretBox,
  owner: string,
  row: Record<string, unknown> | undefined,
  names: readonly string[],
): Promise<Partial<DataSourceCredentials>> {
  const given = CREDENTIALS.filter(([name]) => names.includes(name) && typeof row?.[name] === 'string');
  const opened = given.map(async ([name, column]) => [
    name,
    await box.decrypt(String(row?.[name]), { owner, column }).catch(() => undefined),
  ]);
  return Object.fromEntries(await Promise.all(opened));
}

/** The columns of the credentials that are given, encrypted. @param owner id of the data source @throws SecretError `key_provider_*` */
export function encryptCredentials(
  box: SecretBox,
  owner: string,
  credentials: Partial<DataSourceCredentials>,
): Promise<Column[]> {
  const given = CREDENTIALS.filter(([name]) => credentials[name] !== undefined);
  return Promise.all(
    given.map(async ([name, column]): Promise<Column> => {
      const text = credentials[name];
      return [column, typeof text === 'string' ? await box.encrypt(text, { owner, column }) : null];
    }),
  );
}

/** The latest timeline that the source was seen on; null where it has one host, or was not used yet. */
export interface LatestTimeline {
  system: string | null;
  timeline: number | null;
}

/** A process that connects by these URLs refuses a primary that was replaced, also if it is the only one that answers. */
export function expectTimeline(
  credentials: DataSourceCredentials,
  { system, timeline }: LatestTimeline,
): void {
  if (timeline === null) return;
  for (const url of [credentials.adminUrl, credentials.moverUrl, credentials.routerUrl]) {
    if (url) Cluster.expect(url, { timeline, system: system || undefined });
  }
}

/** Where the URLs among the credentials lead, for the audit log. */
export function placesOf(credentials: Partial<DataSourceCredentials>): Places {
  const urls = Object.entries(credentials).filter(
    ([name, url]) => name.endsWith('Url') && typeof url === 'string',
  );
  return Object.fromEntries(urls.map(([name, url]) => [`${name}At`, withoutPassword(String(url))]));
}

/** The columns that show how the servers of these URLs are verified, and where they may be. */
export function securityColumns({ adminUrl, routerUrl, moverUrl }: Partial<DataSourceCredentials>): Column[] {
  return Object.entries(securityOf([adminUrl, routerUrl, moverUrl].filter((url) => url != null)));
}
