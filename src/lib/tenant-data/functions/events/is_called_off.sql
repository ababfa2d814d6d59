-- Whether an event was cancelled or deleted. Of no event: false.
create or replace function tenancy.is_called_off(event uuid) returns boolean
  language sql stable
  return coalesce((select e.status = 'cancelled' or e.deleted_at is not null from public.events e
    where e.tenant_id = (select tenancy.current_tenant()) and e.id = event), false);
select tenancy.grant_internals('tenancy.is_called_off(uuid)');
