-- Makes a new draft with the same lines, valid for as many days; the old quote is superseded when the new one is sent. A deal has
-- one draft: called again it returns that one.
create or replace function public.revise_quote(quote_id uuid) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  original public.quotes;
  revised public.quotes;
  accepted text;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into original from public.quotes q where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id for no key update;
  if original.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  end if;
  perform from public.opportunities o where o.tenant_id = original.tenant_id and o.id = original.opportunity_id for no key update;
  select q.quote_number into accepted from public.quotes q
    where q.tenant_id = original.tenant_id and q.opportunity_id = original.opportunity_id and q.status = 'accepted';
  if found then
    perform tenancy.refuse(409, format('Quote %s was accepted.', accepted), null,
      'Put later additions on a separate invoice or a new deal.');
  end if;
  select * into revised from public.quotes q
    where q.tenant_id = original.tenant_id and q.opportunity_id = original.opportunity_id and q.status = 'draft';
  if found then
    perform tenancy.act_as(caller);
    return revised;
  end if;
  insert into public.quotes (opportunity_id, account_id, contact_id, valid_until, currency, discount_type,
      discount_value, deposit_type, deposit_value, payment_schedule, terms, notes, prices_include_tax)
    values (original.opportunity_id, original.account_id, original.contact_id,
      tenancy.today() + (original.valid_until - original.issue_date), original.currency, original.discount_type, original.discount_value,
      original.deposit_type, original.deposit_value, original.payment_schedule, original.terms, original.notes,
      original.prices_include_tax)
    returning * into revised;
  insert into public.quote_line_items (quote_id, item_type, package_id, add_on_id, product_id, name, description, quantity, unit,
      unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, includes, optional, source_line_id)
    select revised.id, item_type, package_id, add_on_id, product_id, name, description, quantity, unit,
      unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, includes, optional, l.id
    from public.quote_line_items l where l.tenant_id = (select tenancy.current_tenant()) and l.quote_id = original.id;
  select * into revised from public.quotes q where q.tenant_id = (select tenancy.current_tenant()) and q.id = revised.id;
  perform tenancy.act_as(caller);
  return revised;
end
$$;
select tenancy.expose(true, 'public.revise_quote(uuid)');
