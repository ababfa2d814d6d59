-- What moves ask of a home beside the tenant's own work: how busy it is, and what it would answer.

-- Milliseconds that a little work and a short sleep take: a busy server answers both late.
create function tenancy.probe_ms() returns double precision
  language plpgsql volatile
as $$
declare
  began timestamptz := pg_catalog.clock_timestamp();
begin
  perform pg_catalog.count(*) from pg_catalog.generate_series(1, 5000);
  perform pg_catalog.pg_sleep(0.001);
  return extract(epoch from pg_catalog.clock_timestamp() - began) * 1000;
end
$$;

-- The context of a read that is made at both homes of a move and whose answer nobody gets. The fence of the new home is
-- held closed by the move, so it admits what a move holds too; it is read only, and stays so, since the transaction has its
-- snapshot by then. It takes no lock of the tenant: a cut-over never waits for it.
create function tenancy.enter_to_compare(tenant uuid, role text, claims text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  ignored text;
begin
  if not exists (select from tenancy.fence f
      where f.tenant_id = tenant and (f.state = 'open' or f.reason like 'move %')) then
    perform tenancy.refuse_route(tenant, 0);
  end if;
  ignored := pg_catalog.set_config('transaction_read_only', 'on', true);
  ignored := pg_catalog.set_config('request.jwt.claims', claims, true);
  if role not in ('tenant_service', 'authenticated') then
    raise exception 'Nobody enters as %.', role using errcode = 'MQ003';
  end if;
  ignored := pg_catalog.set_config('role',
    case when role = 'authenticated' and (claims::json ->> 'user_role') in ('owner', 'admin', 'manager')
      then 'authenticated_manager' else role end, true);
end
$$;

-- As before, and the context for comparing.
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
    'tenancy.enter_to_compare(uuid, text, text) to %I', login);
  foreach membership in array array['tenant_service', 'authenticated', 'authenticated_manager'] loop
    if not pg_catalog.pg_has_role(login, membership, 'member') then
      execute format('grant %I to %I', membership, login);
    end if;
  end loop;
end
$$;

revoke execute on all functions in schema tenancy from public;
grant execute on function tenancy.probe_ms() to tenant_mover;
-- So that a move can say whether both homes are at one version.
grant select on tenancy.migrations to tenant_mover;

-- Routers that were admitted before.
do $routers$
declare
  login name;
begin
  for login in
    select distinct r.rolname from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
      where p.oid = 'tenancy.enter(uuid, bigint, text, text, boolean)'::regprocedure and a.grantee <> p.proowner
  loop
    execute format('grant execute on function tenancy.enter_to_compare(uuid, text, text) to %I', login);
  end loop;
end
$routers$;
