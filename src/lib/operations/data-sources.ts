import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Cluster, withoutPassword } from '@/lib/postgres';
import type { SecretBox } from '@/lib/secrets';
import {
  DATA_SOURCE_COLUMNS,
  type DataSource,
  type DataSourceChanges,
  type DataSourceCredentials,
  type DataSourceKind,
  type DataSourceStatus,
  locate,
  type NewDataSource,
  SECRET_COLUMNS,
  securityOf,
} from './data-source';
import { OperationsError, operationsFailure } from './errors';
import {
  type ChangeAuthor,
  changeOf,
  type Places,
  type RecordChange,
  SECRETS_BESIDE,
  withoutSecrets,
} from './registry-record';
import { MOVES_AND_SCHEMAS } from './reserved-ids';

export interface DataSourceFilter {
  kind?: DataSourceKind;
  status?: DataSourceStatus;
  region?: string;
}

type CredentialName = keyof DataSourceCredentials;

const CREDENTIALS = Object.entries(SECRET_COLUMNS) as [CredentialName, string][];
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const REMOVE = `with kept as (
    insert into retired_data_sources (id, name, kind, engine, region, server_key, database_name)
    select id, name, kind, engine, region, server_key, database_name from data_sources where id = $1
    on conflict (id) do update set name = excluded.name, retired_at = now())
  delete from data_sources where id = $1`;

/** The registry of data sources. Credentials are written and read here only, and are stored encrypted. */
export class DataSources {
  constructor(
    private readonly pool: pg.Pool,
    private readonly box: SecretBox,
    private readonly record: RecordChange = async () => {},
  ) {}

  /** The same registry, whose changes are recorded as made by this author. */
  by(author: ChangeAuthor): DataSources {
    return new DataSources(this.pool, this.box, (change) => this.record(change, author));
  }

  /** @param idOrName either of them */
  async find(idOrName: string): Promise<DataSource | undefined> {
    const column = UUID.test(idOrName) ? 'id' : 'name';
    const [source] = await this.#query(
      `select ${DATA_SOURCE_COLUMNS} from data_sources where ${column} = $1`,
      [idOrName],
    );
    return source;
  }

  /** @throws OperationsError `data_source_unknown` */
  async get(idOrName: string): Promise<DataSource> {
    const source = await this.find(idOrName);
    if (!source) throw unknown(idOrName);
    return source;
  }

  /** By name. */
  list(filter: DataSourceFilter = {}): Promise<DataSource[]> {
    return this.#query(
      `select ${DATA_SOURCE_COLUMNS} from data_sources
       where ($1::text is null or kind = $1) and ($2::text is null or status = $2) and ($3::text is null or region = $3)
       order by name`,
      [filter.kind, filter.status, filter.region],
    );
  }

  /** The name of each, by id: also of those that were removed, since records before that name them. @param ids only of these */
  async names(ids?: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { rows } = await this.pool
      .query<{ id: string; name: string }>(
        `select id, name from data_sources where $1::uuid[] is null or id = any ($1)
         union all select id, name from retired_data_sources r
           where ($1::uuid[] is null or id = any ($1)) and not exists (select from data_sources d where d.id = r.id)`,
        [ids],
      )
      .catch((error: unknown) => {
        throw refusal(error);
      });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /**
   * What the data source is reached with, decrypted. Never log it.
   *
   * @throws OperationsError `data_source_unknown`; SecretError `envelope_*`, `key_provider_*`
   */
  async credentials(id: string): Promise<DataSourceCredentials> {
    const columns = CREDENTIALS.map(([name, column]) => `${column} "${name}"`).join(', ');
    const { rows } = await this.pool
      .query<DataSourceCredentials & Latest>(
        `select ${columns}, t.system, t.timeline
         from data_sources left join data_source_timelines t on t.data_source_id = id where id = $1`,
        [id],
      )
      .catch((error: unknown) => {
        throw refusal(error);
      });
    const [row] = rows;
    if (!row) throw unknown(id);
    const decrypted = await Promise.all(
      CREDENTIALS.map(async ([name, column]) => {
        const envelope = row[name];
        return [name, envelope === null ? null : await this.box.decrypt(envelope, { owner: id, column })];
      }),
    );
    const credentials = Object.fromEntries(decrypted) as DataSourceCredentials;
    expectTimeline(credentials, row);
    return credentials;
  }

  /**
   * @throws OperationsError `data_source_name_taken`, `data_source_registered` (the same database under another name),
   *   `data_source_invalid`
   */
  async create(source: NewDataSource): Promise<DataSource> {
    const id = source.id ?? randomUUID();
    const { serverKey, databaseName } = locate(source.adminUrl ?? source.routerUrl);
    const engine = source.engine ?? (source.kind === 'supabase' ? 'supabase' : 'postgresql');
    const columns: [name: string, value: unknown][] = [
      ['id', id],
      ['kind', source.kind],
      ['engine', engine],
      ['server_key', serverKey],
      ['database_name', databaseName],
      ...propertyColumns(source),
      ...securityColumns(source),
      ...(await this.#encrypt(id, source)),
    ];
    const given = columns.filter(([, value]) => value !== undefined);
    const names = given.map(([name]) => name).join(', ');
    const places = given.map((_, index) => `$${index + 1}`).join(', ');
    const created = await this.#change(
      id,
      `insert into data_sources (${names}) values (${places})`,
      given.map(([, value]) => value),
      source,
    );
    if (!created) throw unknown(id);
    return created;
  }

  /**
   * Columns that are left out stay.
   *
   * @param expectedVersion refuse when someone else changed it since
   * @throws OperationsError `data_source_unknown`, `data_source_changed`, `data_source_name_taken`, `data_source_invalid`
   */
  async update(id: string, changes: DataSourceChanges, expectedVersion?: number): Promise<DataSource> {
    const columns = propertyColumns(changes);
    if (changes.kind !== undefined) columns.push(['kind', changes.kind]);
    return this.#set(id, columns, expectedVersion);
  }

  /**
   * Stores new credentials, and the server and database that their URLs lead to. Those left out stay, null takes one away.
   *
   * @param expectedVersion refuse when someone else changed it since
   * @throws OperationsError `data_source_unknown`, `data_source_changed`, `data_source_registered`, `data_source_invalid`
   */
  async setCredentials(
    id: string,
    credentials: Partial<DataSourceCredentials>,
    expectedVersion?: number,
  ): Promise<DataSource> {
    const all = { ...(await this.credentials(id)), ...credentials };
    const { serverKey, databaseName } = locate(all.adminUrl ?? all.routerUrl);
    const columns: [string, unknown][] = [
      ['server_key', serverKey],
      ['database_name', databaseName],
      ...securityColumns(all),
      ...(await this.#encrypt(id, credentials)),
    ];
    return this.#set(id, columns, expectedVersion, credentials);
  }

  /**
   * Forgets the data source and its credentials; the database itself stays as it is. Its name stays for records before that.
   *
   * @param check rejects where something needs it: no one else changes it, and no move or schema rollout begins, until that is decided
   * @throws OperationsError `data_source_unknown`; as `check`
   */
  async remove(id: string, check: (client: pg.ClientBase) => Promise<void> = async () => {}): Promise<void> {
    const removed = await this.#change(id, REMOVE, [id], {}, async (client) => {
      await client.query(MOVES_AND_SCHEMAS);
      await check(client);
    });
    if (!removed) throw unknown(id);
  }

  async #set(
    id: string,
    columns: [string, unknown][],
    expectedVersion?: number,
    credentials: Partial<DataSourceCredentials> = {},
  ): Promise<DataSource> {
    const given = columns.filter(([, value]) => value !== undefined);
    if (given.length === 0) return this.get(id);
    const assignments = given.map(([name], index) => `${name} = $${index + 3}`).join(', ');
    const updated = await this.#change(
      id,
      `update data_sources set ${assignments} where id = $1 and ($2::int is null or version = $2)`,
      [id, expectedVersion, ...given.map(([, value]) => value)],
      credentials,
    );
    if (updated) return updated;
    const { name, version } = await this.get(id);
    throw new OperationsError(
      'data_source_changed',
      `The data source ${name} is at version ${version} now.`,
      {
        hint: 'Someone else changed it; read it again.',
      },
    );
  }

  /**
   * Changes one row, and records that before it commits: nothing is changed unrecorded.
   *
   * @param credentials that it sets: the record says where their URLs lead, before and after
   * @param check of the row that is locked, before it is changed
   * @returns the row that was changed
   */
  async #change(
    id: string,
    statement: string,
    values: readonly unknown[],
    credentials: Partial<DataSourceCredentials> = {},
    check: (client: pg.ClientBase) => Promise<void> = async () => {},
  ): Promise<DataSource | undefined> {
    const columns = `${DATA_SOURCE_COLUMNS}, ${SECRETS_BESIDE}`;
    const client = await this.pool.connect().catch((error: unknown) => {
      throw refusal(error);
    });
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const { rows: former } = await client.query(
        `select ${columns} from data_sources where id = $1 for update`,
        [id],
      );
      if (former.length > 0) await check(client);
      const { rows } = await client.query(`${statement} returning ${columns}`, [...values]);
      const [row] = rows;
      const places = {
        before: placesOf(await this.#decrypt(id, former[0], Object.keys(credentials))),
        after: placesOf(credentials),
      };
      const change = row && changeOf(former[0], statement === REMOVE ? undefined : row, places);
      if (change) await this.record(change);
      await client.query('commit');
      return row && withoutSecrets<DataSource>(row);
    } catch (error) {
      await client.query('rollback').catch((cause: Error) => {
        broken = cause;
      });
      throw refusal(error);
    } finally {
      client.release(broken);
    }
  }

  /** Former credentials of these names. One that no key opens any more is left out. */
  async #decrypt(
    owner: string,
    row: Record<string, unknown> | undefined,
    names: readonly string[],
  ): Promise<Partial<DataSourceCredentials>> {
    const given = CREDENTIALS.filter(([name]) => names.includes(name) && typeof row?.[name] === 'string');
    const opened = given.map(async ([name, column]) => [
      name,
      await this.box.decrypt(String(row?.[name]), { owner, column }).catch(() => undefined),
    ]);
    return Object.fromEntries(await Promise.all(opened));
  }

  #encrypt(owner: string, credentials: Partial<DataSourceCredentials>): Promise<[string, unknown][]> {
    const given = CREDENTIALS.filter(([name]) => credentials[name] !== undefined);
    return Promise.all(
      given.map(async ([name, column]): Promise<[string, unknown]> => {
        const text = credentials[name];
        return [column, typeof text === 'string' ? await this.box.encrypt(text, { owner, column }) : null];
      }),
    );
  }

  async #query(text: string, values: readonly unknown[]): Promise<DataSource[]> {
    try {
      return (await this.pool.query<DataSource & object>(text, [...values])).rows;
    } catch (error) {
      throw refusal(error);
    }
  }
}

/** The latest timeline that the source was seen on; null where it has one host, or was not used yet. */
interface Latest {
  system: string | null;
  timeline: number | null;
}

/** A process that connects by these URLs refuses a primary that was replaced, also if it is the only one that answers. */
function expectTimeline(credentials: DataSourceCredentials, { system, timeline }: Latest): void {
  if (timeline === null) return;
  for (const url of [credentials.adminUrl, credentials.moverUrl, credentials.routerUrl]) {
    if (url) Cluster.expect(url, { timeline, system: system || undefined });
  }
}

function placesOf(credentials: Partial<DataSourceCredentials>): Places {
  const urls = Object.entries(credentials).filter(
    ([name, url]) => name.endsWith('Url') && typeof url === 'string',
  );
  return Object.fromEntries(urls.map(([name, url]) => [`${name}At`, withoutPassword(String(url))]));
}

function securityColumns({
  adminUrl,
  routerUrl,
  moverUrl,
}: Partial<DataSourceCredentials>): [string, unknown][] {
  return Object.entries(securityOf([adminUrl, routerUrl, moverUrl].filter((url) => url != null)));
}

function propertyColumns(source: DataSourceChanges): [name: string, value: unknown][] {
  return [
    ['name', source.name?.trim().toLowerCase()],
    ['region', source.region],
    ['capacity', source.capacity],
    ['connection_budget', source.connectionBudget],
    ['status', source.status],
    ['server_version', source.serverVersion],
    ['schema_version', source.schemaVersion],
    ['notes', source.notes],
  ];
}

function unknown(idOrName: string): OperationsError {
  const named = /^[\w-]{1,63}$/.test(idOrName) ? idOrName : 'of that name';
  return new OperationsError('data_source_unknown', `There is no data source ${named}.`, {
    hint: 'List them with: marquee source list',
  });
}

function refusal(error: unknown): unknown {
  // 22P02: not a UUID. 23: a constraint.
  if (!(error instanceof pg.DatabaseError) || !/^(22P02|22003|23)/.test(error.code ?? '')) {
    return operationsFailure(error);
  }
  const { constraint = '' } = error;
  if (constraint === 'data_sources_name_unique') {
    return new OperationsError('data_source_name_taken', 'Another data source has this name.', {
      hint: 'Choose another one.',
    });
  }
  if (constraint === 'data_sources_database_unique') {
    return new OperationsError('data_source_registered', 'This database is registered already.', {
      hint: 'Find it with: marquee source list',
    });
  }
  return new OperationsError(
    'data_source_invalid',
    `The data source is not valid (${constraint || error.code}).`,
    {
      hint: 'Check its name (lower-case letters, digits, hyphens), kind, status, capacity and budget.',
      cause: error,
    },
  );
}
