-- The fence for requests that come through PostgREST, as a Supabase project's do: PostgREST calls this before each
-- (`pgrst.db_pre_request`), in the request's own transaction. The router names the tenant and its route's epoch in headers; a
-- tenant in the claims takes precedence. Clients of the project itself send no epoch: they are refused while the fence is
-- closed. With the owner's rights, because only the owner reads the fence; so every name is qualified.
create or replace function tenancy.admit_request() returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  headers json := nullif(pg_catalog.current_setting('request.headers', true), '')::json;
  claims json := nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json;
  tenant uuid := coalesce(claims ->> 'tenant_id', claims -> 'app_metadata' ->> 'tenant_id', headers ->> 'x-marquee-tenant')::uuid;
  epoch bigint := (headers ->> 'x-marquee-epoch')::bigint;
  fence tenancy.fence;
begin
  if tenant is null then
    return;
  end if;
  -- At another isolation level the snapshot is older than the lock.
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'Requests of tenants run at isolation level read committed, not at %.', pg_catalog.current_setting('transaction_isolation')
      using errcode = '25000', hint = 'Reset default_transaction_isolation of the role and of the database.';
  end if;
  perform pg_catalog.pg_advisory_xact_lock_shared(tenancy.lock_key(tenant));
  select * into fence from tenancy.fence f where f.tenant_id = tenant;
  if fence.state = 'open' and (epoch is null or fence.epoch = epoch) or fence.tenant_id is null and epoch is null then
    return;
  end if;
  perform tenancy.refuse_route(tenant, epoch);
end
$$;
revoke execute on function tenancy.admit_request() from public;

-- Makes PostgREST call admit_request. Returns false where the login has another function that runs before requests: that one
-- must call `tenancy.admit_request()`.
create or replace function tenancy.fence_requests(login name) returns boolean
  language plpgsql volatile
as $$
declare
  requester name;
  configured text;
begin
  select split_part(setting, '=', 2) into configured
    from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) setting
    where s.setrole = login::regrole and setting like 'pgrst.db_pre_request=%' and split_part(setting, '=', 2) <> ''
    order by s.setdatabase desc limit 1;
  for requester in select rolname from pg_catalog.pg_roles
    where rolname in ('anon', 'service_role', 'authenticated', 'tenant_service') loop
    execute format('grant usage on schema tenancy to %I', requester);
    execute format('grant execute on function tenancy.admit_request() to %I', requester);
  end loop;
  if configured is not null and configured <> 'tenancy.admit_request' then
    return false;
  end if;
  execute format('alter role %I set pgrst.db_pre_request = %L', login, 'tenancy.admit_request');
  notify pgrst, 'reload config';
  return true;
end
$$;
revoke execute on function tenancy.fence_requests(name) from public;
