// Whether the database really keeps tenants apart. A row of one tenant is planted, and every role is tried for another one, in a
// transaction that is rolled back: what a catalog says about policies is not what they do.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Message } from '@/lib/failures';
import { sealClaims } from '@/lib/tenant-data';
import { type ConnectionCheck, failed, passed, warning } from './check';
import { sayPart } from './words';

const ROLES: [role: string, userRole?: string][] = [
  ['tenant_service'],
  ['tenant_manager', 'owner'],
  ['tenant_sales', 'sales'],
  ['tenant_staff', 'staff'],
  ['tenant_viewer', 'viewer'],
  ['authenticated', 'owner'],
];

/** Tables of tenants without policies in force, with a policy that asks for no tenant, that a crash empties, or without their triggers. */
const TABLES = `
  select t.oid::regclass::text as name, not (t.relrowsecurity and t.relforcerowsecurity) as open, t.relpersistence = 'u' as unlogged,
    exists (select from pg_trigger g where g.tgrelid = t.oid and g.tgenabled in ('D', 'R')) as untriggered,
    array(select p.polname::text from pg_policy p
      where p.polrelid = t.oid and p.polpermissive
        and (p.polroles = '{0}' or exists (select from pg_roles r where r.oid = any (p.polroles) and r.rolname = any ($1)))
        and coalesce(pg_get_expr(p.polqual, p.polrelid), '') || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') !~ 'current_tenant'
    ) as permissive
  from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id' and not a.attisdropped
  where t.relnamespace = to_regnamespace('public') and t.relkind in ('r', 'p')
    and exists (select from pg_roles r where r.rolname = any ($1) and has_table_privilege(r.oid, t.oid, 'select, insert, update, delete'))
  order by 1`;

interface Table {
  name: string;
  open: boolean;
  unlogged: boolean;
  untriggered: boolean;
  permissive: string[];
}

/**
 * @param client the router's, which becomes these roles
 * @param sealKey of the router's URL
 */
export async function isolationChecks(
  client: pg.Client,
  sealKey: Buffer | undefined,
): Promise<ConnectionCheck[]> {
  await client.query('begin isolation level read committed read write');
  try {
    await client.query("set local statement_timeout = '10s'; set local lock_timeout = '2s'");
    const { rows: tables } = await client.query<Table>(TABLES, [ROLES.map(([role]) => role)]);
    const seen = await plant(client, sealKey);
    return [isolation(tables, seen), ...lasting(tables)];
  } finally {
    await client.query('rollback');
  }
}

function isolation(tables: readonly Table[], seen: Message[]): ConnectionCheck {
  const open = tables.filter((table) => table.open).map(({ name }) => name);
  const policies = tables.flatMap(({ name, permissive }) =>
    permissive.map((policy) => `${policy} on ${name}`),
  );
  const found = [
    ...seen,
    ...(open.length > 0 ? [sayPart('not_in_force', { tables: open.join(', ') })] : []),
    ...(policies.length > 0 ? [sayPart('no_tenant_asked', { policies: policies.join(', ') })] : []),
  ];
  if (found.length === 0) return passed('isolation', 'isolated');
  return failed('isolation', 'data_source_isolation_broken', 'not_isolated', 'not_isolated', { found });
}

function lasting(tables: readonly Table[]): ConnectionCheck[] {
  const named = (those: (table: Table) => boolean) =>
    tables
      .filter(those)
      .map(({ name }) => name)
      .join(', ');
  const unlogged = named((table) => table.unlogged);
  const untriggered = named((table) => table.untriggered);
  return [
    ...(unlogged
      ? [failed('durability', 'data_source_not_durable', 'unlogged', 'unlogged', { tables: unlogged })]
      : []),
    ...(untriggered
      ? [
          warning('schema', 'triggers_disabled', 'triggers_disabled', 'triggers_disabled', {
            tables: untriggered,
          }),
        ]
      : []),
  ];
}

/** @returns what another tenant could do */
async function plant(client: pg.Client, sealKey: Buffer | undefined): Promise<Message[]> {
  const [ours, theirs] = [randomUUID(), randomUUID()];
  const enter = async (tenant: string, role: string, userRole?: string) => {
    const user = userRole ? `,"sub":"${randomUUID()}","user_role":"${userRole}"` : '';
    const claims = sealClaims(`{"role":"${role}","tenant_id":"${tenant}"${user}}`, sealKey);
    await client.query('set local role none');
    await client.query("select set_config('request.jwt.claims', $1, true)", [claims]);
    await client.query(`set local role ${pg.escapeIdentifier(role)}`);
  };
  await enter(ours, 'tenant_service');
  const { rows } = await client.query<{ id: string }>(
    "insert into public.accounts (name) values ('Connection test') returning id",
  );
  const id = rows[0]?.id;
  const own = await client.query('select from public.accounts where id = $1', [id]);
  const found = own.rowCount === 1 ? [] : [sayPart('own_rows_hidden')];
  for (const [role, userRole] of ROLES) {
    await enter(theirs, role, userRole);
    const may = async (text: string, values: unknown[]) => (await attempt(client, text, values)) > 0;
    if (await may('select from public.accounts where id = $1', [id]))
      found.push(sayPart('sees_rows', { role }));
    if (await may('update public.accounts set name = name where id = $1', [id])) {
      found.push(sayPart('changes_rows', { role }));
    }
    if (await may('delete from public.accounts where id = $1', [id]))
      found.push(sayPart('deletes_rows', { role }));
    if (await may("insert into public.accounts (tenant_id, name) values ($1, 'Planted')", [ours])) {
      found.push(sayPart('plants_rows', { role }));
    }
  }
  await client.query('set local role none');
  return found;
}

/** Rows that a statement touched; none where it was refused. Undone in any case. */
async function attempt(client: pg.Client, text: string, values: unknown[]): Promise<number> {
  await client.query('savepoint attempt');
  try {
    return (await client.query(text, values)).rowCount ?? 0;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return 0;
  } finally {
    await client.query('rollback to savepoint attempt');
  }
}
