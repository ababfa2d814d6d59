-- What clients owed at the end of a day, by how long it was due then. Each part of the payment plan (as it is now)
-- counts from its own due date.
create or replace function public.receivables_report(as_of date)
  returns table (account_id uuid, name text, currency text, invoices int, not_due bigint, days_30 bigint, days_60 bigint,
    days_90 bigint, older bigint, total bigint, oldest_due date)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  ends constant timestamptz := tenancy.midnight(as_of + 1);
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(as_of, as_of);
  return query
  with later as materialized (
    -- Paid since, so owed then.
    select p.invoice_id, sum(case p.kind when 'refund' then -p.amount else p.amount end) as amount
    from public.payments p
    where p.tenant_id = tenant and p.paid_at >= ends and p.status = 'succeeded' group by 1
  ), owing as (
    -- Each by an index of its own: most of a company's invoices are paid.
    select i.id from public.invoices i where i.tenant_id = tenant and i.status in ('sent', 'partially_paid')
    union all select i.id from later l join public.invoices i on i.tenant_id = tenant and i.id = l.invoice_id and i.status = 'paid'
    union all select i.id from public.invoices i where i.tenant_id = tenant and i.status = 'void' and i.voided_at >= ends
  ), invoice as (
    select i.id, i.account_id, i.currency, i.due_date, i.issue_date, i.payment_schedule, i.total - i.credited as planned,
      (i.total - i.paid + coalesce(l.amount, 0))::bigint as owed
    from owing join public.invoices i on i.tenant_id = tenant and i.id = owing.id left join later l on l.invoice_id = i.id
    where i.issue_date <= as_of
  ), aged as (
    select i.id, i.account_id, i.currency, p.amount as owed, d.due, as_of - d.due as late from invoice i
    cross join lateral tenancy.open_parts(i.payment_schedule, i.due_date, i.owed, i.planned - i.owed) p
    cross join lateral (select coalesce(p.due, i.issue_date) as due) d
  )
  select g.account_id, a.name, g.currency, count(distinct g.id)::int,
    coalesce(sum(g.owed) filter (where g.late <= 0), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late between 1 and 30), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late between 31 and 60), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late between 61 and 90), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late > 90), 0)::bigint,
    sum(g.owed)::bigint, min(g.due)
  from aged g join public.accounts a on a.tenant_id = tenant and a.id = g.account_id
  group by 1, 2, 3 order by 10 desc, 2, 3;
end
$$;
select tenancy.expose(true, 'public.receivables_report(date)');
