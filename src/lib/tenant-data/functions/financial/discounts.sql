-- The total discount, in percent of the lines without any: discounts of lines, lines of type discount, the document's discount,
-- and prices below the price list, which would otherwise be a way around the limit.
create or replace function public.discount_percent(quote public.quotes) returns numeric
  language sql stable
  return (
    select case when full_price > 0
        then greatest(0, round(100 * (full_price - (quote.subtotal - quote.discount)) / full_price, 2)) else 0 end
    from (
      select coalesce(sum(tenancy.round_money(l.quantity * greatest(l.unit_price, case
          when quote.currency <> coalesce(tenancy.setting('currency') #>> '{}', 'USD') then 0
          when l.item_type = 'package' and l.unit = 'each' then p.base_price
          when l.item_type = 'add_on' and l.unit = a.unit then a.price
          when l.item_type = 'product' and l.unit = 'each' then r.price end), 1, quote.rounding)), 0) as full_price
      from public.quote_line_items l
        left join public.packages p on p.tenant_id = l.tenant_id and p.id = l.package_id
        left join public.add_ons a on a.tenant_id = l.tenant_id and a.id = l.add_on_id
        left join public.products r on r.tenant_id = l.tenant_id and r.id = l.product_id
      where l.tenant_id = (select tenancy.current_tenant()) and l.quote_id = quote.id and l.item_type <> 'discount'
        and (l.chosen or not l.optional)) lines);
select tenancy.expose(true, 'public.discount_percent(public.quotes)');

-- Approves the present discount of a draft. A larger one needs another approval.
create or replace function public.approve_discount(quote_id uuid) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  quote public.quotes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  select * into quote from public.quotes q where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status <> 'draft' then
    perform tenancy.refuse(409, format('Quote %s is %s, so its discount can no longer be changed.', quote.quote_number, quote.status), null,
      'Create a new revision.');
  end if;
  update public.quotes q set discount_approved = public.discount_percent(quote),
      discount_approved_by = tenancy.current_user_id(), discount_approved_at = now()
    where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id returning * into quote;
  perform tenancy.act_as(caller);
  return quote;
end
$$;
select tenancy.expose(true, 'public.approve_discount(uuid)');
