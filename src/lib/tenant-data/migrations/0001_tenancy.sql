-- Who may speak for a tenant here, and until when: roles, the fence, the context of a transaction.

-- Roles belong to the server, not to the database. Provisioning makes them; this is for a database without provisioning.
do $roles$
declare
  wanted text;
begin
  -- Two databases of one server may be migrated at once: the loser of the race finds the role made.
  foreach wanted in array array['authenticated', 'tenant_service', 'authenticated_manager', 'tenant_search', 'tenant_mover'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
  if not pg_catalog.pg_has_role('authenticated_manager', 'authenticated', 'usage') then
    begin
      grant authenticated to authenticated_manager;
    exception when unique_violation then
      null;
    end;
  end if;
end
$roles$;

create schema if not exists tenancy;
revoke all on schema tenancy from public;
grant usage on schema tenancy to authenticated, tenant_service, authenticated_manager, tenant_search, tenant_mover;

-- One row a tenant that lives here. `epoch` grows with every move: a router that knows an older one is turned away.
create table tenancy.fence (
  tenant_id uuid primary key,
  epoch bigint not null,
  state text not null check (state in ('open', 'closed')),
  reason text,
  changed_at timestamptz not null default now()
);
grant select, insert, update, delete on tenancy.fence to tenant_mover;

-- The advisory key of a tenant: shared by every statement of the tenant, exclusive while the fence changes.
create function tenancy.lock_key(tenant uuid) returns bigint
  language sql immutable strict parallel safe
  return pg_catalog.uuid_hash_extended(tenant, 7302461);

create function tenancy.enter(tenant uuid, epoch bigint, role text, claims text, read_only boolean) returns void
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
  select case f.state when 'open' then f.epoch end into current from tenancy.fence f where f.tenant_id = tenant;
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

create function tenancy.refuse_route(tenant uuid, epoch bigint) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  fence tenancy.fence;
begin
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

-- Waits for the tenant's running statements to end, then admits those of `epoch` (never of an older one).
create function tenancy.open_fence(tenant uuid, epoch bigint) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence as f (tenant_id, epoch, state) values (tenant, epoch, 'open')
    on conflict (tenant_id) do update
      set epoch = excluded.epoch, state = 'open', reason = null, changed_at = pg_catalog.clock_timestamp()
      where f.epoch <= excluded.epoch;
  if not found then
    raise exception 'The fence of this tenant stands at a later epoch than %.', epoch using errcode = 'MQ001';
  end if;
end
$$;

-- Waits for the tenant's running statements to end, then admits none.
create function tenancy.close_fence(tenant uuid, reason text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence as f (tenant_id, epoch, state, reason) values (tenant, 0, 'closed', reason)
    on conflict (tenant_id) do update
      set state = 'closed', reason = excluded.reason, changed_at = pg_catalog.clock_timestamp();
end
$$;
create function tenancy.raise_no_tenant() returns text
  language plpgsql stable
as $$
begin
  raise exception 'No tenant: this statement carries no claim tenant_id.'
    using errcode = 'MQ002', hint = 'Enter the tenant first (tenancy.enter), or sign in.';
end
$$;

-- SQL functions with one expression: PostgreSQL puts them in place where they are called.
create function tenancy.current_tenant() returns uuid
  language sql stable parallel safe
  return coalesce(
    nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'tenant_id',
    tenancy.raise_no_tenant())::uuid;

-- The tenant, where the user has one of these roles; null (which equals no row's tenant) where not. Policies compare
-- `tenant_id` with it: a condition on the role beside the comparison would be estimated and tested row by row.
create function tenancy.current_tenant(user_roles text[]) returns uuid
  language sql stable parallel safe
  return case
    when coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'user_role',
        tenancy.raise_no_tenant()) = any (user_roles)
      then (pg_catalog.current_setting('request.jwt.claims')::json ->> 'tenant_id')::uuid
  end;

-- The user in the claims; null for trusted server code.
create function tenancy.current_user_id() returns uuid
  language sql stable parallel safe
  return (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid;

-- owner, admin, manager, sales, staff or viewer; null for trusted server code.
create function tenancy.current_user_role() returns text
  language sql stable parallel safe
  return nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::json ->> 'user_role';

-- What a router's login needs: to enter, and to become one of the roles. It must be NOINHERIT. Where the migrating role
-- may not grant the roles, provisioning has granted them before.
create function tenancy.admit_router(login name) returns void
  language plpgsql volatile
as $$
declare
  membership text;
begin
  execute format('grant connect on database %I to %I', pg_catalog.current_database(), login);
  execute format('grant usage on schema tenancy to %I', login);
  execute format('grant select on tenancy.fence to %I', login);
  execute format('grant execute on function tenancy.enter(uuid, bigint, text, text, boolean), tenancy.refuse_route(uuid, bigint) to %I', login);
  foreach membership in array array['tenant_service', 'authenticated', 'authenticated_manager'] loop
    if not pg_catalog.pg_has_role(login, membership, 'member') then
      execute format('grant %I to %I', membership, login);
    end if;
  end loop;
end
$$;

revoke execute on all functions in schema tenancy from public;
grant execute on function tenancy.lock_key(uuid), tenancy.open_fence(uuid, bigint), tenancy.close_fence(uuid, text)
  to tenant_mover;
grant execute on function tenancy.raise_no_tenant(), tenancy.current_tenant(), tenancy.current_tenant(text[]),
  tenancy.current_user_id(), tenancy.current_user_role()
  to authenticated, authenticated_manager, tenant_service, tenant_search, tenant_mover;
