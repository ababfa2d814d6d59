-- The tables of the records that have a history on screen.
create or replace function tenancy.kinds_with_history() returns name[]
  language sql immutable parallel safe
  return array['accounts', 'contacts', 'leads', 'opportunities', 'events', 'quotes', 'invoices', 'contracts', 'tasks', 'locations',
    'booths', 'booth_types', 'equipment_items', 'equipment_types', 'packages', 'add_ons', 'products', 'templates', 'staff_roles',
    'event_categories', 'event_types', 'core_task_templates', 'design_item_types', 'design_statuses', 'payment_status_options']::name[];
select tenancy.grant_internals('tenancy.kinds_with_history()');

-- Records a change in the history of the record it belongs to, and of the event if there is one. Columns that triggers compute or
-- that mean nothing to people are left out.
-- Trigger arguments: the columns by which people know the row.
create or replace function tenancy.record_change() returns trigger
  language plpgsql
as $$
declare
  silent constant text[] := '{tenant_id,id,created_at,updated_at,created_by,updated_by,version,occupied,per,overbooked,serialized,
    event_id,opportunity_id,checked_out_by,checked_in_by,completed_by,portal_token_hash,proof_token_hash,token_hash,body_sha256,
    signed_user_agent,bill_to,subtotal,discount,tax,balance,display_order,dates_by_hand,task_id,payment_status_id,phone_key,
    stage_changed_at,cancelled_at,line_total,gross_total,taxes,rounding,next_due_date,next_due_amount,content_sha256,accepted_ip,
    sort_order,source_line_id,merged_into_id,merged_at,quote_id,invoice_id}';
  caller constant name := tenancy.act_for_tenant();
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  became constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  what constant jsonb := coalesce(became, was);
  tenant constant uuid := what ->> 'tenant_id';
  event constant uuid := case tg_table_name
    when 'events' then what ->> 'id'
    when 'payments' then (select i.event_id::text from public.invoices i where i.tenant_id = tenant and i.id = (what ->> 'invoice_id')::uuid)
    else what ->> 'event_id' end;
  page constant uuid := case tg_table_name
    when 'payments' then what ->> 'invoice_id'
    when 'invoice_line_items' then what ->> 'invoice_id'
    when 'quote_line_items' then what ->> 'quote_id'
    when 'opportunity_line_items' then what ->> 'opportunity_id'
    when 'contact_accounts' then what ->> 'contact_id'
    when 'booth_assignments' then what ->> 'booth_id'
    when 'equipment_assignments' then what ->> 'equipment_item_id'
    -- Settings have one history together, and people one each.
    when 'tenant_settings' then '00000000-0000-0000-0000-000000000000'
    when 'user_pay_rate_history' then what ->> 'user_id'
    when 'time_off' then what ->> 'user_id'
    else case when tg_table_name = any (tenancy.kinds_with_history()) then what ->> 'id'
      else coalesce(what ->> 'event_id', what ->> 'opportunity_id') end
    end;
  changed jsonb := '{}';
begin
  if tg_op = 'UPDATE' then
    select coalesce(jsonb_object_agg(n.key, jsonb_build_array(was -> n.key, n.value)), '{}') into changed
      from jsonb_each(became) n
      where n.key <> all (silent) and n.value is distinct from was -> n.key;
  end if;
  -- Of a setting with several parts, those that changed; what was never set before was changed from its default.
  if tg_table_name = 'tenant_settings' and tg_op <> 'DELETE' then
    was := coalesce(was, '{}');
    select coalesce(jsonb_object_agg(p.part, jsonb_build_array(p.old_value, p.new_value)), '{}') into changed from (
      select coalesce(o.key, n.key) as part, o.value as old_value, n.value as new_value
        from jsonb_each(case when jsonb_typeof(was -> 'value') = 'object' then was -> 'value' else jsonb_build_object('value', was -> 'value') end) o
        full join jsonb_each(case when jsonb_typeof(became -> 'value') = 'object' then became -> 'value'
          else jsonb_build_object('value', became -> 'value') end) n on n.key = o.key) p
      where p.old_value is distinct from p.new_value and (p.part <> 'value' or jsonb_typeof(became -> 'value') <> 'object');
  end if;
  -- The text of a contract is in its row. A payment plan that only follows the total is not the user's change.
  changed := changed - 'body_html'::text - case when changed ? 'total' then 'payment_schedule' else '' end;
  if (tg_op <> 'UPDATE' or changed <> '{}')
    -- A deleted event takes its history with it.
    and (tg_op <> 'DELETE' or event is null or exists (select from public.events e where e.tenant_id = tenant and e.id = event)) then
    insert into tenancy.changes (tenant_id, event_id, record_id, entity, entity_id, subject, action, columns, changed_by, changed_through)
      select tenant, event, page, tg_table_name, (what ->> 'id')::uuid,
        coalesce((select jsonb_object_agg(s.name, what -> s.name) from unnest(tg_argv) as s (name)), '{}'),
        case tg_op when 'INSERT' then case tg_table_name when 'tenant_settings' then 'changed' else 'added' end when 'UPDATE' then 'changed' else 'removed' end, changed,
        coalesce(tenancy.current_user_id(), case when tg_op <> 'DELETE' then (what ->> 'updated_by')::uuid end),
        case when tenancy.acts_by_link() then 'client_link' end;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.record_change() from public;

-- A deleted record takes its history with it, except what its event's history shows too.
create or replace function tenancy.delete_history() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if tg_table_name = 'events' then
    delete from tenancy.changes c where c.tenant_id = old.tenant_id and c.event_id = old.id;
  else
    delete from tenancy.changes c where c.tenant_id = old.tenant_id and c.record_id = old.id and c.event_id is null;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.delete_history() from public;
