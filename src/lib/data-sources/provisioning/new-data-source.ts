import pg from 'pg';
import type { DataSource, DataSourceKind } from '@/lib/operations';
import { DataSourceError } from '../errors';
import type { UrlRules } from './given-url';

export interface NewPostgresSource extends UrlRules {
  /** Lower-case letters, digits, hyphens. */
  name: string;
  kind: Exclude<DataSourceKind, 'supabase'>;
  /** URL of a login that may create roles and schemas there. It becomes the owner of the tables. */
  adminUrl: string;
  /** PostgreSQL URL of a pooler in front of it, for requests. `adminUrl` then leads to the server itself. */
  pooledUrl?: string;
  region?: string;
  /** How many tenants it takes. Default: no limit. */
  capacity?: number;
  /** Connections that all of Marquee's processes together may hold to its server. Default 50. */
  connectionBudget?: number;
  notes?: string;
}

export interface NewSupabaseSource extends Omit<NewPostgresSource, 'kind' | 'adminUrl' | 'pooledUrl'> {
  kind: 'supabase';
  /** `https://<project>.supabase.co` */
  url: string;
  anonKey?: string;
  serviceKey: string;
  /** PostgreSQL URL of the project's database, to install the tenant schema. Not needed where the schema is installed. */
  adminUrl?: string;
}

export type NewDataSource = NewPostgresSource | NewSupabaseSource;

/** The registered source, and what was done to the database, for its owner to read. */
export interface ProvisionedDataSource {
  dataSource: DataSource;
  steps: string[];
}

/** A customer's database is reached over the internet unless the operator says otherwise; the operator's own are where they are. */
export function rulesOf({ kind, tls, ca, networks }: Pick<DataSource, 'kind'> & UrlRules): UrlRules {
  const isCustomers = kind === 'byod' || kind === 'supabase';
  return {
    ...(tls ? { tls } : {}),
    ...(ca === undefined ? {} : { ca }),
    networks: networks ?? (isCustomers ? [] : 'any'),
  };
}

/** What the registry keeps of any new data source. */
export function registered(
  source: Omit<NewPostgresSource, 'kind' | 'adminUrl' | 'pooledUrl'> & { kind: DataSourceKind },
) {
  const { name, kind, region, capacity, connectionBudget, notes } = source;
  return { name, kind, region, capacity, connectionBudget, notes };
}

/** What PostgreSQL refused, as `provisioning_failed`; any other error as it is. */
export function failureOf(name: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new DataSourceError('provisioning_failed', `${name} could not be set up: ${error.message}`, {
    hint:
      error.code === '42501' ? 'The administrator’s login lacks a privilege.' : 'Correct that and try again.',
    cause: error,
  });
}
