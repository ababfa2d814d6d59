-- Enters a tenant for one transaction: takes the tenant's shared lock, compares the route's epoch with the fence, sets role and
-- claims. Runs before every statement of a tenant, so it does little: the isolation level is compared where the fence is read
-- anyway, and an error is worked out in `refuse_route`.
create or replace function tenancy.enter(tenant uuid, epoch bigint, role text, claims text, read_only boolean) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  current bigint;
  ignored text;
begin
  -- Locks first, so that the fence is read in a snapshot younger than its last change. Assignments instead of PERFORM:
  -- plpgsql evaluates them without the executor.
  ignored := tenancy.lock_for_claims(tenant, claims);
  select case when f.state = 'open' and pg_catalog.current_setting('transaction_isolation') = 'read committed' then f.epoch end
    into current from tenancy.fence f where f.tenant_id = tenant;
  if current is distinct from epoch then
    perform tenancy.refuse_route(tenant, epoch);
  end if;
  ignored := pg_catalog.set_config('request.jwt.claims', claims, true);
  if role = 'tenant_service' then
    ignored := pg_catalog.set_config('role', 'tenant_service', true);
  elsif role = 'authenticated' then
    ignored := pg_catalog.set_config('role', tenancy.role_of(claims), true);
  else
    raise exception 'A tenant cannot be entered as %.', role using errcode = 'MQ003';
  end if;
  if read_only then
    ignored := pg_catalog.set_config('transaction_read_only', 'on', true);
  end if;
end
$$;
revoke execute on function tenancy.enter(uuid, bigint, text, text, boolean) from public;

-- The role of a user with these claims. Policies of `authenticated` give one with an unknown role nothing.
create or replace function tenancy.role_of(claims text) returns text
  language sql immutable
  return case claims::json ->> 'user_role'
    when 'owner' then 'tenant_manager' when 'admin' then 'tenant_manager' when 'manager' then 'tenant_manager'
    when 'sales' then 'tenant_sales' when 'staff' then 'tenant_staff' when 'viewer' then 'tenant_viewer'
    else 'authenticated' end;
revoke execute on function tenancy.role_of(text) from public;

-- Takes the tenant's shared lock for `enter`, only for claims that the router has sealed for this tenant. With the owner's
-- rights, because the router may not lock; every name is qualified, as in is_sealed.
create or replace function tenancy.lock_for_claims(tenant uuid, claims text) returns void
  language plpgsql volatile security definer
as $$
declare
  ignored pg_catalog.text;
begin
  -- The router sends this text itself and lets no one else send it (ENTER in session-cleaning.ts), so the seal need not be
  -- checked: that would take 4 µs.
  if pg_catalog.current_query() operator(pg_catalog.<>) 'select tenancy.enter($1, $2, $3, $4, $5)' then
    if exists (select from tenancy.router_keys r where r.login operator(pg_catalog.=) session_user)
      and (claims::pg_catalog.json operator(pg_catalog.->>) 'tenant_id' operator(pg_catalog.<>) tenant::pg_catalog.text
        or not tenancy.is_sealed(claims)) then
      perform tenancy.raise_unsealed();
    end if;
  end if;
  ignored := pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.uuid_hash_extended(tenant, 7302461));
end
$$;
revoke execute on function tenancy.lock_for_claims(uuid, text) from public;

create or replace function tenancy.refuse_route(tenant uuid, epoch bigint) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  fence tenancy.fence;
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    perform tenancy.refuse_isolation();
  end if;
  select * into fence from tenancy.fence f where f.tenant_id = tenant;
  if fence.tenant_id is null then
    raise exception 'This tenant is not in this database.'
      using errcode = 'MQ001', detail = 'no fence', hint = 'Read the route again.';
  elsif fence.state = 'closed' then
    raise exception 'The fence of this tenant is closed: %.', coalesce(fence.reason, 'no reason given')
      using errcode = 'MQ001', detail = format('closed at epoch %s', fence.epoch), hint = 'Read the route again.';
  end if;
  raise exception 'The route has epoch %, the fence of the tenant has epoch %.', epoch, fence.epoch
    using errcode = 'MQ001', detail = 'stale epoch', hint = 'Read the route again.';
end
$$;
revoke execute on function tenancy.refuse_route(uuid, bigint) from public;

-- A fence is read and changed after taking the tenant's lock, and what was committed before must then be visible. At other
-- isolation levels the snapshot may be older than the lock.
create or replace function tenancy.refuse_isolation() returns void
  language plpgsql
as $$
begin
  raise exception 'Tenants are entered and fences changed at isolation level read committed; this transaction is at %.',
      pg_catalog.current_setting('transaction_isolation')
    using errcode = 'MQ030',
      hint = 'Begin with “begin isolation level read committed”: default_transaction_isolation has another value here.';
end
$$;
revoke execute on function tenancy.refuse_isolation() from public;
grant execute on function tenancy.refuse_isolation()
  to tenant_mover;
