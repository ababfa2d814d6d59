-- Records a change of an event in its history. Columns that triggers compute or that mean nothing to people are left out.
-- Trigger arguments: the columns by which people know the row.
create or replace function tenancy.record_change() returns trigger
  language plpgsql
as $$
declare
  silent constant text[] := '{tenant_id,id,created_at,updated_at,created_by,updated_by,version,occupied,per,overbooked,serialized,
    event_id,opportunity_id,checked_out_by,checked_in_by,completed_by,portal_token_hash,proof_token_hash,token_hash,body_sha256,
    signed_user_agent,bill_to,subtotal,discount,tax,balance,display_order,dates_by_hand,task_id,payment_status_id}';
  caller constant name := tenancy.act_for_tenant();
  was constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  became constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  what constant jsonb := coalesce(became, was);
  whose uuid;
  changed jsonb := '{}';
begin
  whose := case tg_table_name
    when 'events' then what ->> 'id'
    when 'payments' then (select i.event_id::text from public.invoices i
      where i.tenant_id = (what ->> 'tenant_id')::uuid and i.id = (what ->> 'invoice_id')::uuid)
    else what ->> 'event_id' end;
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(n.key, jsonb_build_array(was -> n.key, n.value)), '{}') into changed
      from jsonb_each(became) n
      where n.key <> all (silent) and n.value is distinct from was -> n.key;
  end if;
  -- The text of a contract is in its row.
  changed := changed - 'body_html'::text;
  if whose is not null and (tg_op <> 'UPDATE' or changed <> '{}')
    -- A deleted event takes its history with it.
    and (tg_op <> 'DELETE' or exists (select from public.events e where e.tenant_id = (what ->> 'tenant_id')::uuid and e.id = whose)) then
    insert into tenancy.changes (tenant_id, event_id, entity, entity_id, subject, action, columns, changed_by, changed_through)
      select (what ->> 'tenant_id')::uuid, whose, tg_table_name, (what ->> 'id')::uuid,
        coalesce((select jsonb_object_agg(s.name, what -> s.name) from unnest(tg_argv) as s (name)), '{}'),
        case tg_op when 'INSERT' then 'added' when 'UPDATE' then 'changed' else 'removed' end, changed,
        coalesce(tenancy.current_user_id(), case when tg_op <> 'DELETE' then (what ->> 'updated_by')::uuid end),
        case when tenancy.acts_by_link() then 'client_link' end;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.record_change() from public;

create or replace function tenancy.delete_history() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  delete from tenancy.changes c where c.tenant_id = old.tenant_id and c.event_id = old.id;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.delete_history() from public;
