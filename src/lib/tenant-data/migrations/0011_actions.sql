-- What functions of the business share: who may call, how they refuse, and with whose rights they act.
-- They refuse with SQLSTATE PTxyz, which PostgREST and the data engine answer with HTTP status xyz.

create function tenancy.refuse(status int, message text, detail text default null, hint text default null) returns void
  language plpgsql volatile
as $$
begin
  raise exception using errcode = 'PT' || status, message = message,
    detail = coalesce(detail, ''), hint = coalesce(hint, '');
end
$$;

-- Passes trusted server code and users of these roles.
create function tenancy.require_role(variadic user_roles text[]) returns void
  language plpgsql stable
as $$
declare
  user_role constant text := tenancy.current_user_role();
begin
  if current_user in ('authenticated', 'authenticated_manager') and not coalesce(user_role = any (user_roles), false) then
    perform tenancy.refuse(403, pg_catalog.format('Your role (%s) may not do this.', coalesce(user_role, 'none')),
      null, pg_catalog.format('Ask somebody who is %s.', pg_catalog.array_to_string(user_roles, ' or ')));
  end if;
end
$$;

-- A business action changes more than its caller may change by hand (sales turns a deal into an event). After checking
-- the role it acts for the tenant, still inside the tenant's policies, and gives the rights back with act_as. Not
-- SECURITY DEFINER: the owner has no policies. An error undoes it with everything else.
create function tenancy.act_for_tenant() returns name
  language plpgsql volatile
as $$
declare
  caller constant name := current_user;
begin
  if caller in ('authenticated', 'authenticated_manager') then
    perform pg_catalog.set_config('role', 'tenant_service', true);
  end if;
  return caller;
end
$$;

create function tenancy.act_as(caller name) returns void
  language plpgsql volatile
as $$
begin
  if current_user <> caller then
    perform pg_catalog.set_config('role', caller, true);
  end if;
end
$$;

-- Today where the tenant is.
create function tenancy.today() returns date
  language plpgsql stable
as $$
begin
  return (pg_catalog.now() at time zone coalesce(tenancy.setting('timezone') #>> '{}', 'UTC'))::date;
exception when invalid_parameter_value then
  return (pg_catalog.now() at time zone 'UTC')::date;
end
$$;

-- Makes functions of `public` callable over the API, by users (who may is their own business) or trusted code only.
create function tenancy.expose(users boolean, variadic functions regprocedure[]) returns void
  language plpgsql volatile
as $$
declare
  one regprocedure;
begin
  foreach one in array functions loop
    execute pg_catalog.format('revoke execute on function %s from public', one);
    execute pg_catalog.format('grant execute on function %s to tenant_service', one);
    if users then
      execute pg_catalog.format('grant execute on function %s to authenticated, authenticated_manager', one);
    end if;
  end loop;
end
$$;

-- Trigger functions need no grants; everything else in `tenancy` that rules call is for whoever has entered.
create function tenancy.grant_internals(variadic functions regprocedure[]) returns void
  language plpgsql volatile
as $$
declare
  one regprocedure;
begin
  foreach one in array functions loop
    execute pg_catalog.format('revoke execute on function %s from public', one);
    execute pg_catalog.format(
      'grant execute on function %s to authenticated, authenticated_manager, tenant_service, tenant_mover', one);
  end loop;
end
$$;
revoke execute on function tenancy.expose(boolean, regprocedure[]), tenancy.grant_internals(regprocedure[]) from public;

select tenancy.grant_internals('tenancy.refuse(int, text, text, text)', 'tenancy.require_role(text[])',
  'tenancy.act_for_tenant()', 'tenancy.act_as(name)', 'tenancy.today()');
