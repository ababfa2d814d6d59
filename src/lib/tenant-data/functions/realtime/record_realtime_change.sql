create or replace function tenancy.realtime_origin() returns text
  language sql stable
  return concat(extract(epoch from pg_catalog.pg_postmaster_start_time()), '/', pg_catalog.current_database());
revoke execute on function tenancy.realtime_origin() from public;
grant execute on function tenancy.realtime_origin()
  to tenant_service;

-- Records a changed row while a client of the tenant listens. Without a lease it ends after one look at a small table, always
-- as the same role: plans of tables with row-level security are kept for one role.
create or replace function tenancy.record_realtime_change() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  tenant constant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
begin
  if exists (select from tenancy.realtime_lease l where l.tenant_id = tenant and l.name = 'rows' and l.until > now()) then
    insert into tenancy.realtime_changes (tenant_id, origin, xid, table_name, operation, record)
      values (tenant, tenancy.realtime_origin(), pg_current_xact_id()::text::bigint, tg_table_name, tg_op,
        -- A tenant may get another id when it moves; credentials are sent to no client.
        case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end - '{tenant_id,credentials,key_id}'::text[]);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.record_realtime_change() from public;
