-- What was paid on an invoice: succeeded payments less their succeeded refunds, whatever order they arrived in. Credits are a part
-- of it: payments of method `credit`, with which no money came.
create or replace function tenancy.settled_on(invoice uuid, out paid bigint, out credited bigint)
  language sql stable
as $$
  select coalesce(sum(left_of.amount), 0)::bigint, coalesce(sum(left_of.amount) filter (where p.method = 'credit'), 0)::bigint
  from public.payments p
  cross join lateral (select p.amount - coalesce((select sum(r.amount) from public.payments r
    where r.tenant_id = p.tenant_id and r.refund_of_id = p.id and r.status = 'succeeded'), 0) as amount) left_of
  where p.tenant_id = (select tenancy.current_tenant()) and p.invoice_id = invoice and p.kind = 'payment' and p.status = 'succeeded'
$$;
select tenancy.grant_internals('tenancy.settled_on(uuid)');

-- Computed column: whether an instalment, or the balance, is past its due date in the tenant's timezone.
create or replace function public.overdue(invoices) returns boolean
  language sql stable
  return coalesce($1.next_due_date < tenancy.today_once(), false);
select tenancy.expose(true, 'public.overdue(public.invoices)');

-- The sum of the open parts of a plan that are past their due dates.
create or replace function tenancy.overdue_parts(plan jsonb, due_date date, balance bigint, paid bigint) returns bigint
  language sql stable
  return (select coalesce(sum(p.amount), 0)::bigint from tenancy.open_parts(plan, due_date, balance, paid) p
    where p.due < tenancy.today_once());
select tenancy.grant_internals('tenancy.overdue_parts(jsonb, date, bigint, bigint)');

-- Computed column: what of the balance is past its due date; other instalments may not be due yet.
create or replace function public.overdue_amount(invoices) returns bigint
  language sql stable
  return case when $1.status in ('sent', 'partially_paid') and $1.next_due_date < tenancy.today_once()
    then tenancy.overdue_parts($1.payment_schedule, $1.due_date, $1.total - $1.paid, $1.paid - $1.credited) else 0 end;
select tenancy.expose(true, 'public.overdue_amount(public.invoices)');
