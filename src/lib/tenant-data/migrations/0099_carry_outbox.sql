-- A tenant that moves takes along what is still to be told, and what its rows are called elsewhere.
create or replace function tenancy.movable_tables() returns setof regclass
  language sql stable
as $$
  select c.oid::regclass
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attname = 'tenant_id'
    where c.relkind = 'r'
      and (n.nspname = 'public' or n.nspname = 'tenancy' and c.relname in ('outbox', 'external_rows'))
    order by n.nspname, c.relname
$$;
