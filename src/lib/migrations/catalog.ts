// Everything that a schema consists of, as lines of text to compare: two databases with the same lines are alike.
import type pg from 'pg';

/** Name, and the SQL that gives its lines; `$1` are the schemas. Owners are written as `owner`. */
const PARTS: Record<string, string> = {
  schema: `
    select n.nspname || acl(n.nspacl, 'n', n.nspowner) from pg_namespace n where n.nspname = any ($1)`,
  extension: `
    select e.extname || ' in ' || n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace`,
  role: `
    select concat_ws(' ', r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
        r.rolbypassrls, r.rolconnlimit, r.rolconfig, (select string_agg(g.rolname, ',' order by g.rolname)
          from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid))
      from pg_roles r where r.rolname in ('tenant_service', 'tenant_manager', 'tenant_sales', 'tenant_staff', 'tenant_viewer',
        'authenticated', 'tenant_user', 'tenant_mover', 'tenant_search')`,
  'default privilege': `
    select concat_ws(' ', d.defaclobjtype, d.defaclnamespace::regnamespace) || acl(d.defaclacl, 'n', d.defaclrole) from pg_default_acl d`,
  relation: `
    select concat_ws(' ', c.oid::regclass, c.relkind, c.relpersistence, c.relreplident, c.relrowsecurity, c.relforcerowsecurity,
        c.reloptions, obj_description(c.oid, 'pg_class'), case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end)
        || case when c.relkind = 'i' then '' else acl(c.relacl, 'r', c.relowner) end
      from pg_class c where c.relnamespace = any ($1::regnamespace[]) and c.relkind <> 'c'`,
  column: `
    select concat_ws(' ', a.attrelid::regclass, row_number() over (partition by a.attrelid order by a.attnum), a.attname,
        format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity, a.attcollation::regcollation,
        a.attstorage, a.attcompression, pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum))
        || acl(a.attacl, 'n', c.relowner)
      from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where c.relnamespace = any ($1::regnamespace[]) and c.relkind <> 'i' and a.attnum > 0 and not a.attisdropped`,
  constraint: `
    select concat_ws(' ', c.conrelid::regclass, c.conname, c.condeferrable, c.condeferred, c.convalidated,
        pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint'))
      from pg_constraint c where c.connamespace = any ($1::regnamespace[])`,
  index: `
    select concat_ws(' ', i.indexrelid::regclass, i.indisvalid, i.indisclustered, pg_get_indexdef(i.indexrelid))
      from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace = any ($1::regnamespace[])`,
  policy: `
    select concat_ws(' ', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive,
        (select string_agg(case r when c.relowner then 'owner' when 0 then 'public' else pg_get_userbyid(r) end, ',' order by 1)
          from unnest(p.polroles) r),
        'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid))
      from pg_policy p join pg_class c on c.oid = p.polrelid where c.relnamespace = any ($1::regnamespace[])`,
  trigger: `
    select concat_ws(' ', t.tgrelid::regclass, t.tgenabled, pg_get_triggerdef(t.oid))
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where c.relnamespace = any ($1::regnamespace[]) and not t.tgisinternal`,
  function: `
    select replace(replace(pg_get_functiondef(p.oid), E'\\n', E'\\n '), E'\\r', '')
        || concat_ws(' ', E'\\n owner', case when p.proowner in (select o.nspowner from pg_namespace o where o.oid = any ($1::regnamespace[])) then 'owner'
            else pg_get_userbyid(p.proowner) end,
          obj_description(p.oid, 'pg_proc')) || acl(p.proacl, 'f', p.proowner)
      from pg_proc p
      where p.pronamespace = any ($1::regnamespace[]) and p.prokind <> 'a'
        and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')`,
  type: `
    select concat_ws(' ', t.oid::regtype, t.typtype, t.typnotnull, t.typdefault) || acl(t.typacl, 'T', t.typowner)
      from pg_type t where t.typnamespace = any ($1::regnamespace[]) and t.typcategory <> 'A'
        and not exists (select from pg_depend d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e')`,
  sequence: `
    select concat_ws(' ', s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle)
      from pg_sequence s join pg_class c on c.oid = s.seqrelid where c.relnamespace = any ($1::regnamespace[])`,
  publication: 'select p.pubname::text from pg_publication p where $1::text[] is not null',
};

/**
 * Rights on an object, sorted, with the owner's as `owner`; the default where none were given. Not those of `service_role`, which reads and
 * writes everything in a Supabase project and is in few other servers.
 */
const ACL = `
  create or replace function pg_temp.acl(given aclitem[], kind "char", owner oid) returns text language sql stable as $$
    select coalesce(' [' || string_agg(one, ' ' order by one) || ']', '') from (
      select case a.grantee when owner then 'owner' when 0 then 'public' else pg_get_userbyid(a.grantee) end || '='
          || string_agg(a.privilege_type || case when a.is_grantable then '*' else '' end, ',' order by a.privilege_type) as one
        from aclexplode(coalesce(given, case when kind <> 'n' then acldefault(kind, owner) end)) a
        where pg_get_userbyid(a.grantee) <> 'service_role' group by a.grantee) s
  $$`;

/**
 * Reads what schemas of a database consist of: tables, columns, constraints, indexes, policies, rights, triggers, functions
 * (without their comments), types, sequences, and the roles of tenants.
 *
 * @param without leave out what this matches, such as the record of migrations
 * @returns sorted lines that begin with the kind of object
 */
export async function readCatalog(
  client: pg.ClientBase,
  schemas: readonly string[],
  without = /(?!)/,
): Promise<string[]> {
  await client.query(ACL);
  // Names are printed with their schemas.
  await client.query("set search_path = ''");
  const lines: string[] = [];
  for (const [kind, sql] of Object.entries(PARTS)) {
    const text = sql.replace(/\bacl\(/g, 'pg_temp.acl(');
    const { rows } = await client.query<{ line: string }>(
      `select x as line from (${text}) t (x)`,
      text.includes('$1') ? [schemas] : [],
    );
    for (const { line } of rows) lines.push(`${kind} ${plain(line)}`);
  }
  await client.query('reset search_path');
  return lines.filter((line) => !without.test(line)).sort();
}

/** A function's text without comments and differences of white space. */
function plain(line: string): string {
  return line
    .replace(/^\s*--.*$/gm, '')
    .replace(/\s+--\s.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}
