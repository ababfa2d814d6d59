-- What the client of an event ordered, without prices: what its crew packs and sets up. The lines of the accepted quote; without one
-- those of the event's invoices; without these those of the deal.
--   includes  what the package contains, in the company's words
create or replace function public.event_order(for_event uuid)
  returns table (id uuid, item_type text, name text, description text, quantity numeric, unit text, includes jsonb, booth_type text)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  caller name;
  deal uuid;
  quote uuid;
begin
  -- A user who sees the event sees what was ordered.
  select e.opportunity_id into deal from public.events e where e.tenant_id = tenant and e.id = for_event;
  if not found then
    return;
  end if;
  caller := tenancy.act_for_tenant();
  select q.id into quote from public.quotes q
    where q.tenant_id = tenant and q.opportunity_id = deal and q.status = 'accepted' order by q.revision desc limit 1;
  return query
  with line as (
    select l.id, l.item_type, l.name, l.description, l.quantity, l.unit, l.package_id, l.sort_order, 1 as choice
      from public.quote_line_items l
      where l.tenant_id = tenant and l.quote_id = quote and (l.chosen or not l.optional)
    union all
    select l.id, l.item_type, l.name, l.description, l.quantity, l.unit, l.package_id, l.sort_order, 2
      from public.invoice_line_items l join public.invoices i on i.tenant_id = tenant and i.id = l.invoice_id
      where l.tenant_id = tenant and i.event_id = for_event and i.status <> 'void'
    union all
    select l.id, l.item_type, l.name, l.description, l.quantity, l.unit, l.package_id, l.sort_order, 3
      from public.opportunity_line_items l where l.tenant_id = tenant and l.opportunity_id = deal
  )
  select l.id, l.item_type, l.name, l.description, l.quantity, l.unit, coalesce(p.includes, '[]'), t.name
    from line l
    left join public.packages p on p.tenant_id = tenant and p.id = l.package_id
    left join public.booth_types t on t.tenant_id = tenant and t.id = p.booth_type_id
    where l.item_type <> 'discount' and l.choice = (select min(choice) from line)
    order by l.item_type <> 'package', l.sort_order, l.name;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.event_order(uuid)');
