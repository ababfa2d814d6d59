// The tables that hold a tenant's rows, read from the catalogs, and the order in which their rows can be written.
import { createHash } from 'node:crypto';
import pg from 'pg';

export interface TenantColumn {
  name: string;
  /** As `format_type` writes it. */
  type: string;
  /** A type of PostgreSQL's own, for which binary COPY is safe between servers: no names of objects, which are numbers in binary. */
  builtin: boolean;
  /** `generated always as identity`: only INSERT with OVERRIDING SYSTEM VALUE can set it. */
  always: boolean;
}

export interface TenantTable {
  oid: number;
  /** Quoted and qualified where needed, as `regclass` prints it. */
  name: string;
  /** Without generated columns. `tenant_id` is among them. */
  columns: TenantColumn[];
  /** Names of the generated columns, which each database computes. */
  generated: string[];
  /** Names of the columns with values from a sequence. */
  numbered: string[];
  /** Columns of the primary key besides `tenant_id`. */
  key: TenantColumn[];
  /** A row's key may change: the table has no trigger of Marquee's that refuses it. */
  keyMayChange: boolean;
  /** Names of the tables that its foreign keys reference, possibly itself. */
  references: string[];
  /** Foreign keys that cannot be deferred. */
  undeferrable: string[];
  /** `f`ull, `d`efault (the primary key), `i`ndex, `n`othing. */
  replicaIdentity: string;
  /** Row-level security applies to the mover, so that PostgreSQL refuses COPY into the table. */
  rowSecurity: boolean;
  /** The planner's estimate of the rows of all tenants. */
  estimatedRows: number;
}

export const quote = pg.escapeIdentifier;

/** Reads the tenant tables of a database. */
export async function readTables(client: pg.ClientBase): Promise<TenantTable[]> {
  const { rows } = await client.query<{
    oid: number;
    name: string;
    columns: TenantColumn[];
    generated: string[];
    numbered: string[];
    key: string[];
    key_may_change: boolean;
    references: string[];
    undeferrable: string[];
    replica_identity: string;
    row_security: boolean;
    estimated_rows: string;
  }>(`
    with numbers as materialized (select of_table, of_column from tenancy.sequences())
    select t::oid as oid, t::text as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                'builtin', a.atttypid < 16384 and ty.oid::regtype::text !~ '^reg' and ty.typsend <> 0, 'always', a.attidentity = 'a') order by a.attname)
         from pg_attribute a
           join pg_type list on list.oid = a.atttypid
           join pg_type ty on ty.oid = case when list.typcategory = 'A' then list.typelem else list.oid end
         where a.attrelid = t and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      coalesce((select json_agg(a.attname order by a.attname) from pg_attribute a
         where a.attrelid = t and a.attnum > 0 and not a.attisdropped and a.attgenerated <> ''), '[]') as generated,
      coalesce((select json_agg(n.of_column order by n.of_column) from numbers n where n.of_table = t), '[]') as numbered,
      (select json_agg(a.attname order by k.place)
         from pg_index i, unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
         join pg_attribute a on a.attnum = k.attnum
         where i.indrelid = t and i.indisprimary and k.place <= i.indnkeyatts and a.attrelid = t and a.attname <> 'tenant_id') as key,
      not exists (select from pg_trigger g where g.tgrelid = t and g.tgfoid = 'tenancy.stamp_change'::regproc) as key_may_change,
      coalesce((select json_agg(distinct r.oid::regclass::text)
         -- The rows of a partitioned table are in its partitions.
         from pg_constraint f, lateral (select f.confrelid as oid union select relid from pg_partition_tree(f.confrelid) where isleaf) r
         where f.conrelid = t and f.contype = 'f'), '[]') as references,
      coalesce((select json_agg(f.conname)
         from pg_constraint f where f.conrelid = t and f.contype = 'f' and not f.condeferrable), '[]') as undeferrable,
      c.relreplident as replica_identity, row_security_active(t) as row_security, c.reltuples::bigint as estimated_rows
    from tenancy.movable_tables() t join pg_class c on c.oid = t`);
  return rows.map((row) => {
    const key = row.key ?? [];
    return {
      oid: row.oid,
      name: row.name,
      columns: row.columns,
      generated: row.generated,
      numbered: row.numbered,
      // A generated key column is not among the columns; the preflight refuses such a table.
      key: key.flatMap((name) => row.columns.find((column) => column.name === name) ?? []),
      keyMayChange: row.key_may_change,
      references: row.references,
      undeferrable: row.undeferrable,
      replicaIdentity: row.replica_identity,
      rowSecurity: row.row_security,
      estimatedRows: Math.max(0, Number(row.estimated_rows)),
    };
  });
}

/** Another text whenever a table, column, index, constraint or trigger of the database was defined anew. Read within a few ms. */
export async function readCatalogState(client: pg.ClientBase): Promise<string> {
  const rows = [
    'pg_class',
    'pg_attribute',
    'pg_attrdef',
    'pg_index',
    'pg_constraint',
    'pg_trigger',
    'pg_type',
  ]
    .map((catalog) => `select ctid, xmin from pg_catalog.${catalog}`)
    .join(' union all ');
  const { rows: found } = await client.query<{ state: string }>(
    `select count(*) || ' ' || sum(hashtid(ctid)::bigint # (xmin::text::bigint << 16)) as state from (${rows}) r`,
  );
  return found[0]?.state ?? '';
}

/**
 * The tables in the order in which their rows can be written, referenced tables first. Tables that reference each other in a cycle form
 * one group, which has to be written by one transaction with deferred constraints.
 */
export function writeOrder(tables: readonly TenantTable[]): TenantTable[][] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: TenantTable[][] = [];
  // Tarjan's algorithm yields each strongly connected component after those it references.
  const visit = (name: string): number => {
    const mine = index.size;
    index.set(name, mine);
    low.set(name, mine);
    stack.push(name);
    for (const parent of byName.get(name)?.references ?? []) {
      if (!byName.has(parent)) continue;
      if (!index.has(parent)) low.set(name, Math.min(low.get(name) as number, visit(parent)));
      else if (stack.includes(parent))
        low.set(name, Math.min(low.get(name) as number, index.get(parent) as number));
    }
    if (low.get(name) === mine) {
      const members = stack.splice(stack.indexOf(name));
      groups.push(members.map((member) => byName.get(member) as TenantTable));
    }
    return low.get(name) as number;
  };
  for (const table of tables) if (!index.has(table.name)) visit(table.name);
  return groups;
}

/** Tables that one statement looks into; more would be a long piece of work (see pacer.ts). */
const TABLES_A_STATEMENT = 10;

/** The names of the tables that have rows of a tenant. @param pause called between statements */
export async function occupiedTables(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  tenantId: string,
  pause: () => Promise<void> = async () => {},
): Promise<Set<string>> {
  const occupied = new Set<string>();
  for (let at = 0; at < tables.length; at += TABLES_A_STATEMENT) {
    const looks = tables
      .slice(at, at + TABLES_A_STATEMENT)
      .map(
        ({ name }) =>
          `select ${pg.escapeLiteral(name)} as name where exists (select from ${name} where tenant_id = $1)`,
      );
    const { rows } = await client.query<{ name: string }>(looks.join(' union all '), [tenantId]);
    for (const { name } of rows) occupied.add(name);
    await pause();
  }
  return occupied;
}

/** A digest of the tables' columns and keys: databases with equal fingerprints hold rows of the same shape. */
export function fingerprint(tables: readonly TenantTable[]): string {
  const shape = tables
    .map(({ name, columns, generated, numbered, key }) => ({
      name,
      columns: columns.map(({ name, type }) => [name, type]),
      ...{ generated, numbered },
      key: key.map((column) => column.name),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(shape)).digest('hex');
}

/** The columns of a table as a select list, with the tenant's id replaced by the one in the other database. */
export function selectList(table: TenantTable, tenantId: string): string {
  return table.columns
    .map(({ name }) => (name === 'tenant_id' ? `${pg.escapeLiteral(tenantId)}::uuid` : quote(name)))
    .join(', ');
}

export function columnList(columns: readonly TenantColumn[]): string {
  return columns.map(({ name }) => quote(name)).join(', ');
}
