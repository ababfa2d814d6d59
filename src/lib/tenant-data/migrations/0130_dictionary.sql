-- What the data dictionary says and the schema did not keep: a design type's days, a kit's shape, an index for each list.

-- Days that are left out are those of its kind.
create function tenancy.usual_days() returns trigger language plpgsql as $$
begin
  new.due_date_days := coalesce(new.due_date_days, case new.type when 'physical' then 21 else 14 end);
  new.urgent_threshold_days := coalesce(new.urgent_threshold_days, case new.type when 'physical' then 14 else 7 end);
  new.missed_deadline_days := coalesce(new.missed_deadline_days, case new.type when 'physical' then 13 else 3 end);
  return new;
end
$$;
create trigger usual_days before insert on design_item_types
  for each row when (not tenancy.copying()) execute function tenancy.usual_days();

-- A kit names types of equipment that there are, and how many of each: availability reads it for every answer.
create function tenancy.check_kit() returns trigger language plpgsql as $$
declare
  item record;
begin
  for item in select key, value from jsonb_each(new.required_items) loop
    if jsonb_typeof(item.value) <> 'number' or (item.value #>> '{}') !~ '^[1-9][0-9]{0,5}$' then
      perform tenancy.refuse(400, format('A kit holds whole numbers of things, not %s.', left(item.value::text, 40)), null,
        'Say how many of each type of equipment belong to the booth.');
    elsif item.key !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or not exists (
        select from public.equipment_types t where t.tenant_id = new.tenant_id and t.id = item.key::uuid) then
      perform tenancy.refuse(400, format('There is no type of equipment %s.', left(item.key, 60)), null,
        'Choose from the types of equipment.');
    end if;
  end loop;
  return new;
end
$$;
create trigger check_kit before insert or update of required_items on booth_types
  for each row when (jsonb_typeof(new.required_items) = 'object' and not tenancy.copying()) execute function tenancy.check_kit();

-- The other way round: a type that a kit names stays.
create function tenancy.keep_kit_type() returns trigger language plpgsql as $$
declare
  kind text;
begin
  select b.name into kind from public.booth_types b
    where b.tenant_id = old.tenant_id and b.required_items ? old.id::text limit 1;
  if found then
    perform tenancy.refuse(409, format('%s belongs to the kit of %s.', left(old.name, 60), left(kind, 60)), null,
      'Take it out of the kit first.');
  end if;
  return old;
end
$$;
create trigger keep_kit_type before delete on equipment_types
  for each row when (not tenancy.copying()) execute function tenancy.keep_kit_type();

revoke execute on function tenancy.usual_days(), tenancy.check_kit(), tenancy.keep_kit_type() from public;

-- What lists are sorted by.
create index on quotes (tenant_id, issue_date, id);
create index on contracts (tenant_id, created_at, id);
create index on packages (tenant_id, base_price, id);
create index on tasks (tenant_id, completed_at, id);
create index on invoices (tenant_id, due_date, id);
create index on user_pay_rate_history (tenant_id, created_at, id);
