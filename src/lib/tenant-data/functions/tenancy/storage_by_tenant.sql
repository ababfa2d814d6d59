-- What each tenant keeps in a Supabase project that Marquee reaches over its REST API only, as `usage/samples/storage.ts` measures it over
-- a PostgreSQL login: of each table its size with indexes and the bytes of each tenant's rows, of which large tables are sampled; each
-- tenant's stored files; the size of the database. Numbers are decimal text. Only for the project's `service_role`, which reads every row.
create or replace function public.storage_by_tenant() returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  -- Pages of a table that are read at most.
  most_pages constant float8 := 2000;
  one record;
  sample text;
  counted jsonb;
  tables jsonb := '[]';
begin
  for one in
    select m::text as name, pg_total_relation_size(m) as bytes,
        pg_relation_size(m) / current_setting('block_size')::float8 as pages
      from tenancy.movable_tables() m where has_table_privilege(m, 'select')
  loop
    sample := case when one.pages > most_pages then format('tablesample system (%s)', 100 * most_pages / one.pages) else '' end;
    loop
      execute format('select coalesce(jsonb_object_agg(tenant_id, bytes), ''{}'')
        from (select tenant_id, sum(pg_column_size(t.*))::text as bytes from %s t %s group by 1) by_tenant', one.name, sample) into counted;
      exit when sample = '' or counted <> '{}';
      -- A sample that met no row.
      sample := '';
    end loop;
    tables := tables || jsonb_build_object('bytes', one.bytes::text, 'rows', counted);
  end loop;
  return jsonb_build_object('database', pg_database_size(current_database())::text, 'tables', tables,
    'files', (select coalesce(jsonb_object_agg(tenant_id, bytes), '{}')
      from (select tenant_id, sum(size_bytes)::text as bytes from public.attachments group by 1) by_tenant));
end
$$;
revoke execute on function public.storage_by_tenant() from public;
-- A project gives every new function to the roles of requests by default, and has a role that is no other database's.
do $grants$
declare
  role name;
  of_tenancy regclass;
begin
  for role in select rolname from pg_catalog.pg_roles where rolname in ('anon', 'authenticated') loop
    execute format('revoke execute on function public.storage_by_tenant() from %I', role);
  end loop;
  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant usage on schema tenancy to service_role;
    grant execute on function public.storage_by_tenant(), tenancy.movable_tables() to service_role;
    for of_tenancy in
      select m from tenancy.movable_tables() m join pg_catalog.pg_class c on c.oid = m
        where c.relnamespace = 'tenancy'::regnamespace
    loop
      execute format('grant select on %s to service_role', of_tenancy);
    end loop;
  end if;
end
$grants$;
