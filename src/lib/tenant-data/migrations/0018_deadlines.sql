-- Design dates and checklists follow the date of the event; priority says how near it is.

create function tenancy.date_design() returns trigger language plpgsql as $$
declare
  kind public.design_item_types;
  event_day date;
begin
  if tg_op = 'UPDATE' and not new.dates_by_hand and not old.dates_by_hand
    and (new.due_date, new.urgent_date, new.missed_date) is distinct from (old.due_date, old.urgent_date, old.missed_date) then
    new.dates_by_hand := true;
  elsif tg_op = 'INSERT' and new.due_date is not null then
    new.dates_by_hand := true;
  end if;
  if not new.dates_by_hand then
    select * into kind from public.design_item_types t
      where t.tenant_id = new.tenant_id and t.id = new.design_item_type_id;
    select e.start_date into event_day from public.events e where e.tenant_id = new.tenant_id and e.id = new.event_id;
    new.due_date := event_day - kind.due_date_days;
    new.urgent_date := event_day - kind.urgent_threshold_days;
    new.missed_date := event_day - kind.missed_deadline_days;
  end if;
  if new.design_status_id is null and tg_op = 'INSERT' then
    select s.id into new.design_status_id from public.design_statuses s
      where s.tenant_id = new.tenant_id and s.is_default;
  end if;
  if tg_op = 'INSERT' or new.design_status_id is distinct from old.design_status_id then
    new.approved_at := case when exists (select from public.design_statuses s
        where s.tenant_id = new.tenant_id and s.id = new.design_status_id and s.is_completed)
      then coalesce(new.approved_at, now()) end;
  end if;
  return new;
end
$$;
create trigger date_design before insert or update on event_design_items
  for each row when (not tenancy.copying()) execute function tenancy.date_design();

create function tenancy.move_deadlines() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  -- Their own trigger computes the dates.
  update public.event_design_items set dates_by_hand = false
    where tenant_id = new.tenant_id and event_id = new.id and not dates_by_hand;
  update public.event_core_task_completion c set due_date = new.start_date - t.days_before
    from public.core_task_templates t
    where c.tenant_id = new.tenant_id and c.event_id = new.id and not c.is_completed
      and t.tenant_id = c.tenant_id and t.id = c.core_task_template_id and t.days_before is not null;
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger move_deadlines after update of start_date on events for each row
  when (new.start_date is distinct from old.start_date and not tenancy.copying()) execute function tenancy.move_deadlines();

-- Ticking off says who and when.
create function tenancy.stamp_completion() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'tasks' then
    new.completed_at := case when new.status = 'completed' then coalesce(new.completed_at, now()) end;
    new.completed_by := case when new.status = 'completed' then coalesce(new.completed_by, tenancy.current_user_id()) end;
  else
    new.completed_at := case when new.is_completed then coalesce(new.completed_at, now()) end;
    new.completed_by := case when new.is_completed then coalesce(new.completed_by, tenancy.current_user_id()) end;
  end if;
  return new;
end
$$;
create trigger stamp_completion before insert or update on tasks
  for each row when (not tenancy.copying()) execute function tenancy.stamp_completion();
create trigger stamp_completion before insert or update on event_core_task_completion
  for each row when (not tenancy.copying()) execute function tenancy.stamp_completion();

-- The checklist of an event: every active template for its type. What is there stays.
create function public.make_checklist(event_id uuid) returns int
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  made int;
begin
  insert into public.event_core_task_completion
      (event_id, core_task_template_id, name_snapshot, required, display_order, due_date)
    select e.id, t.id, t.name, t.required, t.display_order, e.start_date - t.days_before
    from public.events e join public.core_task_templates t on t.tenant_id = e.tenant_id
    where e.tenant_id = tenancy.current_tenant() and e.id = event_id and t.is_active
      and (t.event_type_id is null or t.event_type_id = e.event_type_id)
    on conflict do nothing;
  get diagnostics made = row_count;
  return made;
end
$$;

-- critical, high, medium or low by the days that are left; null when it is further away, over or cancelled. As a computed
-- column: `select=*,priority`.
create function public.priority(events) returns text
  language plpgsql stable
as $$
declare
  windows jsonb;
  days int;
begin
  if $1.start_date is null or $1.status in ('cancelled', 'completed') then
    return null;
  end if;
  days := $1.start_date - tenancy.today();
  if days < 0 then
    return null;
  end if;
  windows := tenancy.setting('priority_windows', '{"critical": 2, "high": 7, "medium": 14, "low": 30}');
  return case when days <= (windows ->> 'critical')::int then 'critical'
    when days <= (windows ->> 'high')::int then 'high'
    when days <= (windows ->> 'medium')::int then 'medium'
    when days <= (windows ->> 'low')::int then 'low' end;
end
$$;

revoke execute on function tenancy.date_design(), tenancy.move_deadlines(), tenancy.stamp_completion() from public;
select tenancy.expose(true, 'public.make_checklist(uuid)', 'public.priority(events)');
