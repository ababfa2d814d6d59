// Customers' own tables that a move would have to carry but cannot, each with the reason.

import type pg from 'pg';
import { quote, type TenantTable } from '@/lib/tenant-data/rows';

/** Whether policy `p` applies to the current login. */
const APPLIES = `(p.polroles = '{0}' or exists (select from unnest(p.polroles) r where r <> 0 and pg_has_role(r, 'usage')))`;

/** Tables with rows that the mover does not see or may not change. COPY omits invisible rows without an error. */
export async function invisibleTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ why: string }>(`
    select t || case when missing <> '' then ' (grant ' || missing || ' on ' || t || ' to tenant_mover)'
        else ' (row-level security hides rows)' end as why
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
  return rows.map(({ why }) => why);
}

/** Tables that cannot be copied or replicated. */
export async function unfitTables(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ why: string }>(`
    select t || ' (' || why || ')' as why
    from (select c.oid::regclass::text as t, c.*, i.*, tenant.atttypid,
        (select proowner from pg_proc where oid = 'tenancy.movable_tables()'::regprocedure) as owner
      from tenancy.movable_tables() m join pg_class c on c.oid = m
        join pg_index i on i.indrelid = c.oid and i.indisprimary
        join pg_attribute tenant on tenant.attrelid = c.oid and tenant.attname = 'tenant_id') movable,
      lateral (values
        (atttypid <> 'uuid'::regtype, 'its tenant_id is no uuid'),
        (indnkeyatts = 1, 'its primary key is tenant_id alone'),
        (not indimmediate, 'its primary key is deferrable'),
        (exists (select from unnest(indkey::int2[]) with ordinality k (attnum, place) join pg_attribute a on a.attrelid = indrelid and a.attnum = k.attnum
          where k.place <= indnkeyatts and a.attgenerated <> ''), 'its primary key has a generated column'),
        (exists (select from unnest(indkey::int2[]) with ordinality k (attnum, place) join pg_attribute a on a.attrelid = indrelid and a.attnum = k.attnum
            join pg_type ty on ty.oid = a.atttypid
          where k.place <= indnkeyatts and (ty.typcategory = 'A' or ty.typtype = 'c' or ty.oid in ('json'::regtype, 'jsonb'::regtype))),
          'its primary key has an array, a composite or JSON'),
        (indisexclusion, 'its primary key is without overlaps'),
        (relpersistence = 'u', 'it is unlogged'),
        (exists (select from pg_rewrite where ev_class = indrelid), 'it has rules: use triggers instead'),
        (not relispartition and exists (select from pg_inherits where indrelid in (inhrelid, inhparent)), 'it inherits, or is inherited from'),
        (not pg_has_role(owner, relowner, 'usage'), 'it belongs to ' || relowner::regrole || ', not to the owner of the schema tenancy: alter table … owner to ' || owner::regrole)
      ) reasons (holds, why)
    where holds
    union
    select format('%s (its column %I takes numbers from %s, which belongs to %s: alter sequence … owner to %s)',
        n.of_table, n.of_column, n.sequence, s.relowner::regrole, p.proowner::regrole)
      from tenancy.sequences() n join pg_class s on s.oid = n.sequence
        join pg_proc p on p.oid = 'tenancy.movable_tables()'::regprocedure
      where not pg_has_role(p.proowner, s.relowner, 'usage')
    order by 1`);
  return rows.map(({ why }) => why);
}

/** Customers' own triggers that also fire for copied and replicated rows. */
export async function ownTriggers(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select format('%s on %s', g.tgname, g.tgrelid::regclass) as name
    from pg_trigger g join pg_proc p on p.oid = g.tgfoid
    where g.tgrelid in (select tenancy.movable_tables()) and not g.tgisinternal and g.tgenabled in ('O', 'A')
      and p.pronamespace <> 'tenancy'::regnamespace and pg_get_triggerdef(g.oid) !~ 'tenancy\\.copying'
    order by 1`);
  return rows.map(({ name }) => name);
}

/** The differences between the tables of two databases, in words. */
export function tableDifferences(
  one: { name: string; tables: readonly TenantTable[] },
  other: { name: string; tables: readonly TenantTable[] },
): string[] {
  const shape = (table: TenantTable) =>
    new Map<string, string>([
      ...table.columns.map(({ name, type }): [string, string] => [
        name,
        table.numbered.includes(name) ? `${type} from a sequence` : type,
      ]),
      ...table.generated.map((name): [string, string] => [name, 'generated']),
    ]);
  const differences: string[] = [];
  const there = new Map(other.tables.map((table) => [table.name, table]));
  for (const table of one.tables) {
    const match = there.get(table.name);
    there.delete(table.name);
    if (!match) {
      differences.push(`${table.name} is not in ${other.name}`);
      continue;
    }
    const [left, right] = [shape(table), shape(match)];
    for (const column of new Set([...left.keys(), ...right.keys()])) {
      const [here, far] = [left.get(column), right.get(column)];
      if (here !== far)
        differences.push(
          `${table.name}.${quote(column)} is ${here ?? 'missing'} in ${one.name}, ${far ?? 'missing'} in ${other.name}`,
        );
    }
    const key = ({ key }: TenantTable) => key.map(({ name }) => name).join(', ');
    if (key(table) !== key(match)) differences.push(`${table.name} has another primary key in ${other.name}`);
  }
  for (const name of there.keys()) differences.push(`${name} is not in ${one.name}`);
  return differences;
}
