-- Sample records: loaded to try things out, and removed again unless they were changed or are used.

-- The tables that sample data may fill.
create or replace function tenancy.sample_tables() returns text[]
  language sql immutable parallel safe
  return array['booth_types', 'booths', 'packages', 'add_ons', 'locations', 'accounts', 'contacts', 'contact_accounts', 'leads',
    'opportunities', 'opportunity_line_items', 'quotes', 'quote_line_items', 'events', 'event_dates', 'booth_assignments', 'tasks', 'notes'];
select tenancy.grant_internals('tenancy.sample_tables()');

-- The foreign keys to tables of sample data. `is_part`: the row goes with the one it refers to, as a line with its quote.
-- `holds`: the one it refers to cannot go before it.
create or replace function tenancy.sample_links() returns table (source name, pointer name, target name, is_part boolean, holds boolean)
  language sql stable
begin atomic
  select s.relname, a.attname, t.relname, c.confdeltype = 'c', c.confdeltype in ('a', 'r')
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class s on s.oid = c.conrelid
    join pg_catalog.pg_class t on t.oid = c.confrelid
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname <> 'tenant_id'
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace and t.relname = any (tenancy.sample_tables())
    order by 1, 2;
end;
select tenancy.grant_internals('tenancy.sample_links()');

-- Inserts sample records, and remembers each as it was loaded, together with what rules added to it (a checklist, reserved
-- equipment). For trusted code, which writes their numbers: they must not use up those of real documents.
--   records  [{"table": …, "row": {…}}], parents first; each row has an id
-- Returns how many were loaded: 0 where sample data are there already.
create or replace function public.load_sample_data(records jsonb) returns int
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  record jsonb;
  link record;
  loaded int;
begin
  -- Of two that load at once, the second finds what the first loaded.
  perform tenancy.lock_own('sample_data');
  if exists (select from public.sample_records s where s.tenant_id = tenant) then
    return 0;
  end if;
  for record in select * from jsonb_array_elements(records) loop
    if record ->> 'table' is null or record ->> 'table' <> all (tenancy.sample_tables()) then
      perform tenancy.refuse(400, format('There are no sample records of %s.', record ->> 'table'));
    end if;
    execute format('insert into public.%1$I (%2$s) select %2$s from jsonb_populate_record(null::public.%1$I, $1)', record ->> 'table',
      (select string_agg(quote_ident(k), ', ') from jsonb_object_keys(record -> 'row') k)) using record -> 'row';
  end loop;
  insert into public.sample_records (entity, record_id, place, content)
    select r.value ->> 'table', (r.value -> 'row' ->> 'id')::uuid, r.place, '{}'
    from jsonb_array_elements(records) with ordinality r (value, place);
  get diagnostics loaded = row_count;
  for link in select * from tenancy.sample_links() l where l.is_part loop
    execute format('insert into public.sample_records (entity, record_id, place, content)
        select %1$L, x.id, 100000, ''{}'' from public.%1$I x
        where x.tenant_id = $1 and x.%2$I in (select s.record_id from public.sample_records s where s.tenant_id = $1)
      on conflict do nothing', link.source, link.pointer) using tenant;
  end loop;
  -- Rules may have changed a record after it was inserted: totals, the span of dates.
  for link in select distinct s.entity from public.sample_records s where s.tenant_id = tenant loop
    execute format('update public.sample_records s set content = to_jsonb(r) from public.%I r
      where s.tenant_id = $1 and s.entity = $2 and r.tenant_id = $1 and r.id = s.record_id', link.entity) using tenant, link.entity;
  end loop;
  return loaded;
end
$$;
select tenancy.expose(false, 'public.load_sample_data(jsonb)');

-- Removes the sample records, but none that a person changed or that a person's records use, with what belongs to these. Those stay
-- and count as the tenant's own. Does nothing where there are none.
-- Returns what stayed: [{"entity", "id", "title", "reason": "changed" | "in_use"}]
create or replace function public.remove_sample_data() returns jsonb
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  caller name;
  mark public.sample_records;
  link record;
  found uuid[];
  changed uuid[];
  kept uuid[];
  before int;
  answer jsonb;
begin
  perform tenancy.require_role('owner', 'admin');
  caller := tenancy.act_for_tenant();
  perform tenancy.lock_own('sample_data');
  changed := tenancy.changed_samples();
  kept := changed || tenancy.used_samples();
  -- What stays needs what it refers to, and keeps its parts.
  loop
    before := cardinality(kept);
    for link in select * from tenancy.sample_links() l where l.source = any (tenancy.sample_tables()) or l.is_part loop
      execute format('select array_agg(s.record_id) from public.sample_records s where s.tenant_id = $1 and s.record_id <> all ($2) and (
          s.entity = %3$L and exists (select from public.%1$I x where x.tenant_id = $1 and x.id = any ($2) and x.%2$I = s.record_id)
          or %4$L and s.entity = %1$L and exists (select from public.%1$I x where x.tenant_id = $1 and x.id = s.record_id and x.%2$I = any ($2)))',
        link.source, link.pointer, link.target, link.is_part) into found using tenant, kept;
      kept := kept || coalesce(found, '{}');
    end loop;
    exit when cardinality(kept) = before;
  end loop;
  select coalesce(jsonb_agg(jsonb_build_object('entity', s.entity, 'id', s.record_id,
      'reason', case when s.record_id = any (changed) then 'changed' else 'in_use' end,
      'title', coalesce(s.content ->> 'name', s.content ->> 'title', s.content ->> 'quote_number',
        concat_ws(' ', s.content ->> 'first_name', s.content ->> 'last_name'))) order by s.place), '[]')
    into answer from public.sample_records s
    where s.tenant_id = tenant and s.record_id = any (kept)
      and s.entity not in (select l.source from tenancy.sample_links() l where l.is_part);
  for mark in select * from public.sample_records s where s.tenant_id = tenant and s.record_id <> all (kept) order by s.place desc loop
    execute format('delete from public.%I r where r.tenant_id = $1 and r.id = $2', mark.entity) using tenant, mark.record_id;
  end loop;
  delete from public.sample_records s where s.tenant_id = tenant;
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.remove_sample_data()');

-- The sample records that a person changed since they were loaded. A deleted one counts as unchanged. What the system changes by
-- itself is no change: it leaves no name, and differs in nothing that users write.
create or replace function tenancy.changed_samples() returns uuid[]
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  mark public.sample_records;
  now_is jsonb;
  changed uuid[] := '{}';
begin
  for mark in select * from public.sample_records s where s.tenant_id = tenant loop
    execute format('select to_jsonb(r) from public.%I r where r.tenant_id = $1 and r.id = $2', mark.entity)
      into now_is using tenant, mark.record_id;
    if now_is ->> 'deleted_at' is null and now_is ->> 'version' <> mark.content ->> 'version' and (
        now_is ->> 'updated_by' is not null
        or exists (select from jsonb_each(now_is) c (name, value)
          where c.name not in ('version', 'updated_at', 'updated_by') and c.value is distinct from mark.content -> c.name
            and pg_catalog.has_column_privilege('tenant_user', format('public.%I', mark.entity), c.name, 'update'))) then
      changed := changed || mark.record_id;
    end if;
  end loop;
  return changed;
end
$$;
select tenancy.grant_internals('tenancy.changed_samples()');

-- The sample records to which other records refer that a person made, or that cannot do without them.
create or replace function tenancy.used_samples() returns uuid[]
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  link record;
  found uuid[];
  used uuid[] := '{}';
begin
  for link in select l.source, l.pointer, l.holds from tenancy.sample_links() l
      union all select x, 'entity_id', false from unnest(array['notes', 'tasks', 'attachments']) x loop
    execute format('select array_agg(distinct x.%2$I) from public.%1$I x
      where x.tenant_id = $1 and x.%2$I in (select s.record_id from public.sample_records s where s.tenant_id = $1)
        and (%3$L or x.created_by is not null or x.updated_by is not null)
        and x.id not in (select s.record_id from public.sample_records s where s.tenant_id = $1)',
      link.source, link.pointer, link.holds) into found using tenant;
    used := used || coalesce(found, '{}');
  end loop;
  return used;
end
$$;
select tenancy.grant_internals('tenancy.used_samples()');
