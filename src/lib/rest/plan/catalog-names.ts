// Keeps a request to the rows' own columns and values, for databases that several customers share. PostgreSQL's `reg…` types turn any number
// into a name of the server's roles, tables and functions, and a row's system columns tell how many rows and transactions others have.
import type { LogicTree, QueryParameters, SelectItem } from '../api-request/types';
import { catalogColumnError, catalogTypeError } from '../errors';

/** A word of a type's name: `regclass`, its array `_regclass`, a row of a catalog such as `pg_proc`, an entry of access rights. */
const CATALOG_TYPE = /^_*(reg|pg_|aclitem)/i;
const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']);

/** Whether a cast to this type reads the catalogs. The name may have several words, as `regclass array` has. */
export function isCatalogType(type: string): boolean {
  return type.split(/\s+/).some((word) => CATALOG_TYPE.test(word));
}

/** @throws EngineError 42501 for a cast to a type of the catalogs, or a system column */
export function expectOwnNames({ select, filters, logic, order }: QueryParameters): void {
  for (const item of select) expectOwnItem(item);
  for (const { filter } of filters) expectOwnColumn(filter.field.name);
  for (const { tree } of logic) expectOwnTree(tree);
  for (const { terms } of order) for (const { field } of terms) expectOwnColumn(field.name);
}

function expectOwnItem(item: SelectItem): void {
  if (item.kind !== 'field') {
    for (const below of item.select) expectOwnItem(below);
    return;
  }
  expectOwnColumn(item.field.name);
  for (const type of [item.cast, item.aggregateCast]) {
    if (type !== undefined && isCatalogType(type)) throw catalogTypeError(type);
  }
}

function expectOwnTree(tree: LogicTree): void {
  if (tree.kind === 'filter') expectOwnColumn(tree.filter.field.name);
  else for (const child of tree.children) expectOwnTree(child);
}

function expectOwnColumn(name: string): void {
  if (SYSTEM_COLUMNS.has(name)) throw catalogColumnError(name);
}
