// Customers' own tables that a move would have to carry but cannot, each with the reason.

import type pg from 'pg';
import type { Message } from '@/lib/failures';
import { quote, type TenantTable } from '@/lib/tenant-data/rows';
import { type PreflightPart, sayPart } from './words';

/** Whether policy `p` applies to the current login. */
const APPLIES = `(p.polroles = '{0}' or exists (select from unnest(p.polroles) r where r <> 0 and pg_has_role(r, 'usage')))`;

/** Tables with rows that the mover does not see or may not change. COPY omits invisible rows without an error. */
export async function invisibleTables(client: pg.ClientBase, database: string): Promise<Message[]> {
  const { rows } = await client.query<{ table: string; rights: string }>(`
    select t as table, missing as rights
    from (select c.oid::regclass::text as t, c.oid as movable,
        (select coalesce(string_agg(privilege, ', '), '') from unnest('{select,insert,update,delete}'::text[]) privilege
           where not has_table_privilege(c.oid, privilege)) as missing
      from tenancy.movable_tables() m join pg_class c on c.oid = m) tables
    where missing <> ''
      or (row_security_active(movable) and not exists (
        select from pg_policy p where p.polrelid = movable and p.polpermissive and p.polcmd = '*'
          and pg_get_expr(p.polqual, p.polrelid) = 'true'
          and ${APPLIES}))
      or (row_security_active(movable) and exists (
        select from pg_policy p where p.polrelid = movable and not p.polpermissive and p.polcmd in ('*', 'r') and ${APPLIES}))`);
  return rows.map(({ table, rights }) => sayPart(rights ? 'grant' : 'hidden', { database, table, rights }));
}

interface Unfit {
  why: PreflightPart;
  table: string;
  owner: string;
  wanted: string;
  column: string | null;
  sequence: string | null;
}

/** Tables that cannot be copied or replicated. */
export async function unfitTables(client: pg.ClientBase, database: string): Promise<Message[]> {
  const { rows } = await client.query<Unfit>(`
    select why, t as "table", relowner::regrole::text as owner, owner::regrole::text as wanted, null as column, null as sequence
    from (select c.oid::regclass::text as t, c.*, i.*, tenant.atttypid,
        (select proowner from pg_proc where oid = 'tenancy.movable_tables()'::regprocedure) as owner
      from tenancy.movable_tables() m join pg_class c on c.oid = m
        join pg_index i on i.indrelid = c.oid and i.indisprimary
        join pg_attribute tenant on tenant.attrelid = c.oid and tenant.attname = 'tenant_id') movable,
      lateral (values
        (atttypid <> 'uuid'::regtype, 'tenant_no_uuid'),
        (indnkeyatts = 1, 'key_tenant_alone'),
        (not indimmediate, 'key_deferrable'),
        (exists (select from unnest(indkey::int2[]) with ordinality k (attnum, place) join pg_attribute a on a.attrelid = indrelid and a.attnum = k.attnum
          where k.place <= indnkeyatts and a.attgenerated <> ''), 'key_generated'),
        (exists (select from unnest(indkey::int2[]) with ordinality k (attnum, place) join pg_attribute a on a.attrelid = indrelid and a.attnum = k.attnum
            join pg_type ty on ty.oid = a.atttypid
          where k.place <= indnkeyatts and (ty.typcategory = 'A' or ty.typtype = 'c' or ty.oid in ('json'::regtype, 'jsonb'::regtype))),
          'key_composite'),
        (indisexclusion, 'key_overlaps'),
        (relpersistence = 'u', 'unlogged'),
        (exists (select from pg_rewrite where ev_class = indrelid), 'rules'),
        (not relispartition and exists (select from pg_inherits where indrelid in (inhrelid, inhparent)), 'inherits'),
        (not pg_has_role(owner, relowner, 'usage'), 'other_owner')
      ) reasons (holds, why)
    where holds
    union
    select 'sequence_owner', n.of_table::text, s.relowner::regrole::text, p.proowner::regrole::text, quote_ident(n.of_column), n.sequence::text
      from tenancy.sequences() n join pg_class s on s.oid = n.sequence
        join pg_proc p on p.oid = 'tenancy.movable_tables()'::regprocedure
      where not pg_has_role(p.proowner, s.relowner, 'usage')
    order by 2, 1`);
  return rows.map(({ why, ...values }) =>
    sayPart(why, { database, ...values, column: values.column ?? '', sequence: values.sequence ?? '' }),
  );
}

/** Customers' own triggers that also fire for copied and replicated rows. */
export async function ownTriggers(client: pg.ClientBase, database: string): Promise<Message[]> {
  const { rows } = await client.query<{ trigger: string; table: string }>(`
    select g.tgname::text as trigger, g.tgrelid::regclass::text as table
    from pg_trigger g join pg_proc p on p.oid = g.tgfoid
    where g.tgrelid in (select tenancy.movable_tables()) and not g.tgisinternal and g.tgenabled in ('O', 'A')
      and p.pronamespace <> 'tenancy'::regnamespace and pg_get_triggerdef(g.oid) !~ 'tenancy\\.copying'
    order by 1, 2`);
  return rows.map((row) => sayPart('trigger', { database, ...row }));
}

/** The differences between the tables of two databases. */
export function tableDifferences(
  one: { name: string; tables: readonly TenantTable[] },
  other: { name: string; tables: readonly TenantTable[] },
): Message[] {
  const shape = (table: TenantTable) =>
    new Map<string, string>([
      ...table.columns.map(({ name, type }): [string, string] => [
        name,
        table.numbered.includes(name) ? `${type} from a sequence` : type,
      ]),
      ...table.generated.map((name): [string, string] => [name, 'generated']),
    ]);
  const differences: Message[] = [];
  const [source, target] = [one.name, other.name];
  const there = new Map(other.tables.map((table) => [table.name, table]));
  for (const table of one.tables) {
    const match = there.get(table.name);
    there.delete(table.name);
    if (!match) {
      differences.push(sayPart('table_missing', { table: table.name, database: target }));
      continue;
    }
    const [left, right] = [shape(table), shape(match)];
    for (const column of new Set([...left.keys(), ...right.keys()])) {
      const [here, far] = [left.get(column), right.get(column)];
      if (here === far) continue;
      const word =
        here === undefined ? 'column_of_target' : far === undefined ? 'column_of_source' : 'column';
      const values = { one: here ?? '', other: far ?? '', source, target };
      differences.push(sayPart(word, { column: `${table.name}.${quote(column)}`, ...values }));
    }
    const key = ({ key }: TenantTable) => key.map(({ name }) => name).join(', ');
    if (key(table) !== key(match))
      differences.push(sayPart('other_key', { table: table.name, database: target }));
  }
  for (const name of there.keys())
    differences.push(sayPart('table_missing', { table: name, database: source }));
  return differences;
}
