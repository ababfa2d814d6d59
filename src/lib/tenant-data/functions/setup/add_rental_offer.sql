-- Adds what a company rents out in one step: a kind of booth, its booths, and packages with them.
--   booth_type  {"name", "crew_needed"}; an existing kind of this name is used
--   booths      their names
--   packages    [{"name", "base_price", "duration_hours", "extra_hour_price", "includes": [text], "description"}], prices in minor units
-- Returns the id of the booth type.
create or replace function public.add_rental_offer(booth_type jsonb, booths text[], packages jsonb) returns uuid
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  type_id uuid;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  insert into public.booth_types (name, crew_needed, buffer_before_minutes, buffer_after_minutes)
    values (btrim(booth_type ->> 'name'), coalesce((booth_type ->> 'crew_needed')::int, 1), 60, 60)
    on conflict (tenant_id, name) do nothing returning id into type_id;
  if type_id is null then
    select t.id into type_id from public.booth_types t where t.tenant_id = tenant and t.name = btrim(booth_type ->> 'name');
  end if;
  insert into public.booths (booth_type_id, name) select type_id, btrim(b) from unnest(booths) b;
  insert into public.packages (name, description, base_price, duration_hours, extra_hour_price, includes, booth_type_id)
    select btrim(p.name), nullif(btrim(p.description), ''), p.base_price, p.duration_hours, p.extra_hour_price,
      coalesce(p.includes, '[]'), type_id
    from jsonb_to_recordset(packages) p (name text, description text, base_price bigint, duration_hours numeric,
      extra_hour_price bigint, includes jsonb);
  return type_id;
end
$$;
select tenancy.expose(true, 'public.add_rental_offer(jsonb, text[], jsonb)');
