-- What clients of /realtime/v1 are told: rows that changed while a client of their tenant listens. A trigger writes them down
-- in the transaction that changes them, and only while a lease says that a client listens. Marquee reads them soon after.
-- Nothing here needs a connection that listens, so it works behind a pooler and on a Supabase project.

-- While the lease runs, changes of the tenant's rows are written down.
create table tenancy.realtime_lease (
  tenant_id uuid not null,
  -- Moves need a key beside the tenant. There is one lease.
  name text not null default 'rows',
  until timestamptz not null,
  primary key (tenant_id, name)
);

create table tenancy.realtime_changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  -- The server's start and the database: in another one, transactions have other numbers.
  origin text not null,
  xid bigint not null,
  table_name text not null,
  operation text not null check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  -- The row after the change; of a deleted row, as it was.
  record jsonb not null,
  primary key (tenant_id, id)
);
create index on tenancy.realtime_changes (tenant_id, at, id);

do $protect$
declare
  target regclass;
begin
  foreach target in array array['tenancy.realtime_lease', 'tenancy.realtime_changes']::regclass[] loop
    execute format('alter table %s enable row level security, force row level security', target);
    execute format('create policy tenant_service on %s to tenant_service using (tenant_id = (select tenancy.current_tenant())) '
      'with check (tenant_id = (select tenancy.current_tenant()))', target);
    execute format('create policy tenant_mover on %s to tenant_mover using (true) with check (true)', target);
    execute format('grant select, insert, update, delete on %s to tenant_service, tenant_mover', target);
  end loop;
end
$protect$;

create function tenancy.realtime_origin() returns text
  language sql stable
  return concat(extract(epoch from pg_catalog.pg_postmaster_start_time()), '/', pg_catalog.current_database());

-- Without a lease this ends after one look at a small table. It is always the same role that looks: plans of tables with
-- row-level security are made for one role.
create function tenancy.keep_realtime_change() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  tenant constant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
begin
  if exists (select from tenancy.realtime_lease l where l.tenant_id = tenant and l.name = 'rows' and l.until > now()) then
    insert into tenancy.realtime_changes (tenant_id, origin, xid, table_name, operation, record)
      values (tenant, tenancy.realtime_origin(), pg_current_xact_id()::text::bigint, tg_table_name, tg_op,
        -- A tenant that moves may get another id; credentials are told to no client.
        case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end - '{tenant_id,credentials,key_id}'::text[]);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.keep_realtime_change() from public;

-- The name comes first of a row's triggers: what the others change in turn is written down after the change that caused it.
create function tenancy.tell_realtime(target regclass) returns void
  language plpgsql volatile
as $$
begin
  execute pg_catalog.format('create trigger "1_realtime" after insert or update or delete on %s for each row '
    'when (not tenancy.copying()) execute function tenancy.keep_realtime_change()', target);
end
$$;
revoke execute on function tenancy.tell_realtime(regclass) from public;

do $tables$
declare
  target regclass;
begin
  for target in select m from tenancy.movable_tables() m join pg_class c on c.oid = m where c.relnamespace = 'public'::regnamespace loop
    perform tenancy.tell_realtime(target);
  end loop;
end
$tables$;

-- Begins or prolongs the lease, and forgets what every process has read long ago.
create function public.listen_to_rows(seconds int) returns void
  language sql volatile
begin atomic
  delete from tenancy.realtime_changes c where c.tenant_id = tenancy.current_tenant() and c.at < now() - interval '5 minutes';
  insert into tenancy.realtime_lease as l (tenant_id, until)
    values (tenancy.current_tenant(), clock_timestamp() + make_interval(secs => seconds))
    on conflict (tenant_id, name) do update set until = greatest(l.until, excluded.until);
end;

-- Changes that became visible after `seen` and not after `upto` (snapshots of the database `origin`), in their order, after
-- the one named. Without `upto` it is now. In another database than `origin`, as after a move: those since `since`, which the caller may know already.
-- {origin, upto, now, more, changes: [{id, at, table, type, record}]}
create function public.changed_rows(origin text default null, seen text default null, upto text default null,
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
      select r.* from tenancy.realtime_changes r
        where r.tenant_id = (select tenancy.current_tenant())
          and case when known is null then r.at > since else r.origin = here and not pg_visible_in_snapshot(r.xid::text::xid8, known) end
          and (r.origin <> here or pg_visible_in_snapshot(r.xid::text::xid8, until))
          and (changed_rows.origin is distinct from here or after_at is null or (r.at, r.id) > (after_at, after_id))
        order by r.at, r.id limit most + 1
    ) c;
  return jsonb_build_object('origin', here, 'upto', until::text, 'now', clock_timestamp(), 'more', jsonb_array_length(found) > most,
    'changes', case when jsonb_array_length(found) > most then found - most else found end);
end
$$;

-- The tables that tell of their rows: columns with their types and who may read them, the
-- roles that read its rows, and the columns on which that depends row by row.
create function public.told_tables() returns jsonb
  language sql stable
begin atomic
  select jsonb_object_agg(t.relname, jsonb_build_object(
    'columns', (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', y.typname,
        'users', has_column_privilege('authenticated', t.oid, a.attnum, 'select'),
        'managers', has_column_privilege('authenticated_manager', t.oid, a.attnum, 'select')) order by a.attnum)
      from pg_attribute a join pg_type y on y.oid = a.atttypid where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped),
    'roles', (select string_to_array((regexp_match(pg_get_expr(p.polqual, p.polrelid), 'current_tenant\(''\{([a-z,]+)\}'''))[1], ',')
      from pg_policy p where p.polrelid = t.oid and p.polname = 'user_select'),
    'decisive', (select coalesce(jsonb_agg(distinct a.attname), '[]') from pg_policy p
      join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refobjid = t.oid
      join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
      where p.polrelid = t.oid and d.refobjsubid > 0 and a.attname <> 'tenant_id')))
  from pg_class t join pg_trigger g on g.tgrelid = t.oid and g.tgname = '1_realtime';
end;

select tenancy.expose(false, 'public.listen_to_rows(int)', 'public.told_tables()',
  'public.changed_rows(text, text, text, timestamptz, timestamptz, uuid, int)');
revoke execute on function tenancy.realtime_origin() from public;
grant execute on function tenancy.realtime_origin() to tenant_service;

-- A tenant that moves takes its lease and what was not read yet along: its listeners miss nothing.
create or replace function tenancy.movable_tables() returns setof regclass
  language sql stable
as $$
  select c.oid::regclass
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attname = 'tenant_id'
    where c.relkind = 'r'
      and (n.nspname = 'public' or n.nspname = 'tenancy'
        and c.relname in ('outbox', 'external_rows', 'time_off', 'changes', 'realtime_lease', 'realtime_changes'))
    order by n.nspname, c.relname
$$;
