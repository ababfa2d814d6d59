-- How many days within one period each booth, item and person was booked, as far as they were.
create or replace function tenancy.use_of_days(first_day date, last_day date)
  returns table (kind text, thing_id uuid, booked numeric)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
begin
  return query
  with date as materialized (
    select d.id, d.event_date from public.event_dates d
    where d.tenant_id = tenant and d.event_date between first_day and last_day and d.status <> 'cancelled'
  )
  select 'booth', a.booth_id, count(distinct d.event_date)::numeric
    from date d join public.booth_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
    where a.status in ('reserved', 'checked_out', 'returned') group by a.booth_id
  union all
  select 'equipment', s.equipment_item_id, sum(least(s.quantity, i.quantity)) from (
      select a.equipment_item_id, d.event_date, sum(a.quantity) as quantity
      from date d join public.equipment_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
      where a.status in ('reserved', 'checked_out', 'returned') group by 1, 2) s
    join public.equipment_items i on i.tenant_id = tenant and i.id = s.equipment_item_id group by s.equipment_item_id
  union all
  select 'person', a.user_id, count(distinct d.event_date)::numeric
    from date d join public.event_staff_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
    where a.status in ('accepted', 'confirmed') group by a.user_id;
end
$$;
select tenancy.grant_internals('tenancy.use_of_days(date, date)');

-- How many days of a period each booth, item and person was booked. Items of which there are several count by the piece; people
-- have no days available while on time off. Retired or lost ones appear only if they were booked.
--   kind  booth | equipment | person (whose name is null)
--   people  ids of those who are there beside whom the history of roles and the bookings know: accounts are the application's
create or replace function public.utilisation_report(from_day date, to_day date, people jsonb default '[]')
  returns table (kind text, thing_id uuid, name text, type_name text, booked numeric, available numeric)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  whole constant int := to_day - from_day + 1;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day);
  caller := tenancy.act_for_tenant();
  return query
  with part as materialized (
    select * from tenancy.report_parts('use', from_day, to_day)
  ), used as materialized (
    select u.kind, u.thing_id, sum(u.booked) as booked from (
      select r.* from part p cross join lateral jsonb_to_recordset(p.stored) as r (kind text, thing_id uuid, booked numeric)
      union all
      select r.* from part p cross join lateral tenancy.use_of_days(p.first_day, p.last_day) r where p.stored is null) u
    group by 1, 2
  ), crew as (
    select h.user_id from public.user_role_history h
      where h.tenant_id = tenant and h.role = 'staff' and h.effective && daterange(from_day, to_day, '[]')
    union select u.thing_id from used u where u.kind = 'person'
    union select p::uuid from jsonb_array_elements_text(people) p
  ), away as (
    select t.user_id, sum(least(t.last_day, to_day) - greatest(t.first_day, from_day) + 1) as days from tenancy.time_off t
    where t.tenant_id = tenant and t.last_day >= from_day and t.first_day <= to_day group by 1
  )
  select 'booth', b.id, b.name, t.name, coalesce(u.booked, 0)::numeric, whole::numeric
    from public.booths b join public.booth_types t on t.tenant_id = tenant and t.id = b.booth_type_id
    left join used u on u.kind = 'booth' and u.thing_id = b.id
    where b.tenant_id = tenant and (b.status <> 'retired' or u.booked > 0)
  union all
  select 'equipment', i.id, i.asset_tag || ' ' || i.name, t.name, coalesce(u.booked, 0)::numeric, (whole * i.quantity)::numeric
    from public.equipment_items i join public.equipment_types t on t.tenant_id = tenant and t.id = i.equipment_type_id
    left join used u on u.kind = 'equipment' and u.thing_id = i.id
    where i.tenant_id = tenant and (i.status not in ('retired', 'lost') or u.booked > 0)
  union all
  select 'person', c.user_id, null, null, coalesce(p.booked, 0)::numeric,
      greatest(whole - coalesce(a.days, 0), coalesce(p.booked, 0))::numeric
    from crew c left join used p on p.kind = 'person' and p.thing_id = c.user_id left join away a on a.user_id = c.user_id
  order by 1, 5 desc, 3, 2;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.utilisation_report(date, date, jsonb)');
