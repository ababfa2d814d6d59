-- Tables whose rows move with a tenant: business tables, and those of `tenancy` that hold a tenant's own rows. Customers'
-- tables count too if their primary key begins with tenant_id.
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
        and c.relname in ('outbox', 'external_rows', 'time_off', 'changes', 'archive', 'bulk_changes', 'realtime_lease', 'realtime_changes',
          'notices', 'notice_preferences', 'invoice_links', 'report_months', 'report_changes', 'report_upkeep'))
    order by n.nspname, c.relname
$$;
revoke execute on function tenancy.movable_tables() from public;
grant execute on function tenancy.movable_tables()
  to tenant_mover;

-- Updates the planner's statistics of a table. Autovacuum would within a minute, but sessions keep plans made before that.
create or replace function tenancy.analyze_table(target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % does not hold tenants'' rows.', target using errcode = 'wrong_object_type';
  end if;
  execute format('analyze (skip_locked) %s', target);
end
$$;
revoke execute on function tenancy.analyze_table(regclass) from public;
grant execute on function tenancy.analyze_table(regclass)
  to tenant_mover;
