-- From PostgreSQL 18 on, triggers run as the role that queued them: those of rows that a foreign key deletes or changes run as
-- the tables' owner. Where the owner is no superuser, no policy let it read or write there: an event's history could not be
-- written, and totals were not summed again. Within a tenant's context the owner may act in that tenant.
create function tenancy.tenant_of_cascade() returns uuid
  language sql stable parallel safe
  return case
    when nullif(pg_catalog.current_setting('request.jwt.claims', true), '') is not null then tenancy.current_tenant()
  end;

create function tenancy.admit_cascades(target regclass) returns void
  language plpgsql volatile
as $$
begin
  execute pg_catalog.format('create policy table_owner on %s to current_user using (tenant_id = (select tenancy.tenant_of_cascade())) '
    'with check (tenant_id = (select tenancy.tenant_of_cascade()))', target);
end
$$;
revoke execute on function tenancy.tenant_of_cascade(), tenancy.admit_cascades(regclass) from public;

do $tables$
declare
  target regclass;
begin
  for target in select c.oid from pg_class c where c.relnamespace in ('public'::regnamespace, 'tenancy'::regnamespace)
    and c.relkind = 'r' and c.relforcerowsecurity and pg_has_role(c.relowner, 'usage')
    and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant_service')
  loop
    perform tenancy.admit_cascades(target);
  end loop;
end
$tables$;

-- Columns that 0203 added.
select tenancy.limit_lengths(target) from unnest(array['accounts', 'contacts', 'leads']::regclass[]) target;
