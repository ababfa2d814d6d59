create or replace function tenancy.raise_no_tenant() returns text
  language plpgsql stable
as $$
begin
  raise exception 'No tenant: this statement carries no claim tenant_id.'
    using errcode = 'MQ002', hint = 'Enter the tenant first (tenancy.enter), or sign in.';
end
$$;
revoke execute on function tenancy.raise_no_tenant() from public;
grant execute on function tenancy.raise_no_tenant()
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;

create or replace function tenancy.raise_unsealed() returns text
  language plpgsql stable
as $$
begin
  raise exception 'These claims were not made by the router that signed in here.'
    using errcode = 'MQ005', hint = 'Leave the role and request.jwt.claims as withTenantTransaction has set them.';
end
$$;
revoke execute on function tenancy.raise_unsealed() from public;
grant execute on function tenancy.raise_unsealed()
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;

-- Whether claims carry the seal of the login's key. With the owner's rights, because no other role may read a key. Every name
-- is qualified: in the caller's session a temporary type could stand in for an unqualified one, and would run with the owner's
-- rights.
create or replace function tenancy.is_sealed(claims text) returns boolean
  language plpgsql stable parallel safe security definer
as $$
declare
  router_key pg_catalog.bytea;
begin
  select r.key into router_key from tenancy.router_keys r where r.login operator(pg_catalog.=) session_user;
  if router_key is null then
    return true;
  end if;
  return pg_catalog.texteq(
    pg_catalog.left(pg_catalog.right(claims, 66), 64),
    pg_catalog.encode(pg_catalog.sha256(pg_catalog.byteacat(router_key,
      pg_catalog.sha256(pg_catalog.byteacat(router_key, pg_catalog.convert_to(pg_catalog.left(claims, -66), 'UTF8'))))), 'hex'));
end
$$;
revoke execute on function tenancy.is_sealed(text) from public;
grant execute on function tenancy.is_sealed(text)
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;

-- The tenant in the claims. A SQL function of one expression, which PostgreSQL inlines.
create or replace function tenancy.current_tenant() returns uuid
  language sql stable parallel safe
  return case
    when tenancy.is_sealed(pg_catalog.current_setting('request.jwt.claims', true))
      then coalesce(nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'tenant_id',
        tenancy.raise_no_tenant())
    when nullif(pg_catalog.current_setting('request.jwt.claims', true), '') is null then tenancy.raise_no_tenant()
    else tenancy.raise_unsealed()
  end::uuid;
revoke execute on function tenancy.current_tenant() from public;
grant execute on function tenancy.current_tenant()
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;

-- The tenant in the claims if the user has one of these roles, else null, which equals no row's tenant. Policies compare
-- `tenant_id` with it: a condition on the role beside the comparison would be estimated and tested row by row.
create or replace function tenancy.current_tenant(user_roles text[]) returns uuid
  language sql stable parallel safe
  return case
    when coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'user_role',
        tenancy.raise_no_tenant()) = any (user_roles)
      then tenancy.current_tenant()
  end;
revoke execute on function tenancy.current_tenant(text[]) from public;
grant execute on function tenancy.current_tenant(text[])
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;

-- The user in the claims; null for trusted server code.
create or replace function tenancy.current_user_id() returns uuid
  language sql stable parallel safe
  return (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid;
revoke execute on function tenancy.current_user_id() from public;
grant execute on function tenancy.current_user_id()
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;

-- owner, admin, manager, sales, staff or viewer; null for trusted server code.
create or replace function tenancy.current_user_role() returns text
  language sql stable parallel safe
  return nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'user_role';
revoke execute on function tenancy.current_user_role() from public;
grant execute on function tenancy.current_user_role()
  to authenticated, authenticated_manager, tenant_mover, tenant_search, tenant_service;
