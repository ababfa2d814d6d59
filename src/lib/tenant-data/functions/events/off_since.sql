-- Since when an event is cancelled, postponed or deleted, and its dates with it. Null: it takes place.
create or replace function tenancy.off_since(e public.events) returns timestamptz
  language sql immutable
  return least(e.cancelled_at, e.postponed_at, e.deleted_at);
select tenancy.grant_internals('tenancy.off_since(public.events)');

-- Whether a date stands, or was cancelled with its event and stands again with it.
create or replace function tenancy.stands_with_event(d public.event_dates) returns boolean
  language sql stable
  return d.status <> 'cancelled' or exists (select from public.events e
    where e.tenant_id = d.tenant_id and e.id = d.event_id and d.updated_at >= tenancy.off_since(e));
select tenancy.grant_internals('tenancy.stands_with_event(public.event_dates)');
