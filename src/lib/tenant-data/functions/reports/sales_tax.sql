-- Of days within one period: see sales_tax_report.
create or replace function tenancy.sales_tax_of_days(first_day date, last_day date, by_cash boolean, step text, from_day date)
  returns table (bucket date, place text, tax_name text, rate numeric, currency text, invoices int, net bigint, tax bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  zone constant text := coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');
  starts constant timestamptz := tenancy.midnight(first_day);
  ends constant timestamptz := tenancy.midnight(last_day + 1);
begin
  return query
  with settled as materialized (
    select p.invoice_id, p.paid_at, p.method = 'credit' as is_credit,
      case p.kind when 'refund' then -p.amount else p.amount end as amount,
      sum(case p.kind when 'refund' then -p.amount else p.amount end)
        over (partition by p.invoice_id, p.method = 'credit' order by greatest(p.paid_at, p.created_at), p.created_at, p.id) as reached
    from public.payments p
    where p.tenant_id = tenant and p.status = 'succeeded' and p.invoice_id in (select s.invoice_id from public.payments s
      where s.tenant_id = tenant and s.status = 'succeeded' and s.paid_at >= starts and s.paid_at < ends
        and (by_cash or s.method = 'credit'))
  ), entry as (
    -- From and to which part of its invoice's total an entry reaches, and how often that counts.
    select i.id, i.issue_date as day, 0::numeric as reached_from, i.total::numeric as reached, 1 as sign from public.invoices i
    where not by_cash and i.tenant_id = tenant and i.issue_date between first_day and last_day and i.status not in ('draft', 'void')
    union all
    select s.invoice_id, (s.paid_at at time zone zone)::date, case when by_cash then s.reached - s.amount else i.total - s.reached end,
      case when by_cash then s.reached else i.total - s.reached + s.amount end, case when by_cash then 1 else -1 end
    from settled s join public.invoices i on i.tenant_id = tenant and i.id = s.invoice_id
    where s.is_credit <> by_cash and s.paid_at >= starts and s.paid_at < ends
  ), part as (
    select e.id, e.day, i.tax_place as place, t.name, t.rate, i.currency, e.sign * case when i.total = 0 then t.net else
        tenancy.round_money(t.net * e.reached, i.total, i.rounding) - tenancy.round_money(t.net * e.reached_from, i.total, i.rounding) end as net,
      e.sign * case when i.total = 0 then t.tax else
        tenancy.round_money(t.tax * e.reached, i.total, i.rounding) - tenancy.round_money(t.tax * e.reached_from, i.total, i.rounding) end as tax
    from entry e join public.invoices i on i.tenant_id = tenant and i.id = e.id
    cross join lateral (
      select r.name, r.rate, r.net, r.tax from jsonb_to_recordset(i.taxes) as r (name text, rate numeric, net numeric, tax numeric)
      union all
      select '', 0, i.total - i.tax - coalesce(sum(r.net), 0), 0 from jsonb_to_recordset(i.taxes) as r (net numeric)
    ) t
    where (by_cash or i.status <> 'void') and (t.net <> 0 or t.tax <> 0)
  )
  select tenancy.bucket_of(p.day, step, from_day), coalesce(p.place, ''), p.name, p.rate, p.currency, count(distinct p.id)::int,
    sum(p.net)::bigint, sum(p.tax)::bigint
  from part p group by 1, 2, 3, 4, 5;
end
$$;
select tenancy.grant_internals('tenancy.sales_tax_of_days(date, date, boolean, text, date)');

-- Sales tax of a period by month, place and rate. `net` is what was sold without tax; what was sold untaxed has the rate 0.
--   basis  accrual: invoices on their day of issue, credits on theirs; cash: money and refunds on the day they came or went
-- A payment or credit carries its share of an invoice's net and tax, cumulatively (`payment_taxes`): once an invoice is settled, both
-- bases have said the same, to the cent. A payment that is recorded late changes the month it came in, and no other. Void invoices are left out; what was written off stays due, because the rules for bad debts differ.
create or replace function public.sales_tax_report(from_day date, to_day date, basis text default 'accrual', step text default 'month')
  returns table (bucket date, place text, tax_name text, rate numeric, currency text, invoices int, net bigint, tax bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day, step);
  if basis is null or basis not in ('accrual', 'cash') then
    perform tenancy.refuse(400, 'A sales-tax report is by accrual or cash.');
  end if;
  -- A month's rows are not added to another's: each has a bucket of its own.
  return query
  with part as materialized (
    select * from tenancy.report_parts('sales_tax_' || basis, from_day, to_day, step)
  )
  select r.* from part p cross join lateral jsonb_to_recordset(p.stored) as r (bucket date, place text, tax_name text, rate numeric,
    currency text, invoices int, net bigint, tax bigint)
  union all
  select r.* from part p cross join lateral tenancy.sales_tax_of_days(p.first_day, p.last_day, basis = 'cash', step, from_day) r
    where p.stored is null
  order by 5, 1, 2, 4 desc;
end
$$;
select tenancy.expose(true, 'public.sales_tax_report(date, date, text, text)');
