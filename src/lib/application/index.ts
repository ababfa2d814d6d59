// The application database: tenants, users and the audit log.
import type { Listening } from '@/lib/postgres';
import type { SecretBox, SecretStore } from '@/lib/secrets';
import { Audit } from './audit';
import { ChangeAnnouncer, type ChangeListener, listenToChanges } from './changes';
import type { Author, Database } from './database';
import { announceSchema, listenToRoutes, type RouteListener, type SchemaListener, USERS } from './listen';
import type { ApplicationPlace } from './migrate';
import { Passkeys } from './passkeys';
import { PostgresDatabase } from './postgres-database';
import { Relay, type RelayListener } from './relay';
import { secretStores } from './secret-stores';
import { SingleSignOns } from './single-sign-on';
import { RestDatabase } from './supabase/rest-database';
import { Tenants } from './tenants';
import { Users } from './users';

export type { Listening } from '@/lib/postgres';
export { actAs } from './acting';
export type { AuditFilter, AuditGrowth, AuditRecord, NewAuditRecord } from './audit';
export { AUDIT_ACTIONS, type AuditAction } from './audit-actions';
export {
  type ChainPosition,
  type Checkpoint,
  type CheckpointBucket,
  type CheckpointSigner,
  type CheckpointSink,
  type CheckpointVerifier,
  checkpointBucket,
  checkpointFile,
  checkpointSigner,
  checkpointSyslog,
  deliverCheckpoint,
  type Finding,
  type InclusionProof,
  readNotes,
  readVerifier,
  type SignedCheckpoint,
  segmentsIn,
  type Verification,
  type VerifyOptions,
  verifyProofText,
} from './audit-chain';
export type { ChangeListener } from './changes';
export type { Author } from './database';
export { ApplicationError, type ApplicationErrorCode } from './errors';
export type { RouteListener, SchemaListener } from './listen';
export {
  type ApplicationPlace,
  migrateApplicationDatabase,
  planApplicationDatabase,
  projectScript,
} from './migrate';
export type { Passkey } from './passkeys';
export type { RelayListener } from './relay';
export { MAPPED_ROLES, type MappedRole, type SingleSignOn } from './single-sign-on';
export {
  type DataSourceEngine,
  type FormerTenant,
  isId,
  type NewTenant,
  readSubdomain,
  SUPPORT_POLICIES,
  type Tenant,
  type TenantChanges,
  type TenantCredentials,
  type TenantPlace,
  type TenantPlacement,
  type TenantReplica,
  type TenantStatus,
} from './tenant';
export type { TenantFilter } from './tenants';
export {
  type NewUser,
  OPERATOR_ROLES,
  type OperatorRole,
  TENANT_ROLES,
  type User,
  type UserChanges,
  type UserForSignIn,
  type UserRole,
  type UserStatus,
} from './user';
export type { Users } from './users';

export type ApplicationDatabaseOptions = ApplicationPlace & {
  secretBox: SecretBox;
  /** Who changes something where a call does not say; for the audit log. Default `system`. */
  author?: Author;
  /** Connections of this process, besides the one that listens. Default 10. */
  maxConnections?: number;
};

/** The application database. Every change takes an author as its last argument. */
export interface ApplicationDatabase {
  readonly tenants: Tenants;
  readonly users: Users;
  readonly passkeys: Passkeys;
  readonly singleSignOn: SingleSignOns;
  readonly audit: Audit;
  /**
   * Calls `changed` for each change of a tenant's route, and without arguments whenever changes may have been missed.
   * Resolves once it listens. Ended by its `close`, or with the database. Keeps no process alive.
   */
  listenToRoutes(changed: RouteListener, schemaChanged?: SchemaListener): Promise<Listening>;
  /** Makes every process read the schema of a data source again before it is used again. */
  announceSchema(dataSourceId: string): Promise<void>;
  /**
   * Notifies all screens that show the tenant's data, in any process, that they changed. Returns at once; screens are
   * notified within a tenth of a second.
   *
   * @param origin the screen that changed them, which knows already
   */
  announceChange(tenantId: string): void;
  /** Calls `changed` for each announced change, and without arguments whenever some may have been missed. */
  listenToChanges(changed: ChangeListener): Promise<Listening>;
  /** Says that a user's sessions, or a key of this id, have changed; changes of a user's row are announced by the database. */
  announceUser(userId: string): Promise<void>;
  /**
   * Calls `changed` for each changed or announced user, and without arguments whenever some may have been missed. Changes
   * made through this object are reported at once, those of other processes within moments.
   */
  listenToUsers(changed: (userId?: string) => void): Promise<Listening>;
  /**
   * Sends a message to all listeners, also in this process: each receives those of one process in their order, or is told that
   * some are missing. Returns at once. @returns false where too much waits to be sent
   */
  relay(message: Buffer): boolean;
  /** Calls `heard` with each relayed message, and without arguments whenever some may have been missed. */
  listenToRelay(heard: RelayListener): Promise<Listening>;
  /** Every place here where an envelope stands. @param by who brings them to another key */
  secretStores(by?: Author): SecretStore[];
  /** Resolves when the database answers. @throws ApplicationError `application_database_unreachable` */
  ping(): Promise<void>;
  /** Final. */
  close(): Promise<void>;
}

/**
 * Opens a migrated application database; connections are made when they are needed.
 *
 * @throws ApplicationError `application_key_refused`, `application_project_invalid`
 */
export function openApplicationDatabase(options: ApplicationDatabaseOptions): ApplicationDatabase {
  const { secretBox, author = { actor: 'system' }, maxConnections = 10 } = options;
  const database: Database =
    'project' in options
      ? new RestDatabase({ ...options, notificationsUrl: options.notificationsUrl, author })
      : new PostgresDatabase({ url: options.url, author, maxConnections });
  const changes = new ChangeAnnouncer(database);
  const relay = new Relay(database);
  const listeners = new Set<Listening>();
  const userListeners = new Set<(userId?: string) => void>();
  const changedHere = (userId: string) => {
    for (const listener of userListeners) listener(userId);
  };
  const untilClosed = async (opening: Promise<Listening>) => {
    const listening = await opening;
    listeners.add(listening);
    return listening;
  };
  return {
    tenants: new Tenants(database, secretBox),
    users: new Users(database, secretBox, changedHere),
    passkeys: new Passkeys(database),
    singleSignOn: new SingleSignOns(database, secretBox),
    audit: new Audit(database),
    listenToRoutes: (changed, schemaChanged) => untilClosed(listenToRoutes(database, changed, schemaChanged)),
    announceSchema: (dataSourceId) => announceSchema(database, dataSourceId),
    announceChange: (tenantId) => changes.announce(tenantId),
    listenToChanges: (changed) => untilClosed(listenToChanges(database, changed)),
    async announceUser(userId) {
      changedHere(userId);
      await database.notify(USERS, [userId]);
    },
    async listenToUsers(changed) {
      userListeners.add(changed);
      const listening = await untilClosed(database.listen(USERS, changed));
      return {
        async close() {
          userListeners.delete(changed);
          await listening.close();
        },
      };
    },
    relay: (message) => relay.send(message),
    listenToRelay: (heard) => untilClosed(relay.listen(heard)),
    secretStores: (by) => secretStores(database, by),
    ping: () => database.ping(),
    async close() {
      await Promise.all([
        changes.flush(),
        relay.flush(),
        ...[...listeners].map((listening) => listening.close()),
      ]);
      await database.close();
    },
  };
}
