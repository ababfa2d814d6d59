-- Grants a router's login what it needs: to enter tenants, and to become their roles. The login must be NOINHERIT. Where the
-- migrating role may not grant the roles, provisioning has granted them already.
create or replace function tenancy.admit_router(login name) returns void
  language plpgsql volatile
as $$
declare
  membership text;
begin
  if not pg_catalog.has_database_privilege(login, pg_catalog.current_database(), 'connect') then
    execute format('grant connect on database %I to %I', pg_catalog.current_database(), login);
  end if;
  execute format('grant usage on schema tenancy to %I', login);
  execute format('grant select on tenancy.fence to %I', login);
  execute format('grant execute on function tenancy.enter(uuid, bigint, text, text, boolean), tenancy.refuse_route(uuid, bigint), '
    'tenancy.enter_shadow_read(uuid, text, text), tenancy.refuse_isolation(), tenancy.lock_for_claims(uuid, text), tenancy.mark(uuid, uuid), tenancy.expect_replayed(pg_lsn), tenancy.role_of(text) to %I', login);
  foreach membership in array array['tenant_service', 'tenant_manager', 'tenant_sales', 'tenant_staff', 'tenant_viewer', 'authenticated'] loop
    if not pg_catalog.pg_has_role(login, membership, 'member') then
      execute format('grant %I to %I', membership, login);
    end if;
  end loop;
end
$$;
revoke execute on function tenancy.admit_router(name) from public;
