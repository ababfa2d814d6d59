-- A new date of an event is at its place where it names none. The hours of a date are those of its place: a date that has the company's
-- timezone, or that of its former place, takes the place's. Another one was chosen by hand, and stays. An event that was called off has no
-- date that takes place.
create or replace function tenancy.occupy() returns trigger language plpgsql as $$
declare
  company text;
  former text;
begin
  if new.status = 'scheduled' and (tg_op = 'INSERT' or old.status = 'cancelled' or new.event_id is distinct from old.event_id)
      and tenancy.is_called_off(new.event_id) then
    perform tenancy.refuse(409, 'The event is canceled.', null, 'Set the event back to tentative first.');
  end if;
  if tg_op = 'INSERT' then
    new.location_id := coalesce(new.location_id,
      (select e.location_id from public.events e where e.tenant_id = new.tenant_id and e.id = new.event_id));
  end if;
  if tg_op = 'INSERT' or new.location_id is distinct from old.location_id and new.timezone = old.timezone then
    company := tenancy.default_timezone();
    former := case when tg_op = 'UPDATE' then tenancy.timezone_of(old.location_id) end;
    if new.timezone in (company, coalesce(former, company)) then
      new.timezone := coalesce(tenancy.timezone_of(new.location_id), company);
    end if;
  end if;
  new.occupied := tenancy.occupation(new);
  return new;
end
$$;
revoke execute on function tenancy.occupy() from public;
