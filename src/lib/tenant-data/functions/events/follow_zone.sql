-- The hours of a date are those of its place, or of the company where the place has no time zone: where either gets another zone, the dates that
-- had the former one keep their hours and take the new zone. Another zone was chosen by hand, and stays; so does what is over.

-- Gives dates of one time zone another. Of those that begin earlier then, the first is moved first, else the last: none meets a booking that
-- is about to move along.
create or replace function tenancy.move_to_zone(dates uuid[], zone text) returns void
  language plpgsql volatile
as $$
declare
  moved record;
begin
  perform tenancy.lock_bookings(dates);
  for moved in
    select d.id from public.event_dates d where d.tenant_id = (select tenancy.current_tenant()) and d.id = any (dates)
    order by case when lower(d.occupied) at time zone d.timezone at time zone zone < lower(d.occupied) then lower(d.occupied) end,
      lower(d.occupied) desc
  loop
    update public.event_dates d set timezone = zone where d.tenant_id = (select tenancy.current_tenant()) and d.id = moved.id;
  end loop;
end
$$;
select tenancy.grant_internals('tenancy.move_to_zone(uuid[], text)');

create or replace function tenancy.follow_place_zone() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  company constant text := tenancy.default_timezone();
begin
  perform tenancy.move_to_zone(array(select d.id from public.event_dates d
    where d.tenant_id = new.tenant_id and d.location_id = new.id and d.timezone = coalesce(old.timezone, company)
      and upper(d.occupied) > now()), coalesce(new.timezone, company));
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.follow_place_zone() from public;

create or replace function tenancy.follow_company_zone() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  perform tenancy.move_to_zone(array(select d.id from public.event_dates d
    where d.tenant_id = new.tenant_id and d.timezone = old.value #>> '{}' and tenancy.timezone_of(d.location_id) is null
      and upper(d.occupied) > now()), new.value #>> '{}');
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.follow_company_zone() from public;
