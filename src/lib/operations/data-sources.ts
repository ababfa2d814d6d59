import { randomUUID } from 'node:crypto';
import pg from 'pg';
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
} from './data-source';
import { OperationsError, operationsFailure } from './errors';

export interface DataSourceFilter {
  kind?: DataSourceKind;
  status?: DataSourceStatus;
  region?: string;
}

type CredentialName = keyof DataSourceCredentials;

const CREDENTIALS = Object.entries(SECRET_COLUMNS) as [CredentialName, string][];
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The registry of data sources. Credentials go in and out here only, and stand in it encrypted. */
export class DataSources {
  constructor(
    private readonly pool: pg.Pool,
    private readonly box: SecretBox,
  ) {}

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

  /**
   * What the data source is reached with, decrypted. Never log it.
   *
   * @throws OperationsError `data_source_unknown`; SecretError `envelope_*`, `key_provider_*`
   */
  async credentials(id: string): Promise<DataSourceCredentials> {
    const columns = CREDENTIALS.map(([name, column]) => `${column} "${name}"`).join(', ');
    const { rows } = await this.pool
      .query<DataSourceCredentials>(`select ${columns} from data_sources where id = $1`, [id])
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
    return Object.fromEntries(decrypted) as DataSourceCredentials;
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
      ...(await this.#encrypt(id, source)),
    ];
    const given = columns.filter(([, value]) => value !== undefined);
    const names = given.map(([name]) => name).join(', ');
    const places = given.map((_, index) => `$${index + 1}`).join(', ');
    const [created] = await this.#query(
      `insert into data_sources (${names}) values (${places}) returning ${DATA_SOURCE_COLUMNS}`,
      given.map(([, value]) => value),
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

  /** Stores new credentials; those left out stay, null takes one away. @throws OperationsError `data_source_unknown` */
  async setCredentials(id: string, credentials: Partial<DataSourceCredentials>): Promise<DataSource> {
    return this.#set(id, await this.#encrypt(id, credentials));
  }

  /** Forgets the data source; the database itself stays as it is. @throws OperationsError `data_source_unknown` */
  async remove(id: string): Promise<void> {
    const [removed] = await this.#query(
      `delete from data_sources where id = $1 returning ${DATA_SOURCE_COLUMNS}`,
      [id],
    );
    if (!removed) throw unknown(id);
  }

  /** Brings every credential to the current key. @returns how many were encrypted anew */
  async rewrapSecrets(): Promise<number> {
    let count = 0;
    for (const { id } of await this.list()) {
      for (const [, column] of CREDENTIALS) count += await this.#rewrap(id, column);
    }
    return count;
  }

  async #rewrap(id: string, column: string): Promise<number> {
    const { rows } = await this.pool.query<{ envelope: string | null }>(
      `select ${column} envelope from data_sources where id = $1`,
      [id],
    );
    const envelope = rows[0]?.envelope;
    const rewrapped = envelope ? await this.box.rewrap(envelope, { owner: id, column }) : undefined;
    if (!rewrapped) return 0;
    // Only over what was read: a credential set meanwhile is newer.
    const { rowCount } = await this.pool.query(
      `update data_sources set ${column} = $2 where id = $1 and ${column} = $3`,
      [id, rewrapped, envelope],
    );
    return rowCount ?? 0;
  }

  async #set(id: string, columns: [string, unknown][], expectedVersion?: number): Promise<DataSource> {
    const given = columns.filter(([, value]) => value !== undefined);
    if (given.length === 0) return this.get(id);
    const assignments = given.map(([name], index) => `${name} = $${index + 3}`).join(', ');
    const [updated] = await this.#query(
      `update data_sources set ${assignments} where id = $1 and ($2::int is null or version = $2)
       returning ${DATA_SOURCE_COLUMNS}`,
      [id, expectedVersion, ...given.map(([, value]) => value)],
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
