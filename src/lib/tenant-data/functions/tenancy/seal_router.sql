-- Sets the key of a router's login.
create or replace function tenancy.seal_router(router name, router_key bytea) returns void
  language sql volatile
begin atomic
  insert into tenancy.router_keys (login, key) values (router, router_key)
    on conflict (login) do update set key = excluded.key;
end;
revoke execute on function tenancy.seal_router(name, bytea) from public;
