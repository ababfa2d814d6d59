import pg from 'pg';
import { isConnectionFailure } from '@/lib/failures';
import { type Listening, PrimaryClient } from '@/lib/postgres';
import { type Author, actingAuthor } from './acting';
import type { AuditLog } from './audit-chain/log';
import { ApplicationError } from './errors';
import type { Statement } from './statements';

export type { Author } from './acting';

/** Columns of audit records that the changed table does not have, before and after. */
export interface AuditColumns {
  before?: Record<string, string>;
  after?: Record<string, string>;
}

export interface ChangeOptions<Row> {
  /** What the audit records of its updates show besides the columns of the table, where it differs. Never a secret. */
  auditColumns?: AuditColumns | undefined;
  /** Runs in the transaction of the change, which a failure rolls back; only where the database `holdsTransactions`. */
  beforeCommit?: ((rows: Row[]) => Promise<void>) | undefined;
}

/** How the application database is reached: over PostgreSQL's protocol or through a Supabase project's REST API. */
export interface Database {
  /** Whether a transaction can stay open while something else is done. */
  readonly holdsTransactions: boolean;
  /** One statement that changes nothing audited. @throws ApplicationError `application_*` */
  read<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** One statement whose changes the audit triggers ascribe to the author, in one transaction with their records. */
  change<Row extends object>(
    by: Author | undefined,
    statement: Statement,
    values: readonly unknown[],
    options?: ChangeOptions<Row>,
  ): Promise<Row[]>;
  /** For reading the whole audit log, without a limit of time. */
  withLog<T>(work: (log: AuditLog) => Promise<T>): Promise<T>;
  /** Sends payloads to all processes that listen to the channel. A lost one is no error. */
  notify(channel: string, payloads: readonly string[]): Promise<void>;
  /** Listens to a channel until closed. @param heard without a payload where some may have been missed */
  listen(channel: string, heard: (payload?: string) => void): Promise<Listening>;
  /** @throws ApplicationError `application_*` where it cannot be used */
  ping(): Promise<void>;
  /** Final. */
  close(): Promise<void>;
}

/** Who changes something. Who is named as the author of this request or process acts from where that one does. */
export function authorOf(by: Author | undefined, ofProcess: Author): Author {
  const author = actingAuthor() ?? ofProcess;
  return by?.actor === author.actor ? { ...author, ...by } : (by ?? author);
}

/** The name of the constraint a statement violated. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23')
    ? (error.constraint ?? '')
    : undefined;
}

export function databaseClosed(): ApplicationError {
  return new ApplicationError('application_database_closed', 'The application database is closed.', {
    hint: 'Open it again; close is final.',
  });
}

/** A failure to talk to the database at all, as our error. */
export function unreachable(error: unknown): ApplicationError | undefined {
  if (!isConnectionFailure(error)) return undefined;
  return new ApplicationError(
    'application_database_unreachable',
    'The application database cannot be reached.',
    { cause: error },
  );
}

/** Does `work` on a connection of its own. @throws ApplicationError `application_database_unreachable`; what `work` throws */
export async function connected<T>(
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new PrimaryClient(config);
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw unreachable(error) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
}
