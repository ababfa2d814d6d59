// The named statements of each connection.
import pg from 'pg';
import type { Statement } from './statement';

/** A prepared statement whose plan a migration has made invalid, or which a pooler has lost. */
export function isStalePlan(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery');
}

/** Which named statements one connection holds, least recently used first. */
export class PreparedStatements {
  static readonly #byConnection = new WeakMap<pg.Connection, PreparedStatements>();
  /** Their texts, by name. */
  readonly #names = new Map<string, string>();
  #evicted: string[] = [];

  private constructor(private readonly max: number) {}

  static of(connection: pg.Connection, max: number): PreparedStatements {
    let cache = PreparedStatements.#byConnection.get(connection);
    if (!cache) {
      cache = new PreparedStatements(max);
      PreparedStatements.#byConnection.set(connection, cache);
    }
    return cache;
  }

  /** Notes the statements' use; returns those that must be parsed first. */
  admit(statements: readonly Statement[]): Statement[] {
    const unknown: Statement[] = [];
    for (const statement of statements) {
      const { name, text } = statement;
      if (!name) continue;
      const known = this.#names.get(name);
      // The name was used for another text, which must not run in its place.
      if (known !== undefined && known !== text) this.#evicted.push(name);
      if (known !== text) unknown.push(statement);
      // While few are kept none is near its end, and their order does not matter.
      if (known === text && this.#names.size < this.max / 2) continue;
      this.#names.delete(name);
      this.#names.set(name, text);
    }
    while (this.#names.size > this.max) {
      const [oldest = ''] = this.#names.keys();
      this.#names.delete(oldest);
      this.#evicted.push(oldest);
    }
    return unknown;
  }

  takeEvicted(): string[] {
    const evicted = this.#evicted;
    if (evicted.length > 0) this.#evicted = [];
    return evicted;
  }

  /** After an error it is unknown which of the new ones were parsed: all are closed (closing an unknown one is no error). */
  forget(prepared: readonly Statement[], error: unknown): void {
    const names = isStalePlan(error)
      ? [...this.#names.keys()]
      : prepared.map((statement) => statement.name ?? '');
    for (const name of names) {
      if (this.#names.delete(name)) this.#evicted.push(name);
    }
  }
}
