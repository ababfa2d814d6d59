-- The isolation level is asked for where the fence is read anyway: `enter` runs before every statement of a tenant.

create or replace function tenancy.enter(tenant uuid, epoch bigint, role text, claims text, read_only boolean) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  current bigint;
  ignored text;
begin
  -- The lock comes first, so that the fence is read in a snapshot younger than the fence's last change. Assignments
  -- and not PERFORM wherever possible: plpgsql evaluates them without the executor.
  ignored := pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.uuid_hash_extended(tenant, 7302461));
  select case when f.state = 'open' and pg_catalog.current_setting('transaction_isolation') = 'read committed' then f.epoch end
    into current from tenancy.fence f where f.tenant_id = tenant;
  if current is distinct from epoch then
    perform tenancy.refuse_route(tenant, epoch);
  end if;
  ignored := pg_catalog.set_config('request.jwt.claims', claims, true);
  if role = 'tenant_service' then
    ignored := pg_catalog.set_config('role', 'tenant_service', true);
  elsif role = 'authenticated' then
    -- Columns of pay and cost are granted to authenticated_manager only.
    ignored := pg_catalog.set_config('role',
      case when (claims::json ->> 'user_role') in ('owner', 'admin', 'manager') then 'authenticated_manager'
           else 'authenticated' end, true);
  else
    raise exception 'Nobody enters as %.', role using errcode = 'MQ003';
  end if;
  if read_only then
    ignored := pg_catalog.set_config('transaction_read_only', 'on', true);
  end if;
end
$$;

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
    raise exception 'This tenant does not live in this database.'
      using errcode = 'MQ001', detail = 'no fence', hint = 'Read the route again.';
  elsif fence.state = 'closed' then
    raise exception 'This tenant''s data are closed here: %.', coalesce(fence.reason, 'no reason given')
      using errcode = 'MQ001', detail = format('closed at epoch %s', fence.epoch), hint = 'Read the route again.';
  end if;
  raise exception 'The route is of epoch %, the tenant''s data are at epoch %.', epoch, fence.epoch
    using errcode = 'MQ001', detail = 'stale epoch', hint = 'Read the route again.';
end
$$;
