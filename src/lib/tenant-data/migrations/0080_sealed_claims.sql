-- A tenant's context cannot be changed from inside it. Whoever runs SQL in one tenant's context could set other claims, or
-- leave the role and enter anew; so a router's claims carry a seal, made with a key that only the router's process and
-- this table know. They end in `,"seal":"<64 hex digits>"}`: SHA-256 of key and (SHA-256 of key and what comes before).

-- A login without a row here (the owner, the mover, PostgREST's on Supabase) needs no seal.
create table tenancy.router_keys (
  login name primary key,
  key bytea not null check (pg_catalog.octet_length(key) = 32)
);

-- With the owner's rights, because nobody else may read a key. Every name is qualified: in the caller's session a
-- temporary type could stand in for an unqualified one, and would run with the owner's rights.
create function tenancy.is_sealed(claims text) returns boolean
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

create function tenancy.raise_unsealed() returns text
  language plpgsql stable
as $$
begin
  raise exception 'These claims were not made by the router that signed in here.'
    using errcode = 'MQ005', hint = 'Leave the role and request.jwt.claims as withTenantTransaction has set them.';
end
$$;

create or replace function tenancy.current_tenant() returns uuid
  language sql stable parallel safe
  return case
    when tenancy.is_sealed(pg_catalog.current_setting('request.jwt.claims', true))
      then coalesce(nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'tenant_id',
        tenancy.raise_no_tenant())
    when nullif(pg_catalog.current_setting('request.jwt.claims', true), '') is null then tenancy.raise_no_tenant()
    else tenancy.raise_unsealed()
  end::uuid;

create or replace function tenancy.current_tenant(user_roles text[]) returns uuid
  language sql stable parallel safe
  return case
    when coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'user_role',
        tenancy.raise_no_tenant()) = any (user_roles)
      then tenancy.current_tenant()
  end;

-- Gives a router's login its key, or a new one.
create function tenancy.seal_router(router name, router_key bytea) returns void
  language sql volatile
begin atomic
  insert into tenancy.router_keys (login, key) values (router, router_key)
    on conflict (login) do update set key = excluded.key;
end;

revoke execute on function tenancy.is_sealed(text), tenancy.raise_unsealed(), tenancy.seal_router(name, bytea) from public;
grant execute on function tenancy.is_sealed(text), tenancy.raise_unsealed()
  to authenticated, authenticated_manager, tenant_service, tenant_search, tenant_mover;
