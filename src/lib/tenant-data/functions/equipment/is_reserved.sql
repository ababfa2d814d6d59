-- Those of some events whose every standing date has what it needs: as many booths as the deal promised, or, where none was promised,
-- any booth or equipment. Holds do not count. An event without a date has nothing reserved.
create or replace function tenancy.reserved_events(events uuid[]) returns setof uuid
  language plpgsql stable rows 50
as $$
declare
  -- As a value: else one with many events is planned as one of average size.
  tenant constant uuid := tenancy.current_tenant();
begin
  return query
  with deal as materialized (
    select e.id, e.opportunity_id from public.events e
    where e.tenant_id = tenant and e.id = any (events)
  ), promised as (
    select deal.id, sum(n.booths::int) as booths from deal
      join tenancy.promises_of(array(select deal.opportunity_id from deal)) p on p.deal = deal.opportunity_id
      cross join lateral jsonb_each_text(p.promised) n (booth_type, booths)
    group by deal.id
  )
  select deal.id
  from deal join public.event_dates d on d.tenant_id = tenant and d.event_id = deal.id and d.status <> 'cancelled'
  left join promised on promised.id = deal.id
  cross join lateral (select count(*) as booths from public.booth_assignments a
    where a.tenant_id = tenant and a.event_date_id = d.id and a.status in ('reserved', 'checked_out', 'returned')) own
  group by deal.id
  having bool_and(case when promised.booths > 0 then own.booths >= promised.booths else own.booths > 0
    or exists (select from public.equipment_assignments a where a.tenant_id = tenant and a.event_date_id = d.id
      and a.status in ('reserved', 'checked_out', 'returned')) end);
end
$$;
select tenancy.grant_internals('tenancy.reserved_events(uuid[])');

create or replace function tenancy.is_reserved(event uuid) returns boolean
  language sql stable
  return exists (select from tenancy.reserved_events(array[event]));
select tenancy.grant_internals('tenancy.is_reserved(uuid)');

-- A new event has no dates yet, so one that a user makes begins as tentative. What trusted code makes is verified at the end of its
-- transaction (`verify_begun`).
create or replace function tenancy.begin_tentative() returns trigger language plpgsql as $$
begin
  if tenancy.is_user() then
    new.status := 'tentative';
  end if;
  return new;
end
$$;
revoke execute on function tenancy.begin_tentative() from public;

-- Refuses an event that was inserted as confirmed and has nothing reserved when its transaction ends. Events whose last day is over may be
-- written as they were: that is how history comes in.
create or replace function tenancy.verify_begun() returns trigger language plpgsql as $$
begin
  if exists (select from public.events e where e.tenant_id = new.tenant_id and e.id = new.id and e.status = 'confirmed'
      and e.deleted_at is null and (e.end_date is null or e.end_date >= (select tenancy.today())))
    and not tenancy.is_reserved(new.id)
  then
    perform tenancy.refuse(409, format('Nothing is reserved for the event “%s”.', new.title), null,
      'Insert it as tentative, or with its dates and reservations in one transaction.');
  end if;
  return null;
end
$$;
revoke execute on function tenancy.verify_begun() from public;

-- An event becomes confirmed once it is reserved. Runs after revive_dates, which may bring its bookings back.
create or replace function tenancy.verify_reserved() returns trigger language plpgsql as $$
begin
  if not tenancy.is_reserved(new.id) then
    perform tenancy.refuse(409, 'Nothing is reserved for this event yet.', null, 'Reserve a booth or equipment for each date, then confirm it.');
  end if;
  return null;
end
$$;
revoke execute on function tenancy.verify_reserved() from public;
