// The tables that hold a tenant's rows, as the catalogs describe them, and the order in which rows can be written.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { MovementError } from '../errors';

export interface MovedColumn {
  name: string;
  /** As `format_type` writes it. */
  type: string;
  /** Binary COPY is safe between servers for the types PostgreSQL itself brings. */
  builtin: boolean;
  /** `generated always as identity`: given a value by INSERT when told so, by UPDATE never. */
  always: boolean;
}

export interface MovedTable {
  oid: number;
  /** Quoted and qualified where needed, as `regclass` prints it. */
  name: string;
  /** Without generated columns. `tenant_id` is among them. */
  columns: MovedColumn[];
  /** Names of the generated columns: each home computes them. */
  generated: string[];
  /** Names of the columns that take numbers from a sequence. */
  numbered: string[];
  /** Columns of the primary key besides `tenant_id`. */
  key: MovedColumn[];
  /** A row may be given another key: no trigger of ours refuses that. */
  keyMayChange: boolean;
  /** Names of the tables its foreign keys point to, itself among them where it does. */
  references: string[];
  /** Foreign keys that cannot be deferred. */
  undeferrable: string[];
  /** `f`ull, `d`efault (the primary key), `i`ndex, `n`othing. */
  replicaIdentity: string;
  /** Row-level security applies to this login: PostgreSQL then refuses COPY into the table. */
  rowSecurity: boolean;
  /** The planner's idea of the rows of all tenants. */
  estimatedRows: number;
}

export const quote = pg.escapeIdentifier;

/** Reads the tenant tables of a database. */
export async function readTables(client: pg.ClientBase): Promise<MovedTable[]> {
  const { rows } = await client.query<{
    oid: number;
    name: string;
    columns: MovedColumn[];
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
    with numbers as materialized (select of_table, of_column from tenancy.numbering())
    select t::oid as oid, t::text as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                'builtin', a.atttypid < 16384, 'always', a.attidentity = 'a') order by a.attname)
         from pg_attribute a
         where a.attrelid = t and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      coalesce((select json_agg(a.attname order by a.attname) from pg_attribute a
         where a.attrelid = t and a.attnum > 0 and not a.attisdropped and a.attgenerated <> ''), '[]') as generated,
      coalesce((select json_agg(n.of_column order by n.of_column) from numbers n where n.of_table = t), '[]') as numbered,
      (select json_agg(a.attname order by k.place)
         from pg_index i, unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
         join pg_attribute a on a.attnum = k.attnum
         where i.indrelid = t and i.indisprimary and k.place <= i.indnkeyatts and a.attrelid = t and a.attname <> 'tenant_id') as key,
      not exists (select from pg_trigger g where g.tgrelid = t and g.tgfoid = 'tenancy.stamp_change'::regproc) as key_may_change,
      coalesce((select json_agg(distinct f.confrelid::regclass::text)
         from pg_constraint f where f.conrelid = t and f.contype = 'f'), '[]') as references,
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
      // One that is generated is refused by the check before a move.
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

/**
 * The tables in the order in which rows can be written, parents first. Tables that refer to each other in a circle make
 * one group: only one transaction with deferred constraints can hold their rows.
 */
export function writeOrder(tables: readonly MovedTable[]): MovedTable[][] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const groups: MovedTable[][] = [];
  // Tarjan: a component is complete after everything it refers to is.
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
      groups.push(members.map((member) => byName.get(member) as MovedTable));
    }
    return low.get(name) as number;
  };
  for (const table of tables) if (!index.has(table.name)) visit(table.name);
  return groups;
}

/** Looked into by one statement: more would keep a session at work for longer than others notice. */
const LOOKED_INTO_AT_ONCE = 10;

/** The names of those tables in which a tenant has rows. Most have none, and need no work of their own. */
export async function occupiedTables(
  client: pg.ClientBase,
  tables: readonly MovedTable[],
  tenantId: string,
  between: () => Promise<void> = async () => {},
): Promise<Set<string>> {
  const occupied = new Set<string>();
  for (let at = 0; at < tables.length; at += LOOKED_INTO_AT_ONCE) {
    const looks = tables
      .slice(at, at + LOOKED_INTO_AT_ONCE)
      .map(
        ({ name }) =>
          `select ${pg.escapeLiteral(name)} as name where exists (select from ${name} where tenant_id = $1)`,
      );
    const { rows } = await client.query<{ name: string }>(looks.join(' union all '), [tenantId]);
    for (const { name } of rows) occupied.add(name);
    await between();
  }
  return occupied;
}

/** Two databases whose fingerprints are equal hold rows of the same shape. */
export function fingerprint(tables: readonly MovedTable[]): string {
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

/**
 * A column that only one home has would be lost without a word.
 *
 * @throws MovementError `move_schema_changed`
 */
export function refuseUnlike(one: readonly MovedTable[], other: readonly MovedTable[]): void {
  if (fingerprint(one) !== fingerprint(other)) throw schemaChanged();
}

export function schemaChanged(): MovementError {
  return new MovementError('move_schema_changed', 'The tables of the homes are not what they were.', {
    hint: 'Bring both databases to the same version, abort the move and start it again.',
  });
}

/** The columns of a table as a select list, the tenant's id replaced by the one it has in the other home. */
export function selectList(table: MovedTable, tenantId: string): string {
  return table.columns
    .map(({ name }) => (name === 'tenant_id' ? `${pg.escapeLiteral(tenantId)}::uuid` : quote(name)))
    .join(', ');
}

export function columnList(columns: readonly MovedColumn[]): string {
  return columns.map(({ name }) => quote(name)).join(', ');
}
