create or replace function tenancy.move_deadlines() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  -- The designs' own trigger computes the dates.
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
revoke execute on function tenancy.move_deadlines() from public;

-- Completing records the user and the time. Trusted code may record others.
create or replace function tenancy.stamp_completion() returns trigger language plpgsql as $$
declare
  is_done constant boolean := case tg_table_name when 'tasks' then to_jsonb(new) ->> 'status' = 'completed'
    else (to_jsonb(new) ->> 'is_completed')::boolean end;
begin
  if not is_done then
    new.completed_at := null;
    new.completed_by := null;
  elsif tg_op = 'UPDATE' and old.completed_at is not null then
    new.completed_at := old.completed_at;
    new.completed_by := old.completed_by;
  else
    new.completed_at := case when tenancy.current_user_id() is null then coalesce(new.completed_at, now()) else now() end;
    new.completed_by := coalesce(tenancy.current_user_id(), new.completed_by);
  end if;
  return new;
end
$$;
revoke execute on function tenancy.stamp_completion() from public;
