// Where a request's fixed filter applies: relations that have its column.
import { objectKey, type QualifiedName, type SchemaCache } from '../schema-cache';
import type { JoinCondition, ReadNode, RelationColumn } from './types';

/**
 * @param known the filter's column; undefined where the request has none
 * @param alias of the relation in the statement
 */
export function fixedColumns(
  cache: SchemaCache,
  known: string | undefined,
  relation: QualifiedName,
  alias?: string,
): RelationColumn[] {
  if (known === undefined) return [];
  const column = cache.tables.get(objectKey(relation))?.columns.get(known);
  if (!column || column.hidden) return [];
  const table =
    alias === undefined ? { schema: relation.schema, name: relation.name } : { schema: '', name: alias };
  return [{ table, column: known }];
}

/** Whether a join says no more than the fixed filter on each of its sides. */
export function isFixedJoin({ left, right }: JoinCondition, levels: readonly ReadNode[]): boolean {
  const isFixed = ({ table, column }: RelationColumn) =>
    levels.some((level) =>
      level.fixed.some(
        (fixed) =>
          fixed.column === column && fixed.table.name === table.name && fixed.table.schema === table.schema,
      ),
    );
  return isFixed(left) && isFixed(right);
}
