-- Begins or prolongs the lease, and deletes changes that every process has read long ago.
create or replace function public.extend_realtime_lease(seconds int, name text) returns void
  language sql volatile
begin atomic
  delete from tenancy.realtime_changes c where c.tenant_id = (select tenancy.current_tenant()) and c.at < now() - interval '5 minutes';
  insert into tenancy.realtime_lease as l (tenant_id, name, until)
    values (tenancy.current_tenant(), extend_realtime_lease.name, clock_timestamp() + make_interval(secs => seconds))
    on conflict (tenant_id, name) do update set until = greatest(l.until, excluded.until);
end;
select tenancy.expose(false, 'public.extend_realtime_lease(integer, text)');

-- Changes that became visible after the snapshot `seen` and not after `upto` (default: now), in order, after the one at
-- (`after_at`, `after_id`). The snapshots are of the database `origin`. In another database, as after a move, changes since
-- `since`; the caller may have seen some of them.
create or replace function public.changed_rows(origin text default null, seen text default null, upto text default null,
    since timestamptz default null, after_at timestamptz default null, after_id uuid default null, most int default 500)
  returns jsonb
  language plpgsql stable
as $$
declare
  here constant text := tenancy.realtime_origin();
  known constant pg_snapshot := case when changed_rows.origin = here then seen::pg_snapshot end;
  until constant pg_snapshot := case when changed_rows.origin = here then coalesce(upto::pg_snapshot, pg_current_snapshot())
    else pg_current_snapshot() end;
  found jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'at', c.at, 'table', c.table_name, 'type', c.operation,
      'record', c.record || jsonb_build_object('tenant_id', c.tenant_id)) order by c.at, c.id), '[]') into found
    from (
      select r.* from tenancy.visible_changes(here, known, until, since) r
        where r.record is not null
          and (changed_rows.origin is distinct from here or after_at is null or (r.at, r.id) > (after_at, after_id))
        order by r.at, r.id limit most + 1
    ) c;
  return jsonb_build_object('origin', here, 'upto', until::text, 'now', clock_timestamp(), 'more', jsonb_array_length(found) > most,
    'changes', case when jsonb_array_length(found) > most then found - most else found end);
end
$$;
select tenancy.expose(false, 'public.changed_rows(text, text, text, timestamp with time zone, timestamp with time zone, uuid, integer)');

-- Tables whose changes are recorded: columns with their types and who may read them, the roles that may read the rows, and the
-- columns that decide it row by row. `partial`: which users see only some of the rows: `all`, `staff` or none.
create or replace function public.realtime_tables() returns jsonb
  language sql stable
begin atomic
  select jsonb_object_agg(t.relname, jsonb_build_object(
    'columns', (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', y.typname,
        'users', has_column_privilege('tenant_user', t.oid, a.attnum, 'select'),
        'managers', has_column_privilege('tenant_manager', t.oid, a.attnum, 'select')) order by a.attnum)
      from pg_attribute a join pg_type y on y.oid = a.atttypid where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped),
    'roles', (select string_to_array((regexp_match(pg_get_expr(p.polqual, p.polrelid), 'current_tenant\(''\{([a-z,]+)\}'''))[1], ',')
      from pg_policy p where p.polrelid = t.oid and p.polname in ('authenticated', 'authenticated_select')),
    'partial', (regexp_match(pg_get_triggerdef(g.oid), '\(''([a-z]*)''\)$'))[1],
    'decisive', (select coalesce(jsonb_agg(distinct a.attname), '[]') from pg_policy p
      join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refobjid = t.oid
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where p.polrelid = t.oid and d.refobjsubid > 0 and a.attname <> 'tenant_id')))
  from pg_class t join pg_trigger g on g.tgrelid = t.oid and g.tgname = '1_realtime';
end;
select tenancy.expose(false, 'public.realtime_tables()');
