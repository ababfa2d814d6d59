-- Credits a part of a sent invoice without a payment back: recorded as a payment of method `credit`.
create or replace function public.credit_invoice(invoice_id uuid, amount bigint, reason text) returns public.payments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  credit public.payments;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  insert into public.payments (invoice_id, amount, currency, method, status, reference)
    select i.id, amount, i.currency, 'credit', 'succeeded', reason
    from public.invoices i where i.tenant_id = (select tenancy.current_tenant()) and i.id = invoice_id
    returning * into credit;
  if credit.id is null then
    perform tenancy.refuse(404, 'There is no invoice with this id.');
  end if;
  return credit;
end
$$;
select tenancy.expose(true, 'public.credit_invoice(uuid, bigint, text)');
