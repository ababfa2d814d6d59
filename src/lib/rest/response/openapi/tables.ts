// Paths, parameters and definitions of tables and views.
import type { CatalogColumn, CatalogTable, Keys } from './catalog';
import {
  defaultValue,
  type Json,
  summaryAndDescription,
  swaggerType,
  typed,
  withoutEmpty,
} from './swagger-type';

const reference = (name: string): Json => ({ $ref: `#/parameters/${name}` });
const READ_PARAMETERS = ['select', 'order', 'range', 'rangeUnit', 'offset', 'limit', 'preferCount'].map(
  reference,
);

export function tablePath(table: CatalogTable): Json {
  const { name } = table;
  const operation = { tags: [name], ...summaryAndDescription(table.description) };
  const filters = table.columns.map((column) => reference(`rowFilter.${name}.${column.name}`));
  const body = reference(`body.${name}`);
  const get = {
    ...operation,
    parameters: [...filters, ...READ_PARAMETERS],
    responses: {
      200: { description: 'OK', schema: { items: { $ref: `#/definitions/${name}` }, type: 'array' } },
      206: { description: 'Partial Content' },
    },
  };
  if (!table.writable) return { get };
  const changed = { 204: { description: 'No Content' } };
  return {
    get,
    post: {
      ...operation,
      parameters: [body, reference('select'), reference('preferPost')],
      responses: { 201: { description: 'Created' } },
    },
    delete: { ...operation, parameters: [...filters, reference('preferReturn')], responses: changed },
    patch: { ...operation, parameters: [...filters, body, reference('preferReturn')], responses: changed },
  };
}

export function tableDefinition(table: CatalogTable, keys: Keys): Json {
  const required = table.columns.filter((column) => !column.nullable).map((column) => column.name);
  const properties = table.columns.map((column) => [column.name, property(table, column, keys)]);
  return withoutEmpty({
    description: table.description,
    required: required.length > 0 ? required : undefined,
    properties: properties.length > 0 ? Object.fromEntries(properties) : undefined,
    type: 'object',
  });
}

function property(table: CatalogTable, column: CatalogColumn, keys: Keys): Json {
  const notes = [];
  if (keys.isPrimaryKey(table.name, column.name)) notes.push('This is a Primary Key.<pk/>');
  const target = keys.foreignKey(table.name, column.name);
  if (target) {
    notes.push(
      `This is a Foreign Key to \`${target.table}.${target.column}\`.<fk table='${target.table}' column='${target.column}'/>`,
    );
  }
  const note = notes.length > 0 ? ['Note:', ...notes].join('\n') : undefined;
  return withoutEmpty({
    ...typed(column.type),
    default: column.default === null ? undefined : defaultValue(column.type, column.default),
    description:
      note && column.description !== null ? `${column.description}\n\n${note}` : (note ?? column.description),
    enum: column.enum,
    maxLength: column.maxLength,
    type: swaggerType(column.type),
  });
}

/** Parameters that paths refer to by name. */
export function parameterDefinitions(tables: readonly CatalogTable[]): Json {
  const header = { in: 'header', required: false, type: 'string' };
  const query = { in: 'query', required: false, type: 'string' };
  const prefer = (values?: string[]) =>
    withoutEmpty({ ...header, name: 'Prefer', description: 'Preference', enum: values });
  const returns = ['return=representation', 'return=minimal', 'return=none'];
  const paging = 'Limiting and Pagination';
  const definitions: Json = {
    preferParams: prefer(),
    preferReturn: prefer(returns),
    preferCount: prefer(['count=none']),
    preferPost: prefer([...returns, 'resolution=ignore-duplicates', 'resolution=merge-duplicates']),
    select: { ...query, name: 'select', description: 'Filtering Columns' },
    on_conflict: { ...query, name: 'on_conflict', description: 'On Conflict' },
    order: { ...query, name: 'order', description: 'Ordering' },
    range: { ...header, name: 'Range', description: paging },
    rangeUnit: { ...header, name: 'Range-Unit', description: paging, default: 'items' },
    offset: { ...query, name: 'offset', description: paging },
    limit: { ...query, name: 'limit', description: paging },
  };
  for (const { name, columns } of tables) {
    definitions[`body.${name}`] = {
      name,
      description: name,
      required: false,
      in: 'body',
      schema: { $ref: `#/definitions/${name}` },
    };
    for (const column of columns) {
      definitions[`rowFilter.${name}.${column.name}`] = withoutEmpty({
        ...query,
        name: column.name,
        description: column.description,
      });
    }
  }
  return definitions;
}
