-- needs tenancy.stamp_new() tenancy.record_realtime_change() tenancy.limit_lengths() tenancy.protect_internal()

-- Makes a table a business table: row-level security, privileges, what triggers keep in every row, the greatest lengths.
-- Called once, after the table has all its columns.
--   reads, inserts, updates, deletes  the users' roles that may
--   every_row       a condition on rows that holds for all users
--   staff_rows      which rows are a staff member's own: what `staff` reads and changes
--   sales_rows      which rows `sales` may add and change (it reads all)
--   costs           columns of pay and cost: for owner, admin and manager only
--   secrets         columns for trusted server code only
--   system_columns  columns that triggers and functions fill: users hold no privilege to write them
--   user_updates    the only columns that users below a manager may update
-- A column that is added later cannot be written by users until a migration grants it; test/lib/tenant-data/writable-columns.txt
-- lists what each role may write.
create or replace function tenancy.protect(
  target regclass, reads text[], inserts text[], updates text[], deletes text[],
  every_row text default null, staff_rows text default null, sales_rows text default null,
  costs name[] default '{}', secrets name[] default '{}', system_columns name[] default '{}', user_updates name[] default null
) returns void
  language plpgsql volatile
as $$
declare
  not_written constant name[] := '{created_at,updated_at,created_by,updated_by,version}'::name[] || system_columns;
  readable text;
  manageable text;
  by_users text;
  by_managers text;
  rows_read text;
  rows_written text;
begin
  perform tenancy.protect_internal(target);
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

  select string_agg(quote_ident(attname), ', ' order by attnum) filter (where attname <> all (costs || secrets)),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where attname <> all (secrets)),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where is_written and attname <> all (costs || secrets)),
      string_agg(quote_ident(attname), ', ' order by attnum) filter (where is_written and attname <> all (secrets))
    into readable, manageable, by_users, by_managers
    from (select attname, attnum, attgenerated = '' and attname <> all (not_written) as is_written
      from pg_catalog.pg_attribute where attrelid = target and attnum > 0 and not attisdropped) columns;
  execute pg_catalog.format('revoke all on %s from public, authenticated, authenticated_manager', target);
  -- Supabase gives everything new to the role of anonymous requests.
  if exists (select from pg_catalog.pg_roles where rolname = 'anon') then
    execute pg_catalog.format('revoke all on %s from anon', target);
  end if;
  -- What `authenticated` may do its member `authenticated_manager` may too.
  if costs || secrets = '{}' then
    execute pg_catalog.format('grant select, delete on %s to authenticated', target);
  else
    execute pg_catalog.format('grant select (%s), delete on %s to authenticated', readable, target);
    execute pg_catalog.format('grant select (%s), delete on %s to authenticated_manager', manageable, target);
  end if;
  execute pg_catalog.format('grant insert (%s), update (%s) on %s to authenticated',
    by_users, coalesce((select string_agg(quote_ident(c), ', ') from unnest(user_updates) c), by_users), target);
  if by_managers <> by_users then
    execute pg_catalog.format('grant insert (%s) on %s to authenticated_manager', by_managers, target);
  end if;
  if by_managers <> by_users or user_updates is not null then
    execute pg_catalog.format('grant update (%s) on %s to authenticated_manager', by_managers, target);
  end if;

  execute pg_catalog.format('create trigger stamp_new before insert on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.stamp_new()', target);
  execute pg_catalog.format('create trigger stamp_change before update on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.stamp_change()', target);
  -- The name comes first of a row's triggers: what the others change in turn is recorded after the change that caused it.
  execute pg_catalog.format('create trigger "1_realtime" after insert or update or delete on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.record_realtime_change()', target);
  perform tenancy.limit_lengths(target);
end
$$;
revoke execute on function
  tenancy.protect(regclass, text[], text[], text[], text[], text, text, text, name[], name[], name[], name[]) from public;

-- The condition "this tenant's row, and the user has one of these roles" as text; false where no role may.
create or replace function tenancy.of_tenant(user_roles text[]) returns text
  language sql immutable
  return case when user_roles = '{}' then 'false'
    else pg_catalog.format('tenant_id = (select tenancy.current_tenant(%L::text[]))', user_roles) end;
revoke execute on function tenancy.of_tenant(text[]) from public;

-- The events that a staff member works, as a sub-select for `staff_rows`.
create or replace function tenancy.own_events() returns text
  language sql immutable
  return '(select a.event_id from public.event_staff_assignments a where a.user_id = (select tenancy.current_user_id()) '
    'and a.status not in (''declined'', ''cancelled''))';
revoke execute on function tenancy.own_events() from public;
