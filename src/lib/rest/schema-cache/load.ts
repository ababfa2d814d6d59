// Catalogs → schema cache, in one query.
import { readFileSync } from 'node:fs';
import type { RunTransaction } from '../contract';
import type {
  ComputedRow,
  ForeignKeyRow,
  KeyRow,
  RepresentationRow,
  RoutineRow,
  TableRow,
  ViewRow,
} from './catalog-rows';
import { type MediaHandlerRow, MediaHandlers } from './media-handlers';
import { buildRelationships } from './relationships';
import { objectKey, type Routine, type SchemaCache, type Table } from './types';
import { ViewColumns } from './views';

const handlers = readFileSync(new URL('./media-handlers.sql', import.meta.url), 'utf8');
const catalog = readFileSync(new URL('./catalog.sql', import.meta.url), 'utf8').replace(
  '/* media type handlers */',
  () => handlers,
);

/** Settings of a function that only take effect before its statement begins. */
const HOISTED_SETTINGS = [
  'statement_timeout',
  'plan_filter.statement_cost_limit',
  'default_transaction_isolation',
];

export interface SchemaCacheOptions {
  /** Exposed schemas; the first is the default. */
  schemas: readonly string[];
  /** Names of functions' settings applied to the whole transaction (`db-hoisted-tx-settings`). */
  hoistedSettings?: readonly string[];
}

/**
 * Reads the catalogs. The login needs no more than to connect; what it may not use is refused when it is used.
 *
 * @throws what `run` throws
 */
export async function loadSchemaCache(
  run: RunTransaction,
  { schemas, hoistedSettings = HOISTED_SETTINGS }: SchemaCacheOptions,
): Promise<SchemaCache> {
  const [row = []] = await run({
    readOnly: true,
    settings: [['search_path', '']],
    statement: { text: catalog, values: [schemas, hoistedSettings] },
  });
  const json = <T>(index: number): T[] => {
    const text = row[index];
    return text ? (JSON.parse(text) as T[]) : [];
  };
  const exposed = new Set(schemas);
  const keys = json<KeyRow>(1);
  const foreignKeys = json<ForeignKeyRow>(2);
  const views = new ViewColumns(json<ViewRow>(3), exposed);
  const tableRows = json<TableRow>(0);
  const primaryKeys = views.primaryKeys(keys);
  // Junction tables that are not exposed count too.
  const names = new Map([
    ...foreignKeys.map(([, oid, schema, name]) => [oid, objectKey({ schema, name })] as const),
    ...tableRows.map(([oid, schema, name]) => [oid, objectKey({ schema, name })] as const),
  ]);
  for (const [relation, primary, columns] of keys) {
    const key = names.get(relation);
    if (primary && key)
      primaryKeys.set(
        key,
        columns.map(([name]) => name),
      );
  }
  const tables = new Map(
    tableRows.map((table) => {
      const built = buildTable(table, primaryKeys);
      return [objectKey(built), built];
    }),
  );
  return {
    schemas,
    tables,
    relationships: buildRelationships(
      exposed,
      tables,
      primaryKeys,
      foreignKeys,
      keys,
      json<ComputedRow>(5),
      views,
    ),
    routines: buildRoutines(json<RoutineRow>(4)),
    representations: new Map(
      json<RepresentationRow>(6).map(([source, target, name]) => [`${source}\0${target}`, name]),
    ),
    mediaHandlers: new MediaHandlers(json<MediaHandlerRow>(9), { postgis: row[10] === 't' }),
    binaryMediaTypes: new Set(json<string>(7)),
    schemaDescriptions: new Map(
      json<[string, string | null]>(8).flatMap(([schema, text]) => (text === null ? [] : [[schema, text]])),
    ),
  };
}

const CMD_UPDATE = 1 << 2;
const CMD_INSERT = 1 << 3;
const CMD_DELETE = 1 << 4;

function buildTable(row: TableRow, primaryKeys: ReadonlyMap<string, readonly string[]>): Table {
  const [, schema, name, description, isView, updatable, columns] = row;
  return {
    schema,
    name,
    description,
    isView,
    insertable: (updatable & CMD_INSERT) !== 0,
    updatable: (updatable & CMD_UPDATE) !== 0,
    deletable: (updatable & CMD_DELETE) !== 0,
    primaryKey: primaryKeys.get(objectKey({ schema, name })) ?? [],
    columns: new Map(
      columns.map(
        ([column, comment, nullable, type, nominalType, maxLength, expression, generated, labels]) => [
          column,
          {
            name: column,
            description: comment,
            nullable,
            type,
            nominalType,
            maxLength,
            defaultExpression: expression,
            generated,
            enumLabels: labels,
          },
        ],
      ),
    ),
  };
}

const VOLATILITIES = { v: 'volatile', s: 'stable', i: 'immutable' } as const;
const TYPES_OF_A_SINGLE_BODY = new Set(['bytea', 'json', 'jsonb', 'text', 'xml']);

function buildRoutines(rows: readonly RoutineRow[]): Map<string, Routine[]> {
  const routines = new Map<string, Routine[]>();
  for (const row of rows) {
    const [schema, name, description, parameters, setOf, composite, resultSchema, resultName] = row;
    const [, , , , , , , , volatility, variadic, isolationLevel, settings] = row;
    if (!isCallable(parameters)) continue;
    const routine: Routine = {
      schema,
      name,
      description,
      parameters: parameters.map(([parameter, type, unlimitedType, required, isVariadic]) => ({
        name: parameter,
        type,
        unlimitedType,
        required,
        variadic: isVariadic,
      })),
      result: { setOf, composite, type: { schema: resultSchema, name: resultName } },
      volatility: VOLATILITIES[volatility],
      variadic,
      isolationLevel,
      settings,
    };
    const key = objectKey(routine);
    routines.set(key, [...(routines.get(key) ?? []), routine]);
  }
  for (const overloads of routines.values()) {
    overloads.sort(
      (a, b) => a.parameters.length - b.parameters.length || (signature(a) < signature(b) ? -1 : 1),
    );
  }
  return routines;
}

function signature({ description, parameters }: Routine): string {
  return `${description ?? ''}\0${parameters.map(({ name, type }) => `${name}\0${type}`).join('\0')}`;
}

/** Arguments are given by name; only one parameter without a name can be served, by the whole body. */
function isCallable(parameters: RoutineRow[3]): boolean {
  const unnamed = parameters.filter(([name]) => name === '');
  if (unnamed.length === 0) return true;
  return unnamed.length === 1 && parameters.length === 1 && TYPES_OF_A_SINGLE_BODY.has(unnamed[0]?.[1] ?? '');
}
