import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { SecretBox } from '@/lib/secrets';
import { OperationsError } from '../errors';
import { MOVES_AND_SCHEMAS } from '../reserved-ids';
import {
  decryptCredentials,
  decryptFormer,
  ENVELOPES,
  encryptCredentials,
  expectTimeline,
  type LatestTimeline,
  placesOf,
  securityColumns,
} from './credentials';
import {
  DATA_SOURCE_COLUMNS,
  type DataSource,
  type DataSourceChanges,
  type DataSourceCredentials,
  type DataSourceKind,
  type DataSourceStatus,
  locate,
  type NewDataSource,
} from './data-source';
import { refusal, unknownDataSource } from './refusals';
import {
  type ChangeAuthor,
  changeOf,
  type RecordChange,
  SECRETS_BESIDE,
  withoutSecrets,
} from './registry-record';

export interface DataSourceFilter {
  kind?: DataSourceKind;
  status?: DataSourceStatus;
  region?: string;
}

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
    if (!source) throw unknownDataSource(idOrName);
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
    const { rows } = await this.pool
      .query<DataSourceCredentials & LatestTimeline>(
        `select ${ENVELOPES}, t.system, t.timeline
         from data_sources left join data_source_timelines t on t.data_source_id = id where id = $1`,
        [id],
      )
      .catch((error: unknown) => {
        throw refusal(error);
      });
    const [row] = rows;
    if (!row) throw unknownDataSource(id);
    const credentials = await decryptCredentials(this.box, id, row);
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
      ...(await encryptCredentials(this.box, id, source)),
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
    if (!created) throw unknownDataSource(id);
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
      ...(await encryptCredentials(this.box, id, credentials)),
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
    if (!removed) throw unknownDataSource(id);
  }

  /**
   * From now on the data source cannot be removed; a removal waits.
   *
   * @returns ends that
   * @throws OperationsError `data_source_unknown`
   */
  async hold(id: string): Promise<() => Promise<void>> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw refusal(error);
    });
    const release = () =>
      client.query('rollback').then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
    try {
      await client.query('begin');
      const { rowCount } = await client.query('select from data_sources where id = $1 for key share', [id]);
      if (rowCount === 0) throw unknownDataSource(id);
      return release;
    } catch (error) {
      await release();
      throw refusal(error);
    }
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
        before: placesOf(await decryptFormer(this.box, id, former[0], Object.keys(credentials))),
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
