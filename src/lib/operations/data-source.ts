import { OperationsError } from './errors';

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
  /** `host:port`: what connections are budgeted by. */
  serverKey: string;
  databaseName: string | null;
  /** Tenants it takes; null is no limit. */
  capacity: number | null;
  /** Connections that all of Marquee's processes together may hold to the server. */
  connectionBudget: number;
  status: DataSourceStatus;
  /** `server_version_num`, when last seen. */
  serverVersion: number | null;
  /** Of the tenant schema, when last migrated. */
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
export const DATA_SOURCE_COLUMNS = `id, name, kind, engine, region, server_key "serverKey", database_name "databaseName",
  capacity, connection_budget "connectionBudget", status, server_version "serverVersion",
  schema_version "schemaVersion", notes, version, created_at "createdAt", updated_at "updatedAt"`;

/**
 * Which server and database a URL names.
 *
 * @throws OperationsError `data_source_invalid`, never repeating the URL
 */
export function locate(url: string | null | undefined): { serverKey: string; databaseName: string | null } {
  const parsed = url && URL.canParse(url) ? new URL(url) : undefined;
  const protocol = parsed?.protocol ?? '';
  if (!parsed?.hostname || !/^(postgres(ql)?|https?):$/.test(protocol)) {
    throw new OperationsError('data_source_invalid', 'The URL of the data source is not valid.', {
      hint: 'Its form is postgresql://user:password@host:5432/database, of a Supabase project https://<ref>.supabase.co.',
    });
  }
  const { hostname, port, pathname } = parsed;
  if (protocol.startsWith('http')) {
    return { serverKey: `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`, databaseName: null };
  }
  return {
    serverKey: `${hostname.toLowerCase()}:${port || '5432'}`,
    databaseName: decodeURIComponent(pathname.slice(1)) || null,
  };
}
