-- Checks a booth and its kit out of the warehouse. For managers, and for staff who work the event.
create or replace function public.check_out_booth(booth_assignment_id uuid) returns public.booth_assignments
  language plpgsql volatile
as $$
declare
  result public.booth_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  -- Read with the caller's own rights: staff see the assignments of their own events only.
  select * into result from public.booth_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not part of one of your events.');
  elsif result.status <> 'reserved' then
    perform tenancy.refuse(409, format('The booth is %s; only a reserved booth can be checked out.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.booth_assignments a
    set status = 'checked_out', checked_out_at = now(), checked_out_by = tenancy.current_user_id()
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = booth_assignment_id and a.status = 'reserved' returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_out_booth(uuid)');

-- Checks out a piece of equipment that is not part of a booth's kit.
create or replace function public.check_out_equipment(equipment_assignment_id uuid) returns public.equipment_assignments
  language plpgsql volatile
as $$
declare
  result public.equipment_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  -- Read with the caller's own rights: staff see the assignments of their own events only.
  select * into result from public.equipment_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not part of one of your events.');
  elsif result.status <> 'reserved' then
    perform tenancy.refuse(409, format('The item is %s; only a reserved item can be checked out.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a
    set status = 'checked_out', checked_out_at = now(), checked_out_by = tenancy.current_user_id()
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = equipment_assignment_id and a.status = 'reserved' returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;
select tenancy.expose(true, 'public.check_out_equipment(uuid)');
