-- Some functions that PostgreSQL grants to PUBLIC reach beyond a tenant's rows: advisory locks (the fence is one), large
-- objects, notifications, messages in the change stream, ending other sessions of the login. Takes them from every role but the
-- database's owner and movers. For databases that are only Marquee's: other roles may need them. Returns false where the caller
-- is no superuser, who owns them.
create or replace function tenancy.withhold_functions() returns boolean
  language plpgsql volatile
as $$
declare
  function regprocedure;
begin
  if not (select rolsuper from pg_catalog.pg_roles where rolname = current_user) then
    return false;
  end if;
  for function in
    select p.oid from pg_catalog.pg_proc p
      where p.pronamespace = 'pg_catalog'::regnamespace and pg_catalog.has_function_privilege('public', p.oid, 'execute')
        and (p.proname ~ '^pg_(try_)?advisory_(xact_)?lock' or p.proname ~ '^lo_' or p.proname in ('loread', 'lowrite', 'pg_notify',
          'pg_logical_emit_message', 'pg_cancel_backend', 'pg_terminate_backend'))
  loop
    execute pg_catalog.format('revoke execute on function %s from public', function);
    execute pg_catalog.format('grant execute on function %s to %I, tenant_mover', function,
      (select pg_catalog.pg_get_userbyid(nspowner) from pg_catalog.pg_namespace where nspname = 'tenancy'));
  end loop;
  return true;
end
$$;
revoke execute on function tenancy.withhold_functions() from public;
