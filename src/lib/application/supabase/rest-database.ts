// An application database that is a Supabase project, reached through its REST API with the service key.
import pg from 'pg';
import { type Listening, listen, PrimaryClient, toParameter } from '@/lib/postgres';
import { keepingAlive, pause } from '@/lib/time';
import type { AuditLog } from '../audit-chain';
import { type Author, authorOf, type ChangeOptions, type Database, databaseClosed } from '../database';
import { ROUTES, USERS } from '../listen';
import { schemaFiles } from '../schema-files';
import type { Statement } from '../statements';
import { ChangePolling } from './polling';
import { Project, type ProjectOptions } from './project';
import { functionOf, publishedVersion, VERSION_FUNCTION } from './publish';
import { failure } from './refusals';
import { readPage } from './rest-log';

export interface RestDatabaseOptions {
  project: ProjectOptions;
  /**
   * PostgreSQL URL of a database that all processes share, over which they notify each other: the operations database. Without it, each
   * sees the others' changes of tenants and users within seconds, and those of tenants' data not at all.
   */
  notificationsUrl: string | undefined;
  author: Author;
}

/** Says in the shared database that the project's tables have changed. */
const CHANGED = 'marquee_application';

/** How often the version is read: a project reads its schema again moments after it has changed. */
const ATTEMPTS = 5;

type Heard = (payload?: string) => void;

export class RestDatabase implements Database {
  readonly holdsTransactions = false;
  readonly #project: Project;
  readonly #pool: pg.Pool | undefined;
  readonly #heard = new Map<string, Set<Heard>>();
  #polling: { polling: ChangePolling; ready: Promise<Listening> } | undefined;
  #closed = false;

  /** @throws ApplicationError `application_key_refused`, `application_project_invalid` */
  constructor(private readonly options: RestDatabaseOptions) {
    this.#project = new Project(options.project);
    const { notificationsUrl } = options;
    if (!notificationsUrl) return;
    this.#pool = new pg.Pool({
      ...{ Client: PrimaryClient, connectionString: notificationsUrl, max: 1, allowExitOnIdle: true },
      ...{ connectionTimeoutMillis: 5_000, query_timeout: 10_000, application_name: 'marquee notifications' },
    });
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  read<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.#call(statement, values, {});
  }

  async change<Row extends object>(
    by: Author | undefined,
    statement: Statement,
    values: readonly unknown[],
    { auditColumns, beforeCommit }: ChangeOptions<Row> = {},
  ): Promise<Row[]> {
    if (beforeCommit) throw new Error('A request holds no transaction open.');
    const { actor, requestId = '', address = '' } = authorOf(by, this.options.author);
    const author = { actor, request_id: requestId, address, beside: JSON.stringify(auditColumns ?? {}) };
    const rows = await this.#call<Row>(statement, values, author);
    this.#polling?.polling.wake();
    void this.notify(CHANGED, ['']).catch(() => {});
    return rows;
  }

  withLog<T>(work: (log: AuditLog) => Promise<T>): Promise<T> {
    return work({
      query: (statement, values) => this.read(statement, values),
      page: (after) => readPage(this.#project, after),
      exclusively: (inside) => inside(),
    });
  }

  async notify(channel: string, payloads: readonly string[]): Promise<void> {
    this.#refuseClosed();
    if (!this.#pool) return;
    await this.#pool.query('select pg_notify($1, payload) from unnest($2::text[]) payload', [
      channel,
      payloads,
    ]);
  }

  /** Routes and users are read from the project; what else is heard comes from other processes. */
  async listen(channel: string, heard: Heard): Promise<Listening> {
    const listening = await this.#listenToOthers(channel, heard);
    if (channel !== ROUTES && channel !== USERS) return listening;
    const listeners = this.#heard.get(channel) ?? new Set();
    this.#heard.set(channel, listeners.add(heard));
    await this.#poll();
    return {
      async close() {
        listeners.delete(heard);
        await listening.close();
      },
    };
  }

  /** @throws ApplicationError `application_project_not_set_up` where the project is of another version */
  async ping(): Promise<void> {
    this.#refuseClosed();
    await expectVersion(this.#project);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const polled = this.#polling?.polling.close();
    // What is under way ends, a reading of changes too.
    await this.#project.close();
    await polled;
    await (await this.#polling?.ready.catch(() => undefined))?.close();
    if (this.#pool) await keepingAlive(this.#pool.end());
  }

  async #call<Row extends object>(
    statement: Statement,
    values: readonly unknown[],
    author: Record<string, string>,
  ): Promise<Row[]> {
    this.#refuseClosed();
    const given = values.map(toParameter);
    const rows = await this.#project.call<Row[]>(functionOf(statement), { given, author });
    if (!Array.isArray(rows)) throw failure('application_project_invalid', 'answered with what are not rows');
    return rows.map(withTimes);
  }

  #listenToOthers(channel: string, heard: Heard): Promise<Listening> {
    const { notificationsUrl } = this.options;
    if (!notificationsUrl) return Promise.resolve({ close: async () => {} });
    const connection = { connectionString: notificationsUrl, application_name: channel.replace('_', ' ') };
    return listen({ connection, channel, heard });
  }

  /** One polling for all that listen. */
  #poll(): Promise<unknown> {
    if (!this.#polling) {
      const polling = new ChangePolling(this, (change) => {
        if (!change) for (const heard of [...this.#heard.values()].flatMap((all) => [...all])) heard();
        else if (change.entity === 'tenants') this.#say(ROUTES, change.subject);
        else if (change.entity === 'users') this.#say(USERS, change.subject);
      });
      const start = async () => {
        await polling.start();
        return this.#listenToOthers(CHANGED, () => polling.wake());
      };
      const ready = start();
      ready.catch(() => {
        this.#polling = undefined;
        void polling.close();
      });
      this.#polling = { polling, ready };
    }
    return this.#polling.ready;
  }

  #say(channel: string, subject: string): void {
    for (const heard of this.#heard.get(channel) ?? []) heard(subject);
  }

  #refuseClosed(): void {
    if (this.#closed) throw databaseClosed();
  }
}

/** @throws ApplicationError `application_project_not_set_up`, and as `Project.call`; waits for an API that reads its schema again */
export async function expectProject(options: ProjectOptions): Promise<void> {
  const project = new Project(options);
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await expectVersion(project);
      } catch (error) {
        const mayCome = (error as { code?: string }).code === 'application_project_not_set_up';
        if (!mayCome || attempt === ATTEMPTS) throw error;
        await pause(250 * attempt);
      }
    }
  } finally {
    await project.close();
  }
}

async function expectVersion(project: Project): Promise<void> {
  if ((await project.call(VERSION_FUNCTION)) === publishedVersion(await schemaFiles())) return;
  throw failure('application_project_not_set_up', 'has tables and functions of another version');
}

/** JSON has no times: columns whose names end in `At` are some. */
function withTimes<Row extends object>(row: Row): Row {
  const columns = Object.entries(row).map(([name, value]) => [
    name,
    name.endsWith('At') && typeof value === 'string' ? new Date(value) : value,
  ]);
  return Object.fromEntries(columns);
}
