// Who can make which media type of what: the built-in handlers and those that the database defines.
import { CSV_TYPE, GEOJSON_TYPE, JSON_TYPE, type MediaType, parseMediaType } from '../api-request/media-type';

export interface ObjectName {
  schema: string;
  name: string;
}

/** How the rows of a statement become the body. */
export type MediaHandler =
  | { kind: 'json' }
  | { kind: 'csv' }
  | { kind: 'geojson' }
  | { kind: 'object'; nullsStripped: boolean }
  | { kind: 'array-nulls-stripped' }
  /**
   * An aggregate over a relation's rows (`target`) or any rows (no `target`), or, where a function returns a media type
   * itself, the name of that domain: `function(_rows::target)`, for a scalar function `function(its value)`.
   */
  | { kind: 'custom'; function: ObjectName; target?: ObjectName }
  /** No body is needed: HEAD, or a write without `return=representation`. */
  | { kind: 'none' };

export interface ResolvedHandler {
  handler: MediaHandler;
  /** What the answer is: `*` of both parts resolves to something concrete. */
  type: MediaType;
}

/** A row of `handlers.sql`. */
export interface MediaHandlerRow {
  handler_schema: string;
  handler_name: string;
  /** The relation's, or the function's that returns the media type; `pg_catalog.anyelement` for any rows. */
  target_schema: string;
  target_name: string;
  media_type: string;
  resolved_media_type: string;
}

const ANY_ROWS = 'pg_catalog\0anyelement';

/** Every handler of a database by what it is made of and what it makes. */
export class MediaHandlers {
  readonly #byTarget = new Map<string, Map<string, ResolvedHandler>>();

  /** @param options.postgis whether `ST_AsGeoJSON(record)` can be called */
  constructor(rows: readonly MediaHandlerRow[] = [], options: { postgis?: boolean } = {}) {
    const anyRows = new Map<string, ResolvedHandler>([
      ['*/*', { handler: { kind: 'json' }, type: JSON_TYPE }],
      [JSON_TYPE.name, { handler: { kind: 'json' }, type: JSON_TYPE }],
      [CSV_TYPE.name, { handler: { kind: 'csv' }, type: CSV_TYPE }],
    ]);
    if (options.postgis) anyRows.set(GEOJSON_TYPE.name, { handler: { kind: 'geojson' }, type: GEOJSON_TYPE });
    this.#byTarget.set(ANY_ROWS, anyRows);
    for (const row of rows) {
      const key = `${row.target_schema}\0${row.target_name}`;
      let handlers = this.#byTarget.get(key);
      if (!handlers) {
        handlers = new Map();
        this.#byTarget.set(key, handlers);
      }
      const target = key === ANY_ROWS ? {} : { target: { schema: row.target_schema, name: row.target_name } };
      handlers.set(parseMediaType(row.media_type).name, {
        handler: {
          kind: 'custom',
          function: { schema: row.handler_schema, name: row.handler_name },
          ...target,
        },
        type: parseMediaType(row.resolved_media_type),
      });
    }
  }

  /**
   * The handler for a media type: the object's own for anything, its own for this type, one for any rows.
   *
   * @param ownHandlers false where the rows are no longer the object's (a `select` was given), so only the last applies
   */
  find(object: ObjectName, type: MediaType, ownHandlers: boolean): ResolvedHandler | undefined {
    if (ownHandlers) {
      const own = this.#byTarget.get(`${object.schema}\0${object.name}`);
      const found = own?.get('*/*') ?? own?.get(type.name);
      if (found) return found;
    }
    return this.#byTarget.get(ANY_ROWS)?.get(type.name);
  }
}
