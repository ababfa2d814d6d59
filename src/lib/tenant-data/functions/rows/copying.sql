-- True while a tenant's rows arrive from elsewhere (a move, a restore): triggers then do nothing, and rows stay as they were.
-- Only the mover can say so, and restore_archived of what it restores. Also true for what a foreign key does to other rows
-- (`on delete set null`): PostgreSQL does that as the owner of their table, in the mover's session.
create or replace function tenancy.copying() returns boolean
  language sql stable parallel safe
  return coalesce(pg_catalog.current_setting('tenancy.copying', true), '') = 'on'
      and (pg_catalog.pg_has_role('tenant_mover', 'usage') or pg_catalog.pg_has_role(session_user, 'tenant_mover', 'usage'))
    or coalesce(pg_catalog.current_setting('tenancy.restoring', true), '') <> '' and tenancy.restoring();
select tenancy.grant_internals('tenancy.copying()');
