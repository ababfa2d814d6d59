-- What an event earned, in minor units: revenue (invoiced, without tax and credits) less labour at the rate of the day,
-- custom items, payment fees and travel (miles at setting `mileage_rate`, minor units a mile). For managers. One row for each currency, the
-- company's own first: labour, custom items and travel are in that.
create or replace function public.event_profit(event_id uuid)
  returns table (currency text, revenue bigint, labour bigint, custom_items bigint, fees bigint, travel bigint, profit bigint,
    margin_percent numeric)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  event constant uuid := event_profit.event_id;
  own constant text := tenancy.company_currency();
  rule constant text := tenancy.rounding();
  mile constant numeric := coalesce((tenancy.setting('mileage_rate') #>> '{}')::numeric, 0);
  day date;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  select e.start_date into day from public.events e where e.tenant_id = tenant and e.id = event;
  if not found then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  return query
  with part (currency, revenue, labour, custom_items, fees, travel) as (
    select i.currency, tenancy.revenue_of(i), 0::bigint, 0::bigint, 0::bigint, 0::bigint from public.invoices i
      where i.tenant_id = tenant and i.event_id = event and i.status not in ('draft', 'void')
    union all
    select i.currency, 0, 0, 0, p.fee, 0 from public.payments p join public.invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id
      where p.tenant_id = tenant and i.event_id = event and p.status = 'succeeded' and p.fee <> 0
    union all
    select own, 0, coalesce(sum(tenancy.labour_cost(a, coalesce(d.event_date, day), rule)), 0)::bigint, 0, 0,
        tenancy.round_money(coalesce(sum(a.miles), 0) * mile, 1, rule)::bigint
      from public.event_staff_assignments a
      left join public.event_dates d on d.tenant_id = a.tenant_id and d.id = a.event_date_id
      where a.tenant_id = tenant and a.event_id = event and a.status in ('accepted', 'confirmed')
    union all
    select own, 0, 0, c.cost, 0, 0 from public.event_custom_items c where c.tenant_id = tenant and c.event_id = event
  ), sums as (
    select p.currency, coalesce(sum(p.revenue), 0)::bigint as revenue, coalesce(sum(p.labour), 0)::bigint as labour,
      coalesce(sum(p.custom_items), 0)::bigint as custom_items, coalesce(sum(p.fees), 0)::bigint as fees,
      coalesce(sum(p.travel), 0)::bigint as travel, count(*) over () as currencies
    from part p group by 1
  )
  select s.currency, s.revenue, s.labour, s.custom_items, s.fees, s.travel, earned.profit,
    case when s.revenue > 0 then round(100.0 * earned.profit / s.revenue, 1) end
  from sums s cross join lateral (select s.revenue - s.labour - s.custom_items - s.fees - s.travel as profit) earned
  where s.currencies = 1 or s.currency <> own or (s.revenue, s.labour, s.custom_items, s.fees, s.travel) <> (0, 0, 0, 0, 0)
  order by s.currency <> own, s.currency;
end
$$;
select tenancy.expose(true, 'public.event_profit(uuid)');

-- event_profit for all events of a period at once, by currency: labour, custom items and travel are in the tenant's own.
-- Without events that were neither invoiced nor cost anything. The tenant is read once and not for every row: checking the seal
-- of the claims takes longer than reading a row. PL/pgSQL, so that it is planned for the period each time.
create or replace function tenancy.profits(from_day date, to_day date)
  returns table (event_id uuid, start_date date, currency text, revenue bigint, labour bigint, custom_items bigint, fees bigint,
    travel bigint, profit bigint)
  language plpgsql stable set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  return query
  with chosen as materialized (
    select e.id, e.start_date, e.status from public.events e
    where e.tenant_id = (select tenancy.current_tenant()) and e.start_date between from_day and to_day and e.deleted_at is null
  ), own as materialized (
    select tenancy.company_currency() as currency, coalesce((tenancy.setting('mileage_rate') #>> '{}')::numeric, 0) as mile, tenancy.rounding() as rule
  ), billed as materialized (
    select i.event_id, i.currency, sum(tenancy.revenue_of(i)) as revenue
    from chosen c join public.invoices i on i.tenant_id = (select tenancy.current_tenant()) and i.event_id = c.id
    where i.status not in ('draft', 'void') group by 1, 2
  -- A union that is summed, not joins: results of a CTE have no statistics, and joins of thousands would be nested loops.
  ), part (event_id, currency, revenue, labour, custom_items, fees, travel) as (
    select b.event_id, b.currency, b.revenue, 0, 0, 0, 0 from billed b
    union all
    select i.event_id, i.currency, 0, 0, 0, p.fee, 0
      from chosen c join public.invoices i on i.tenant_id = (select tenancy.current_tenant()) and i.event_id = c.id
      join public.payments p on p.tenant_id = i.tenant_id and p.invoice_id = i.id
      where p.status = 'succeeded' and p.fee <> 0
    union all
    select c.id, own.currency, 0, sum(tenancy.labour_cost(a, coalesce(d.event_date, c.start_date), own.rule)), 0, 0,
        tenancy.round_money(coalesce(sum(a.miles), 0) * own.mile, 1, own.rule)
      from chosen c cross join own
      join public.event_staff_assignments a on a.tenant_id = (select tenancy.current_tenant()) and a.event_id = c.id
      left join public.event_dates d on d.tenant_id = a.tenant_id and d.id = a.event_date_id
      where a.status in ('accepted', 'confirmed') group by c.id, own.currency, own.mile, own.rule
    union all
    select x.event_id, own.currency, 0, 0, x.cost, 0, 0
      from chosen c cross join own
      join public.event_custom_items x on x.tenant_id = (select tenancy.current_tenant()) and x.event_id = c.id
    union all
    select c.id, own.currency, 0, 0, 0, 0, 0 from chosen c cross join own
      where c.status in ('confirmed', 'in_progress', 'completed') and c.id not in (select b.event_id from billed b)
  ), sum as (
    select p.event_id, p.currency, coalesce(sum(p.revenue), 0)::bigint as revenue, coalesce(sum(p.labour), 0)::bigint as labour,
      coalesce(sum(p.custom_items), 0)::bigint as custom_items, coalesce(sum(p.fees), 0)::bigint as fees,
      coalesce(sum(p.travel), 0)::bigint as travel
    from part p group by 1, 2
  )
  select c.id, c.start_date, s.currency, s.revenue, s.labour, s.custom_items, s.fees, s.travel,
    s.revenue - s.labour - s.custom_items - s.fees - s.travel
  from sum s join chosen c on c.id = s.event_id;
end
$$;
select tenancy.grant_internals('tenancy.profits(date, date)');

-- The profits of days within one period, added up.
create or replace function tenancy.profit_of_days(first_day date, last_day date, step text, from_day date)
  returns table (bucket date, currency text, events int, revenue bigint, labour bigint, custom_items bigint, fees bigint, travel bigint)
  language sql stable
as $$
  select tenancy.bucket_of(p.start_date, step, from_day), p.currency, count(*)::int, sum(p.revenue)::bigint, sum(p.labour)::bigint,
    sum(p.custom_items)::bigint, sum(p.fees)::bigint, sum(p.travel)::bigint
  from tenancy.profits(first_day, last_day) p group by 1, 2
$$;
select tenancy.grant_internals('tenancy.profit_of_days(date, date, text, date)');

create or replace function public.profit_report(from_day date, to_day date, step text default 'month')
  returns table (bucket date, currency text, events int, revenue bigint, labour bigint, custom_items bigint, fees bigint,
    travel bigint, profit bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  perform tenancy.check_period(from_day, to_day, step);
  return query
  with part as materialized (
    select * from tenancy.report_parts('profit', from_day, to_day, step)
  ), found as materialized (
    select r.* from part p cross join lateral jsonb_to_recordset(p.stored) as r (bucket date, currency text, events int,
      revenue bigint, labour bigint, custom_items bigint, fees bigint, travel bigint)
    union all
    select r.* from part p cross join lateral tenancy.profit_of_days(p.first_day, p.last_day, step, from_day) r where p.stored is null
  ), sum as (
    select f.bucket, f.currency, sum(f.events)::int as events, sum(f.revenue)::bigint as revenue, sum(f.labour)::bigint as labour,
      sum(f.custom_items)::bigint as custom_items, sum(f.fees)::bigint as fees, sum(f.travel)::bigint as travel
    from found f group by 1, 2
  )
  select b.bucket, b.currency, coalesce(s.events, 0), coalesce(s.revenue, 0), coalesce(s.labour, 0), coalesce(s.custom_items, 0),
    coalesce(s.fees, 0), coalesce(s.travel, 0), coalesce(s.revenue - s.labour - s.custom_items - s.fees - s.travel, 0)
  from tenancy.buckets(from_day, to_day, step, array(select distinct f.currency from found f)) b
  left join sum s on s.bucket = b.bucket and s.currency = b.currency
  order by b.currency, b.bucket;
end
$$;
select tenancy.expose(true, 'public.profit_report(date, date, text)');

-- One row for each event and currency. `sorted`: latest, best or worst. `of_all`: how many there are.
create or replace function public.profit_by_event(from_day date, to_day date, sorted text default 'latest', most int default 50, skip int default 0)
  returns table (event_id uuid, title text, start_date date, currency text, revenue bigint, labour bigint, custom_items bigint,
    fees bigint, travel bigint, profit bigint, margin_percent numeric, of_all int)
  language plpgsql stable set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  perform tenancy.check_period(from_day, to_day);
  return query
  with part as materialized (
    select * from tenancy.report_parts('profit_by_event', from_day, to_day)
  ), live as materialized (
    select p.first_day, to_jsonb(r) as one from part p cross join lateral tenancy.profits(p.first_day, p.last_day) r where p.stored is null
  ), counted as materialized (
    select p.first_day, p.stored, case when sorted in ('best', 'worst') then 0 else coalesce(jsonb_array_length(p.stored), l.rows, 0) end as rows
    from part p left join (select l.first_day, count(*) as rows from live l group by 1) l on l.first_day = p.first_day
  ), reached as (
    select c.*, sum(c.rows) over (order by c.first_day desc) - c.rows as ahead, sum(c.rows) over ()::int as of_all from counted c
  -- Latest first, only the months of the page are looked into.
  ), wanted as materialized (
    select * from reached r where sorted in ('best', 'worst')
      or r.ahead < greatest(skip, 0) + least(greatest(most, 1), 5000) and r.ahead + r.rows > greatest(skip, 0)
  -- Kept as JSON until the page is chosen: reading all columns of each row takes longer than sorting.
  ), found (one, of_all) as (
    select x, w.of_all from wanted w cross join lateral jsonb_array_elements(w.stored) x
    union all
    select l.one, w.of_all from wanted w join live l on l.first_day = w.first_day where w.stored is null
  ), page as (
    select f.one, case when sorted in ('best', 'worst') then (count(*) over ())::int else f.of_all end as of_all, row_number() over (
        order by case sorted when 'best' then -(f.one ->> 'profit')::bigint when 'worst' then (f.one ->> 'profit')::bigint end,
          f.one ->> 'start_date' desc, f.one ->> 'event_id', f.one ->> 'currency') as place
    from found f order by place limit least(greatest(most, 1), 5000)
    offset greatest(skip, 0) - case when sorted in ('best', 'worst') then 0 else coalesce((select min(w.ahead) from wanted w), 0) end
  )
  select r.event_id, e.title, r.start_date, r.currency, r.revenue, r.labour, r.custom_items, r.fees, r.travel, r.profit,
    case when r.revenue > 0 then round(100.0 * r.profit / r.revenue, 1) end, p.of_all
  from page p cross join lateral jsonb_to_record(p.one) as r (event_id uuid, start_date date, currency text, revenue bigint,
    labour bigint, custom_items bigint, fees bigint, travel bigint, profit bigint)
  join public.events e on e.tenant_id = (select tenancy.current_tenant()) and e.id = r.event_id
  order by p.place;
end
$$;
select tenancy.expose(true, 'public.profit_by_event(date, date, text, integer, integer)');
