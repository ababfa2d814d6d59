-- An advisory lock of the tenant until the transaction ends. Keys of two numbers cannot collide with those of fences, which are
-- one number.
create or replace function tenancy.lock_own(what text, shared boolean default false) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  tenant constant pg_catalog.int4 := pg_catalog.hashtext(tenancy.current_tenant()::pg_catalog.text);
begin
  if shared then
    perform pg_catalog.pg_advisory_xact_lock_shared(tenant, pg_catalog.hashtext(what));
  else
    perform pg_catalog.pg_advisory_xact_lock(tenant, pg_catalog.hashtext(what));
  end if;
end
$$;
select tenancy.grant_internals('tenancy.lock_own(text, boolean)');
