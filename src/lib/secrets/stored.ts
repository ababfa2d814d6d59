// The places where envelopes are stored, so that a rotation can count all of them and rewrap them.
import type { SecretPlace } from './envelope';

/** An envelope in its row. */
export interface StoredSecret {
  /** Identifies the row; only the store that returned it can interpret it. */
  ref: string;
  place: SecretPlace;
  envelope: string;
}

/** An envelope and the one that replaces it. */
export interface RewrittenSecret extends StoredSecret {
  /** The new envelope. */
  rewritten: string;
}

/** One kind of place where envelopes are stored. */
export interface SecretStore {
  /** `tenants.data_source_url` */
  readonly name: string;
  /**
   * All envelopes, a page at a time.
   *
   * @param report called with a text for each part that could not be read, such as an unreachable database
   */
  pages(report: (problem: string) => void): AsyncIterable<StoredSecret[]>;
  /** Replaces each envelope by its rewritten one, unless the row has been changed since it was read. @returns how many were replaced */
  replace(secrets: RewrittenSecret[]): Promise<number>;
}

/** A column of a table that holds envelopes. */
export interface EnvelopeColumn {
  table: string;
  column: string;
  /** The row's key, and its type. */
  key: string;
  type: 'uuid' | 'text';
  /** SQL expression for the owner of the secret. Default: the key. */
  owner?: string;
  /** The name of the column in `SecretPlace`. Default: `column`. */
  place?: string;
}

/** Runs a statement. A statement that writes runs as the author of the change. */
type RunStatement = (
  text: string,
  values: readonly unknown[],
) => Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;

const PAGE = 500;

/** The SQL of `envelopeColumn`: one statement reads the page after a key; the other replaces envelopes and returns a row for each. */
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
