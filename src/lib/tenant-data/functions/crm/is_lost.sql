-- Whether a deal stands in a lost stage.
create or replace function tenancy.is_lost(deal uuid) returns boolean
  language sql stable
  return coalesce((select tenancy.stage(o.stage) ->> 'kind' = 'lost' from public.opportunities o
    where o.tenant_id = (select tenancy.current_tenant()) and o.id = deal), false);
select tenancy.grant_internals('tenancy.is_lost(uuid)');
