import pg from 'pg';
import type { DataSource, DataSourceKind } from '@/lib/operations';
import { DataSourceError } from '../errors';

export interface NewPostgresSource {
  /** Lower-case letters, digits, hyphens. */
  name: string;
  kind: Exclude<DataSourceKind, 'supabase'>;
  /** URL of a login that may make roles and schemas there; it becomes the owner of the tables. */
  adminUrl: string;
  /** PostgreSQL URL of a pooler in front of it, which requests go through; `adminUrl` is the server's own then. */
  pooledUrl?: string;
  region?: string;
  /** Tenants it takes; no limit when left out. */
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
  /** PostgreSQL URL of the project's database, to install the tenant schema; not needed where it is there. */
  adminUrl?: string;
}

export type NewDataSource = NewPostgresSource | NewSupabaseSource;

/** What was done to a database, in words, for whoever owns it. */
export interface ProvisionedDataSource {
  dataSource: DataSource;
  steps: string[];
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
      error.code === '42501'
        ? 'The administrator’s login lacks a privilege.'
        : 'Put that right and try again.',
    cause: error,
  });
}
