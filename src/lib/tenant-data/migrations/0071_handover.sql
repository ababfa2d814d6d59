-- Out of the warehouse and back: single pieces of equipment like booths, and what came back missing or damaged is known to be.

-- Check a piece of equipment out that goes on its own, not with a booth's kit.
create function public.check_out_equipment(equipment_assignment_id uuid) returns public.equipment_assignments
  language plpgsql volatile
as $$
declare
  result public.equipment_assignments;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'staff');
  -- Read with the caller's own rights: staff see the assignments of their own events only.
  select * into result from public.equipment_assignments a
    where a.tenant_id = tenancy.current_tenant() and a.id = equipment_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not of an event of yours.');
  elsif result.status <> 'reserved' then
    perform tenancy.refuse(409, format('It is %s; only what is reserved is checked out.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a
    set status = 'checked_out', checked_out_at = now(), checked_out_by = tenancy.current_user_id()
    where a.tenant_id = tenancy.current_tenant() and a.id = equipment_assignment_id and a.status = 'reserved' returning * into result;
  perform tenancy.act_as(caller);
  return result;
end
$$;

-- Check it in again, in the condition it came back in.
create function public.check_in_equipment(equipment_assignment_id uuid, condition text default 'good')
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
    where a.tenant_id = tenancy.current_tenant() and a.id = equipment_assignment_id;
  if result.id is null then
    perform tenancy.refuse(404, 'There is no such assignment, or it is not of an event of yours.');
  elsif result.status <> 'checked_out' then
    perform tenancy.refuse(409, format('It is %s; only what is out is checked in.', replace(result.status, '_', ' ')));
  end if;
  caller := tenancy.act_for_tenant();
  update public.equipment_assignments a
    set status = 'returned', checked_in_at = now(), checked_in_by = tenancy.current_user_id(), condition = condition
    where a.tenant_id = tenancy.current_tenant() and a.id = equipment_assignment_id and a.status = 'checked_out' returning * into result;
  update public.equipment_items i set condition = condition
    where i.tenant_id = tenancy.current_tenant() and i.id = result.equipment_item_id and i.condition <> condition;
  perform tenancy.act_as(caller);
  return result;
end
$$;

-- `missing` and `damaged` of a booth that comes back are lists of ids of its kit: those items are lost, or need repair.
create function tenancy.mark_returned_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.equipment_items i
    set status = case when new.missing ? i.id::text then 'lost' else i.status end,
      condition = case when new.damaged ? i.id::text then 'needs_repair' else i.condition end
    where i.tenant_id = new.tenant_id and (new.missing ? i.id::text or new.damaged ? i.id::text);
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger mark_returned_kit after update of status on booth_assignments for each row
  when (new.status = 'returned' and old.status <> 'returned' and not tenancy.copying())
  execute function tenancy.mark_returned_kit();
revoke execute on function tenancy.mark_returned_kit() from public;

select tenancy.expose(true, 'public.check_out_equipment(uuid)', 'public.check_in_equipment(uuid, text)');
