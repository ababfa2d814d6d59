-- The context of a shadow read, which runs at source and target of a move and whose answer is only compared. The move holds the
-- target's fence closed, so a fence that a move holds admits it too. It is read only, and cannot be made writable, since the
-- transaction has its snapshot by then. It takes no lock of the tenant, so a cut-over never waits for it.
create or replace function tenancy.enter_shadow_read(tenant uuid, role text, claims text) returns void
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
    raise exception 'A tenant cannot be entered as %.', role using errcode = 'MQ003';
  end if;
  ignored := pg_catalog.set_config('role', case when role = 'authenticated' then tenancy.role_of(claims) else role end, true);
end
$$;
revoke execute on function tenancy.enter_shadow_read(uuid, text, text) from public;
