-- needs tenancy.stamp_new() tenancy.record_realtime_change() tenancy.limit_lengths() tenancy.protect_internal()

-- Makes a table a business table: row-level security, privileges, what triggers keep in every row, the greatest lengths.
-- Called once, after the table has all its columns.
--   reads, inserts, updates, deletes  the users' roles that may
--   every_row       a condition on rows that holds for all users but those of the roles `every_row_but_for`
--   staff_rows      which rows are a staff member's own: what `staff` reads and changes
--   sales_rows      which rows `sales` may add and change (it reads all)
--   viewer_rows     the same of `viewer`
--   costs           columns of pay and cost: for owner, admin and manager only
--   secrets         columns for trusted server code only
--   system_columns  columns that triggers and functions fill: users hold no privilege to write them
--   user_updates    the only columns that users below a manager may update
-- A column that is added later cannot be written by users until a migration grants it; test/lib/tenant-data/writable-columns.txt
-- lists what each role may write.
create or replace function tenancy.protect(
  target regclass, reads text[], inserts text[], updates text[], deletes text[],
  every_row text default null, every_row_but_for text[] default '{}', staff_rows text default null, sales_rows text default null,
  costs name[] default '{}', secrets name[] default '{}', system_columns name[] default '{}', user_updates name[] default null,
  viewer_rows text default null
) returns void
  language plpgsql volatile
as $$
declare
  not_written constant name[] := '{created_at,updated_at,created_by,updated_by,version}'::name[] || system_columns;
  readable text;
  manageable text;
  by_users text;
  by_managers text;
  kind name;
begin
  perform tenancy.protect_internal(target);
  foreach kind in array '{authenticated,tenant_manager,tenant_sales,tenant_staff,tenant_viewer}'::name[] loop
    perform tenancy.add_policies(target, kind,
      tenancy.rows_of(kind, reads, every_row, every_row_but_for, staff_rows),
      tenancy.rows_of(kind, inserts, every_row, every_row_but_for, staff_rows, sales_rows, viewer_rows),
      tenancy.rows_of(kind, updates, every_row, every_row_but_for, staff_rows, sales_rows, viewer_rows),
      tenancy.rows_of(kind, deletes, every_row, every_row_but_for, staff_rows, sales_rows, viewer_rows));
  end loop;

  select string_agg(quote_ident(attname), ', ' order by attnum) filter (where attname <> all (costs || secrets)),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where attname <> all (secrets)),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where is_written and attname <> all (costs || secrets)),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where is_written and attname <> all (secrets))
    into readable, manageable, by_users, by_managers
    from (select attname, attnum, attgenerated = '' and attname <> all (not_written) as is_written
      from pg_catalog.pg_attribute where attrelid = target and attnum > 0 and not attisdropped) columns;
  execute pg_catalog.format('revoke all on %s from public, authenticated, tenant_user, tenant_manager', target);
  -- Supabase gives everything new to the roles of requests, `authenticated` and this one.
  if exists (select from pg_catalog.pg_roles where rolname = 'anon') then
    execute pg_catalog.format('revoke all on %s from anon', target);
  end if;
  -- What `tenant_user` may do its member `tenant_manager` may too.
  if costs || secrets = '{}' then
    execute pg_catalog.format('grant select, delete on %s to tenant_user', target);
  else
    execute pg_catalog.format('grant select (%s), delete on %s to tenant_user', readable, target);
    execute pg_catalog.format('grant select (%s), delete on %s to tenant_manager', manageable, target);
  end if;
  execute pg_catalog.format('grant insert (%s), update (%s) on %s to tenant_user',
    by_users, coalesce((select string_agg(quote_ident(c), ', ') from unnest(user_updates) c), by_users), target);
  if by_managers <> by_users then
    execute pg_catalog.format('grant insert (%s) on %s to tenant_manager', by_managers, target);
  end if;
  if by_managers <> by_users or user_updates is not null then
    execute pg_catalog.format('grant update (%s) on %s to tenant_manager', by_managers, target);
  end if;

  execute pg_catalog.format('create trigger stamp_new before insert on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.stamp_new()', target);
  execute pg_catalog.format('create trigger stamp_change before update on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.stamp_change()', target);
  -- The name comes first of a row's triggers: what the others change in turn is recorded after the change that caused it.
  execute pg_catalog.format('create trigger "1_realtime" after insert or update or delete on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.record_realtime_change(%L)', target,
    case when every_row is not null then 'all' when staff_rows is not null then 'staff' else '' end);
  perform tenancy.limit_lengths(target);
end
$$;
revoke execute on function
  tenancy.protect(regclass, text[], text[], text[], text[], text, text[], text, text, name[], name[], name[], name[], text) from public;

-- A database role's policies on a table: one for each command, or one for all where their conditions are the same, since each
-- session reads all of them. Null: no policy, so no row.
create or replace function tenancy.add_policies(target regclass, kind name, reads text, inserts text, updates text, deletes text)
  returns void
  language plpgsql volatile
as $$
begin
  if reads = inserts and reads = updates and reads = deletes then
    execute pg_catalog.format('create policy %2$s on %1$s to %2$I using (%3$s) with check (%3$s)', target, kind, reads);
    return;
  end if;
  if reads is not null then
    execute pg_catalog.format('create policy %2$s_select on %1$s for select to %2$I using (%3$s)', target, kind, reads);
  end if;
  if inserts is not null then
    execute pg_catalog.format('create policy %2$s_insert on %1$s for insert to %2$I with check (%3$s)', target, kind, inserts);
  end if;
  if updates is not null then
    execute pg_catalog.format('create policy %2$s_update on %1$s for update to %2$I using (%3$s) with check (%3$s)', target, kind, updates);
  end if;
  if deletes is not null then
    execute pg_catalog.format('create policy %2$s_delete on %1$s for delete to %2$I using (%3$s)', target, kind, deletes);
  end if;
end
$$;
revoke execute on function tenancy.add_policies(regclass, name, text, text, text, text) from public;

-- The rows on which users who act as a database role may run a command, as a policy's condition; null where they may not.
-- What is the same for all of them is not asked for each: owners, admins and managers read `tenant_id = (select
-- tenancy.current_tenant())`, which an index answers. `authenticated` may be any user, so its conditions ask the claims.
create or replace function tenancy.rows_of(
  kind name, allowed text[], every_row text, every_row_but_for text[], staff_rows text, sales_rows text default null,
  viewer_rows text default null
) returns text
  language plpgsql immutable
as $$
declare
  users constant text[] := case kind when 'tenant_manager' then '{owner,admin,manager}' when 'tenant_sales' then '{sales}'
    when 'tenant_staff' then '{staff}' when 'tenant_viewer' then '{viewer}' else '{owner,admin,manager,sales,staff,viewer}' end;
  may constant text[] := array(select u from unnest(users) u where u = any (allowed));
begin
  if may = '{}' then
    return null;
  end if;
  return pg_catalog.concat_ws(' and ',
    case when kind <> 'authenticated' and may = users then 'tenant_id = (select tenancy.current_tenant())'
      else pg_catalog.format('tenant_id = (select tenancy.current_tenant(%L::text[]))', may) end,
    case when may <@ every_row_but_for then null
      when may && every_row_but_for then pg_catalog.format(
        '(tenant_id is not distinct from (select tenancy.current_tenant(%L::text[])) or %s)', every_row_but_for, every_row)
      else '(' || every_row || ')' end,
    case when kind = 'tenant_staff' then staff_rows
      when 'staff' = any (may) then '((select tenancy.current_user_role()) <> ''staff'' or ' || staff_rows || ')' end,
    case when kind = 'tenant_sales' then sales_rows
      when 'sales' = any (may) then '((select tenancy.current_user_role()) <> ''sales'' or ' || sales_rows || ')' end,
    case when kind = 'tenant_viewer' then viewer_rows
      when 'viewer' = any (may) then '((select tenancy.current_user_role()) <> ''viewer'' or ' || viewer_rows || ')' end);
end
$$;
revoke execute on function tenancy.rows_of(name, text[], text, text[], text, text, text) from public;

-- The condition "an event that the staff member works", for `staff_rows`. EXISTS, so that the planner chooses: a look-up in an index
-- for a few rows, a hash for many. IN would always be hashed.
--   event  a column with its table, such as `events.id`
create or replace function tenancy.own_event(event text) returns text
  language sql immutable
  return pg_catalog.format('exists (select from public.event_staff_assignments a where a.event_id = %s '
    'and a.user_id = (select tenancy.current_user_id()) and a.status not in (''declined'', ''cancelled''))', event);
revoke execute on function tenancy.own_event(text) from public;
