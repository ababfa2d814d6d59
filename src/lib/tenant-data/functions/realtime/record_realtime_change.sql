create or replace function tenancy.realtime_origin() returns text
  language sql stable
  return concat(extract(epoch from pg_catalog.pg_postmaster_start_time()), '/', pg_catalog.current_database());
revoke execute on function tenancy.realtime_origin() from public;
grant execute on function tenancy.realtime_origin()
  to tenant_service;

-- Records a changed row while a client or a screen of the tenant listens. Without a lease it ends after one look at a small table,
-- always as the same role: plans of tables with row-level security are kept for one role. Its argument says which users see only
-- some rows of the table: `all`, `staff` or none.
create or replace function tenancy.record_realtime_change() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  tenant constant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
  -- Null without any lease.
  whole_rows constant boolean := (
    select bool_or(l.name = 'rows') from tenancy.realtime_lease l where l.tenant_id = tenant and l.until > now());
begin
  if whole_rows is not null then
    insert into tenancy.realtime_changes (tenant_id, origin, xid, table_name, operation, row_id, screen, record)
      values (tenant, tenancy.realtime_origin(), pg_current_xact_id()::text::bigint, tg_table_name, tg_op,
        case tg_op when 'DELETE' then old.id else new.id end,
        nullif(current_setting('request.jwt.claims', true), '')::json ->> 'screen',
        -- A tenant may get another id when it moves; credentials are sent to no client.
        case when whole_rows and tg_table_schema = 'public' then
          case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end - '{tenant_id,credentials,key_id}'::text[] end);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.record_realtime_change() from public;

-- Lets screens know of changes of a table that clients cannot read themselves: that its rows changed, not what they say.
create or replace function tenancy.tell_screens(target regclass) returns void
  language plpgsql volatile
as $$
begin
  execute pg_catalog.format('create trigger "1_screens" after insert or update or delete on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.record_realtime_change(''all'')', target);
end
$$;
revoke execute on function tenancy.tell_screens(regclass) from public;
