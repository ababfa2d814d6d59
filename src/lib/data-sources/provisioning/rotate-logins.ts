// Replaces the logins of a data source while it serves: new logins are created, every process switches to them, then the old are dropped.
import pg from 'pg';
import type { ApplicationDatabase, Author } from '@/lib/application';
import type { DataSource, DataSourceCredentials, OperationsDatabase } from '@/lib/operations';
import { parsePostgresUrl } from '@/lib/postgres';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';
import { acceptUrl, rulesIn } from './given-url';
import {
  admitLoginStatements,
  atAddressOf,
  createLoginStatements,
  type DatabaseLogins,
  dropLoginStatement,
  generateLogins,
  loginUrl,
} from './logins';

type LoginName = 'router' | 'mover';

/** Options of `rotateLogins`. */
export interface RotateLoginsOptions {
  /** The logins to replace. Default: both. */
  logins?: readonly LoginName[];
  /** The owner's URL; needed for a data source that a DBA has set up. */
  adminUrl?: string;
  /** How long to wait for the sessions of the old logins to end, ms. Default 60,000. */
  waitMs?: number;
}

/** What `rotateLogins` did. */
export interface RotatedLogins {
  dataSource: DataSource;
  /** Names of the new logins. */
  created: string[];
  /** Names of the logins that were dropped. */
  dropped: string[];
  /** Names of the logins that can no longer sign in but still have sessions. The next rotation drops them. */
  remaining: string[];
  /** Number of tenants that use the new login. */
  tenants: number;
}

type Databases = { application: ApplicationDatabase; operations: OperationsDatabase };

const LOOK_AGAIN_MS = 100;

/**
 * Replaces the logins of a data source: their names, their passwords and, for the router, the key that seals claims. The old logins keep
 * working until no session uses them. After an interruption the next call drops what the earlier one left behind.
 *
 * @throws DataSourceError `data_source_request_refused` (a Supabase project, or no owner's URL), `tenant_moving` while a move
 *   uses the data source, `login_unknown_to_pooler` or `data_source_*` if a new login cannot sign in (then nothing has changed), `provisioning_failed`;
 *   OperationsError `data_source_unknown`, `data_source_changed`
 */
export async function rotateLogins(
  databases: Databases,
  idOrName: string,
  options: RotateLoginsOptions = {},
  by?: Author,
): Promise<RotatedLogins> {
  const { operations } = databases;
  const source = await operations.dataSources.get(idOrName);
  await expectNoMove(operations, source);
  return operations.withLock(`logins of ${source.id}`, async () => {
    const { name, version } = await operations.dataSources.get(source.id);
    const credentials = await operations.dataSources.credentials(source.id);
    const adminUrl = options.adminUrl
      ? acceptUrl(options.adminUrl, name, rulesIn(credentials.routerUrl ?? ''))
      : expectAdmin(source, credentials);
    const admin = await connect({
      ...{ url: adminUrl, name: source.name, timeoutMs: 10_000 },
      applicationName: 'marquee provisioning',
    });
    try {
      const made = await make(
        operations,
        source,
        credentials,
        { admin, adminUrl },
        options.logins ?? ['router', 'mover'],
      );
      const { created, urls } = made;
      const dataSource = await operations.dataSources.setCredentials(source.id, urls, version);
      const tenants = await switchTenants(databases, dataSource, by);
      const { dropped, remaining } = await dropFormer(databases, dataSource, admin, options.waitMs ?? 60_000);
      const details = { created, dropped, remaining, tenants };
      await databases.application.audit.append(
        { action: 'data_sources.rotate_logins', entity: 'data_sources', entityId: source.id, details },
        by,
      );
      return { dataSource, created, dropped, remaining, tenants };
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      throw new DataSourceError(
        'provisioning_failed',
        `The logins of ${source.name} could not be replaced: ${error.message}`,
        {
          hint: 'Correct that and run it again: it goes on where it was.',
          cause: error,
        },
      );
    } finally {
      await admin.end();
    }
  });
}

/** Creates the new logins and signs in with each, as requests and moves will. */
async function make(
  operations: OperationsDatabase,
  source: DataSource,
  credentials: DataSourceCredentials,
  { admin, adminUrl }: { admin: pg.Client; adminUrl: string },
  which: readonly LoginName[],
): Promise<{ created: string[]; urls: Partial<DataSourceCredentials> }> {
  const all = generateLogins();
  const logins: Partial<DatabaseLogins> = Object.fromEntries(which.map((one) => [one, all[one]]));
  const { routerUrl, moverUrl } = credentials;
  const urls: Partial<DataSourceCredentials> = {
    ...(logins.router && routerUrl ? { routerUrl: loginUrl(routerUrl, logins.router) } : {}),
    ...(logins.mover && moverUrl ? { moverUrl: loginUrl(moverUrl, logins.mover) } : {}),
  };
  const created = which.map((one) => all[one].name);
  const former = [logins.router && routerUrl, logins.mover && moverUrl].flatMap((url) =>
    url ? [loginIn(url)] : [],
  );
  await operations.sourceLogins.add(source.id, [...former, ...created]);
  for (const statement of [...createLoginStatements(logins), ...admitLoginStatements(logins)]) {
    await admin.query(statement);
  }
  for (const url of Object.values(urls)) {
    const signedIn = await connect({ url: url ?? '', name: source.name, timeoutMs: 10_000 }).catch(
      async (error) => {
        const refusal = await refusalOf(source, url ?? '', adminUrl, error);
        for (const login of created) {
          await admin.query(dropLoginStatement(login));
          await operations.sourceLogins.remove(source.id, login);
        }
        throw refusal;
      },
    );
    await signedIn.end();
  }
  return { created, urls };
}

/** The reason why a new login cannot sign in. If it can at the server itself, the pooler does not know the login. */
async function refusalOf(
  { name }: DataSource,
  url: string,
  adminUrl: string,
  error: unknown,
): Promise<unknown> {
  const direct = atAddressOf(adminUrl, url);
  const atServer = await connect({ url: direct, name, timeoutMs: 10_000 }).catch(() => undefined);
  if (!atServer) return error;
  await atServer.end();
  return new DataSourceError('login_unknown_to_pooler', `The pooler of ${name} does not know new logins.`, {
    hint: 'Let it look logins up at the server (PgBouncer: auth_query in place of auth_file), then run it again. Nothing has changed.',
    cause: error,
  });
}

/**
 * Writes the new URLs to the tenants, until no tenant is left: a process that had read the registry earlier may place another one meanwhile.
 *
 * @returns number of tenants
 */
export async function switchTenants(
  { application, operations }: Databases,
  source: DataSource,
  by?: Author,
): Promise<number> {
  const { routerUrl } = await operations.dataSources.credentials(source.id);
  let count = 0;
  for (let switched = -1; switched !== 0; count += switched) {
    switched = routerUrl ? await application.tenants.setUrlOfSource(source.id, routerUrl, by) : 0;
  }
  return count;
}

/** Drops every recorded login that is not the current one, once its sessions have ended. */
async function dropFormer(
  databases: Databases,
  source: DataSource,
  admin: pg.Client,
  waitMs: number,
): Promise<{ dropped: string[]; remaining: string[] }> {
  const { operations } = databases;
  const { routerUrl, moverUrl } = await operations.dataSources.credentials(source.id);
  const inUse = [routerUrl, moverUrl].flatMap((url) => (url ? [loginIn(url)] : []));
  const [dropped, remaining]: [string[], string[]] = [[], []];
  const until = performance.now() + waitMs;
  const recorded = await operations.sourceLogins.list(source.id);
  const former = recorded.filter((login) => !inUse.includes(login));
  for (const login of former) {
    // A process that has not learned of the change is refused at its next sign-in. It then reads the URL again and uses the new login.
    if (await exists(admin, login)) await admin.query(`alter role ${pg.escapeIdentifier(login)} nologin`);
  }
  await switchTenants(databases, source);
  for (const login of former) {
    let sessions = await sessionsOf(admin, login);
    while (sessions > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      sessions = await sessionsOf(admin, login);
    }
    if (sessions > 0) {
      remaining.push(login);
      continue;
    }
    await admin.query(dropLoginStatement(login));
    await operations.sourceLogins.remove(source.id, login);
    dropped.push(login);
  }
  for (const login of inUse) await operations.sourceLogins.remove(source.id, login);
  return { dropped, remaining };
}

async function exists(admin: pg.Client, login: string): Promise<boolean> {
  return (await admin.query('select from pg_catalog.pg_roles where rolname = $1', [login])).rowCount === 1;
}

async function sessionsOf(admin: pg.Client, login: string): Promise<number> {
  const { rows } = await admin.query<{ sessions: number }>(
    'select count(*)::int sessions from pg_catalog.pg_stat_activity where usename = $1',
    [login],
  );
  return rows[0]?.sessions ?? 0;
}

async function expectNoMove(operations: OperationsDatabase, { id, name }: DataSource): Promise<void> {
  const moves = await operations.reservedIds.movesAt(id);
  if (moves.length === 0) return;
  throw new DataSourceError('tenant_moving', `${moves.length} moves to or from ${name} are open.`, {
    hint: 'End them first: marquee move complete, rollback or abort.',
  });
}

function expectAdmin({ name, engine }: DataSource, { adminUrl, routerUrl }: DataSourceCredentials): string {
  if (engine === 'supabase' || !routerUrl) {
    throw new DataSourceError('data_source_request_refused', `${name} has no logins of Marquee’s own.`, {
      hint: 'The keys of a Supabase project are replaced in the project.',
    });
  }
  if (adminUrl) return adminUrl;
  throw new DataSourceError('data_source_request_refused', `Marquee has no owner’s URL for ${name}.`, {
    hint: 'Give it for this time: --url-file',
  });
}

function loginIn(url: string): string {
  return parsePostgresUrl(url)?.user ?? '';
}
