-- An event and its dates have one place, unless a date has another: dates at the event's former place follow it to the new one. What is
-- over stays where it was, unless all of it is over.
create or replace function tenancy.place_dates() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.event_dates d set location_id = new.location_id
    from (select f.id, upper(f.occupied) > now() as ahead, bool_or(upper(f.occupied) > now()) over () as any_ahead
      from public.event_dates f
      where f.tenant_id = new.tenant_id and f.event_id = new.id and f.location_id is not distinct from old.location_id) followers
    where d.tenant_id = new.tenant_id and d.id = followers.id and (followers.ahead or not followers.any_ahead);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.place_dates() from public;

-- The event follows the last of its dates that leaves its place.
create or replace function tenancy.place_event() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.events e set location_id = new.location_id
    where e.tenant_id = new.tenant_id and e.id = new.event_id and e.location_id is not distinct from old.location_id
      and not exists (select from public.event_dates d where d.tenant_id = e.tenant_id and d.event_id = e.id and d.status <> 'cancelled'
        and d.location_id is not distinct from old.location_id);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.place_event() from public;
