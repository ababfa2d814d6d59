// Where envelopes stand, for all of them to be counted and brought to another key.
import type { SecretPlace } from './envelope';

/** An envelope in its row. */
export interface StoredSecret {
  /** What finds the row again; the store's own. */
  ref: string;
  place: SecretPlace;
  envelope: string;
}

export interface RewrittenSecret extends StoredSecret {
  rewritten: string;
}

/** One kind of place where envelopes stand. */
export interface SecretStore {
  /** `tenants.data_source_url` */
  readonly name: string;
  /**
   * All envelopes, a page at a time.
   *
   * @param report called with a text about what could not be read, such as an unreachable database
   */
  pages(report: (problem: string) => void): AsyncIterable<StoredSecret[]>;
  /** Writes each envelope over the one that was read; one that was set meanwhile is newer and stays. @returns how many were written */
  replace(secrets: RewrittenSecret[]): Promise<number>;
}

export interface EnvelopeColumn {
  table: string;
  column: string;
  /** The row's key, and its type. */
  key: string;
  type: 'uuid' | 'text';
  /** Whose secret it is, as SQL. Default: the key. */
  owner?: string;
  /** The column as its place names it. Default: `column`. */
  place?: string;
}

/** Runs a statement; one that writes, as the author of the change. */
type RunStatement = (
  text: string,
  values: readonly unknown[],
) => Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;

const PAGE = 500;

/** The SQL of `envelopeColumn`: a page after a key, and the replacement, which returns a row for each that was replaced. */
export function envelopeStatements({ table, column, key, type, owner = key }: EnvelopeColumn) {
  return {
    page: `select ${key}::text as ref, (${owner})::text as owner, ${column} as envelope from ${table}
      where ${column} is not null and ($1::${type} is null or ${key} > $1::${type}) order by ${key} limit ${PAGE}`,
    replace: `update ${table} t set ${column} = fresh.rewritten
      from unnest($1::${type}[], $2::text[], $3::text[]) as fresh (ref, envelope, rewritten)
      where t.${key} = fresh.ref and t.${column} = fresh.envelope returning t.${key}`,
  };
}

/** The envelopes in a column of a table. */
export function envelopeColumn(
  options: EnvelopeColumn,
  read: RunStatement,
  write: RunStatement,
): SecretStore {
  const { table, column, place = column } = options;
  const statements = envelopeStatements(options);
  return {
    name: `${table}.${column}`,
    async *pages() {
      for (let after: string | null = null; ; ) {
        const { rows }: Awaited<ReturnType<RunStatement>> = await read(statements.page, [after]);
        const secrets = rows.map(({ ref, owner, envelope }) => ({
          ref: String(ref),
          place: { owner: String(owner), column: place },
          envelope: String(envelope),
        }));
        if (secrets.length > 0) yield secrets;
        if (secrets.length < PAGE) return;
        after = secrets.at(-1)?.ref ?? null;
      }
    },
    async replace(secrets) {
      const { rowCount } = await write(statements.replace, [
        secrets.map(({ ref }) => ref),
        secrets.map(({ envelope }) => envelope),
        secrets.map(({ rewritten }) => rewritten),
      ]);
      return rowCount ?? 0;
    },
  };
}
