-- Months of reports that are added up beforehand (tenancy.report_months).

-- A period in parts: whole months that are added up, with the report's rows, and days between them that are not. For functions that
-- read the rows of the latter in the same statement. Only a report by month has months.
create or replace function tenancy.report_parts(report text, from_day date, to_day date, step text default 'month')
  returns table (first_day date, last_day date, stored jsonb)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  caller name;
begin
  -- What was added up hides no rows, so only those who may read all of them may read it.
  perform tenancy.require_role(variadic case when report like 'profit%' then '{owner,admin,manager}'
    else '{owner,admin,manager,viewer}' end::text[]);
  caller := tenancy.act_for_tenant();
  return query
  with month as (
    select m::date as first, (m + interval '1 month' - interval '1 day')::date as last
    from generate_series(date_trunc('month', from_day::timestamp), to_day::timestamp, interval '1 month') m
  ), known as (
    select month.first, month.last, r.stored, row_number() over (order by month.first) as place
    from month left join tenancy.report_months r on r.tenant_id = tenant and r.report = report_parts.report and r.month = month.first
      and step = 'month' and month.first >= from_day and month.last <= to_day
      and exists (select from tenancy.report_upkeep u where u.tenant_id = tenant)
      and not exists (select from tenancy.report_changes c where c.tenant_id = tenant and c.month is null)
      and not exists (select from tenancy.report_changes c where c.tenant_id = tenant and c.month = r.month)
  )
  select k.first, k.last, k.stored from known k where k.stored is not null
  union all
  select greatest(min(k.first), from_day), least(max(k.last), to_day), null
    from (select k.*, k.place - row_number() over (order by k.place) as run from known k where k.stored is null) k group by k.run;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.grant_internals('tenancy.report_parts(text, date, date, text)');

-- The rows of each report for a month, as report_parts answers them.
create or replace function tenancy.report_rows(first_day date) returns table (report text, stored jsonb)
  language plpgsql stable
as $$
declare
  last_day constant date := first_day + interval '1 month' - interval '1 day';
begin
  return query
  select 'revenue', coalesce(jsonb_agg(r), '[]') from tenancy.revenue_of_days(first_day, last_day, 'month', first_day) r
  union all
  select 'conversion', coalesce(jsonb_agg(r), '[]') from tenancy.conversion_of_days(first_day, last_day) r
  union all
  select 'use', coalesce(jsonb_agg(r), '[]') from tenancy.use_of_days(first_day, last_day) r
  union all
  select 'profit', coalesce(jsonb_agg(r), '[]') from tenancy.profit_of_days(first_day, last_day, 'month', first_day) r
  union all
  select 'profit_by_event', coalesce(jsonb_agg(r), '[]') from tenancy.profits(first_day, last_day) r
  union all
  select 'sales_tax_accrual', coalesce(jsonb_agg(r), '[]') from tenancy.sales_tax_of_days(first_day, last_day, false, 'month', first_day) r
  union all
  select 'sales_tax_cash', coalesce(jsonb_agg(r), '[]') from tenancy.sales_tax_of_days(first_day, last_day, true, 'month', first_day) r;
end
$$;
select tenancy.grant_internals('tenancy.report_rows(date)');

-- A digest of the functions that add up: another one after a release that changes them.
create or replace function tenancy.report_formulas() returns text
  language sql stable
  return (select md5(string_agg(p.prosrc || coalesce(pg_get_function_sqlbody(p.oid), ''), '' order by p.proname, p.oid::regprocedure::text))
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname = 'tenancy'
    where p.proname in ('report_rows', 'revenue_of_days', 'conversion_of_days', 'use_of_days', 'profit_of_days', 'profits',
      'sales_tax_of_days', 'revenue_of', 'labour_cost', 'pay_rate', 'round_money', 'bucket_of', 'midnight'));
select tenancy.grant_internals('tenancy.report_formulas()');

-- The months in which the tenant has something to report, at most fifteen years back.
create or replace function tenancy.months_of_business(tenant uuid) returns table (month date)
  language sql stable
as $$
  select m::date from (
    select least((select min(e.start_date) from public.events e where e.tenant_id = tenant),
        (select min(i.issue_date) from public.invoices i where i.tenant_id = tenant),
        (select min(l.created_at)::date from public.leads l where l.tenant_id = tenant)) as first,
      greatest((select tenancy.today()), (select max(d.event_date) from public.event_dates d where d.tenant_id = tenant)) as last) span
  cross join lateral generate_series(date_trunc('month', greatest(span.first, (select tenancy.today()) - 5500)::timestamp),
    least(span.last, (select tenancy.today()) + 730)::timestamp, interval '1 month') m
$$;
select tenancy.grant_internals('tenancy.months_of_business(uuid)');

-- Adds up months whose rows changed and those that are missing, for up to two seconds, and one that was added up long ago, in case a
-- change was not noted. Does nothing for a tenant with few invoices and events. Answers how many months are left.
--   least_rows  from so many invoices or events on months are added up
-- The changes that a month is added up with are read first, and only those are deleted: one that is committed meanwhile stays, and
-- the month does not count.
create or replace function public.add_up_reports(least_rows int default 2000) returns int
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  here constant text := tenancy.realtime_origin();
  upkeep tenancy.report_upkeep;
  noted jsonb;
  business date[];
  wanted date[];
  one date;
  started constant timestamptz := clock_timestamp();
  done int := 0;
begin
  select * into upkeep from tenancy.report_upkeep u where u.tenant_id = tenant and u.origin = here for update skip locked;
  if not found then
    if exists (select from tenancy.report_upkeep u where u.tenant_id = tenant)
      or (select count(*) from (select from public.invoices i where i.tenant_id = tenant limit least_rows) i) >= least_rows
      or (select count(*) from (select from public.events e where e.tenant_id = tenant limit least_rows) e) >= least_rows then
      -- Those of another server came with the tenant, and its months with them.
      insert into tenancy.report_upkeep (tenant_id, origin, formulas)
        values (tenant, here, (select min(u.formulas) from tenancy.report_upkeep u where u.tenant_id = tenant)) on conflict do nothing;
      get diagnostics done = row_count;
      delete from tenancy.report_upkeep u where u.tenant_id = tenant and u.origin <> here;
    end if;
    return done;
  end if;
  -- A transaction that does not see the row above began before this one, and must have ended.
  if upkeep.noted_from is null then
    update tenancy.report_upkeep u set noted_from = pg_snapshot_xmax(pg_current_snapshot())::text::bigint
      where u.tenant_id = tenant and u.origin = here;
    return 1;
  end if;
  if pg_snapshot_xmin(pg_current_snapshot())::text::bigint < upkeep.noted_from then
    return 0;
  end if;
  if upkeep.formulas is distinct from tenancy.report_formulas() then
    delete from tenancy.report_months r where r.tenant_id = tenant;
    update tenancy.report_upkeep u set formulas = tenancy.report_formulas() where u.tenant_id = tenant and u.origin = here;
  end if;
  noted := (select coalesce(jsonb_agg(c), '[]') from tenancy.report_changes c where c.tenant_id = tenant);
  if exists (select from jsonb_to_recordset(noted) c (month date) where c.month is null) then
    delete from tenancy.report_months r where r.tenant_id = tenant;
    delete from tenancy.report_changes c where c.tenant_id = tenant and c.id in (select x.id from jsonb_to_recordset(noted) x (id uuid));
    noted := '[]';
  end if;
  business := array(select m.month from tenancy.months_of_business(tenant) m);
  -- Months in which there is no business any more.
  delete from tenancy.report_months r where r.tenant_id = tenant and r.month <> all (business);
  delete from tenancy.report_changes c where c.tenant_id = tenant and c.month <> all (business)
    and c.id in (select x.id from jsonb_to_recordset(noted) x (id uuid));
  wanted := array(
    select m from unnest(business) m
      where not exists (select from tenancy.report_months r where r.tenant_id = tenant and r.report = 'revenue' and r.month = m)
        or m in (select c.month from jsonb_to_recordset(noted) c (month date))
      order by m desc)
    || array(select r.month from tenancy.report_months r where r.tenant_id = tenant and r.report = 'revenue'
      and r.added_up_at < now() - interval '1 week' order by r.added_up_at limit 1);
  foreach one in array wanted loop
    exit when clock_timestamp() > started + interval '2 seconds';
    insert into tenancy.report_months as r (tenant_id, report, month, stored)
      select tenant, x.report, one, x.stored from tenancy.report_rows(one) x
      on conflict (tenant_id, report, month) do update set stored = excluded.stored, added_up_at = now();
    delete from tenancy.report_changes c where c.tenant_id = tenant and c.month = one
      and c.id in (select x.id from jsonb_to_recordset(noted) x (id uuid));
    done := done + 1;
  end loop;
  return cardinality(wanted) - done;
end
$$;
select tenancy.expose(false, 'public.add_up_reports(integer)');
