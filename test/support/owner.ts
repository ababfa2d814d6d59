// Who owns tenant data databases in tests: no superuser, only CREATEROLE, as on RDS, on Supabase or on a customer's server.
import pg from 'pg';

const OWNER = 'test_owner';
const PASSWORD = 'owner';
const GROUPS = [
  'tenant_service',
  'tenant_manager',
  'tenant_sales',
  'tenant_staff',
  'tenant_viewer',
  'authenticated',
  'tenant_user',
  'tenant_search',
  'tenant_mover',
];

/**
 * Gives a database to the owner, who is made where it is not there.
 *
 * @param url a superuser's
 * @returns the owner's URL
 */
export async function giveToOwner(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `do $$ begin
         create role ${OWNER} login createrole password '${PASSWORD}';
       exception when duplicate_object or unique_violation then null; end $$;
       do $$ begin
         execute format('alter database %I owner to ${OWNER}', current_database());
       end $$`,
    );
    // Where a superuser made the group roles of this server, its administrator has been given them.
    const { rows } = await client.query<{ name: string }>(
      `select rolname as name from pg_roles where rolname = any ($1) and current_setting('server_version_num')::int >= 160000
         and not pg_has_role('${OWNER}', oid, 'member with admin option')`,
      [GROUPS],
    );
    for (const { name } of rows)
      await client.query(`grant ${name} to ${OWNER} with admin option, inherit false, set false`);
  } finally {
    await client.end();
  }
  const owned = new URL(url);
  owned.username = OWNER;
  owned.password = PASSWORD;
  return owned.toString();
}
