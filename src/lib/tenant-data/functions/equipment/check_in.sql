-- Checks a booth in, with what is missing or damaged. A booth that came back incomplete is not ready.
create or replace function public.check_in_booth(
  booth_assignment_id uuid, condition text default 'good', missing jsonb default '[]', damaged jsonb default '[]'
) returns public.booth_assignments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  select * into result from public.booth_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not part of one of your events.');
  elsif result.status <> 'checked_out' then
    perform tenancy.refuse(409, format('The booth is %s; only a checked out booth can be checked in.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a
    set status = 'returned', checked_in_at = now(), checked_in_by = tenancy.current_user_id(),
      condition = condition, missing = missing, damaged = damaged
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id and a.status = 'checked_out' returning * into result;
  if missing <> '[]' or damaged <> '[]' or condition = 'needs_repair' then
    update public.booths b set status = 'incomplete'
      where b.tenant_id = (select tenancy.current_tenant()) and b.id = result.booth_id and b.status = 'ready';
  end if;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_in_booth(uuid, text, jsonb, jsonb)');

-- Checks a piece of equipment in, in the condition it came back in.
create or replace function public.check_in_equipment(equipment_assignment_id uuid, condition text default 'good')
  returns public.equipment_assignments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  result public.equipment_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  select * into result from public.equipment_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not part of one of your events.');
  elsif result.status <> 'checked_out' then
    perform tenancy.refuse(409, format('The item is %s; only a checked out item can be checked in.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a
    set status = 'returned', checked_in_at = now(), checked_in_by = tenancy.current_user_id(), condition = condition
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id and a.status = 'checked_out' returning * into result;
  update public.equipment_items i set condition = condition
    where i.tenant_id = (select tenancy.current_tenant()) and i.id = result.equipment_item_id and i.condition <> condition;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_in_equipment(uuid, text)');
