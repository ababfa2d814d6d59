-- Holds booths for each standing date of a deal, all or none: the booth or the type that is given, else what its quote or its lines
-- promise; less what it has already. Takes the same locks as an acceptance.
--   booth_id, booth_type_id  at most one of them
--   expires_at               when the holds end; null: after the setting `hold`
-- Answers the bookings that the deal has then.
create or replace function public.hold_booths(
  opportunity_id uuid, booth_type_id uuid default null, booth_id uuid default null, expires_at timestamptz default null
) returns setof public.booth_assignments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  tenant constant uuid := tenancy.current_tenant();
  deal public.opportunities;
  wanted jsonb;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  if num_nonnulls(booth_id, booth_type_id) > 1 then
    perform tenancy.refuse(400, 'Name a booth or a booth type, not both.');
  elsif expires_at <= now() then
    perform tenancy.refuse(400, 'A hold ends in the future.', null, 'Choose a later day.');
  end if;
  caller := tenancy.act_for_tenant();
  select * into deal from public.opportunities o where o.tenant_id = tenant and o.id = opportunity_id for no key update;
  if deal.id is null then
    perform tenancy.refuse(404, 'There is no opportunity with this id.');
  elsif deal.converted_event_id is not null then
    perform tenancy.refuse(409, 'The deal has become an event.', null, 'Reserve a booth for the event.');
  elsif deal.closed_at is not null then
    perform tenancy.refuse(409, 'The deal is closed.', null, 'Set it back to an open stage first.');
  elsif not exists (select from public.event_dates d
      where d.tenant_id = tenant and d.opportunity_id = opportunity_id and d.status <> 'cancelled') then
    perform tenancy.refuse(409, 'The deal has no date.', null, 'Give it at least one date first.');
  end if;

  if booth_id is not null then
    perform tenancy.lock_bookings(tenancy.dates_of_deal(opportunity_id),
      array(select b.booth_type_id from public.booths b where b.tenant_id = tenant and b.id = booth_id));
    insert into public.booth_assignments (event_date_id, booth_id, status, hold_expires_at)
      select d.id, booth_id, 'hold', expires_at from public.event_dates d
      where d.tenant_id = tenant and d.opportunity_id = opportunity_id and d.status <> 'cancelled'
        and not exists (select from public.booth_assignments a where a.tenant_id = tenant and a.event_date_id = d.id
          and a.booth_id = booth_id and tenancy.is_booked(a.status, a.hold_expires_at))
      order by d.event_date;
  else
    wanted := case when booth_type_id is not null then jsonb_build_object(booth_type_id, 1)
      else tenancy.promised_booths(opportunity_id) end;
    if wanted is null then
      perform tenancy.refuse(409, 'The deal names no booth yet.', null, 'Choose a booth or a booth type to hold.');
    end if;
    perform tenancy.lock_bookings(tenancy.dates_of_deal(opportunity_id), array(select key::uuid from jsonb_object_keys(wanted) key));
    perform tenancy.book_wanted(opportunity_id, wanted, 'hold', expires_at);
  end if;
  return query select a.* from public.booth_assignments a join public.event_dates d on d.tenant_id = tenant and d.id = a.event_date_id
    where a.tenant_id = tenant and d.opportunity_id = opportunity_id
      and tenancy.is_booked(a.status, a.hold_expires_at)
    order by d.event_date, a.created_at;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.hold_booths(uuid, uuid, uuid, timestamp with time zone)');
