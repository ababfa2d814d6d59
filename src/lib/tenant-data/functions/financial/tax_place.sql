-- Where sales tax of an event is due: the town and state (or country) of its first place.
create or replace function tenancy.tax_place(event uuid, deal uuid) returns text
  language sql stable
  return (select nullif(concat_ws(', ', p.city, coalesce(p.state, p.country)), '') from public.locations p
    where p.tenant_id = (select tenancy.current_tenant()) and p.id = coalesce(
      (select d.location_id from public.event_dates d where d.tenant_id = (select tenancy.current_tenant()) and d.location_id is not null
        and (d.event_id = event or d.opportunity_id = deal) and d.status <> 'cancelled' order by d.event_date, d.start_time limit 1),
      (select e.location_id from public.events e where e.tenant_id = (select tenancy.current_tenant()) and e.id = event)));
select tenancy.grant_internals('tenancy.tax_place(uuid, uuid)');
