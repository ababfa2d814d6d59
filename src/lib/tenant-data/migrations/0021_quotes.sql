-- Quotes: accepted once, revised by a copy, invoiced with their discounts, taxes and the origin of each line.

-- A new draft with the same lines; the old one is superseded when the new one is sent.
create function public.revise_quote(quote_id uuid) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  original public.quotes;
  revised public.quotes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  select * into original from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = quote_id for no key update;
  if original.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif original.status = 'accepted' then
    perform tenancy.refuse(409, format('Quote %s was accepted.', original.quote_number), null, 'Make a new quote.');
  end if;
  insert into public.quotes (opportunity_id, account_id, contact_id, revision, valid_until, currency, discount_type,
      discount_value, deposit_type, deposit_value, terms, notes)
    select original.opportunity_id, original.account_id, original.contact_id, 1 + max(q.revision),
      greatest(original.valid_until, current_date), original.currency, original.discount_type, original.discount_value,
      original.deposit_type, original.deposit_value, original.terms, original.notes
    from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.opportunity_id = original.opportunity_id
    returning * into revised;
  insert into public.quote_line_items (quote_id, item_type, package_id, add_on_id, product_id, name, description, quantity, unit,
      unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, source_line_id)
    select revised.id, item_type, package_id, add_on_id, product_id, name, description, quantity, unit,
      unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, l.id
    from public.quote_line_items l where l.tenant_id = tenancy.current_tenant() and l.quote_id = original.id;
  select * into revised from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = revised.id;
  return revised;
end
$$;

create function tenancy.supersede_quotes() returns trigger language plpgsql as $$
begin
  update public.quotes set status = 'superseded'
    where tenant_id = new.tenant_id and opportunity_id = new.opportunity_id and revision < new.revision
      and status in ('sent', 'viewed', 'expired', 'declined');
  return null;
end
$$;
create trigger supersede_quotes after update of status on quotes for each row
  when (old.status = 'draft' and new.status in ('sent', 'accepted') and not tenancy.copying())
  execute function tenancy.supersede_quotes();

-- Accepts a quote. Not after its last day, not twice.
create function public.accept_quote(quote_id uuid, accepted_by_name text, accepted_ip text default null) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  quote public.quotes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  select * into quote from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status = 'accepted' then
    return quote;
  elsif quote.status not in ('sent', 'viewed') then
    perform tenancy.refuse(409, format('Quote %s is %s and cannot be accepted.', quote.quote_number, quote.status));
  elsif quote.valid_until < tenancy.today() then
    perform tenancy.refuse(409, format('Quote %s was valid until %s.', quote.quote_number, quote.valid_until), null,
      'Make a new revision of it.');
  elsif btrim(coalesce(accepted_by_name, '')) = '' then
    perform tenancy.refuse(400, 'Say who accepts the quote.');
  end if;
  update public.quotes q set status = 'accepted', accepted_at = now(), accepted_by_name = btrim(accepted_by_name),
      accepted_ip = accepted_ip::inet
    where q.tenant_id = tenancy.current_tenant() and q.id = quote_id returning * into quote;
  return quote;
end
$$;

-- The draft invoice of an accepted quote; the same one when asked again.
create function public.invoice_from_quote(quote_id uuid) returns public.invoices
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

-- For the job that runs each night: what nobody accepted in time. Returns how many.
create function public.expire_quotes() returns int
  language plpgsql volatile
as $$
declare
  expired int;
begin
  update public.quotes set status = 'expired'
    where tenant_id = tenancy.current_tenant() and status in ('sent', 'viewed') and valid_until < tenancy.today();
  get diagnostics expired = row_count;
  return expired;
end
$$;

revoke execute on function tenancy.supersede_quotes() from public;
select tenancy.expose(true, 'public.revise_quote(uuid)', 'public.accept_quote(uuid, text, text)', 'public.invoice_from_quote(uuid)');
select tenancy.expose(false, 'public.expire_quotes()');
