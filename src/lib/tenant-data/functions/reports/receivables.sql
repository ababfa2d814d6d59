-- What clients owed at the end of a day, by how long it was due then.
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
  ), invoice as (
    select i.account_id, i.currency, coalesce(i.due_date, i.issue_date) as due,
      i.total - i.paid + coalesce(l.amount, 0) as owed
    from public.invoices i left join later l on l.invoice_id = i.id
    where i.tenant_id = tenant and i.issue_date <= as_of
      and (i.status in ('sent', 'partially_paid') or i.status = 'paid' and l.invoice_id is not null
        or i.status = 'void' and i.voided_at >= ends)
  ), aged as (
    select i.account_id, i.currency, i.owed, i.due, as_of - i.due as late from invoice i where i.owed > 0
  )
  select g.account_id, a.name, g.currency, count(*)::int,
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
