-- Some functions that PostgreSQL gives to everybody reach beyond a tenant's rows: advisory locks (the fence is one), large
-- objects, notifications, messages in the change stream, ending other sessions of the login. SQL inside a tenant's context
-- gets on without them: locks are taken for it, on keys of its own.

-- The tenant's shared lock, for `enter`: only for claims that the router has sealed for this tenant. With the owner's rights,
-- because the router has no right to lock; every name is qualified, as in is_sealed.
create function tenancy.lock_for_claims(tenant uuid, claims text) returns void
  language plpgsql volatile security definer
as $$
declare
  ignored pg_catalog.text;
begin
  -- The router's own statement, which it lets nobody else send (ENTER in session-cleaning.ts): the digest would cost it 4 µs.
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

-- A lock of the tenant's own until the transaction ends. The keys of two numbers are apart from those of fences, which are of one.
create function tenancy.lock_own(what text, shared boolean default false) returns void
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
revoke execute on function tenancy.lock_own(text, boolean) from public;
select tenancy.grant_internals('tenancy.lock_own(text, boolean)');

-- As before, with that lock.
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

-- As before, and the lock.
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
    'tenancy.enter_to_compare(uuid, text, text), tenancy.refuse_isolation(), tenancy.lock_for_claims(uuid, text) to %I', login);
  foreach membership in array array['tenant_service', 'authenticated', 'authenticated_manager'] loop
    if not pg_catalog.pg_has_role(login, membership, 'member') then
      execute format('grant %I to %I', membership, login);
    end if;
  end loop;
end
$$;

-- Routers that were admitted before.
revoke execute on function tenancy.lock_for_claims(uuid, text) from public;
do $routers$
declare
  login name;
begin
  for login in
    select distinct r.rolname from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
      where p.oid = 'tenancy.enter(uuid, bigint, text, text, boolean)'::regprocedure and a.grantee <> p.proowner
  loop
    execute format('grant execute on function tenancy.lock_for_claims(uuid, text) to %I', login);
  end loop;
end
$routers$;

-- The functions that took locks by themselves: nothing else of them changes.
do $locks$
declare
  changed record;
begin
  for changed in
    select replace(replace(replace(replace(replace(replace(pg_get_functiondef(p.oid),
        'pg_advisory_xact_lock(hashtextextended(new.tenant_id::text || new.user_id, 0))', 'tenancy.lock_own(new.user_id::text)'),
        'pg_advisory_xact_lock(hashtextextended(tenant::text || whose, 0))', 'tenancy.lock_own(whose::text)'),
        'pg_advisory_xact_lock(hashtextextended(tenant::text || ''convert_lead'', 0))', 'tenancy.lock_own(''convert_lead'')'),
        'pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(''record_roles '' || tenant, 0))', 'tenancy.lock_own(''record_roles'')'),
        'pg_advisory_xact_lock(tenancy.pipeline_lock())', 'tenancy.lock_own(''pipeline'')'),
        'pg_advisory_xact_lock_shared(tenancy.pipeline_lock())', 'tenancy.lock_own(''pipeline'', shared => true)') as definition
      from pg_proc p
      where p.oid in ('tenancy.book_person()'::regprocedure, 'public.convert_lead(uuid, text)'::regprocedure,
        'tenancy.check_setting()'::regprocedure, 'tenancy.enter_stage()'::regprocedure, 'public.record_roles(jsonb)'::regprocedure)
        or p.proname = 'enter_time_off' and p.pronamespace = 'public'::regnamespace
  loop
    if changed.definition ~ 'advisory' or changed.definition !~ 'tenancy.lock_own' then
      raise exception 'A function is not as it was: %', left(changed.definition, 100);
    end if;
    execute changed.definition;
  end loop;
end
$locks$;
drop function tenancy.pipeline_lock();

-- Takes the functions away from everybody in this database, except its owner and movers. For databases that are Marquee's own: others'
-- roles may need them. They belong to the server's superuser: @returns false where the caller is none.
create function tenancy.withhold_functions() returns boolean
  language plpgsql volatile
as $$
declare
  function regprocedure;
begin
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return false;
  end if;
  for function in
    select p.oid from pg_catalog.pg_proc p
      where p.pronamespace = 'pg_catalog'::regnamespace and pg_catalog.has_function_privilege('public', p.oid, 'execute')
        and (p.proname ~ '^pg_(try_)?advisory_(xact_)?lock' or p.proname ~ '^lo_' or p.proname in ('loread', 'lowrite', 'pg_notify',
          'pg_logical_emit_message', 'pg_cancel_backend', 'pg_terminate_backend'))
  loop
    execute pg_catalog.format('revoke execute on function %s from public', function);
    execute pg_catalog.format('grant execute on function %s to %I, tenant_mover', function,
      (select pg_catalog.pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'tenancy'));
  end loop;
  return true;
end
$$;
revoke execute on function tenancy.withhold_functions() from public;
