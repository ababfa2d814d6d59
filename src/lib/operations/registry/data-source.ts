import { isThisMachine } from '@/lib/network';
import {
  isLocal,
  NETWORKS_PARAMETER,
  nameOfServer,
  parsePostgresUrl,
  type TlsMode,
  tlsModeOf,
} from '@/lib/postgres';
import { OperationsError } from '../errors';

export type DataSourceKind = 'shared' | 'dedicated' | 'byod' | 'supabase';
export type DataSourceEngine = 'postgresql' | 'supabase';
export type DataSourceStatus = 'provisioning' | 'active' | 'draining' | 'offline';

/** A database that tenants' data may live in, without its credentials. */
export interface DataSource {
  id: string;
  name: string;
  kind: DataSourceKind;
  engine: DataSourceEngine;
  region: string | null;
  /** `host:port`, of several hosts each, with commas: what connections are budgeted by. */
  serverKey: string;
  databaseName: string | null;
  /** How its servers are made sure of: the weakest of its URLs. `local`: it is on this machine and not encrypted. */
  tls: TlsMode | 'local' | null;
  /** Where its URLs may lead: `public`, and after commas the networks that were allowed. Null: anywhere, for an operator's own. */
  networks: string | null;
  /** Tenants it takes; null is no limit. */
  capacity: number | null;
  /** Connections that all of Marquee's processes together may hold to the server. */
  connectionBudget: number;
  status: DataSourceStatus;
  /** `server_version_num`, when last seen. */
  serverVersion: number | null;
  /** Version of the tenant schema when last migrated. */
  schemaVersion: number | null;
  notes: string | null;
  /** Grows with every change. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** What a data source is reached with. Never log it. */
export interface DataSourceCredentials {
  /** The owner of the tables. */
  adminUrl: string | null;
  /** The login that serves tenants; of a Supabase project its URL. */
  routerUrl: string | null;
  /** The login that moves and backs up tenants. */
  moverUrl: string | null;
  anonKey: string | null;
  serviceKey: string | null;
}

export interface DataSourceProperties {
  region?: string | null;
  capacity?: number | null;
  connectionBudget?: number;
  status?: DataSourceStatus;
  serverVersion?: number | null;
  schemaVersion?: number | null;
  notes?: string | null;
}

export interface NewDataSource extends DataSourceProperties, Partial<DataSourceCredentials> {
  /** Made when left out. */
  id?: string;
  /** Lower-case letters, digits, hyphens; how operators name it. */
  name: string;
  kind: DataSourceKind;
  /** `supabase` for a project reached by its REST API. Default by `kind`. */
  engine?: DataSourceEngine;
}

export interface DataSourceChanges extends DataSourceProperties {
  name?: string;
  kind?: DataSourceKind;
}

/** Columns of `data_sources` that hold an envelope each, under the names of `DataSourceCredentials`. */
export const SECRET_COLUMNS = {
  adminUrl: 'admin_url',
  routerUrl: 'router_url',
  moverUrl: 'mover_url',
  anonKey: 'anon_key',
  serviceKey: 'service_key',
} as const satisfies Record<keyof DataSourceCredentials, string>;

/** Columns of `data_sources` under the names of `DataSource`. */
export const DATA_SOURCE_COLUMNS = `id, name, kind, engine, region, server_key "serverKey", database_name "databaseName", tls, networks,
  capacity, connection_budget "connectionBudget", status, server_version "serverVersion",
  schema_version "schemaVersion", notes, version, created_at "createdAt", updated_at "updatedAt"`;

/**
 * Which server and database a URL names.
 *
 * @throws OperationsError `data_source_invalid`, never repeating the URL
 */
export function locate(url: string | null | undefined): { serverKey: string; databaseName: string | null } {
  const database = parsePostgresUrl(url ?? '');
  if (database) return { serverKey: nameOfServer(database), databaseName: database.database || null };
  const project = url && URL.canParse(url) ? new URL(url) : undefined;
  if (!project?.hostname || !/^https?:$/.test(project.protocol)) {
    throw new OperationsError('data_source_invalid', 'The URL of the data source is not valid.', {
      hint: 'Its form is postgresql://user:password@host:5432/database, of a Supabase project https://<ref>.supabase.co.',
    });
  }
  const { hostname, port, protocol } = project;
  return { serverKey: `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`, databaseName: null };
}

/** From the weakest to the strongest. */
const WEAKEST_FIRST = ['disable', 'no-verify', 'verify-ca', 'local', 'verify-full'] as const;

/** What the registry shows of the URLs of one data source, beside their places. */
export function securityOf(urls: readonly string[]): Pick<DataSource, 'tls' | 'networks'> {
  const modes = urls.flatMap(modesOf);
  const networks = urls.map((url) => new URLSearchParams(url.split('?')[1]).get(NETWORKS_PARAMETER));
  return {
    tls: WEAKEST_FIRST.find((mode) => modes.includes(mode)) ?? null,
    networks: networks.find((one) => one !== null) ?? null,
  };
}

function modesOf(text: string): (TlsMode | 'local')[] {
  const database = parsePostgresUrl(text);
  if (database) {
    const mode = tlsModeOf(database);
    return [mode === 'disable' && isLocal(database) ? 'local' : mode];
  }
  const { protocol, hostname, searchParams } = new URL(text);
  if (protocol === 'https:')
    return [searchParams.get('sslmode') === 'no-verify' ? 'no-verify' : 'verify-full'];
  return [isThisMachine(hostname) ? 'local' : 'disable'];
}
