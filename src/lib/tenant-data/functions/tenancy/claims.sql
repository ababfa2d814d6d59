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
  to tenant_user, tenant_mover, tenant_search, tenant_service;

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
  to tenant_user, tenant_mover, tenant_search, tenant_service;

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
  to tenant_user, tenant_mover, tenant_search, tenant_service;

-- The tenant in claims whose seal is checked; of a Supabase project's users it stands in `app_metadata`, which only the project's
-- service key can set. The service key itself is every tenant's and bypasses policies: Marquee names the tenant in a header, for
-- defaults and triggers.
create or replace function tenancy.sealed_tenant() returns uuid
  language plpgsql stable parallel safe
as $$
begin
  return case
    when tenancy.is_sealed(pg_catalog.current_setting('request.jwt.claims', true))
      then coalesce(nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'tenant_id',
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json -> 'app_metadata' ->> 'tenant_id',
        case when nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'role' = 'service_role'
          then nullif(pg_catalog.current_setting('request.headers', true), '')::json ->> 'x-marquee-tenant' end,
        tenancy.raise_no_tenant())
    when nullif(pg_catalog.current_setting('request.jwt.claims', true), '') is null then tenancy.raise_no_tenant()
    else tenancy.raise_unsealed()
  end::uuid;
end
$$;
revoke execute on function tenancy.sealed_tenant() from public;
grant execute on function tenancy.sealed_tenant() to tenant_user, tenant_mover, tenant_search, tenant_service;

-- The tenant in the claims. Every policy asks, so the seal is not checked where the claims cannot have changed since `enter`. The
-- router says so with the text that it sends (CLAIMS_KEPT in claims-kept.ts), and lets no one else send it. PL/pgSQL, since an SQL
-- function that calls the volatile current_query is not inlined and would be planned anew in each statement. PL/pgSQL prepares an
-- expression anew in each transaction, so the two here are as short as they can be.
create or replace function tenancy.current_tenant() returns uuid
  language plpgsql stable parallel safe
as $$
begin
  if pg_catalog.starts_with(pg_catalog.current_query(), '/* marquee */ ') then
    return coalesce(pg_catalog.current_setting('request.jwt.claims', true)::json ->> 'tenant_id', tenancy.raise_no_tenant())::uuid;
  end if;
  return tenancy.sealed_tenant();
end
$$;
revoke execute on function tenancy.current_tenant() from public;
grant execute on function tenancy.current_tenant() to tenant_user, tenant_mover, tenant_search, tenant_service;

-- owner, admin, manager, sales, staff or viewer; null for trusted server code.
create or replace function tenancy.current_user_role() returns text
  language sql stable parallel safe
  return coalesce(
    nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'user_role',
    nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json -> 'app_metadata' ->> 'user_role');
revoke execute on function tenancy.current_user_role() from public;
grant execute on function tenancy.current_user_role()
  to tenant_user, tenant_mover, tenant_search, tenant_service;

-- The tenant in the claims if the user has one of these roles, else null, which equals no row's tenant. Policies compare
-- `tenant_id` with it: a condition on the role beside the comparison would be estimated and tested row by row.
create or replace function tenancy.current_tenant(user_roles text[]) returns uuid
  language sql stable parallel safe
  return case
    when coalesce(tenancy.current_user_role(), tenancy.raise_no_tenant()) = any (user_roles)
      then tenancy.current_tenant()
  end;
revoke execute on function tenancy.current_tenant(text[]) from public;
grant execute on function tenancy.current_tenant(text[])
  to tenant_user, tenant_mover, tenant_search, tenant_service;

-- The user in the claims; null for trusted server code.
create or replace function tenancy.current_user_id() returns uuid
  language sql stable parallel safe
  return (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid;
revoke execute on function tenancy.current_user_id() from public;
grant execute on function tenancy.current_user_id()
  to tenant_user, tenant_mover, tenant_search, tenant_service;
