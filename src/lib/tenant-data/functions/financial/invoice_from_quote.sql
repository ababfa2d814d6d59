-- Makes the draft invoice of an accepted quote, once: called again it returns the same invoice.
create or replace function public.invoice_from_quote(quote_id uuid) returns public.invoices
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  quote public.quotes;
  opportunity public.opportunities;
  invoice public.invoices;
  deposit bigint;
  tenant constant uuid := tenancy.current_tenant();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into quote from public.quotes q where q.tenant_id = tenant and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status <> 'accepted' then
    perform tenancy.refuse(409, format('Quote %s is %s; only an accepted one becomes an invoice.', quote.quote_number, quote.status));
  end if;
  select * into invoice from public.invoices i where i.tenant_id = tenant and i.quote_id = quote_id and i.status <> 'void'
    order by i.created_at limit 1;
  if invoice.id is null then
    select * into opportunity from public.opportunities o where o.tenant_id = tenant and o.id = quote.opportunity_id;
    if coalesce(quote.account_id, opportunity.account_id) is null then
      perform tenancy.refuse(409, 'The quote has no account to send the invoice to.', null, 'Choose an account on the deal.');
    end if;
    insert into public.invoices (invoice_type, account_id, contact_id, event_id, opportunity_id, quote_id, currency,
        discount_type, discount_value, terms, due_date)
      values ('event', coalesce(quote.account_id, opportunity.account_id), coalesce(quote.contact_id, opportunity.contact_id),
        opportunity.converted_event_id, quote.opportunity_id, quote.id, quote.currency, quote.discount_type,
        quote.discount_value, quote.terms,
        (select greatest(min(d.event_date) - 14, tenancy.today()) from public.event_dates d
          where d.tenant_id = tenant and d.opportunity_id = quote.opportunity_id and d.status <> 'cancelled'))
      returning * into invoice;
    insert into public.invoice_line_items (invoice_id, item_type, package_id, add_on_id, product_id, name, description, quantity,
        unit, unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, source_line_id)
      select invoice.id, item_type, package_id, add_on_id, product_id, name, description, quantity,
        unit, unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, l.id
      from public.quote_line_items l where l.tenant_id = tenant and l.quote_id = quote_id;
    deposit := least(quote.total, case quote.deposit_type when 'percent' then round(quote.total * quote.deposit_value / 100)
      when 'amount' then round(quote.deposit_value) else 0 end);
    update public.invoices i set payment_schedule = case when deposit > 0 then jsonb_build_array(
          jsonb_build_object('label', 'Deposit', 'amount', deposit, 'due_date', tenancy.today()),
          jsonb_build_object('label', 'Balance', 'amount', i.total - deposit, 'due_date', i.due_date))
        else i.payment_schedule end
      where i.tenant_id = tenant and i.id = invoice.id returning * into invoice;
  end if;
  perform tenancy.act_as(caller);
  return invoice;
end
$$;
select tenancy.expose(true, 'public.invoice_from_quote(uuid)');
