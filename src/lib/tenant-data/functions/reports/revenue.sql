-- The tenant's revenue of an invoice: without tax, and without what was credited (a credit covers tax too); of one that was
-- written off, what was paid.
create or replace function tenancy.revenue_of(i public.invoices) returns bigint
  language sql stable
  return case when i.total = 0 then 0 else round((i.subtotal - i.discount) * (
    case when i.status = 'written_off' then i.paid else i.total end - coalesce((
      select sum(p.amount - coalesce((select sum(r.amount) from public.payments r
        where r.tenant_id = p.tenant_id and r.refund_of_id = p.id and r.status = 'succeeded'), 0))
      from public.payments p where p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.method = 'credit'
        and p.kind = 'payment' and p.status = 'succeeded'), 0)) / i.total)::bigint end;
select tenancy.grant_internals('tenancy.revenue_of(public.invoices)');

create or replace function tenancy.credited_invoices() returns uuid[]
  language sql stable
  return array(select distinct p.invoice_id from public.payments p
    where p.tenant_id = (select tenancy.current_tenant()) and p.method = 'credit');
select tenancy.grant_internals('tenancy.credited_invoices()');

-- revenue_of for many invoices: looks up payments only of those that have a credit or were written off.
create or replace function tenancy.revenue_of(i public.invoices, credited uuid[]) returns bigint
  language sql stable
  return case when i.total = 0 then 0 when i.status = 'written_off' or i.id = any (credited) then tenancy.revenue_of(i)
    else i.subtotal - i.discount end;
select tenancy.grant_internals('tenancy.revenue_of(public.invoices, uuid[])');

-- Invoiced (with tax), revenue (without tax and credits) and received less refunds.
create or replace function public.revenue_report(from_day date, to_day date, step text default 'month')
  returns table (bucket date, currency text, invoices int, invoiced bigint, revenue bigint, received bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  zone constant text := coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');
  -- Values and not calls: under row-level security only leakproof expressions reach an index.
  starts constant timestamptz := tenancy.midnight(from_day);
  ends constant timestamptz := tenancy.midnight(to_day + 1);
  credited constant uuid[] := tenancy.credited_invoices();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day, step);
  return query
  with billed as materialized (
    select tenancy.bucket_of(i.issue_date, step, from_day) as bucket, i.currency, count(*)::int as invoices,
      sum(i.total)::bigint as invoiced, sum(tenancy.revenue_of(i, credited))::bigint as revenue
    from public.invoices i
    where i.tenant_id = tenant and i.issue_date between from_day and to_day and i.status not in ('draft', 'void')
    group by 1, 2
  ), came as materialized (
    select tenancy.bucket_of((p.paid_at at time zone zone)::date, step, from_day) as bucket, p.currency,
      sum(case p.kind when 'refund' then -p.amount else p.amount end)::bigint as received
    from public.payments p
    where p.tenant_id = tenant and p.paid_at >= starts and p.paid_at < ends
      and p.status = 'succeeded' and p.method <> 'credit'
    group by 1, 2
  )
  select b.bucket, b.currency, coalesce(i.invoices, 0), coalesce(i.invoiced, 0), coalesce(i.revenue, 0), coalesce(c.received, 0)
  from tenancy.buckets(from_day, to_day, step, array(select i.currency from billed i union select c.currency from came c)) b
  left join billed i on i.bucket = b.bucket and i.currency = b.currency
  left join came c on c.bucket = b.bucket and c.currency = b.currency
  order by b.currency, b.bucket;
end
$$;
select tenancy.expose(true, 'public.revenue_report(date, date, text)');
