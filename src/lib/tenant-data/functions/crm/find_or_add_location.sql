-- The location of this name, in any spelling of letters; added as a place of one event where there is none. Null without a name.
create or replace function tenancy.find_or_add_location(place text) returns uuid
  language plpgsql volatile
as $$
declare
  named constant text := nullif(btrim(place), '');
  found_id uuid;
begin
  if named is null then
    return null;
  end if;
  select l.id into found_id from public.locations l
    where l.tenant_id = (select tenancy.current_tenant()) and lower(l.name) = lower(named) order by l.is_one_time, l.created_at limit 1;
  if found_id is null then
    insert into public.locations (name, is_one_time) values (named, true) returning id into found_id;
  end if;
  return found_id;
end
$$;
select tenancy.grant_internals('tenancy.find_or_add_location(text)');
