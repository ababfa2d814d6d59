-- Dates with fewer people asked than their booths need (one where they have none yet).
create or replace function public.open_shifts(from_day date, to_day date)
  returns table (event_date_id uuid, event_id uuid, title text, event_date date, setup_time time, start_time time, end_time time,
    place text, needed int, asked int)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  return query
  select d.id, e.id, e.title, d.event_date, d.setup_time, d.start_time, d.end_time, l.name, b.crew, a.people
  from public.event_dates d
  join public.events e on e.tenant_id = d.tenant_id and e.id = d.event_id
  left join public.locations l on l.tenant_id = d.tenant_id and l.id = coalesce(d.location_id, e.location_id)
  cross join lateral (select coalesce(sum(t.crew_needed), 1)::int as crew
    from public.booth_assignments x join public.booths o on o.tenant_id = x.tenant_id and o.id = x.booth_id
    join public.booth_types t on t.tenant_id = o.tenant_id and t.id = o.booth_type_id
    where x.tenant_id = d.tenant_id and x.event_date_id = d.id
      and tenancy.is_assigned(x.status, x.hold_expires_at)) b
  cross join lateral (select count(distinct x.user_id)::int as people from public.event_staff_assignments x
    where x.tenant_id = d.tenant_id and x.event_date_id = d.id and x.status in ('invited', 'accepted', 'confirmed') and tenancy.works_here(x.user_id)) a
  where d.tenant_id = (select tenancy.current_tenant()) and d.event_date between from_day and to_day and d.status = 'scheduled'
    and e.deleted_at is null and e.status in ('tentative', 'confirmed', 'in_progress') and a.people < b.crew
  order by d.event_date, d.start_time, d.id;
end
$$;
select tenancy.expose(true, 'public.open_shifts(date, date)');

-- People who could work on a date, free ones with the fewest shifts around it first. For managers.
--   state    free | works (elsewhere at that time) | time_off | on_it (is asked already) | declined (was asked)
--   status   of the assignment, where there is one on this date; assignment_id it, role_id its role. One that was declined or cancelled is asked again
--   title, starts, ends   what stands in the way; of time off, its days
--   rate     by the hour, for the role that is given
--   near     shifts within a week of the date
-- `people`: ids of further people who may be asked; users are in the application database.
create or replace function public.crew_candidates(event_date_id uuid, staff_role_id uuid default null, people jsonb default '[]')
  returns table (user_id uuid, state text, status text, assignment_id uuid, title text, starts timestamptz, ends timestamptz,
    first_day date, last_day date, rate bigint, near int, role_id uuid)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  wanted public.event_dates;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  select d.* into wanted from public.event_dates d where d.tenant_id = tenant and d.id = crew_candidates.event_date_id;
  if not found then
    perform tenancy.refuse(404, 'There is no date with this id.');
  end if;
  return query
  with shift as materialized (
    select a.id, a.user_id, a.staff_role_id, a.status, a.per, a.event_date_id, e.title, d.event_date
    from public.event_dates d
    join public.event_staff_assignments a on a.tenant_id = d.tenant_id and a.event_date_id = d.id
    join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
    where d.tenant_id = tenant and d.event_date between wanted.event_date - 7 and wanted.event_date + 7
      and a.status in ('invited', 'accepted', 'confirmed', 'declined', 'cancelled')
  ), crew as (
    select h.user_id from public.user_role_history h
      where h.tenant_id = tenant and h.role = 'staff' and h.effective @> wanted.event_date
    union select h.user_id from public.user_pay_rate_history h
      where h.tenant_id = tenant and h.effective @> wanted.event_date and tenancy.works_here(h.user_id)
    union select s.user_id from shift s where s.event_date_id = wanted.id
    union select p::uuid from jsonb_array_elements_text(people) p
  ), known as (
    select c.user_id, mine.id as assignment_id, mine.status, mine.staff_role_id as role_id, elsewhere.title, lower(elsewhere.per) as starts,
      upper(elsewhere.per) as ends, away.first_day, away.last_day,
      (select count(*)::int from shift s where s.user_id = c.user_id and s.status not in ('declined', 'cancelled')
        and s.event_date_id <> wanted.id) as near
    from crew c
    left join lateral (select s.id, s.status, s.staff_role_id from shift s where s.user_id = c.user_id and s.event_date_id = wanted.id
      -- The one that is asked again: a person is on a date once in each role.
      order by s.status in ('declined', 'cancelled'), s.staff_role_id is distinct from crew_candidates.staff_role_id, s.status = 'cancelled'
      limit 1) mine on true
    left join lateral (select s.title, s.per from shift s where s.user_id = c.user_id and s.event_date_id <> wanted.id
      and s.status in ('accepted', 'confirmed') and s.per && wanted.occupied order by lower(s.per) limit 1) elsewhere on true
    left join lateral (select t.first_day, t.last_day from tenancy.time_off t where t.tenant_id = tenant
      and t.user_id = c.user_id and wanted.event_date between t.first_day and t.last_day) away on true
  ), judged as (
    select k.*, case when k.status in ('invited', 'accepted', 'confirmed') then 'on_it' when k.first_day is not null then 'time_off'
      when k.title is not null then 'works' when k.status = 'declined' then 'declined' else 'free' end as state
    from known k
  )
  select j.user_id, j.state, j.status, j.assignment_id, j.title, j.starts, j.ends, j.first_day, j.last_day,
    tenancy.pay_rate(j.user_id, crew_candidates.staff_role_id, 'hourly', wanted.event_date), j.near, j.role_id
  from judged j
  order by array_position(array['on_it', 'free', 'declined', 'works', 'time_off'], j.state), j.near, j.user_id;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.crew_candidates(uuid, uuid, jsonb)');
