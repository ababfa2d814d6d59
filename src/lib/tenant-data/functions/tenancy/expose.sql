-- Makes functions of `public` callable over the API: by users (each function checks their role) or only by trusted code. Never
-- by anonymous requests. Supabase gives every new function to the roles of requests (`anon`, `authenticated`) by default.
create or replace function tenancy.expose(users boolean, variadic functions regprocedure[]) returns void
  language plpgsql volatile
as $$
declare
  one regprocedure;
begin
  foreach one in array functions loop
    execute pg_catalog.format('revoke execute on function %s from public, authenticated', one);
    if exists (select from pg_catalog.pg_roles where rolname = 'anon') then
      execute pg_catalog.format('revoke execute on function %s from anon', one);
    end if;
    execute pg_catalog.format('grant execute on function %s to tenant_service', one);
    if users then
      execute pg_catalog.format('grant execute on function %s to tenant_user', one);
    end if;
  end loop;
end
$$;
revoke execute on function tenancy.expose(boolean, regprocedure[]) from public;

-- Makes functions of `tenancy` callable by rules, whichever role runs them. Trigger functions need no grant.
create or replace function tenancy.grant_internals(variadic functions regprocedure[]) returns void
  language plpgsql volatile
as $$
declare
  one regprocedure;
begin
  foreach one in array functions loop
    execute pg_catalog.format('revoke execute on function %s from public', one);
    execute pg_catalog.format(
      'grant execute on function %s to tenant_user, tenant_service, tenant_mover', one);
  end loop;
end
$$;
revoke execute on function tenancy.grant_internals(regprocedure[]) from public;
