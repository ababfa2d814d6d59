create or replace function tenancy.stamp_new() returns trigger
  language plpgsql
as $$
begin
  -- Users cannot write another user's name; trusted code may, for imports.
  new.created_by := coalesce(tenancy.current_user_id(), new.created_by);
  new.updated_by := new.created_by;
  new.version := 1;
  return new;
end
$$;
revoke execute on function tenancy.stamp_new() from public;

-- `version` is the optimistic lock: a client updates `where version = <what it read>`. A change by the system or by a client's
-- link is not attributed to the user who changed the row last.
create or replace function tenancy.stamp_change() returns trigger
  language plpgsql
as $$
begin
  if new.tenant_id <> old.tenant_id or new.id <> old.id then
    raise exception 'The tenant and the id of a row cannot change.' using errcode = 'MQ004';
  end if;
  new.created_at := old.created_at;
  new.created_by := old.created_by;
  new.updated_at := pg_catalog.now();
  new.updated_by := coalesce(tenancy.current_user_id(), tenancy.acting_user(),
    case when new.updated_by is distinct from old.updated_by then new.updated_by end);
  new.version := old.version + 1;
  return new;
end
$$;
revoke execute on function tenancy.stamp_change() from public;
