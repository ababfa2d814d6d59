import pg from 'pg';
import type { DataSource, DataSourceKind } from '@/lib/operations';
import { DataSourceError } from '../errors';
import type { UrlRules } from './given-url';

export interface NewPostgresSource extends UrlRules {
  /** Lower-case letters, digits, hyphens. */
  name: string;
  kind: Exclude<DataSourceKind, 'supabase'>;
  /** URL of a login that may create roles and schemas. It becomes the owner of the tables. */
  adminUrl: string;
  /** PostgreSQL URL of a pooler in front of the server, for requests. `adminUrl` must then lead to the server itself. */
  pooledUrl?: string;
  region?: string;
  /** Maximum number of tenants. Default: no limit. */
  capacity?: number;
  /** Maximum number of connections that all of Marquee's processes together hold to its server. Default 50. */
  connectionBudget?: number;
  notes?: string;
}

export interface NewSupabaseSource extends Omit<NewPostgresSource, 'kind' | 'adminUrl' | 'pooledUrl'> {
  kind: 'supabase';
  /** `https://<project>.supabase.co` */
  url: string;
  anonKey?: string;
  serviceKey: string;
  /** PostgreSQL URL of the project's database, to install the tenant schema. Not needed if the schema is installed. */
  adminUrl?: string;
}

/** The data source that `provisionDataSource` adds: a PostgreSQL database or a Supabase project. */
export type NewDataSource = NewPostgresSource | NewSupabaseSource;

/** The registered data source, and the steps that were taken in its database, as texts for its owner. */
export interface ProvisionedDataSource {
  dataSource: DataSource;
  steps: string[];
}

/** By default a customer's database may be at addresses on the internet only, and the operator's own anywhere. */
export function rulesOf({ kind, tls, ca, networks }: Pick<DataSource, 'kind'> & UrlRules): UrlRules {
  const isCustomers = kind === 'byod' || kind === 'supabase';
  return {
    ...(tls ? { tls } : {}),
    ...(ca === undefined ? {} : { ca }),
    networks: networks ?? (isCustomers ? [] : 'any'),
  };
}

/** The properties that the registry stores of every new data source. */
export function registered(
  source: Omit<NewPostgresSource, 'kind' | 'adminUrl' | 'pooledUrl'> & { kind: DataSourceKind },
) {
  const { name, kind, region, capacity, connectionBudget, notes } = source;
  return { name, kind, region, capacity, connectionBudget, notes };
}

/** Turns an error of PostgreSQL into `provisioning_failed`, and returns any other error unchanged. */
export function failureOf(name: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new DataSourceError('provisioning_failed', `${name} could not be set up: ${error.message}`, {
    hint:
      error.code === '42501' ? 'The administrator’s login lacks a privilege.' : 'Correct that and try again.',
    cause: error,
  });
}
