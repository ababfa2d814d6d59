-- When booths are reserved (`firm`) and held, near some days.
create or replace function tenancy.busy_booths(days date[])
  returns table (thing uuid, firm tstzmultirange, held tstzmultirange)
  language sql stable
as $$
  select n.thing, coalesce(range_agg(n.per) filter (where n.kind = 'booth'), '{}'),
    coalesce(range_agg(n.per) filter (where n.kind = 'booth_hold'), '{}')
  from tenancy.busy_near(busy_booths.days, null) n where n.kind in ('booth', 'booth_hold') group by n.thing
$$;
select tenancy.grant_internals('tenancy.busy_booths(date[])');

-- Whether the days of some deals, or of all open ones, are free: one query for a whole list. One row a standing date:
--   state  reserved, held: by the deal itself, `held_until` then; free: enough booths are free at the date's hours; on_hold: only those
--          that others hold would do; taken; unknown: there is no booth of the promised types
--   free, booths  how many of the promised types are free and in service
create or replace function public.deal_days(opportunity_ids uuid[] default null)
  returns table (opportunity_id uuid, event_date_id uuid, event_date date, state text, free int, booths int, held_until timestamptz)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  deals uuid[];
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  caller := tenancy.act_for_tenant();
  -- Values and not a sub-select, so that the planner knows how many there are.
  deals := array(select o.id from public.opportunities o where o.tenant_id = tenant and o.closed_at is null and opportunity_ids is null
    union all select o.id from public.opportunities o where o.tenant_id = tenant and o.id = any (opportunity_ids));
  return query
  with promised as materialized (
    select * from tenancy.promises_of(deals)
  ), day as (
    select d.id, d.opportunity_id, d.event_date, d.start_time, d.occupied, deal.promised
    from (select o.id, p.promised from unnest(deals) o (id) left join promised p on p.deal = o.id) deal
    join public.event_dates d on d.tenant_id = tenant and d.opportunity_id = deal.id and d.status <> 'cancelled'
  ), need as (
    select day.*, n.key as booth_type, n.value::int as wanted
    from day cross join lateral jsonb_each_text(coalesce(day.promised, '{"any": 1}')) n
  ), busy as materialized (
    select b.* from tenancy.busy_booths(array(select distinct day.event_date from day)) b
  ), fit as (
    select need.id, need.booth_type, need.wanted, count(b.id)::int as booths,
      count(b.id) filter (where not coalesce(busy.firm && around.span, false))::int as unreserved,
      count(b.id) filter (where not coalesce(busy.firm && around.span or busy.held && around.span, false))::int as free
    from need
    left join (public.booths b join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id)
      on b.tenant_id = tenant and b.status in ('ready', 'incomplete') and need.booth_type in ('any', b.booth_type_id::text)
    left join lateral (select tenancy.around(need.occupied, t.buffer_before_minutes, t.buffer_after_minutes) as span) around on true
    left join busy on busy.thing = b.id
    group by need.id, need.booth_type, need.wanted
  ), own as (
    select a.event_date_id, bool_or(a.status <> 'hold') as reserved, min(a.hold_expires_at) as until
    from public.booth_assignments a
    where a.tenant_id = tenant and a.event_date_id in (select day.id from day)
      and tenancy.is_assigned(a.status, a.hold_expires_at)
    group by a.event_date_id
  )
  select day.opportunity_id, day.id, day.event_date,
    case when bool_or(own.reserved) then 'reserved' when bool_or(own.until is not null) then 'held'
      when bool_or(fit.booths = 0) then 'unknown' when bool_and(fit.free >= fit.wanted) then 'free'
      when bool_and(fit.unreserved >= fit.wanted) then 'on_hold' else 'taken' end,
    sum(fit.free)::int, sum(fit.booths)::int, min(own.until)
  from day join fit on fit.id = day.id left join own on own.event_date_id = day.id
  group by day.opportunity_id, day.id, day.event_date, day.start_time order by day.opportunity_id, day.event_date, day.start_time;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.deal_days(uuid[])');

-- The same for days of which no hours are known, such as those of leads: whether a booth of any type is free from 10:00 to midnight.
create or replace function public.day_states(days date[])
  returns table (day date, state text, free int, booths int)
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  caller := tenancy.act_for_tenant();
  return query
  with wanted as (
    select distinct x.day, tstzrange(tenancy.midnight(x.day) + interval '10 hours', tenancy.midnight(x.day + 1)) as hours
    from unnest(days) x (day)
  ), busy as materialized (
    select b.* from tenancy.busy_booths(array(select wanted.day from wanted)) b
  ), fit as (
    select wanted.day, count(b.id)::int as booths,
      count(b.id) filter (where not coalesce(busy.firm && wanted.hours, false))::int as unreserved,
      count(b.id) filter (where not coalesce(busy.firm && wanted.hours or busy.held && wanted.hours, false))::int as free
    from wanted left join public.booths b on b.tenant_id = tenant and b.status in ('ready', 'incomplete')
    left join busy on busy.thing = b.id group by wanted.day
  )
  select fit.day, case when fit.booths = 0 then 'unknown' when fit.free > 0 then 'free' when fit.unreserved > 0 then 'on_hold'
    else 'taken' end, fit.free, fit.booths from fit order by fit.day;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.day_states(date[])');
