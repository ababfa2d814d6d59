// Copies a tenant's rows from a legacy database, under one snapshot and in one transaction, and compares them before it commits.

import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import {
  columnList,
  digestTable,
  quote,
  readTables,
  selectList,
  type TenantTable,
  writeOrder,
} from '@/lib/tenant-data/rows';
import { verificationFailed } from '../errors';
import { type LegacyMap, type LegacyTable, mapInvalid } from './map';

export interface ImportedTable {
  table: string;
  rows: number;
  /** Digest of the mapped columns of all rows, equal in both databases. */
  digest: string;
}

interface MappedTable {
  /** The table here, with the mapped columns only. */
  target: TenantTable;
  /** A subquery at the source that yields the same rows. */
  source: TenantTable;
}

const STAGE = 'pg_temp.marquee_legacy_stage';

/**
 * Copies and compares the mapped tables. Both connections are in a transaction: the source's keeps one snapshot, and the target's, with
 * `tenancy.copying` on, is committed by the caller.
 *
 * @param tenant the tenant as the legacy database knows it
 * @throws MovementError `legacy_map_invalid`, `move_verification_failed`
 */
export async function copyLegacy(
  { source, target }: { source: pg.ClientBase; target: pg.ClientBase },
  map: LegacyMap,
  { tenant, tenantId }: { tenant: string; tenantId: string },
): Promise<ImportedTable[]> {
  const mapped = mapTables(map, await readTables(target), tenant, tenantId);
  try {
    // The map replaces the rows that every new tenant starts with.
    for (const { target: table } of mapped.toReversed()) {
      await target.query(`delete from ${table.name} where tenant_id = $1`, [tenantId]);
    }
    for (const table of mapped) await copyTable(source, target, table, tenantId);
    await target.query('set constraints all immediate');
  } catch (error) {
    // Data exceptions (22), violated constraints (23), unknown names (42).
    if (error instanceof pg.DatabaseError && /^(22|23|42)/.test(error.code ?? ''))
      throw mapInvalid(`${error.table ? `${error.table}: ` : ''}${error.message}`, error);
    throw error;
  }
  const imported: ImportedTable[] = [];
  for (const { source: theirs, target: ours } of mapped) {
    const [left, right] = await Promise.all([
      digestTable(theirs, { client: source, tenantId }),
      digestTable(ours, { client: target, tenantId }),
    ]);
    if (left.rows !== right.rows || left.digest !== right.digest) {
      throw verificationFailed(Math.max(1, Math.abs(left.rows - right.rows)));
    }
    imported.push({ table: ours.name, ...right });
  }
  return imported;
}

/** In the order in which rows can be written. */
function mapTables(
  map: LegacyMap,
  tables: readonly TenantTable[],
  tenant: string,
  tenantId: string,
): MappedTable[] {
  const known = new Set(tables.map(({ name }) => name));
  for (const name of Object.keys(map.tables))
    if (!known.has(name)) throw mapInvalid(`there is no table ${name}.`);
  return writeOrder(tables)
    .flat()
    .flatMap((table) => {
      const given = map.tables[table.name];
      return given ? [mapTable(table, given, tenant, tenantId)] : [];
    });
}

function mapTable(table: TenantTable, given: LegacyTable, tenant: string, tenantId: string): MappedTable {
  const named = Object.keys(given.columns);
  const columns = table.columns.filter(({ name }) => name !== 'tenant_id' && named.includes(name));
  const unknown = named.find((name) => !columns.some((column) => column.name === name));
  if (unknown) throw mapInvalid(`${table.name} has no column ${unknown} that can be written.`);
  const missing = table.key.find(({ name }) => !named.includes(name));
  if (missing) throw mapInvalid(`${table.name} needs its key, ${missing.name}.`);
  // Types that are not PostgreSQL's own are unknown at the source; their text is compared as it is.
  const expressions = columns.map(({ name, type, builtin }) => {
    const expression = `(${given.columns[name]})${builtin ? `::${type}` : ''}`;
    return `${expression} as ${quote(name)}`;
  });
  const where = given.where.replaceAll(':tenant', pg.escapeLiteral(tenant));
  const rows = `select ${pg.escapeLiteral(tenantId)}::uuid as tenant_id, ${expressions.join(', ')} from ${given.from} where ${where}`;
  const all = [...table.columns.filter(({ name }) => name === 'tenant_id'), ...columns];
  return {
    target: { ...table, columns: all },
    source: { ...table, columns: all, name: `(${rows}) as legacy` },
  };
}

/** Through a temporary table, because COPY refuses tables with row-level security; as text, because types may differ. */
async function copyTable(
  source: pg.ClientBase,
  target: pg.ClientBase,
  { source: theirs, target: ours }: MappedTable,
  tenantId: string,
): Promise<void> {
  const columns = columnList(ours.columns);
  await target.query(
    `create temp table ${STAGE.replace('pg_temp.', '')} as select ${columns} from ${ours.name} with no data`,
  );
  await pipeline(
    source.query(copyTo(`copy (select ${columns} from ${theirs.name}) to stdout`)),
    target.query(copyFrom(`copy ${STAGE} (${columns}) from stdin`)),
  );
  await target.query(
    `insert into ${ours.name} (${columns}) select ${selectList(ours, tenantId)} from ${STAGE}`,
  );
  await target.query(`drop table ${STAGE}`);
}
