// The operations database: the registry of data sources, the job queue, the processes that are alive.
import pg from 'pg';
import { type MigrateResult, migrate, readSqlFiles } from '@/lib/migrations';
import type { SecretBox } from '@/lib/secrets';
import { keepingAlive } from '@/lib/time';
import { ConnectedTenants } from './connected-tenants';
import { DataSources } from './data-sources';
import { operationsFailure } from './errors';
import { IdempotentRequests } from './idempotent-requests';
import { Imports } from './imports';
import { Jobs } from './jobs';
import { Processes } from './processes';
import { ReservedIds } from './reserved-ids';

export type {
  DataSource,
  DataSourceChanges,
  DataSourceCredentials,
  DataSourceEngine,
  DataSourceKind,
  DataSourceStatus,
  NewDataSource,
} from './data-source';
export type { DataSourceFilter, DataSources } from './data-sources';
export { OperationsError, type OperationsErrorCode } from './errors';
export type { IdempotentRequests, RequestKey } from './idempotent-requests';
export type { ImportRecord, ImportStatus, Imports } from './imports';
export type { Job, Jobs, KeptJob, QueueOptions, SendOptions, WorkOptions } from './jobs';
export type { JoinOptions, Membership, Processes, ProcessRow } from './processes';
export { ReservedIds } from './reserved-ids';
export { startOf } from './running';

export interface OperationsDatabaseOptions {
  /** PostgreSQL URL of the owner. Advisory locks need a session: no pooler in transaction mode. */
  url: string;
  secretBox: SecretBox;
  /** Connections of this process. Default 10. */
  maxConnections?: number;
}

export interface OperationsDatabase {
  readonly connectedTenants: ConnectedTenants;
  readonly dataSources: DataSources;
  readonly idempotentRequests: IdempotentRequests;
  readonly imports: Imports;
  readonly jobs: Jobs;
  readonly processes: Processes;
  readonly reservedIds: ReservedIds;
  /** For rooms that keep tables of their own here (schema/). */
  readonly pool: pg.Pool;
  /** Does something of this name one at a time among all processes, under a lock that ends with its connection. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when the database answers. @throws OperationsError `operations_database_unreachable` */
  ping(): Promise<void>;
  /** Stops the jobs, closes every connection. Final. */
  close(): Promise<void>;
}

/** Opens a migrated operations database; connections are made when they are needed. */
export function openOperationsDatabase(options: OperationsDatabaseOptions): OperationsDatabase {
  const { url, secretBox, maxConnections = 10 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    allowExitOnIdle: true,
    application_name: 'marquee operations',
    keepAlive: true,
  });
  pool.on('error', () => {});
  // The pool listens to the connections that lie in it, not to those lent out.
  pool.on('connect', (client) => client.on('error', () => {}));
  const jobs = new Jobs(pool);
  return {
    connectedTenants: new ConnectedTenants(pool),
    dataSources: new DataSources(pool, secretBox),
    idempotentRequests: new IdempotentRequests(pool),
    imports: new Imports(pool),
    jobs,
    processes: new Processes(pool),
    reservedIds: new ReservedIds(pool),
    pool,
    async alone(name, work) {
      const client = await pool.connect();
      try {
        await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
        try {
          return await work();
        } finally {
          await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]);
        }
      } finally {
        client.release();
      }
    },
    async ping() {
      await pool.query('select 1').catch((error: unknown) => {
        throw operationsFailure(error);
      });
    },
    async close() {
      await jobs.stop();
      if (!pool.ended) await keepingAlive(pool.end());
    },
  };
}

/**
 * Brings the operations database, which may be empty, to this program's version.
 *
 * @param url PostgreSQL URL of its owner; it need not be a superuser
 * @throws MarqueeError `migration_*` (see `migrate`), `operations_database_unreachable`
 */
export async function migrateOperationsDatabase(url: string): Promise<MigrateResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const [schema, functions, migrations] = await Promise.all([
      readSqlFiles(import.meta.dirname, 'schema'),
      readSqlFiles(import.meta.dirname, 'functions'),
      readSqlFiles(import.meta.dirname, 'migrations'),
    ]);
    return await migrate(client, { schema, functions, migrations }, 'marquee');
  } catch (error) {
    throw operationsFailure(error);
  } finally {
    await client.end().catch(() => {});
  }
}
