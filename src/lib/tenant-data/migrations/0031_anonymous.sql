-- Where the server gives a role for anonymous requests everything by default (Supabase: `anon`), business data are taken
-- out again: nobody anonymous has a tenant.
do $anonymous$
declare
  one record;
begin
  if exists (select from pg_roles where rolname = 'anon') then
    for one in select c.oid::regclass as tab from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
        and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant_mover') loop
      execute format('revoke all on %s from anon', one.tab);
    end loop;
    for one in select p.oid::regprocedure as fun from pg_proc p
      where p.pronamespace = 'public'::regnamespace and has_function_privilege('tenant_service', p.oid, 'execute')
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') loop
      execute format('revoke execute on function %s from anon', one.fun);
    end loop;
  end if;
end
$anonymous$;
