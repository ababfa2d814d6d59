-- A kit names existing equipment types and a quantity of each: availability reads it for every answer.
create or replace function tenancy.check_kit() returns trigger language plpgsql as $$
declare
  item record;
begin
  for item in select key, value from jsonb_each(new.required_items) loop
    if jsonb_typeof(item.value) <> 'number' or (item.value #>> '{}') !~ '^[1-9][0-9]{0,5}$' then
      perform tenancy.refuse(400, format('Quantities in a kit are whole numbers, not %s.', left(item.value::text, 40)), null,
        'Enter how many of each equipment type belong to the booth.');
    elsif item.key !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or not exists (
        select from public.equipment_types t where t.tenant_id = new.tenant_id and t.id = item.key::uuid) then
      perform tenancy.refuse(400, format('There is no equipment type %s.', left(item.key, 60)), null,
        'Choose one of the equipment types.');
    end if;
  end loop;
  return new;
end
$$;
revoke execute on function tenancy.check_kit() from public;

-- An equipment type that a kit names cannot be deleted.
create or replace function tenancy.keep_kit_type() returns trigger language plpgsql as $$
declare
  kind text;
begin
  select b.name into kind from public.booth_types b
    where b.tenant_id = old.tenant_id and b.required_items ? old.id::text limit 1;
  if found then
    perform tenancy.refuse(409, format('%s belongs to the kit of %s.', left(old.name, 60), left(kind, 60)), null,
      'Remove it from the kit first.');
  end if;
  return old;
end
$$;
revoke execute on function tenancy.keep_kit_type() from public;
