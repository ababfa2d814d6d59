-- Whether the archived record that the setting names is being restored by this transaction. Users cannot write to the archive, so
-- the setting alone says nothing.
create or replace function tenancy.restoring() returns boolean
  language plpgsql stable parallel safe
as $$
begin
  return current_user = 'tenant_service' and exists (select from tenancy.archive a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = nullif(current_setting('tenancy.restoring', true), '')::uuid
      and a.restored_in = pg_current_xact_id()::text);
end
$$;
select tenancy.grant_internals('tenancy.restoring()');
