// Walks the catalogs: what every business table must have, so that a tenant can be isolated, moved and distributed.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createTenantDatabase } from './tenant-database';

const { owner } = await createTenantDatabase();

/** Runs a query that finds offenders, and expects none. */
async function none(sql: string, values: unknown[] = []): Promise<void> {
  const { rows } = await owner.query<{ offender: string }>(sql, values);
  assert.deepEqual(
    rows.map((row) => row.offender),
    [],
  );
}

const USER_ROLES = `array['tenant_manager', 'tenant_sales', 'tenant_staff', 'tenant_viewer', 'authenticated', 'tenant_user']`;
const ROLES_IN_CONTEXT = `${USER_ROLES} || array['tenant_service', 'tenant_search']`;

const BUSINESS_TABLES = `select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`;

interface DictionaryColumn {
  table: string;
  column: string;
  type: string;
  required: boolean;
  refers: string | null;
  choices: string[] | null;
}

/** `dictionary.txt`: tables, and under each its columns (`name type [required] [-> table] [a|b]`) and unique keys. */
async function readDictionary() {
  const columns: DictionaryColumn[] = [];
  const keys: { table: string; key: string[]; nulls: boolean }[] = [];
  const tables: string[] = [];
  const text = await readFile(path.join(import.meta.dirname, 'dictionary.txt'), 'utf8');
  for (const line of text.trimEnd().split('\n')) {
    const [column = '', ...words] = line.trim().split(' ');
    const table = tables.at(-1) ?? '';
    if (!line.startsWith(' ')) tables.push(line);
    else if (column === 'unique') {
      const nulls = words.join(' ').endsWith(' nulls not distinct');
      keys.push({ table, key: ['tenant_id', ...(nulls ? words.slice(0, -3) : words)].sort(), nulls });
    } else {
      const arrow = words.indexOf('->');
      const choices = words.find((word) => word.includes('|'))?.split('|');
      columns.push({
        table,
        column,
        type: words[0] ?? '',
        required: words.includes('required'),
        refers: arrow < 0 ? null : (words[arrow + 1] ?? null),
        choices: choices?.sort() ?? null,
      });
    }
  }
  return { tables, columns, keys };
}
const dictionary = await readDictionary();

test('the tables of the data dictionary are there, and no others', async () => {
  const { rows } = await owner.query<{ name: string }>(
    `select oid::regclass::text as name from (${BUSINESS_TABLES}) t`,
  );
  assert.deepEqual(rows.map((row) => row.name).sort(), dictionary.tables.toSorted());
});

test('every column of the data dictionary is there, of its type, required where it says so', () =>
  none(
    `select w."table" || '.' || w."column" as offender
     from json_to_recordset($1) as w ("table" text, "column" text, type text, required boolean)
     where not exists (select from pg_attribute a where a.attrelid = w."table"::regclass and a.attname = w."column"
       and a.atttypid = w.type::regtype
       and format_type(a.atttypid, a.atttypmod) like '%' || coalesce(substring(w.type from '[(].*'), '')
       and (a.attnotnull or not w.required))`,
    [JSON.stringify(dictionary.columns)],
  ));

test('every reference of the data dictionary is a foreign key to the table it names', () =>
  none(
    `select w."table" || '.' || w."column" as offender
     from json_to_recordset($1) as w ("table" text, "column" text, refers text)
     where w.refers is not null and not exists (select from pg_constraint k
       where k.contype = 'f' and k.conrelid = w."table"::regclass and k.confrelid = w.refers::regclass
         and (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[2]) = w."column")`,
    [JSON.stringify(dictionary.columns)],
  ));

test('every choice of the data dictionary is checked: exactly these words', () =>
  none(
    `select w."table" || '.' || w."column" as offender
     from json_to_recordset($1) as w ("table" text, "column" text, choices text[])
     where w.choices is not null and not exists (select from pg_constraint k
       join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
       where k.contype = 'c' and k.conrelid = w."table"::regclass and a.attname = w."column"
         and w.choices = (select array_agg(m[1] order by m[1] collate "C")
           from regexp_matches(pg_get_constraintdef(k.oid), '''([a-z_]+)''::text', 'g') m))`,
    [JSON.stringify(dictionary.columns)],
  ));

test('every unique key of the data dictionary holds within the tenant', () =>
  none(
    `select w."table" || ': ' || w.key::text as offender
     from json_to_recordset($1) as w ("table" text, key text[], nulls boolean)
     where not exists (select from pg_index i
       where i.indrelid = w."table"::regclass and i.indisunique and i.indpred is null
         and (i.indnullsnotdistinct or not w.nulls)
         and w.key = (select array_agg(a.attname::text order by a.attname::text collate "C")
           from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey)))`,
    [JSON.stringify(dictionary.keys)],
  ));

test('an optional key is emptied when its row goes, except where the row is a part of it or holds it', async () => {
  const { rows } = await owner.query<{ key: string }>(
    `select key from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[2],
       concat(conrelid::regclass, '.', a.attname, case confdeltype when 'c' then ': goes along' else ': holds' end) key
     where contype = 'f' and conrelid in (${BUSINESS_TABLES}) and not a.attnotnull and confdeltype <> 'n'
     order by key collate "C"`,
  );
  assert.deepEqual(
    rows.map(({ key }) => key),
    [
      'booth_assignments.event_id: goes along',
      // A signed PDF is evidence.
      'contracts.signed_pdf_id: holds',
      'equipment_assignments.booth_assignment_id: goes along',
      'equipment_assignments.event_id: goes along',
      'event_dates.event_id: goes along',
      'event_dates.opportunity_id: goes along',
      'event_staff_assignments.event_date_id: goes along',
      // What was offered, invoiced and paid keeps whom and what it was for.
      'invoices.event_id: holds',
      'opportunities.account_id: holds',
      'payments.refund_of_id: holds',
      'quotes.account_id: holds',
    ],
  );
});

test('every table has the common columns, tenant_id from the context', () =>
  none(`select t.oid::regclass || '.' || wanted.name as offender
    from (${BUSINESS_TABLES}) t cross join (values
      ('tenant_id', 'uuid', true), ('id', 'uuid', true), ('created_at', 'timestamptz', true),
      ('updated_at', 'timestamptz', true), ('created_by', 'uuid', false), ('updated_by', 'uuid', false),
      ('version', 'int4', true)) as wanted (name, type, required)
    where not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = wanted.name
      and a.atttypid = wanted.type::regtype and a.attnotnull = wanted.required
      and (wanted.name <> 'tenant_id' or (select pg_get_expr(adbin, adrelid) from pg_attrdef
        where adrelid = t.oid and adnum = a.attnum) = 'tenancy.current_tenant()'))`));

test('the primary key is (tenant_id, id), and the replica identity is the primary key', () =>
  none(`select t.oid::regclass::text as offender from (${BUSINESS_TABLES}) t join pg_class c on c.oid = t.oid
    where c.relreplident <> 'd' or not exists (select from pg_constraint k where k.conrelid = t.oid and contype = 'p'
      and pg_get_constraintdef(k.oid) = 'PRIMARY KEY (tenant_id, id)')`));

test('every unique, exclusion and foreign key begins with tenant_id', () =>
  none(`select conrelid::regclass || ': ' || conname as offender from pg_constraint
    where conrelid in (${BUSINESS_TABLES}) and contype in ('u', 'x', 'f')
      and (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) <> 'tenant_id'
    union all
    select indrelid::regclass || ': ' || indexrelid::regclass from pg_index
    where indrelid in (${BUSINESS_TABLES}) and (indisunique or indisexclusion)
      and (select attname from pg_attribute where attrelid = indrelid and attnum = indkey[0]) is distinct from 'tenant_id'`));

test('every foreign key points to the same tenant, can be deferred, and has an index', () =>
  none(`select conrelid::regclass || ': ' || conname as offender from pg_constraint k
    where conrelid in (${BUSINESS_TABLES}) and contype = 'f' and not (
      condeferrable and confkey[1] = (select attnum from pg_attribute where attrelid = confrelid and attname = 'tenant_id')
      and exists (select from pg_index i where i.indrelid = k.conrelid and i.indpred is null
        and i.indkey[0] = k.conkey[1] and i.indkey[1] = k.conkey[2]))`));

test('an optional key is emptied without emptying tenant_id', () =>
  none(`select conrelid::regclass || ': ' || conname as offender from pg_constraint
    where conrelid in (${BUSINESS_TABLES}) and contype = 'f' and confdeltype = 'n'
      and (confdelsetcols is null or conkey[1] = any (confdelsetcols))`));

test('every index begins with tenant_id', () =>
  none(`select indexrelid::regclass::text as offender from pg_index
    where indrelid in (${BUSINESS_TABLES})
      and (select attname from pg_attribute where attrelid = indrelid and attnum = indkey[0]) is distinct from 'tenant_id'`));

test('row-level security is on and forced, with policies for service, users and mover', () =>
  none(`select t.oid::regclass || ': ' || wanted.role || ' ' || wanted.command as offender
    from (${BUSINESS_TABLES}) t join pg_class c on c.oid = t.oid cross join (values
      ('tenant_service', '*'), ('tenant_mover', '*'), ('authenticated', 'r'), ('tenant_manager', 'r'))
      as wanted (role, command)
    where not (c.relrowsecurity and c.relforcerowsecurity) or not exists (select from pg_policy p
      where p.polrelid = t.oid and p.polcmd in ('*', wanted.command) and p.polpermissive
        and p.polroles = array[wanted.role::regrole::oid])`));

test('every policy but the mover’s and the search’s compares tenant_id, once a statement', () =>
  none(`select polrelid::regclass || ': ' || polname as offender from pg_policy
    where polrelid in (${BUSINESS_TABLES}) and polpermissive
      and polroles[1] not in ('tenant_mover'::regrole, 'tenant_search'::regrole)
      and coalesce(pg_get_expr(polqual, polrelid), 'false') || coalesce(pg_get_expr(polwithcheck, polrelid), '')
        !~ '^(false|\\(*tenant_id = \\( SELECT)'`));

/** A policy that names other rows: whatever table it reads besides its own columns, or its own table once more. */
const READS_ROWS = `(exists (select from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid <> p.polrelid)
  or concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~ '\\n *FROM ')`;

test('no policy reads a table, but those of staff: it would be planned with every look-up', () =>
  none(`select p.polrelid::regclass || ': ' || p.polname as offender from pg_policy p
    where ${READS_ROWS} and not p.polroles <@ array['tenant_staff'::regrole::oid, 'authenticated'::regrole::oid]`));

test('policies of staff do read tables, so the rule above looks at what it should', async () => {
  const { rows } = await owner.query(
    `select from pg_policy p where ${READS_ROWS} and p.polroles = array['tenant_staff'::regrole::oid]`,
  );
  assert.ok(rows.length > 5);
});

test('who sees everything has the tenant’s condition alone, except where rows are private to a user', () =>
  none(`select p.polrelid::regclass || ': ' || p.polname as offender from pg_policy p
    where p.polroles[1] in ('tenant_service'::regrole, 'tenant_manager'::regrole, 'tenant_viewer'::regrole)
      and p.polrelid::regclass::text <> all ('{saved_views,user_integrations,communications,notes}')
      and (p.polroles[1] <> 'tenant_viewer'::regrole
        or p.polrelid::regclass::text <> all ('{user_pay_rate_history,user_role_history}'))
      -- Their own shifts.
      and not (p.polroles[1] = 'tenant_viewer'::regrole and p.polcmd = 'w' and p.polrelid = 'event_staff_assignments'::regclass)
      and coalesce(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
        !~ '^\\(tenant_id = \\( SELECT tenancy\\.current_tenant\\([^()]*\\) AS current_tenant\\)\\)$'`));

// Two conditions would be joined by OR, which no index answers.
test('no role has two policies for one command on a table, of its own or through a group', () =>
  none(`select polrelid::regclass || ': ' || role.name || ' ' || command as offender
    from pg_policy p cross join unnest(${ROLES_IN_CONTEXT}) role (name) cross join unnest('{r,a,w,d}'::text[]) command
    where polpermissive and polcmd in ('*', command) and pg_has_role(role.name, polroles[1], 'usage')
    group by polrelid, role.name, command having count(*) > 1`));

test('no other role has privileges: not the public, and the mover’s policy is the mover’s alone', () =>
  none(`select c.oid::regclass || ': ' || privilege.grantee::regrole as offender
    from pg_class c cross join lateral aclexplode(c.relacl) privilege
    where c.oid in (${BUSINESS_TABLES}) and (privilege.grantee = 0 or privilege.grantee::regrole::text not in
      ('tenant_user', 'tenant_manager', 'tenant_service', 'tenant_mover', c.relowner::regrole::text))`));

test('columns of pay and cost are for managers, credentials for trusted code', () =>
  none(`select format('%s.%s: %s', tab, col, role) as offender
    from (values ('products', 'cost'), ('equipment_items', 'purchase_price'), ('event_custom_items', 'cost'),
      ('payments', 'fee'), ('event_staff_assignments', 'rate_snapshot'), ('staff_roles', 'default_rate'),
      ('user_integrations', 'credentials')) as hidden (tab, col)
    cross join (values ('tenant_sales'), ('tenant_staff'), ('tenant_viewer'), ('authenticated'), ('tenant_manager')) as r (role)
    where has_column_privilege(role, tab, col, 'select, insert, update')
      <> (role = 'tenant_manager' and tab <> 'user_integrations')`));

test('rows are stamped by triggers that keep still while a tenant is copied in', async () => {
  await none(`select t.oid::regclass || ': ' || wanted.name as offender
    from (${BUSINESS_TABLES}) t cross join (values ('stamp_new'), ('stamp_change')) as wanted (name)
    where not exists (select from pg_trigger g where g.tgrelid = t.oid and g.tgname = wanted.name)`);
  await none(`select tgrelid::regclass || ': ' || tgname as offender from pg_trigger
    where tgrelid in (${BUSINESS_TABLES}) and not tgisinternal
      and pg_get_triggerdef(oid) !~* 'NOT tenancy.copying\\(\\)'`);
});

test('every business table tells clients that listen of its rows, before its other triggers change more', () =>
  none(`select t.oid::regclass::text as offender from (${BUSINESS_TABLES}) t
    where (select g.tgfoid from pg_trigger g where g.tgrelid = t.oid and not g.tgisinternal
      and g.tgtype::int & 2 = 0 and g.tgtype::int & 1 = 1 order by g.tgname collate "C" limit 1)
      is distinct from 'tenancy.record_realtime_change()'::regprocedure`));

test('no business table counts with a sequence, which tenants would share', () =>
  none(`select oid::regclass::text as offender from pg_class
      where relkind = 'S' and relnamespace = 'public'::regnamespace
    union all
    select attrelid::regclass || '.' || attname from pg_attribute
      where attrelid in (${BUSINESS_TABLES}) and attnum > 0 and attidentity <> ''`));

test('users and trusted code can call four functions that run with their owner’s rights: is this seal right, what may be meant (by a search, in a list), a lock of one’s own', () =>
  none(`select p.oid::regprocedure || ': ' || role as offender from pg_proc p
    cross join unnest(${ROLES_IN_CONTEXT}) role
    where prosecdef and pronamespace in ('public'::regnamespace, 'tenancy'::regnamespace)
      and p.oid not in ('tenancy.is_sealed(text)'::regprocedure, 'tenancy.lock_own(text, boolean)'::regprocedure)
      and (p.oid not in ('tenancy.company_candidates(text[],text[],text,text,text,text)'::regprocedure,
          'tenancy.company_matches(text,text,text)'::regprocedure)
        or p.proowner <> 'tenant_search'::regrole)
      and has_function_privilege(role, p.oid, 'execute')`));

test('no role is a member of the role that reads every tenant’s search keys', () =>
  none(`select m.member::regrole::text as offender from pg_auth_members m join pg_roles r on r.oid = m.member
    where m.roleid = 'tenant_search'::regrole and r.rolname like 'router%'`));

// `leavesNothing` and `callsNoFunction` know this view; another one would change parameters unseen.
test('no relation that the public may write or that has a rule changes a parameter, but pg_settings', () =>
  none(`select c.oid::regclass::text as offender from pg_class c where c.oid <> 'pg_catalog.pg_settings'::regclass and (
    exists (select from aclexplode(c.relacl) a where a.grantee = 0 and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE'))
    or exists (select from pg_rewrite r where r.ev_class = c.oid and r.ev_type <> '1'))`));

test('functions with their owner’s rights resolve no name in the caller’s session', async () => {
  const { rows } = await owner.query<{ name: string; body: string }>(
    `select p.oid::regprocedure::text as name, p.prosrc as body from pg_proc p
     where prosecdef and pronamespace in ('public'::regnamespace, 'tenancy'::regnamespace) and proconfig is null order by 1`,
  );
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['tenancy.is_sealed(text)', 'tenancy.lock_for_claims(uuid,text)'],
  );
  // Without a search path of its own, each of its names must say its schema.
  const bodies = rows.map(({ body }) => body.replace(/--.*/g, '')).join('\n');
  const names = [...bodies.matchAll(/([\w.]+)\s*\(|router_key (\S+);/g)].map(([, f, type]) => f ?? type);
  assert.deepEqual(
    names.filter((name) => !/^(pg_catalog|tenancy|operator|exists|and)\b/i.test(name ?? '')),
    [],
  );
});

test('the public may call nothing, and a session that has entered may not enter again', () =>
  none(`select p.oid::regprocedure::text as offender from pg_proc p
      cross join lateral aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
      where pronamespace in ('public'::regnamespace, 'tenancy'::regnamespace) and a.grantee = 0
    union all
    select 'enter: ' || role from unnest(${ROLES_IN_CONTEXT}) role
    where has_function_privilege(role, 'tenancy.enter(uuid, bigint, text, text, boolean)', 'execute')`));

/** For every table: which roles add, change and delete rows, by hand, and which columns of them. */
async function whoWrites(): Promise<string> {
  const { rows } = await owner.query<{
    table: string;
    command: string;
    roles: string;
    columns: string[] | null;
  }>(`
    with role as (
      select *, case when position < 4 then 'tenant_manager' else 'tenant_user' end as member
      from unnest('{owner,admin,manager,sales,staff,viewer}'::text[]) with ordinality r (name, position)
    ), allowed as (
      select t.oid, c.command, c.position as step, role.name, role.position,
        case when c.command <> 'delete' then (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
          where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attname not in ('tenant_id', 'id')
            and has_column_privilege(role.member, t.oid, a.attnum, c.command)) end as columns
      from (${BUSINESS_TABLES}) t
      cross join unnest('{insert,update,delete}'::text[]) with ordinality c (command, position)
      join pg_policy p on p.polrelid = t.oid and p.polroles = array['authenticated'::regrole::oid]
        and p.polcmd in ('*', case c.command when 'insert' then 'a' when 'update' then 'w' else 'd' end)
      join role on role.name = any (substring(coalesce(pg_get_expr(p.polqual, t.oid), pg_get_expr(p.polwithcheck, t.oid))
        from 'current_tenant\\(''([^'']*)''')::text[])
        and (c.command <> 'delete' or has_table_privilege(role.member, t.oid, 'delete'))
    )
    select oid::regclass::text as "table", command, string_agg(name, ' ' order by position) as roles, columns
    from allowed where command = 'delete' or columns is not null
    group by oid, command, step, columns order by oid::regclass::text collate "C", step, min(position)`);
  const { rows: all } = await owner.query<{ table: string; columns: string[] }>(`
    select t.oid::regclass::text as "table", array_agg(a.attname::text order by a.attnum) as columns from (${BUSINESS_TABLES}) t
    join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attname not in ('tenant_id', 'id')
    group by t.oid order by t.oid::regclass::text collate "C"`);
  return all
    .map(({ table, columns }) => {
      const lines = rows.filter((row) => row.table === table);
      const written = new Set(lines.flatMap((line) => line.columns ?? []));
      const system = columns.filter((column) => !written.has(column));
      return [
        table,
        ...lines.map((line) =>
          [`  ${line.command} by ${line.roles}`, ...(line.columns ? [line.columns.join(' ')] : [])].join(
            ': ',
          ),
        ),
        `  system: ${system.join(' ')}`,
        '',
      ].join('\n');
    })
    .join('');
}

test('what each role may write by hand is what the list says: a new column needs a decision', async () => {
  const file = path.join(import.meta.dirname, 'writable-columns.txt');
  const listed = await readFile(file, 'utf8');
  const start = listed.indexOf('\n\n') + 2;
  const found = await whoWrites();
  if (process.env.UPDATE_WRITABLE_COLUMNS) await writeFile(file, listed.slice(0, start) + found);
  else
    assert.deepEqual(
      found.split('\n'),
      listed.slice(start).split('\n'),
      'decide who writes it (`tenancy.protect`, `system_columns`), then run this test with UPDATE_WRITABLE_COLUMNS=1',
    );
});

test('users may write columns only that they were given one by one', () =>
  none(`select c.oid::regclass || ': ' || privilege.grantee::regrole || ' ' || privilege.privilege_type as offender
    from pg_class c cross join lateral aclexplode(c.relacl) privilege
    where c.oid in (${BUSINESS_TABLES}) and privilege.grantee in (select r::regrole from unnest(${USER_ROLES}) r)
      and privilege.privilege_type not in ('SELECT', 'DELETE')`));

test('the owner may act in the tenant whose foreign keys delete or change rows, and no other role by that policy', () =>
  none(`select c.oid::regclass as offender from pg_class c
    join pg_policy p on p.polrelid = c.oid and p.polname = 'tenant_service'
    where c.relforcerowsecurity and not exists (select from pg_policy o where o.polrelid = c.oid and o.polname = 'table_owner'
      and o.polroles = array[c.relowner] and pg_get_expr(o.polqual, o.polrelid) ~ 'tenant_of_cascade')
    union all
    select p.polrelid::regclass from pg_policy p join pg_class c on c.oid = p.polrelid
    where pg_get_expr(p.polqual, p.polrelid) ~ 'tenant_of_cascade' and p.polroles <> array[c.relowner]`));

test('only the mover, and the search with its keys, see rows of every tenant, in whatever schema they are', () =>
  none(`select p.polrelid::regclass || ': ' || p.polname as offender from pg_policy p
    join pg_attribute a on a.attrelid = p.polrelid and a.attname = 'tenant_id' and not a.attisdropped
    where p.polpermissive and p.polroles <> array['tenant_mover'::regrole::oid] and p.polroles <> array['tenant_search'::regrole::oid]
      and exists (select from unnest(array[pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)]) e
        where e is not null and e !~ '^(false|\\(*tenant_id = \\( SELECT tenancy\\.(current_tenant|tenant_of_cascade)\\()')
    union all
    select c.oid::regclass || ': no row-level security' from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    cross join unnest(${ROLES_IN_CONTEXT}) r (name)
    where c.relkind in ('r', 'p') and n.nspname in ('public', 'tenancy') and not (c.relrowsecurity and c.relforcerowsecurity)
      and has_table_privilege(r.name, c.oid, 'select, insert, update, delete')`));
