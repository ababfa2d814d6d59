// Rows of the tenant that the target's constraints would refuse, although the source holds them.
import type pg from 'pg';
import type { Message } from '@/lib/failures';
import { quote } from '@/lib/tenant-data/rows';
import { sayPart } from './words';

interface Side {
  client: pg.ClientBase;
  tenantId: string;
}

interface Constraint {
  table: string;
  /** Null for NOT NULL before PostgreSQL 18. */
  name: string | null;
  kind: 'c' | 'f' | 'n';
  /** Its definition, without NOT VALID; not of NOT NULL. */
  definition: string;
  /** All rows of its database satisfy it. */
  isValid: boolean;
  /** Of a check. */
  expression: string | null;
  columns: string[];
  /** Of a foreign key. */
  references: string | null;
  referenced: string[];
  types: string[];
  /** The referenced table is moved with the tenant. */
  isMoved: boolean;
  /** The mover may read the referenced table. */
  isReadable: boolean;
}

/** Values of a foreign key to a table that is not moved, at most: more than this are no list of choices. */
const MOST_VALUES = 10_000;

/** @returns the table and the constraint, each with the next step. Reads only, and only rows that could be refused. */
export async function refusedRows(source: Side, target: Side): Promise<Message[]> {
  const here = new Map((await readConstraints(source.client)).map((one) => [idOf(one), one]));
  const refused: Message[] = [];
  for (const constraint of await readConstraints(target.client)) {
    if (constraint.kind === 'f' && !constraint.isMoved) {
      const why = await lacksReferenced(constraint, source, target);
      if (why) refused.push(why);
      continue;
    }
    const same = here.get(idOf(constraint));
    const holds = same?.isValid && same.definition === constraint.definition;
    if (!holds && (await isViolated(constraint, source))) refused.push(inWords(constraint, same));
  }
  return refused;
}

const idOf = ({ table, name, kind, columns }: Constraint) =>
  `${table} ${kind} ${kind === 'n' ? columns[0] : name}`;

function inWords({ table, name, columns }: Constraint, same: Constraint | undefined): Message {
  const what = name ? quote(name) : `${quote(columns[0] ?? '')} not null`;
  return same?.name
    ? sayPart('violates_not_valid', { table, what, constraint: quote(same.name) })
    : sayPart('violates', { table, what });
}

/** Checks, foreign keys and NOT NULL of the tables that are moved. */
async function readConstraints(client: pg.ClientBase): Promise<Constraint[]> {
  const names = (relation: string, numbers: string) =>
    `array(select a.attname::text from unnest(${numbers}) with ordinality k (attnum, place)
       join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.attnum order by k.place)`;
  const { rows } = await client.query<Constraint>(`
    with movable as materialized (select m as oid from tenancy.movable_tables() m)
    select c.conrelid::regclass::text as table, c.conname as name, c.contype as kind, c.convalidated as "isValid",
      replace(pg_get_constraintdef(c.oid), ' NOT VALID', '') as definition, pg_get_expr(c.conbin, c.conrelid) as expression,
      ${names('c.conrelid', 'c.conkey')} as columns, ${names('c.confrelid', 'c.confkey')} as referenced,
      array(select format_type(a.atttypid, a.atttypmod) from unnest(c.confkey) with ordinality k (attnum, place)
        join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.attnum order by k.place) as types,
      nullif(c.confrelid, 0)::regclass::text as references,
      -- A partitioned table is moved with its partitions.
      c.confrelid in (select oid from movable) or exists (select from pg_partition_tree(c.confrelid) where isleaf)
        and not exists (select from pg_partition_tree(c.confrelid) where isleaf and relid not in (select oid from movable)) as "isMoved",
      c.confrelid <> 0 and has_schema_privilege(r.relnamespace, 'usage') and has_table_privilege(c.confrelid, 'select')
        and not row_security_active(c.confrelid) as "isReadable"
    from pg_constraint c left join pg_class r on r.oid = c.confrelid
    where c.conrelid in (select oid from movable) and c.contype in ('c', 'f')
      -- A reference to a partitioned table is a constraint for each partition too; one of a partitioned table is one of each of its partitions.
      and not exists (select from pg_constraint parent where parent.oid = c.conparentid and parent.conrelid = c.conrelid)
      -- PostgreSQL 18 has constraints that are not enforced.
      and coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)
    union all
    select a.attrelid::regclass::text, n.conname, 'n', coalesce(n.convalidated, true), '', null, array[a.attname::text], '{}', '{}', null, true, true
    from pg_attribute a left join pg_constraint n on n.conrelid = a.attrelid and n.contype = 'n' and n.conkey = array[a.attnum]
    where a.attrelid in (select oid from movable) and a.attnum > 0 and a.attnotnull and not a.attisdropped
    order by 1, 2`);
  return rows;
}

async function isViolated(constraint: Constraint, { client, tenantId }: Side): Promise<boolean> {
  const { kind, table, columns, references, referenced, expression } = constraint;
  const column = (place: number) => `t.${quote(columns[place] ?? '')}`;
  const set = columns.map((_, place) => `${column(place)} is not null`).join(' and ');
  const alike = referenced.map((name, place) => `r.${quote(name)} = ${column(place)}`).join(' and ');
  const violates = {
    c: `not (${expression})`,
    n: `${column(0)} is null`,
    f: `${set} and not exists (select from ${references} r where ${alike})`,
  }[kind];
  const { rowCount } = await client.query(
    `select from ${table} t where t.tenant_id = $1 and ${violates} limit 1`,
    [tenantId],
  );
  return rowCount !== 0;
}

/** A table without `tenant_id` belongs to all tenants of its database: a move does not carry its rows. */
async function lacksReferenced(
  { table, columns, references, referenced, types, isReadable }: Constraint,
  source: Side,
  target: Side,
): Promise<Message | undefined> {
  const on = `${table} (${columns.map(quote).join(', ')})`;
  const values = columns.map((name) => `${quote(name)}::text`).join(', ');
  const { rows } = await source.client.query<{ key: string[] }>(
    `select distinct array[${values}] as key from ${table}
     where tenant_id = $1 and ${columns.map((name) => `${quote(name)} is not null`).join(' and ')} limit ${MOST_VALUES + 1}`,
    [source.tenantId],
  );
  if (rows.length === 0) return undefined;
  if (!isReadable) {
    return sayPart('reference_closed', { on, references: references ?? '' });
  }
  if (rows.length > MOST_VALUES) {
    return sayPart('references_many', { on, references: references ?? '', most: MOST_VALUES });
  }
  const missing = await target.client.query<{ key: string }>(
    `select concat_ws(', ', ${types.map((_, place) => `k${place}`).join(', ')}) as key
     from unnest(${types.map((_, place) => `$${place + 1}::text[]`).join(', ')}) as wanted (${types.map((_, place) => `k${place}`).join(', ')})
     where not exists (select from ${references} r
       where ${types.map((type, place) => `r.${quote(referenced[place] ?? '')} = k${place}::${type}`).join(' and ')})
     limit 3`,
    types.map((_, place) => rows.map(({ key }) => key[place])),
  );
  if (missing.rows.length === 0) return undefined;
  const keys = missing.rows.map(({ key }) => key).join('; ');
  return sayPart('references_missing', { on, references: references ?? '', keys });
}
