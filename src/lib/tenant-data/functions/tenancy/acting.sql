-- Refuses a request with SQLSTATE PTxyz, which PostgREST and the data engine answer with HTTP status xyz.
create or replace function tenancy.refuse(status int, message text, detail text default null, hint text default null) returns void
  language plpgsql volatile
as $$
begin
  raise exception using errcode = 'PT' || status, message = message,
    detail = coalesce(detail, ''), hint = coalesce(hint, '');
end
$$;
select tenancy.grant_internals('tenancy.refuse(integer, text, text, text)');

-- Whether a user's request runs, and not trusted server code.
create or replace function tenancy.is_user() returns boolean
  language sql stable parallel safe
  return current_user = any ('{tenant_manager,tenant_sales,tenant_staff,tenant_viewer,authenticated}'::pg_catalog.name[]);
select tenancy.grant_internals('tenancy.is_user()');

-- Refuses users of other roles than these. Trusted server code passes.
create or replace function tenancy.require_role(variadic user_roles text[]) returns void
  language plpgsql stable
as $$
declare
  user_role constant text := tenancy.current_user_role();
begin
  if tenancy.is_user() and not coalesce(user_role = any (user_roles), false) then
    perform tenancy.refuse(403, pg_catalog.format('Your role (%s) may not do this.', coalesce(user_role, 'none')),
      null, pg_catalog.format('Ask a user with the role %s.', pg_catalog.array_to_string(user_roles, ' or ')));
  end if;
end
$$;
select tenancy.grant_internals('tenancy.require_role(text[])');

-- Whether the caller may see everyone's pay and plans: trusted code and managers.
create or replace function tenancy.manages() returns boolean
  language sql stable
  return not tenancy.is_user()
    or coalesce(tenancy.current_user_role() in ('owner', 'admin', 'manager'), false);
select tenancy.grant_internals('tenancy.manages()');

-- Acts for the tenant. A business function may change more than its caller may by hand (sales turn a deal into an event): after
-- checking the caller's role it becomes tenant_service, still inside the tenant's policies, and returns with act_as. Not
-- SECURITY DEFINER: the owner has no policies. An error undoes the change of role with everything else.
create or replace function tenancy.act_for_tenant() returns name
  language plpgsql volatile
as $$
declare
  caller constant name := current_user;
begin
  if tenancy.is_user() then
    perform pg_catalog.set_config('role', 'tenant_service', true);
  end if;
  return caller;
end
$$;
select tenancy.grant_internals('tenancy.act_for_tenant()');

create or replace function tenancy.act_as(caller name) returns void
  language plpgsql volatile
as $$
begin
  if current_user <> caller then
    perform pg_catalog.set_config('role', caller, true);
  end if;
end
$$;
select tenancy.grant_internals('tenancy.act_as(name)');

-- In whose name trusted code acts in this transaction: a user's, or the client's by link.
create or replace function tenancy.acting_user() returns uuid
  language sql stable parallel safe
  return nullif(pg_catalog.current_setting('tenancy.acting_user', true), '')::uuid;
select tenancy.grant_internals('tenancy.acting_user()');

create or replace function tenancy.acts_by_link() returns boolean
  language sql stable parallel safe
  return coalesce(pg_catalog.current_setting('tenancy.by_link', true), '') = 'on';
select tenancy.grant_internals('tenancy.acts_by_link()');
