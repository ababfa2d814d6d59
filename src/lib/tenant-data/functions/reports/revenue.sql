-- The tenant's revenue of an invoice: without tax, and without what was credited (a credit covers tax too); of one that was
-- written off, what was paid.
create or replace function tenancy.revenue_of(i public.invoices) returns bigint
  language sql stable
  return case when i.total = 0 then 0 when i.credited = 0 and i.status <> 'written_off' then i.total - i.tax
    else tenancy.round_money((i.total - i.tax)
      * (case when i.status = 'written_off' then i.paid else i.total end - i.credited), i.total, i.rounding)::bigint end;
select tenancy.grant_internals('tenancy.revenue_of(public.invoices)');

-- Of days within one period: see revenue_report.
create or replace function tenancy.revenue_of_days(first_day date, last_day date, step text, from_day date)
  returns table (bucket date, currency text, invoices int, invoiced bigint, revenue bigint, received bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  zone constant text := coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');
  -- Values and not calls: under row-level security only leakproof expressions reach an index.
  starts constant timestamptz := tenancy.midnight(first_day);
  ends constant timestamptz := tenancy.midnight(last_day + 1);
begin
  return query
  select d.bucket, d.currency, sum(d.invoices)::int, sum(d.invoiced)::bigint, sum(d.revenue)::bigint, sum(d.received)::bigint from (
    select tenancy.bucket_of(i.issue_date, step, from_day) as bucket, i.currency, count(*) as invoices,
      sum(i.total) as invoiced, sum(tenancy.revenue_of(i)) as revenue, 0 as received
    from public.invoices i
    where i.tenant_id = tenant and i.issue_date between first_day and last_day and i.status not in ('draft', 'void')
    group by 1, 2
    union all
    select tenancy.bucket_of((p.paid_at at time zone zone)::date, step, from_day), p.currency, 0, 0, 0,
      sum(case p.kind when 'refund' then -p.amount else p.amount end)
    from public.payments p
    where p.tenant_id = tenant and p.paid_at >= starts and p.paid_at < ends
      and p.status = 'succeeded' and p.method <> 'credit'
    group by 1, 2) d
  group by 1, 2;
end
$$;
select tenancy.grant_internals('tenancy.revenue_of_days(date, date, text, date)');

-- Invoiced (with tax), revenue (without tax and credits) and received less refunds.
create or replace function public.revenue_report(from_day date, to_day date, step text default 'month')
  returns table (bucket date, currency text, invoices int, invoiced bigint, revenue bigint, received bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day, step);
  return query
  with part as materialized (
    select * from tenancy.report_parts('revenue', from_day, to_day, step)
  ), found as materialized (
    select r.* from part p cross join lateral jsonb_to_recordset(p.stored)
      as r (bucket date, currency text, invoices int, invoiced bigint, revenue bigint, received bigint)
    union all
    select r.* from part p cross join lateral tenancy.revenue_of_days(p.first_day, p.last_day, step, from_day) r where p.stored is null
  ), sum as (
    select f.bucket, f.currency, sum(f.invoices)::int as invoices, sum(f.invoiced)::bigint as invoiced,
      sum(f.revenue)::bigint as revenue, sum(f.received)::bigint as received
    from found f group by 1, 2
  )
  select b.bucket, b.currency, coalesce(s.invoices, 0), coalesce(s.invoiced, 0), coalesce(s.revenue, 0), coalesce(s.received, 0)
  from tenancy.buckets(from_day, to_day, step, array(select distinct f.currency from found f)) b
  left join sum s on s.bucket = b.bucket and s.currency = b.currency
  order by b.currency, b.bucket;
end
$$;
select tenancy.expose(true, 'public.revenue_report(date, date, text)');
