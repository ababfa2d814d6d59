// The operations database: the registry of data sources, the job queue, the processes that are alive.
import pg from 'pg';
import {
  type MigrateResult,
  migrate,
  type PlannedMigration,
  plannedMigration,
  readSqlFiles,
  type SchemaFiles,
} from '@/lib/migrations';
import { type Listening, listen, PrimaryClient } from '@/lib/postgres';
import type { SecretBox, SecretStore } from '@/lib/secrets';
import { keepingAlive } from '@/lib/time';
import { ConnectedTenants } from './connected-tenants';
import { CustomerRequests } from './customer-requests';
import { operationsFailure } from './errors';
import { IdempotentRequests } from './idempotent-requests';
import { Imports } from './imports';
import { Jobs } from './jobs/jobs';
import { RetiredKeys } from './keys/retired-keys';
import { secretStores } from './keys/secret-stores';
import { SigningKeys } from './keys/signing-keys';
import { type RecordKey, StoredTokenKeys } from './keys/token-keys';
import { tryWithLock, withLock } from './locks';
import { Processes } from './processes';
import { DataSources } from './registry/data-sources';
import type { RecordChange } from './registry/registry-record';
import { SourceReplicas } from './registry/replicas';
import { SourceLogins } from './registry/source-logins';
import { Timelines } from './registry/timelines';
import { ReservedIds } from './reserved-ids';
import { UsageBuckets } from './usage-buckets';

export type { CustomerRequest } from './customer-requests';
export { OperationsError, type OperationsErrorCode, operationsFailure } from './errors';
export type { IdempotentRequests, RequestKey } from './idempotent-requests';
export type { ImportRecord, ImportStatus, Imports } from './imports';
export type { BackgroundJob } from './jobs/background-job';
export type { ListedJob, ListedQueue, StoredJob } from './jobs/job-history';
export type { Job, Jobs, QueueOptions, SendOptions, WorkOptions } from './jobs/jobs';
export {
  SIGNING_PURPOSES,
  type SigningKey,
  type SigningKeys,
  type SigningPurpose,
} from './keys/signing-keys';
export type { TokenKeyRow } from './keys/token-keys';
export { processStart } from './process-start';
export type { JoinOptions, Membership, Processes, ProcessRow } from './processes';
export type {
  DataSource,
  DataSourceChanges,
  DataSourceCredentials,
  DataSourceEngine,
  DataSourceKind,
  DataSourceStatus,
  NewDataSource,
} from './registry/data-source';
export type { DataSourceFilter, DataSources } from './registry/data-sources';
export { expectRegion, type RegionalPlace, refusalOfRegion } from './registry/regions';
export { type SourceReplica, SourceReplicas } from './registry/replicas';
export type { Timelines } from './registry/timelines';
export { MOVES_AND_SCHEMAS, mayBeginMove, ReservedIds } from './reserved-ids';
export { lasting, withTransaction } from './transaction';
export {
  PLATFORM,
  type StatementDelta,
  type UsageBatch,
  type UsageBuckets,
  type UsageDelta,
} from './usage-buckets';

/** A statement without an answer for so long has failed, ms: a network that swallows answers must not keep its caller for ever. */
const ANSWER_MS = 30_000;
/** The schema that holds functions and what was applied. */
const RECORD_SCHEMA = 'marquee';
/** Named in functions/announce_change.sql. */
const SUBJECTS = 'marquee_subjects';

export interface OperationsDatabaseOptions {
  /** PostgreSQL URL of the owner. Advisory locks need a session: no pooler in transaction mode. */
  url: string;
  secretBox: SecretBox;
  /** Connections of this process. Default 10. */
  maxConnections?: number;
  /** Keeps changes of the registry of data sources and of keys in the audit log. Default: they are not recorded. */
  recordChange?: RecordChange & RecordKey;
}

export interface OperationsDatabase {
  readonly connectedTenants: ConnectedTenants;
  readonly dataSources: DataSources;
  readonly idempotentRequests: IdempotentRequests;
  readonly imports: Imports;
  readonly jobs: Jobs;
  readonly processes: Processes;
  readonly customerRequests: CustomerRequests;
  readonly reservedIds: ReservedIds;
  readonly replicas: SourceReplicas;
  readonly retiredKeys: RetiredKeys;
  readonly sourceLogins: SourceLogins;
  readonly signingKeys: SigningKeys;
  readonly timelines: Timelines;
  readonly tokenKeys: StoredTokenKeys;
  readonly usage: UsageBuckets;
  /** For rooms that keep tables of their own here (schema/). */
  readonly pool: pg.Pool;
  /** Every place here where an envelope stands, but for jobs. */
  secretStores(): SecretStore[];
  /** Does something of this name one at a time among all processes, under a lock that ends with its connection. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /**
   * Does something that takes long, unless another process does it now.
   *
   * @param work its signal is aborted when the lock is lost
   * @throws OperationsError `job_running`
   */
  tryWithLock<T>(name: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * Calls `heard` with each subject that changed (schema/19_console.sql), and without one whenever some may have been missed.
   *
   * @throws what the first connection fails with
   */
  listenToSubjects(heard: (subject?: string) => void): Promise<Listening>;
  /** Resolves when the database answers. @throws OperationsError `operations_database_unreachable` */
  ping(): Promise<void>;
  /** Stops the jobs, closes every connection. Final. */
  close(): Promise<void>;
}

/** Opens a migrated operations database; connections are made when they are needed. */
export function openOperationsDatabase(options: OperationsDatabaseOptions): OperationsDatabase {
  const { url, secretBox, maxConnections = 10, recordChange } = options;
  const pool = new pg.Pool({
    Client: PrimaryClient,
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    query_timeout: ANSWER_MS,
    allowExitOnIdle: true,
    application_name: 'marquee operations',
    keepAlive: true,
  });
  pool.on('error', () => {});
  // The pool listens to the connections that lie in it, not to those lent out.
  pool.on('connect', (client) => client.on('error', () => {}));
  const jobs = new Jobs(pool);
  const listeners = new Set<Listening>();
  return {
    connectedTenants: new ConnectedTenants(pool),
    dataSources: new DataSources(pool, secretBox, recordChange),
    idempotentRequests: new IdempotentRequests(pool),
    imports: new Imports(pool),
    jobs,
    processes: new Processes(pool, secretBox.keys),
    customerRequests: new CustomerRequests(pool, secretBox),
    reservedIds: new ReservedIds(pool),
    replicas: new SourceReplicas(pool, recordChange),
    retiredKeys: new RetiredKeys(pool),
    sourceLogins: new SourceLogins(pool),
    signingKeys: new SigningKeys(pool, secretBox, recordChange),
    timelines: new Timelines(pool),
    tokenKeys: new StoredTokenKeys(pool, secretBox, recordChange),
    usage: new UsageBuckets(pool),
    pool,
    secretStores: () => secretStores(pool),
    withLock: (name, work) => withLock(pool, name, work),
    tryWithLock: (name, work) => tryWithLock(pool, name, work),
    async listenToSubjects(heard) {
      const connection = { connectionString: url, application_name: 'marquee subjects' };
      const listening = await listen({ connection, channel: SUBJECTS, heard });
      listeners.add(listening);
      return listening;
    },
    async ping() {
      await pool.query('select 1').catch((error: unknown) => {
        throw operationsFailure(error);
      });
    },
    async close() {
      await jobs.stop();
      await Promise.all([...listeners].map((listening) => listening.close()));
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
export function migrateOperationsDatabase(url: string): Promise<MigrateResult> {
  return withSchema(url, (client, files) => migrate(client, files, RECORD_SCHEMA));
}

/** What `migrateOperationsDatabase` would do; nothing is changed. @throws as it */
export function planOperationsDatabase(url: string): Promise<PlannedMigration> {
  return withSchema(url, (client, files) => plannedMigration(client, files, RECORD_SCHEMA));
}

async function withSchema<T>(
  url: string,
  work: (client: pg.Client, files: SchemaFiles) => Promise<T>,
): Promise<T> {
  const client = new PrimaryClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const [schema, functions, migrations] = await Promise.all([
      readSqlFiles(import.meta.dirname, 'schema'),
      readSqlFiles(import.meta.dirname, 'functions'),
      readSqlFiles(import.meta.dirname, 'migrations'),
    ]);
    return await work(client, { schema, functions, migrations });
  } catch (error) {
    throw operationsFailure(error);
  } finally {
    await client.end().catch(() => {});
  }
}
