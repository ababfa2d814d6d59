-- A booth with its kit, or a piece of equipment that is not part of one, leaves the warehouse for an event and comes back:
-- reserved → checked_out → returned. What is checked in before its event begins was not used yet, and stays its event's. For managers, and for
-- staff who work the event.

-- Refuses a step of a handover that the assignment is not ready for; else locks the assignment, so that of two people at once the
-- second is refused.
--   kind  booth_assignments or equipment_assignments
create or replace function tenancy.require_handover(kind text, id uuid, step text) returns void
  language plpgsql volatile
as $$
declare
  one constant text := format('select a.status from public.%I a where a.tenant_id = $1 and a.id = $2', kind);
  status text;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  -- With the caller's own rights: staff see the assignments of their own events only.
  execute one into status using tenancy.current_tenant(), id;
  if status is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not part of one of your events.');
  end if;
  caller := tenancy.act_for_tenant();
  execute one || ' for update' into status using tenancy.current_tenant(), id;
  perform tenancy.act_as(caller);
  if status is distinct from (case step when 'check_out' then 'reserved' else 'checked_out' end) then
    perform tenancy.refuse(409, format(case step
      when 'check_out' then 'It is %s: only what is reserved can be checked out.'
      when 'check_in' then 'It is %s: only what is checked out can be checked in.'
      else 'It is %s, not checked out.' end, replace(coalesce(status, 'deleted'), '_', ' ')));
  end if;
end
$$;
select tenancy.grant_internals('tenancy.require_handover(text, uuid, text)');

-- The status of what was out and was not used: it is reserved again, or released where the date was canceled meanwhile.
create or replace function tenancy.status_unused(d public.event_dates) returns text
  language sql immutable
  return case d.status when 'cancelled' then 'cancelled' else 'reserved' end;
select tenancy.grant_internals('tenancy.status_unused(public.event_dates)');

-- The status of what is checked in now: before its event begins it was not used.
create or replace function tenancy.status_checked_in(d public.event_dates) returns text
  language sql stable
  return case when tenancy.begins_at(d) > now() then tenancy.status_unused(d) else 'returned' end;
select tenancy.grant_internals('tenancy.status_checked_in(public.event_dates)');

create or replace function public.check_out_booth(booth_assignment_id uuid) returns public.booth_assignments
  language plpgsql volatile
as $$
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_handover('booth_assignments', booth_assignment_id, 'check_out');
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a
    set status = 'checked_out', checked_out_at = now(), checked_out_by = tenancy.current_user_id(),
      condition = null, missing = '[]', damaged = '[]'
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_out_booth(uuid)');

create or replace function public.check_out_equipment(equipment_assignment_id uuid) returns public.equipment_assignments
  language plpgsql volatile
as $$
declare
  result public.equipment_assignments;
  caller name;
begin
  perform tenancy.require_handover('equipment_assignments', equipment_assignment_id, 'check_out');
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a
    set status = 'checked_out', checked_out_at = now(), checked_out_by = tenancy.current_user_id(), condition = null
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_out_equipment(uuid)');

-- With what is missing or damaged. A booth that came back incomplete is not ready.
create or replace function public.check_in_booth(
  booth_assignment_id uuid, condition text default 'good', missing jsonb default '[]', damaged jsonb default '[]'
) returns public.booth_assignments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  result public.booth_assignments;
  after text;
  is_back boolean;
  caller name;
begin
  perform tenancy.require_handover('booth_assignments', booth_assignment_id, 'check_in');
  caller := tenancy.act_for_tenant();
  select tenancy.status_checked_in(tenancy.date_of(a.event_date_id)) into after from public.booth_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id;
  is_back := after = 'returned';
  update public.booth_assignments a
    set status = after,
      checked_out_at = case when is_back then a.checked_out_at end, checked_out_by = case when is_back then a.checked_out_by end,
      checked_in_at = case when is_back then now() end, checked_in_by = case when is_back then tenancy.current_user_id() end,
      condition = condition, missing = missing, damaged = damaged
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id returning * into result;
  if missing <> '[]' or damaged <> '[]' or condition = 'needs_repair' then
    update public.booths b set status = 'incomplete'
      where b.tenant_id = (select tenancy.current_tenant()) and b.id = result.booth_id and b.status = 'ready';
  end if;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_in_booth(uuid, text, jsonb, jsonb)');

-- In the condition it came back in.
create or replace function public.check_in_equipment(equipment_assignment_id uuid, condition text default 'good')
  returns public.equipment_assignments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  result public.equipment_assignments;
  after text;
  is_back boolean;
  caller name;
begin
  perform tenancy.require_handover('equipment_assignments', equipment_assignment_id, 'check_in');
  caller := tenancy.act_for_tenant();
  select tenancy.status_checked_in(tenancy.date_of(a.event_date_id)) into after from public.equipment_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id;
  is_back := after = 'returned';
  update public.equipment_assignments a
    set status = after,
      checked_out_at = case when is_back then a.checked_out_at end, checked_out_by = case when is_back then a.checked_out_by end,
      checked_in_at = case when is_back then now() end, checked_in_by = case when is_back then tenancy.current_user_id() end,
      condition = condition
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id returning * into result;
  update public.equipment_items i set condition = condition
    where i.tenant_id = (select tenancy.current_tenant()) and i.id = result.equipment_item_id and i.condition <> condition;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_in_equipment(uuid, text)');

-- The booth and its kit are where they were before (`status_unused`).
create or replace function public.undo_check_out_booth(booth_assignment_id uuid) returns public.booth_assignments
  language plpgsql volatile
as $$
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_handover('booth_assignments', booth_assignment_id, 'undo_check_out');
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a set checked_out_at = null, checked_out_by = null,
      status = tenancy.status_unused(tenancy.date_of(a.event_date_id))
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.undo_check_out_booth(uuid)');

create or replace function public.undo_check_out_equipment(equipment_assignment_id uuid) returns public.equipment_assignments
  language plpgsql volatile
as $$
declare
  result public.equipment_assignments;
  caller name;
begin
  perform tenancy.require_handover('equipment_assignments', equipment_assignment_id, 'undo_check_out');
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a set checked_out_at = null, checked_out_by = null,
      status = tenancy.status_unused(tenancy.date_of(a.event_date_id))
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.undo_check_out_equipment(uuid)');
