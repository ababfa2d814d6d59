-- Whether a date belongs to an event or an open deal that was not called off.
create or replace function tenancy.takes_place(d public.event_dates) returns boolean
  language sql stable
  return case when d.event_id is null
    then exists (select from public.opportunities o where o.tenant_id = d.tenant_id and o.id = d.opportunity_id and o.closed_at is null)
    else exists (select from public.events e where e.tenant_id = d.tenant_id and e.id = d.event_id
      and e.status not in ('cancelled', 'postponed') and e.deleted_at is null) end;
select tenancy.grant_internals('tenancy.takes_place(public.event_dates)');
