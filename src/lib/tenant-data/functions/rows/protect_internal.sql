-- The tenant in the claims, for the tables' owner. From PostgreSQL 18 on, triggers run as the role that queued them, so those
-- of rows that a foreign key deletes or changes run as the owner of their table. An owner who is no superuser needs a policy
-- for that, else an event's history is not written and totals are not summed. The policy admits it to the tenant in the claims
-- only.
create or replace function tenancy.tenant_of_cascade() returns uuid
  language sql stable parallel safe
  return case
    when nullif(pg_catalog.current_setting('request.jwt.claims', true), '') is not null then tenancy.current_tenant()
  end;
revoke execute on function tenancy.tenant_of_cascade() from public;

-- Row-level security and privileges of a table that holds rows of tenants: each tenant's are for trusted code that acts for it, all
-- are for the mover. Users get no privilege.
create or replace function tenancy.protect_internal(target regclass) returns void
  language plpgsql volatile
as $$
begin
  execute pg_catalog.format('alter table %s enable row level security, force row level security', target);
  execute pg_catalog.format(
    'create policy tenant_service on %s to tenant_service using (tenant_id = (select tenancy.current_tenant())) '
    'with check (tenant_id = (select tenancy.current_tenant()))', target);
  execute pg_catalog.format('create policy tenant_mover on %s to tenant_mover using (true) with check (true)', target);
  execute pg_catalog.format('create policy table_owner on %s to current_user using (tenant_id = (select tenancy.tenant_of_cascade())) '
    'with check (tenant_id = (select tenancy.tenant_of_cascade()))', target);
  execute pg_catalog.format('grant select, insert, update, delete on %s to tenant_service, tenant_mover', target);
end
$$;
revoke execute on function tenancy.protect_internal(regclass) from public;
