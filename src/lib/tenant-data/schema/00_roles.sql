-- The roles that act in a tenant data database, its schemas and extensions.

-- Roles belong to the server, not to the database. Provisioning makes them; this makes them where it was not used.
--   tenant_service  trusted server code that acts for one tenant
--   tenant_manager, tenant_sales, tenant_staff, tenant_viewer
--                   a tenant's users, one role for each kind whose rights differ in rows or columns: owner, admin and manager are
--                   tenant_manager. Each has policies of its own, so that none tests a condition that is another's
--   authenticated   users of a Supabase project, whose PostgREST takes the role from the token; policies ask the claims who it is
--   tenant_user     what all users may: privileges, no permissive policy. The five above are its members
--   tenant_search   reads what is searched, of every tenant; no login becomes it
--   tenant_mover    moves and backs tenants up: reads and writes rows of every tenant
do $roles$
declare
  wanted text;
begin
  -- Two databases of one server may be migrated at once: the role may appear in between.
  foreach wanted in array array['tenant_service', 'tenant_manager', 'tenant_sales', 'tenant_staff', 'tenant_viewer', 'authenticated',
      'tenant_user', 'tenant_search', 'tenant_mover'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
  foreach wanted in array array['tenant_manager', 'tenant_sales', 'tenant_staff', 'tenant_viewer', 'authenticated'] loop
    if not pg_catalog.pg_has_role(wanted, 'tenant_user', 'usage') then
      begin
        execute format('grant tenant_user to %I', wanted);
      exception when unique_violation then
        null;
      end;
    end if;
  end loop;
end
$roles$;

create schema if not exists tenancy;
revoke all on schema tenancy from public;

-- Extensions have a schema of their own, so that their functions do not become procedures of the API. Where a database has them
-- in another schema already, they stay there.
create schema if not exists extensions;
create extension if not exists btree_gist with schema extensions;
create extension if not exists btree_gin with schema extensions;
create extension if not exists pg_trgm with schema extensions;

grant usage on schema public, extensions, tenancy
  to tenant_user, tenant_service, tenant_search, tenant_mover;

-- For the files that follow in this transaction: indexes name an operator class of pg_trgm.
select set_config('search_path', 'public, ' || extnamespace::regnamespace, true) from pg_extension where extname = 'pg_trgm';
