// Source and target must have the same tables.
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { fingerprint, readCatalogState, readTables, type TenantTable } from '@/lib/tenant-data/rows';
import { MovementError } from '../errors';

/** @throws MovementError `move_schema_changed` unless the tables are alike: a column that only one database has would be lost */
export function refuseUnlike(one: readonly TenantTable[], other: readonly TenantTable[]): void {
  if (fingerprint(one) !== fingerprint(other)) throw schemaChanged();
}

/**
 * Expects that the databases have these tables and no others.
 *
 * @returns expects it again; quick where nothing was defined in either database since
 * @throws MovementError `move_schema_changed`
 */
export async function expectTables(
  databases: readonly pg.ClientBase[],
  tables: readonly TenantTable[],
): Promise<() => Promise<void>> {
  const readStates = () => Promise.all(databases.map(readCatalogState));
  const compare = async () => {
    for (const found of await Promise.all(databases.map(readTables))) refuseUnlike(found, tables);
  };
  const states = await readStates();
  await compare();
  return async () => {
    if (!isDeepStrictEqual(await readStates(), states)) await compare();
  };
}

export function schemaChanged(): MovementError {
  return new MovementError(
    'move_schema_changed',
    'The tables of source and target differ, or were changed during the move.',
    {
      hint: 'Bring both databases to the same schema version, abort the move and start it again.',
    },
  );
}
