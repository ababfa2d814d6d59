import type { TenantTable } from '@/lib/tenant-data/rows';
import { MovementError } from '../errors';
import type { Relation, Value } from './pgoutput';

/** Reads rows by the description of a relation message. */
export interface RelationReader {
  name: string;
  /** The index in the message of each of the table's columns. */
  order: number[];
  key(row: Value[]): string[];
}

/** @throws MovementError `move_schema_changed` if the table was changed since the move began */
export function relationReader(relation: Relation, tables: readonly TenantTable[]): RelationReader {
  const table = tables.find((known) => known.oid === relation.oid);
  const place = (name: string) => relation.columns.indexOf(name);
  if (
    !table ||
    relation.columns.length !== table.columns.length ||
    table.columns.some(({ name }) => place(name) < 0)
  ) {
    throw new MovementError(
      'move_schema_changed',
      `The table ${table?.name ?? relation.oid} was changed during the move.`,
      { hint: 'Bring both databases to the same schema version and start the move again.' },
    );
  }
  const keyPlaces = table.key.map(({ name }) => place(name));
  return {
    name: table.name,
    order: table.columns.map(({ name }) => place(name)),
    key: (row) => keyPlaces.map((at) => row[at] as string),
  };
}
