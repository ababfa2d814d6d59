-- What every business table has in common: columns, triggers, links, policies. Tables are made from these.

-- Extensions live in a schema of their own, so that their functions are no procedures of the API. Where a database has
-- them elsewhere already (Supabase: in `extensions` too), they stay there.
create schema if not exists extensions;
create extension if not exists btree_gist with schema extensions;
create extension if not exists pg_trgm with schema extensions;
grant usage on schema public, extensions
  to authenticated, authenticated_manager, tenant_service, tenant_search, tenant_mover;

-- The columns that every business table begins with: `create table … (like tenancy.record including all, …)`.
create table tenancy.record (
  tenant_id uuid not null default tenancy.current_tenant(),
  id uuid not null default pg_catalog.gen_random_uuid(),
  created_at timestamptz not null default pg_catalog.now(),
  updated_at timestamptz not null default pg_catalog.now(),
  created_by uuid default tenancy.current_user_id(),
  updated_by uuid default tenancy.current_user_id(),
  version int not null default 1,
  primary key (tenant_id, id)
);

-- True while a tenant's rows arrive from elsewhere (a move, a restore): triggers keep still, rows stay as they were.
-- Only the mover may say so.
create function tenancy.copying() returns boolean
  language sql stable parallel safe
  return coalesce(pg_catalog.current_setting('tenancy.copying', true), '') = 'on'
    and pg_catalog.pg_has_role('tenant_mover', 'usage');

create function tenancy.stamp_new() returns trigger
  language plpgsql
as $$
begin
  -- Users cannot sign as somebody else; trusted code may, for imports.
  new.created_by := coalesce(tenancy.current_user_id(), new.created_by);
  new.updated_by := new.created_by;
  new.version := 1;
  return new;
end
$$;

-- `version` is the optimistic lock: a client updates `where version = <what it read>`.
create function tenancy.stamp_change() returns trigger
  language plpgsql
as $$
begin
  if new.tenant_id <> old.tenant_id or new.id <> old.id then
    raise exception 'A row keeps its tenant and its id.' using errcode = 'MQ004';
  end if;
  new.created_at := old.created_at;
  new.created_by := old.created_by;
  new.updated_at := pg_catalog.now();
  new.updated_by := coalesce(tenancy.current_user_id(), new.updated_by);
  new.version := old.version + 1;
  return new;
end
$$;

-- A foreign key that carries the tenant, and its index. Optional keys are emptied when what they point to goes, needed
-- ones hold it back. Deferrable, so that rows that point at each other can be copied.
create function tenancy.link(from_table regclass, from_column name, to_table regclass, on_delete text default null)
  returns void
  language plpgsql volatile
as $$
declare
  optional boolean;
begin
  select not attnotnull into strict optional
    from pg_catalog.pg_attribute where attrelid = from_table and attname = from_column;
  execute pg_catalog.format(
    'alter table %s add constraint %I foreign key (tenant_id, %I) references %s (tenant_id, id) on delete %s deferrable',
    from_table, from_table::text || '_' || from_column || '_fkey', from_column, to_table,
    case when on_delete is not null then on_delete
      when optional then pg_catalog.format('set null (%I)', from_column)
      else 'no action' end);
  if not exists (
    select from pg_catalog.pg_index i
      join pg_catalog.pg_attribute t on t.attrelid = i.indrelid and t.attnum = i.indkey[0]
      join pg_catalog.pg_attribute c on c.attrelid = i.indrelid and c.attnum = i.indkey[1]
      where i.indrelid = from_table and i.indpred is null and t.attname = 'tenant_id' and c.attname = from_column
  ) then
    execute pg_catalog.format('create index on %s (tenant_id, %I)', from_table, from_column);
  end if;
end
$$;

-- Row-level security, privileges and triggers of one table.
--   reads, inserts, updates, deletes  the users' roles that may
--   every_row    a condition on rows that holds for all users
--   staff_rows   which rows are a staff member's own: what `staff` reads and changes
--   sales_rows   which rows `sales` may add and change (it reads all)
--   costs        columns of pay and cost: for owner, admin and manager only
--   secrets      columns for trusted server code only
create function tenancy.protect(
  target regclass, reads text[], inserts text[], updates text[], deletes text[],
  every_row text default null, staff_rows text default null, sales_rows text default null,
  costs name[] default '{}', secrets name[] default '{}'
) returns void
  language plpgsql volatile
as $$
declare
  readable text;
  manageable text;
  rows_read text;
  rows_written text;
begin
  execute pg_catalog.format('alter table %s enable row level security, force row level security', target);
  execute pg_catalog.format(
    'create policy tenant_service on %s to tenant_service using (tenant_id = (select tenancy.current_tenant())) '
    'with check (tenant_id = (select tenancy.current_tenant()))', target);
  execute pg_catalog.format('create policy tenant_mover on %s to tenant_mover using (true) with check (true)', target);

  rows_read := pg_catalog.concat_ws(' and ', '', '(' || every_row || ')',
    '((select tenancy.current_user_role()) <> ''staff'' or ' || staff_rows || ')');
  rows_written := rows_read || coalesce(
    ' and ((select tenancy.current_user_role()) <> ''sales'' or ' || sales_rows || ')', '');
  execute pg_catalog.format('create policy user_select on %s for select to authenticated using (%s)',
    target, tenancy.of_tenant(reads) || rows_read);
  execute pg_catalog.format('create policy user_insert on %s for insert to authenticated with check (%s)',
    target, tenancy.of_tenant(inserts) || rows_written);
  execute pg_catalog.format('create policy user_update on %1$s for update to authenticated using (%2$s) with check (%2$s)',
    target, tenancy.of_tenant(updates) || rows_written);
  execute pg_catalog.format('create policy user_delete on %s for delete to authenticated using (%s)',
    target, tenancy.of_tenant(deletes) || rows_written);

  select pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ')
      filter (where attname <> all (costs || secrets)),
    pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ') filter (where attname <> all (secrets))
    into readable, manageable
    from pg_catalog.pg_attribute where attrelid = target and attnum > 0 and not attisdropped;
  execute pg_catalog.format('revoke all on %s from public, authenticated, authenticated_manager', target);
  execute pg_catalog.format('grant select, insert, update, delete on %s to tenant_service, tenant_mover', target);
  if costs || secrets = '{}' then
    execute pg_catalog.format('grant select, insert, update, delete on %s to authenticated', target);
  else
    execute pg_catalog.format('grant select (%1$s), insert (%1$s), update (%1$s), delete on %2$s to authenticated',
      readable, target);
    execute pg_catalog.format('grant select (%1$s), insert (%1$s), update (%1$s), delete on %2$s to authenticated_manager',
      manageable, target);
  end if;

  execute pg_catalog.format('create trigger stamp_new before insert on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.stamp_new()', target);
  execute pg_catalog.format('create trigger stamp_change before update on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.stamp_change()', target);
end
$$;

-- The condition "this tenant's row, and the user has one of these roles" as text; false where no role may.
create function tenancy.of_tenant(user_roles text[]) returns text
  language sql immutable
  return case when user_roles = '{}' then 'false'
    else pg_catalog.format('tenant_id = (select tenancy.current_tenant(%L::text[]))', user_roles) end;

revoke execute on all functions in schema tenancy from public;
grant execute on function tenancy.copying()
  to authenticated, authenticated_manager, tenant_service, tenant_mover;
