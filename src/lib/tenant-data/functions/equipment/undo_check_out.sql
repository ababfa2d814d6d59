-- Takes a check-out back: the booth and its kit are reserved again. For those who may check out.
create or replace function public.undo_check_out_booth(booth_assignment_id uuid) returns public.booth_assignments
  language plpgsql volatile
as $$
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  -- Read with the caller's own rights, as in check_out_booth.
  select * into result from public.booth_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not part of one of your events.');
  elsif result.status <> 'checked_out' then
    perform tenancy.refuse(409, format('The booth is %s, not checked out.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a set status = 'reserved', checked_out_at = null, checked_out_by = null
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id and a.status = 'checked_out' returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.undo_check_out_booth(uuid)');

-- The same for a piece of equipment that is not part of a booth's kit.
create or replace function public.undo_check_out_equipment(equipment_assignment_id uuid) returns public.equipment_assignments
  language plpgsql volatile
as $$
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
    perform tenancy.refuse(409, format('The item is %s, not checked out.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a set status = 'reserved', checked_out_at = null, checked_out_by = null
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id and a.status = 'checked_out' returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.undo_check_out_equipment(uuid)');
