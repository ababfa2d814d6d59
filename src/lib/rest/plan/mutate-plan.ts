// Writes: which columns, on which rows, and what must come back for the representation.
import type { Payload } from '../api-request/payload';
import type { Preferences } from '../api-request/preferences';
import type { Mutation, QueryParameters } from '../api-request/types';
import { EngineError, upsertFilterError } from '../errors';
import type { SchemaCache, Table } from '../schema-cache';
import type { ResolvedHandler } from '../schema-cache/media-handlers';
import { FieldResolver } from './fields';
import { fixedColumns } from './fixed';
import type { MutatePlan, PlannedField, ReadNode, RelationColumn } from './types';

export interface MutateRequest {
  mutation: Mutation;
  parameters: QueryParameters;
  preferences: Preferences;
  payload: Payload | undefined;
  fixedColumn: string | undefined;
  root: ReadNode;
  handler: ResolvedHandler;
}

/** @throws EngineError PGRST105, PGRST204 */
export function planMutation(cache: SchemaCache, table: Table, request: MutateRequest): MutatePlan {
  const { mutation, parameters, preferences, payload, root, handler } = request;
  const resolver = new FieldResolver(cache, table);
  const { representation, resolution, missing } = preferences;
  const isUpsert = mutation === 'upsert';
  const fixed = fixedColumns(cache, request.fixedColumn, table);
  if (isUpsert && !filtersKeyOnly(table, parameters, fixed)) throw upsertFilterError();
  const where =
    mutation === 'create'
      ? []
      : [
          ...parameters.filters.flatMap(({ path, filter }) =>
            path.length === 0 ? [resolver.filter(filter)] : [],
          ),
          ...parameters.logic.map(({ tree }) => resolver.logic(tree)),
        ];
  const wantsRows = representation === 'representation' || representation === 'headers-only';
  return {
    kind: 'mutate',
    target: { schema: table.schema, name: table.name },
    mutation,
    root,
    handler,
    columns: mutation === 'delete' ? [] : columnsOf(table, resolver, payload),
    isObject: payload?.isObject ?? false,
    applyDefaults: !isUpsert && missing === 'default',
    ...(mutation === 'create' &&
      resolution && {
        conflict: { resolution, columns: conflictColumns(table, parameters, fixed) },
      }),
    ...(isUpsert && { conflict: { resolution: 'merge-duplicates', columns: table.primaryKey } }),
    where,
    fixed: mutation === 'update' || mutation === 'delete' ? fixed : [],
    returning: wantsRows ? neededColumns(root, table.primaryKey) : [],
    primaryKey: table.primaryKey,
    location: mutation === 'create' && representation === 'headers-only',
  };
}

/** Rows that a request may see conflict only with rows of the same fixed value: its column may be left out of `on_conflict`. */
function conflictColumns(
  table: Table,
  { onConflict }: QueryParameters,
  fixed: readonly RelationColumn[],
): readonly string[] {
  if (!onConflict) return table.primaryKey;
  const left = fixed.map(({ column }) => column).filter((column) => !onConflict.includes(column));
  return [...left, ...onConflict];
}

/** Whether one row is meant. The fixed column of its key may be left out. */
function filtersKeyOnly(
  table: Table,
  { logic, filters, filterKeys }: QueryParameters,
  fixed: readonly RelationColumn[],
): boolean {
  const key = new Set(table.primaryKey);
  for (const { column } of fixed) if (key.size > 1 && !filterKeys.has(column)) key.delete(column);
  return (
    logic.length === 0 &&
    key.size > 0 &&
    key.size === filterKeys.size &&
    [...key].every((column) => filterKeys.has(column)) &&
    filters.every(
      ({ filter: { negated, operation } }) =>
        !negated && operation.kind === 'quantified' && operation.operator === 'eq' && !operation.quantifier,
    )
  );
}

function columnsOf(table: Table, resolver: FieldResolver, payload: Payload | undefined): PlannedField[] {
  return [...(payload?.keys ?? [])].sort().map((name) => {
    const field = resolver.input(name);
    if (field) return field;
    throw new EngineError(
      'PGRST204',
      400,
      `Could not find the '${name}' column of '${table.name}' in the schema cache`,
    );
  });
}

/** The columns that a representation is made of: those selected, those embedding joins by, the primary key. */
export function neededColumns(root: ReadNode, primaryKey: readonly string[]): string[] {
  const selected = root.select.map(({ field }) => field.name);
  if (selected.includes('*')) return ['*'];
  const joined: string[] = [];
  for (const { relationship } of root.children) {
    if (relationship?.kind === 'computed') return ['*'];
    if (relationship?.kind === 'foreign-key') joined.push(...relationship.columns.map(([column]) => column));
    if (relationship?.kind === 'junction') {
      joined.push(...relationship.junction.originColumns.map(([column]) => column));
    }
  }
  return [...new Set([...selected, ...joined, ...primaryKey])].sort();
}
