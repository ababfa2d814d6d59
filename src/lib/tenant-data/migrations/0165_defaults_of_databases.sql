-- What a fence promises must not depend on what the owner of a database has made its defaults, nor on who owns its tables.

-- Who reads or changes a fence does so after taking the tenant's lock, and must then see what was committed before it. In a
-- snapshot of a whole transaction it would not.
create function tenancy.refuse_isolation() returns void
  language plpgsql
as $$
begin
  raise exception 'A tenant is entered, and its fence changed, at isolation level read committed only; this transaction is at %.',
      pg_catalog.current_setting('transaction_isolation')
    using errcode = 'MQ030',
      hint = 'Begin with: begin isolation level read committed. The default is another here: default_transaction_isolation.';
end
$$;

create function tenancy.expect_read_committed() returns trigger
  language plpgsql
as $$
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    perform tenancy.refuse_isolation();
  end if;
  return null;
end
$$;
-- All functions that change a fence, in one place.
create trigger read_committed before insert or update or delete on tenancy.fence
  for each statement execute function tenancy.expect_read_committed();

create or replace function tenancy.enter(tenant uuid, epoch bigint, role text, claims text, read_only boolean) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  current bigint;
  ignored text;
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    perform tenancy.refuse_isolation();
  end if;
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

create or replace function tenancy.assert_held(tenant uuid, holder text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    perform tenancy.refuse_isolation();
  end if;
  perform pg_catalog.pg_advisory_xact_lock_shared(tenancy.lock_key(tenant));
  if not exists (select from tenancy.fence f
      where f.tenant_id = tenant and f.state = 'closed' and f.reason = holder) then
    perform tenancy.raise_taken_over();
  end if;
end
$$;

-- Also of what a foreign key does to other rows (`on delete set null`): PostgreSQL does that as the owner of their table, who is
-- no mover, in the mover's session.
create or replace function tenancy.copying() returns boolean
  language sql stable parallel safe
  return coalesce(pg_catalog.current_setting('tenancy.copying', true), '') = 'on'
    and (pg_catalog.pg_has_role('tenant_mover', 'usage') or pg_catalog.pg_has_role(session_user, 'tenant_mover', 'usage'));

-- As before, and the refusal.
create or replace function tenancy.admit_router(login name) returns void
  language plpgsql volatile
as $$
declare
  membership text;
begin
  execute format('grant connect on database %I to %I', pg_catalog.current_database(), login);
  execute format('grant usage on schema tenancy to %I', login);
  execute format('grant select on tenancy.fence to %I', login);
  execute format('grant execute on function tenancy.enter(uuid, bigint, text, text, boolean), tenancy.refuse_route(uuid, bigint), '
    'tenancy.enter_to_compare(uuid, text, text), tenancy.refuse_isolation() to %I', login);
  foreach membership in array array['tenant_service', 'authenticated', 'authenticated_manager'] loop
    if not pg_catalog.pg_has_role(login, membership, 'member') then
      execute format('grant %I to %I', membership, login);
    end if;
  end loop;
end
$$;

revoke execute on function tenancy.refuse_isolation(), tenancy.expect_read_committed() from public;
grant execute on function tenancy.refuse_isolation() to tenant_mover;

-- Routers that were admitted before.
do $routers$
declare
  login name;
begin
  for login in
    select distinct r.rolname from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
      where p.oid = 'tenancy.enter(uuid, bigint, text, text, boolean)'::regprocedure and a.grantee <> p.proowner
  loop
    execute format('grant execute on function tenancy.refuse_isolation() to %I', login);
  end loop;
end
$routers$;
