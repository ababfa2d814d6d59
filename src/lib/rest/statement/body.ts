// How rows become the body: one expression over them for each media type.

import { SOURCE } from '../plan/read-plan';
import type { Routine } from '../schema-cache';
import type { MediaHandler } from '../schema-cache/media-handlers';
import { SCALAR } from './call';
import { qualified } from './sql';

/** The alias of the rows that are aggregated; EXPLAIN shows it, by the name that PostgREST's users know. */
export const ROWS = '_postgrest_t';

/**
 * @param routine whose result the rows are
 * @param options.explain written as PostgREST writes it, so that plans compare
 */
export function bodyExpression(
  handler: MediaHandler,
  routine: Routine | undefined,
  { explain }: { explain: boolean },
): string {
  switch (handler.kind) {
    case 'json':
      return jsonExpression(routine, false, explain);
    case 'array-nulls-stripped':
      return jsonExpression(routine, true, explain);
    case 'object':
      return single(isScalar(routine) ? `${ROWS}.${SCALAR}` : ROWS, handler.nullsStripped);
    case 'csv':
      return csvExpression;
    case 'geojson':
      return `json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(ST_AsGeoJSON(${ROWS})::json), '[]'))`;
    case 'custom': {
      const name = qualified(handler.function);
      if (isScalar(routine)) return `${name}(${ROWS}.${SCALAR})`;
      return handler.target ? `${name}(${ROWS}::${qualified(handler.target)})` : `${name}(${ROWS})`;
    }
    case 'none':
      return "''::text";
  }
}

export function isScalar(routine: Routine | undefined): boolean {
  return routine !== undefined && !routine.result.setOf && !routine.result.composite;
}

function jsonExpression(routine: Routine | undefined, nullsStripped: boolean, explain: boolean): string {
  if (!routine) return many(ROWS, nullsStripped, explain);
  const { setOf, composite } = routine.result;
  const rows = composite ? ROWS : `${ROWS}.${SCALAR}`;
  return setOf ? many(rows, nullsStripped, explain) : single(rows, nullsStripped);
}

/** An array of rows first: `json_agg` looks the row's columns up anew for each row, a seventh of a statement's time. */
function many(rows: string, nullsStripped: boolean, explain: boolean): string {
  const array = rows === ROWS && !explain ? `array_to_json(array_agg(${rows}))` : `json_agg(${rows})`;
  return `coalesce(${nullsStripped ? `json_strip_nulls(${array})` : array}, '[]')`;
}

function single(rows: string, nullsStripped: boolean): string {
  const first = `json_agg(${rows})->0`;
  return `coalesce(${nullsStripped ? `json_strip_nulls(${first})` : first}, 'null')`;
}

/** A line of names, then the rows as PostgreSQL writes them, without their parentheses. */
const csvExpression = `(select coalesce(string_agg(names.name, ','), '') from (select json_object_keys(first.fields)::text as name from (select row_to_json(source) as fields from ${SOURCE} as source limit 1) first) names) || E'\\n' || coalesce(string_agg(substring(${ROWS}::text, 2, length(${ROWS}::text) - 2), E'\\n'), '')`;
