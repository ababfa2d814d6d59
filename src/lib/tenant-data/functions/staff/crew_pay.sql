-- What a shift costs, at the rate of the day.
--   rule  the tenant's rounding, read once by the caller: this is computed for thousands of shifts
create or replace function tenancy.labour_cost(a public.event_staff_assignments, day date, rule text) returns bigint
  language sql stable
  return tenancy.round_money(coalesce(a.rate_snapshot, tenancy.pay_rate(a.user_id, a.staff_role_id, a.pay_type, day), 0)
    * case a.pay_type when 'flat' then 3600
        else coalesce(a.hours_actual * 3600, extract(epoch from upper(a.per) - lower(a.per)), 0) end, 3600, rule)::bigint;
select tenancy.grant_internals('tenancy.labour_cost(public.event_staff_assignments, date, text)');

-- What shifts cost: hours (reported, else planned) at the rate of the day, or a flat sum; miles at `mileage_rate`. In the
-- tenant's currency. Managers see all people, others themselves.
create or replace function public.crew_shift_pay(from_day date, to_day date, person uuid default null)
  returns table (assignment_id uuid, user_id uuid, event_id uuid, title text, event_date date, role_name text, status text,
    pay_type text, rate bigint, hours numeric, hours_reported boolean, pay bigint, miles numeric, travel bigint)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  whose constant uuid := case when tenancy.manages() then person else tenancy.current_user_id() end;
  sees_all constant boolean := tenancy.manages();
  mile constant numeric := coalesce((tenancy.setting('mileage_rate') #>> '{}')::numeric, 0);
  rule constant text := tenancy.rounding();
  caller name;
begin
  if from_day is null or to_day is null or to_day < from_day then
    perform tenancy.refuse(400, 'The period ends before it begins.', null, 'Choose a last day that is the first day or later.');
  end if;
  caller := tenancy.act_for_tenant();
  return query
    select a.id, a.user_id, a.event_id, e.title, d.event_date, r.name, a.status, a.pay_type,
      coalesce(a.rate_snapshot, tenancy.pay_rate(a.user_id, a.staff_role_id, a.pay_type, d.event_date), 0),
      round(coalesce(a.hours_actual, extract(epoch from upper(a.per) - lower(a.per)) / 3600, 0), 2),
      a.hours_actual is not null, tenancy.labour_cost(a, d.event_date, rule),
      coalesce(a.miles, 0)::numeric, tenancy.round_money(coalesce(a.miles, 0) * mile, 1, rule)::bigint
    from public.event_dates d
    join public.event_staff_assignments a on a.tenant_id = d.tenant_id and a.event_date_id = d.id
    join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
    join public.staff_roles r on r.tenant_id = a.tenant_id and r.id = a.staff_role_id
    where d.tenant_id = tenant and d.event_date between from_day and to_day and a.status in ('accepted', 'confirmed')
      and (a.user_id = whose or sees_all and whose is null)
    order by d.event_date desc, a.user_id, a.id;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.crew_shift_pay(date, date, uuid)');

create or replace function public.crew_pay_report(from_day date, to_day date)
  returns table (user_id uuid, shifts int, unreported int, hours numeric, hourly_pay bigint, flat_pay bigint, miles numeric,
    travel bigint, total bigint)
  language sql volatile
as $$
  select s.user_id, count(*)::int, (count(*) filter (where not s.hours_reported and s.pay_type = 'hourly'))::int,
    sum(s.hours), coalesce(sum(s.pay) filter (where s.pay_type = 'hourly'), 0)::bigint,
    coalesce(sum(s.pay) filter (where s.pay_type = 'flat'), 0)::bigint, sum(s.miles), sum(s.travel)::bigint,
    (sum(s.pay) + sum(s.travel))::bigint
  from public.crew_shift_pay(from_day, to_day) s group by s.user_id order by 9 desc, 1
$$;
select tenancy.expose(true, 'public.crew_pay_report(date, date)');
