-- The timezone of a place; null where it has none of its own.
create or replace function tenancy.timezone_of(place uuid) returns text
  language sql stable
  return (select l.timezone from public.locations l where l.tenant_id = (select tenancy.current_tenant()) and l.id = place);
select tenancy.grant_internals('tenancy.timezone_of(uuid)');
