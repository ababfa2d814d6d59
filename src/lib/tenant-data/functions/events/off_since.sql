-- Since when an event is cancelled, postponed or deleted, and its dates with it. Null: it takes place.
create or replace function tenancy.off_since(e public.events) returns timestamptz
  language sql immutable
  return least(e.cancelled_at, e.postponed_at, e.deleted_at);
select tenancy.grant_internals('tenancy.off_since(public.events)');
