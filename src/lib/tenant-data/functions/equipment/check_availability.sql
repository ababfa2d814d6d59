-- Can we take it?
--   dates           [{"event_date": "2027-06-12", "start_time": "18:00", "end_time": "23:00", "setup_time"?, "teardown_minutes"?, "timezone"?}], at most 31
--   package_id      its booth type is what is needed; or booth_type_id; any booth when neither is given
--   location_id     its timezone and travel time count
--   booths_needed   how many booths a date
--   crew_needed     how many people a date; the booth type's when null
--   without_event   leave this event's own assignments out of account (when it is about to move)
-- Answers {available, dates: [{event_date, from, to, booths, kit, crew, travel}], alternatives: [date]}; each part has `ok`
-- and `reason`. Alternatives are the nearest days, up to 14 away, on which enough booths are free for all dates alike.
create or replace function public.check_availability(
  dates jsonb, package_id uuid default null, booth_type_id uuid default null, location_id uuid default null,
  booths_needed int default 1, crew_needed int default null, without_event uuid default null
) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  tenant constant uuid := tenancy.current_tenant();
  place public.locations;
  type_id uuid := booth_type_id;
  wanted public.event_dates[];
  answers jsonb;
  available boolean;
  alternatives jsonb := '[]';
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  if jsonb_typeof(dates) is distinct from 'array' or jsonb_array_length(dates) not between 1 and 31 then
    perform tenancy.refuse(400, 'Give 1 to 31 dates.');
  end if;
  caller := tenancy.act_for_tenant();
  if package_id is not null then
    select coalesce(type_id, p.booth_type_id) into type_id from public.packages p where p.tenant_id = tenant and p.id = package_id;
    if not found then
      perform tenancy.refuse(404, 'There is no package with this id.');
    end if;
  end if;
  if location_id is not null then
    select * into place from public.locations l where l.tenant_id = tenant and l.id = location_id;
  end if;
  begin
    select array_agg(d order by d.event_date, d.start_time) into wanted
      from jsonb_array_elements(dates) x
      cross join lateral jsonb_populate_record(null::public.event_dates, jsonb_build_object(
        'tenant_id', tenant, 'teardown_minutes', 0, 'timezone',
        coalesce(place.timezone, tenancy.setting('timezone') #>> '{}', 'UTC')) || jsonb_strip_nulls(x)) d;
  exception when data_exception then
    perform tenancy.refuse(400, 'A date or time cannot be read: ' || sqlerrm);
  end;
  if exists (select from unnest(wanted) d where d.event_date is null or d.start_time is null or d.end_time is null) then
    perform tenancy.refuse(400, 'A date needs event_date, start_time and end_time.');
  end if;

  select jsonb_agg(tenancy.check_date(d, type_id, booths_needed, crew_needed, place.travel_minutes, without_event)) into answers
    from unnest(wanted) d;
  available := not exists (select from jsonb_array_elements(answers) a,
    jsonb_each(a) part where jsonb_typeof(part.value) = 'object' and part.value ->> 'ok' = 'false');
  if not available then
    alternatives := tenancy.nearest_days(wanted, type_id, booths_needed, place.travel_minutes, without_event);
  end if;
  perform tenancy.act_as(caller);
  return jsonb_build_object('available', available, 'dates', answers, 'alternatives', alternatives);
end
$$;
select tenancy.expose(true, 'public.check_availability(jsonb, uuid, uuid, uuid, integer, integer, uuid)');
