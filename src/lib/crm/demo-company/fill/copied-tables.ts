// Which tables of a tenant are copied, and the statement that copies one. Read from the catalog, so that a new table or column of
// clients, deals and events is copied too.
import type pg from 'pg';
import { OVERRIDES, textOf } from './overrides';

export interface CopiedTable {
  /** Qualified name. */
  name: string;
  columns: Column[];
}

interface Column {
  name: string;
  type: string;
  /** The table that a foreign key of this column refers to. */
  refersTo: string | null;
}

/** Where a client's records begin. What refers to one of these, directly or not, is copied with them. */
const ROOTS = ['accounts', 'contacts', 'leads', 'opportunities', 'events'];
/** They name their record by kind and id, without a foreign key. */
const BY_KIND = ['notes', 'tasks', 'tenancy.changes'];
/** Booked anew, since two copies cannot have the same booth at one time. */
export const BOOKED = ['booth_assignments', 'equipment_assignments', 'event_staff_assignments'];
/** Columns of ids that name a copied record without a foreign key. */
const POINTERS = ['id', 'entity_id', 'event_id', 'source_line_id'];

/** The tables to copy with all columns that can be written. */
export async function copiedTables(client: pg.ClientBase): Promise<CopiedTable[]> {
  const { rows } = await client.query<Column & { table: string }>(`
    select case n.nspname when 'public' then t.relname else 'tenancy.' || t.relname end as table,
      a.attname as name, a.atttypid::regtype::text as type,
      (select f.confrelid::regclass::text from pg_catalog.pg_constraint f
        where f.conrelid = t.oid and f.contype = 'f' and a.attnum = f.conkey[2] and cardinality(f.conkey) = 2 limit 1) as "refersTo"
    from pg_catalog.pg_class t
    join pg_catalog.pg_namespace n on n.oid = t.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where t.relkind = 'r' and (n.nspname = 'public' or n.nspname = 'tenancy' and t.relname = 'changes')
    order by 1, a.attnum`);
  const tables = Map.groupBy(rows, ({ table }) => table);
  const copied = new Set([...ROOTS, ...BY_KIND]);
  for (let before = 0; before < copied.size; ) {
    before = copied.size;
    for (const [name, columns] of tables) {
      const belongs = columns.some(({ refersTo }) => refersTo !== null && copied.has(plain(refersTo)));
      if (belongs && !BOOKED.includes(name)) copied.add(name);
    }
  }
  return [...copied].map((name) => ({ name, columns: tables.get(name) ?? [] }));
}

/** The copy's id of a record: the same for the same record and copy, with version 8, by which copies are known. */
export function copiedId(id: string, number = 'c.number'): string {
  return `overlay(overlay(md5(${id}::text || '#' || ${number}) placing '8' from 13) placing 'a' from 17)::uuid`;
}

/** True for ids that `copiedId` made. */
export function isCopy(id: string): string {
  return `substr(${id}::text, 15, 1) = '8'`;
}

/**
 * Copies a table's rows. Parameters: $1 the tenant, $2 numbers of the copies, $3 how many days earlier each is, $4 the family name
 * that each adds to its clients', $5 the day that stands for today.
 */
export function copyStatement({ name, columns }: CopiedTable, copied: ReadonlySet<string>): string {
  const expressions = columns.map((column) => expressionOf(name, column, copied));
  const ofCopied = columns.some((column) => column.name === 'entity_type')
    ? ` and (t.entity_type is null or tenancy.table_of(t.entity_type) in (${[...copied].map((table) => `'${table}'`).join(', ')}))`
    : '';
  // Years of history are a third of all rows, and read only on the screens of recent events.
  const recent =
    name === 'tenancy.changes' ? ' and t.changed_at - make_interval(days => c.days) > $5::date - 400' : '';
  return `insert into ${name} (${columns.map((column) => column.name).join(', ')})
    select ${expressions.join(', ')}
    from ${name} t cross join unnest($2::int[], $3::int[], $4::text[]) as c (number, days, family)
    where t.tenant_id = $1::uuid and $5::date is not null and not ${isCopy('t.id')}${ofCopied}${recent}
    on conflict do nothing`;
}

function expressionOf(table: string, column: Column, copied: ReadonlySet<string>): string {
  const value = `t.${column.name}`;
  const override = OVERRIDES[`${table}.${column.name}`] ?? textOf(column.name, value);
  if (override) return override;
  const points = column.refersTo ? copied.has(plain(column.refersTo)) : POINTERS.includes(column.name);
  if (points) return copiedId(value);
  if (column.type === 'date') return `${value} - c.days`;
  if (column.type === 'timestamp with time zone') return `${value} - make_interval(days => c.days)`;
  return value;
}

function plain(name: string): string {
  return name.replace(/^public\./, '');
}
