-- Adds the designs that an event needs: the types added to every event, and those of the products sold with it.
create or replace function tenancy.add_designs(event uuid, deal uuid, quote uuid) returns void
  language sql volatile
as $$
  insert into public.event_design_items (event_id, design_item_type_id, name, product_id, quantity)
    select event, t.id, t.name, null, 1 from public.design_item_types t
      where t.tenant_id = (select tenancy.current_tenant()) and t.is_auto_added and t.is_active
    union all
    select event, p.design_item_type_id, l.name, p.id, greatest(1, ceil(l.quantity))::int
      from (select product_id, name, quantity from public.quote_line_items
          where tenant_id = (select tenancy.current_tenant()) and quote_id = quote and (chosen or not optional)
        union all
        select product_id, name, quantity from public.opportunity_line_items
          where tenant_id = (select tenancy.current_tenant()) and opportunity_id = deal and quote is null) l
      join public.products p on p.tenant_id = (select tenancy.current_tenant()) and p.id = l.product_id
      where p.requires_design and p.design_item_type_id is not null
$$;
select tenancy.grant_internals('tenancy.add_designs(uuid, uuid, uuid)');
