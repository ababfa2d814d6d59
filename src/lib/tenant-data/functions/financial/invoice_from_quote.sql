-- Makes the draft invoice of an accepted quote, once: called again it returns the same invoice. It takes over the quote's payment
-- plan: what was due on acceptance is due today. Without a plan all of it is due by the account's payment terms, else before the event.
create or replace function public.invoice_from_quote(quote_id uuid) returns public.invoices
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  quote public.quotes;
  opportunity public.opportunities;
  invoice public.invoices;
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
        discount_type, discount_value, prices_include_tax, terms, payment_schedule)
      values ('event', coalesce(quote.account_id, opportunity.account_id), coalesce(quote.contact_id, opportunity.contact_id),
        opportunity.converted_event_id, quote.opportunity_id, quote.id, quote.currency, quote.discount_type,
        quote.discount_value, quote.prices_include_tax, quote.terms,
        case when quote.payment_schedule <> '[]'
            or tenancy.due_by_terms(coalesce(quote.account_id, opportunity.account_id), tenancy.today()) is null
          then tenancy.date_plan(coalesce(nullif(quote.payment_schedule, '[]'), jsonb_build_array(tenancy.rest_of_plan())),
            tenancy.plan_day(opportunity.converted_event_id, quote.opportunity_id), 0, tenancy.today())
          else '[]' end)
      returning * into invoice;
    insert into public.invoice_line_items (invoice_id, item_type, package_id, add_on_id, product_id, name, description, quantity,
        unit, unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, includes, source_line_id)
      select invoice.id, item_type, package_id, add_on_id, product_id, name, description, quantity,
        unit, unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, includes, l.id
      from public.quote_line_items l where l.tenant_id = tenant and l.quote_id = quote_id and (l.chosen or not l.optional);
    select * into invoice from public.invoices i where i.tenant_id = tenant and i.id = invoice.id;
  end if;
  perform tenancy.act_as(caller);
  return invoice;
end
$$;
select tenancy.expose(true, 'public.invoice_from_quote(uuid)');
