-- Succeeded payments less their succeeded refunds, whatever order they arrived in.
create or replace function tenancy.paid_on(invoice uuid) returns bigint
  language sql stable
  return coalesce((
    select sum(p.amount - coalesce((select sum(r.amount) from public.payments r
      where r.tenant_id = tenancy.current_tenant() and r.refund_of_id = p.id and r.status = 'succeeded'), 0))
    from public.payments p
    where p.tenant_id = tenancy.current_tenant() and p.invoice_id = invoice and p.kind = 'payment' and p.status = 'succeeded'
  ), 0)::bigint;
select tenancy.grant_internals('tenancy.paid_on(uuid)');

-- Computed column: whether the invoice is past its due date in the tenant's timezone, with a balance.
create or replace function public.overdue(invoices) returns boolean
  language sql stable
  return $1.status in ('sent', 'partially_paid') and ($1.total - $1.paid) > 0 and $1.due_date < tenancy.today();
select tenancy.expose(true, 'public.overdue(public.invoices)');
