-- Scores each coming event: paid, signed, designed, staffed, packed, briefed. `next_fix` is the first that is missing.
--   for_event  one event; all that begin in the next `days` days when null
create or replace function public.event_readiness(for_event uuid default null, days int default 60)
  returns table (event_id uuid, score int, paid boolean, signed boolean, designed boolean, staffed boolean, packed boolean,
    briefed boolean, next_fix text)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  -- Staff see neither invoices nor contracts, so these facts would be wrong for them.
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  return query
  with coming as (
    select e.* from public.events e
    where e.tenant_id = tenancy.current_tenant() and e.deleted_at is null and (
      for_event is not null and e.id = for_event
      or for_event is null and e.status in ('tentative', 'confirmed', 'in_progress')
        and e.start_date between tenancy.today() and tenancy.today() + days)
  ), dates as (
    -- Each date that is not cancelled: its booths, those that are ready, the crew they need and the crew that is confirmed.
    select e.id,
      (select count(*) from public.booth_assignments b join public.booths o on o.tenant_id = b.tenant_id and o.id = b.booth_id
        where b.tenant_id = d.tenant_id and b.event_date_id = d.id and not b.overbooked
          and (b.status in ('checked_out', 'returned') or b.status = 'reserved' and o.status = 'ready')) as fit,
      booths.taken, booths.crew,
      (select count(distinct a.user_id) from public.event_staff_assignments a where a.tenant_id = d.tenant_id
        and a.event_date_id = d.id and a.status = 'confirmed' and not a.overbooked and tenancy.works_here(a.user_id)) as confirmed
    from coming e join public.event_dates d on d.tenant_id = e.tenant_id and d.event_id = e.id and d.status <> 'cancelled'
    cross join lateral (select count(*) as taken, coalesce(sum(t.crew_needed), 1) as crew
      from public.booth_assignments b join public.booths o on o.tenant_id = b.tenant_id and o.id = b.booth_id
      join public.booth_types t on t.tenant_id = o.tenant_id and t.id = o.booth_type_id
      where b.tenant_id = d.tenant_id and b.event_date_id = d.id and b.status <> 'cancelled') booths
  ), fact as (
    select e.id, e.start_date,
      coalesce((select sum(i.total - i.paid) <= 0 from public.invoices i where i.tenant_id = e.tenant_id and i.event_id = e.id
        and i.status not in ('draft', 'void', 'written_off')), false) as paid,
      exists (select from public.contracts c where c.tenant_id = e.tenant_id and c.event_id = e.id and c.status = 'signed') as signed,
      not exists (select from public.event_design_items d where d.tenant_id = e.tenant_id and d.event_id = e.id
        and d.approved_at is null) as designed,
      coalesce((select bool_and(d.confirmed >= d.crew) from dates d where d.id = e.id), false)
        and not exists (select from public.event_staff_assignments a where a.tenant_id = e.tenant_id and a.event_id = e.id
          and a.status in ('invited', 'accepted')) as staffed,
      coalesce((select bool_and(d.taken > 0) from dates d where d.id = e.id), false) or tenancy.is_reserved(e.id) as reserved,
      coalesce((select bool_and(d.taken > 0 and d.fit = d.taken) from dates d where d.id = e.id), false) as packed,
      e.briefed_at is not null as briefed
    from coming e
  )
  select f.id, round(100.0 * (f.paid::int + f.signed::int + f.designed::int + f.staffed::int + f.packed::int + f.briefed::int) / 6)::int,
    f.paid, f.signed, f.designed, f.staffed, f.packed, f.briefed,
    case when not f.reserved then 'Reserve a booth.'
      when not f.signed then 'Have the contract signed.'
      when not f.designed then 'Have the designs approved.'
      when not f.staffed then 'Confirm the crew.'
      when not f.packed then 'Reserve a ready booth.'
      when not f.paid then 'Collect the balance.'
      when not f.briefed then 'Brief the crew.' end
  from fact f order by f.start_date, f.id;
end
$$;
select tenancy.expose(true, 'public.event_readiness(uuid, integer)');

-- Records that the crew and the client have been briefed, and when.
create or replace function public.mark_briefed(event_id uuid) returns public.events
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  event public.events;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  update public.events e set briefed_at = coalesce(e.briefed_at, now())
    where e.tenant_id = tenancy.current_tenant() and e.id = event_id returning * into event;
  if event.id is null then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  perform tenancy.act_as(caller);
  return event;
end
$$;
select tenancy.expose(true, 'public.mark_briefed(uuid)');
