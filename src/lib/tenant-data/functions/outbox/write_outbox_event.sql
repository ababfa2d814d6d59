-- Writes an outbox event, once in a transaction, for tenants that have connected something. Trigger arguments: the type of the
-- event, then the columns whose ids it carries.
create or replace function tenancy.write_outbox_event() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  changed constant jsonb := to_jsonb(case tg_op when 'DELETE' then old else new end);
  named jsonb;
begin
  if exists (select from public.user_integrations i where i.tenant_id = (changed ->> 'tenant_id')::uuid
      and (i.provider like 'webhook:%' or i.provider in ('google', 'quickbooks'))) then
    select jsonb_object_agg(case a.name when 'id' then split_part(tg_argv[0], '.', 1) || '_id' else a.name end,
        changed -> a.name) filter (where changed ->> a.name is not null)
      into named from unnest(tg_argv[1:]) as a (name);
    insert into tenancy.outbox (tenant_id, id, type, rows)
      values ((changed ->> 'tenant_id')::uuid, md5(concat(tg_argv[0], named, now()))::uuid, tg_argv[0], named)
      on conflict do nothing;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.write_outbox_event() from public;
