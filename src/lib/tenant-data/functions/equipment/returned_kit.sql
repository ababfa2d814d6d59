-- What is reported missing or damaged belongs to the booth's kit or was booked with it.
create or replace function tenancy.check_returned_kit() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  stranger text;
begin
  if jsonb_typeof(new.missing) <> 'array' or jsonb_typeof(new.damaged) <> 'array' then
    perform tenancy.refuse(400, '`missing` and `damaged` are lists of ids of the booth''s equipment.');
  end if;
  select x.id into stranger from jsonb_array_elements_text(new.missing || new.damaged) x (id)
    where not exists (select from public.equipment_items i where i.tenant_id = new.tenant_id and i.id::text = x.id
      and (i.booth_id = new.booth_id or exists (select from public.equipment_assignments a
        where a.tenant_id = i.tenant_id and a.equipment_item_id = i.id and a.booth_assignment_id = new.id)))
    limit 1;
  if found then
    perform tenancy.refuse(409, format('%s does not belong to this booth.', coalesce((select i.asset_tag || ' ' || i.name
        from public.equipment_items i where i.tenant_id = new.tenant_id and i.id::text = stranger), left(stranger, 60))),
      null, 'Choose from the booth''s own equipment.');
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.check_returned_kit() from public;

-- `missing` and `damaged` list ids of the kit: those items become lost, or need repair.
create or replace function tenancy.mark_returned_kit() returns trigger language plpgsql as $$
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
revoke execute on function tenancy.mark_returned_kit() from public;
