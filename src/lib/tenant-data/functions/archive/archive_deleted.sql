-- The tables whose rows are archived when they are deleted.
create or replace function tenancy.archived_kinds() returns name[]
  language sql immutable parallel safe
  return array['accounts', 'contacts', 'leads', 'opportunities', 'events', 'quotes', 'invoices', 'contracts', 'tasks', 'locations',
    'booths', 'equipment_items', 'packages', 'add_ons', 'products', 'templates']::name[];
select tenancy.grant_internals('tenancy.archived_kinds()');

-- What people call a record.
create or replace function tenancy.title_of(record jsonb) returns text
  language sql immutable parallel safe
  return coalesce(nullif(record ->> 'title', ''), nullif(record ->> 'name', ''),
    nullif(concat_ws(' ', record ->> 'first_name', record ->> 'last_name'), ''),
    record ->> 'quote_number', record ->> 'invoice_number', record ->> 'contract_number', record ->> 'event_date', '–');
select tenancy.grant_internals('tenancy.title_of(jsonb)');

-- The table that an archive names: `events`, or with its schema where that is not `public`.
create or replace function tenancy.archived_table(name text) returns regclass
  language sql stable
  return case when name like '%.%' then name else format('public.%I', name) end::regclass;
select tenancy.grant_internals('tenancy.archived_table(text)');

-- Foreign keys that delete (`c`) or empty (`n`) what refers to a deleted row of a table.
create or replace function tenancy.follows_deletion(target regclass) returns table (source text, pointer name, action "char")
  language sql stable
begin atomic
  select case n.nspname when 'public' then '' else n.nspname || '.' end || t.relname, a.attname, c.confdeltype
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class t on t.oid = c.conrelid
    join pg_catalog.pg_namespace n on n.oid = t.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname <> 'tenant_id'
    where c.contype = 'f' and c.confrelid = target and c.confdeltype in ('c', 'n')
    order by 1, 2;
end;
select tenancy.grant_internals('tenancy.follows_deletion(regclass)');

-- Keeps a record that a user is about to delete; what trusted code deletes in bulk (sample data, an undone import) is not kept. With it go
-- the rows that foreign keys delete, its notes and its history, and what columns of other records they empty.
create or replace function tenancy.archive_deleted() returns trigger
  language plpgsql
as $$
declare
  keeps constant boolean := tenancy.is_user()
    and coalesce(current_setting('tenancy.unarchived', true), '') <> 'on';
  caller constant name := tenancy.act_for_tenant();
  tenant constant uuid := old.tenant_id;
  kept jsonb := jsonb_build_array(jsonb_build_object('table', tg_table_name, 'row', to_jsonb(old)));
  pointers jsonb := '[]';
  one jsonb;
  at int := 0;
  link record;
  found_rows jsonb;
  kind text;
begin
  perform set_config('tenancy.archiving', case when keeps then 'on' else '' end, true);
  if keeps then
    -- `kept` grows while it is read: rows of rows follow.
    while at < jsonb_array_length(kept) loop
      one := kept -> at;
      at := at + 1;
      for link in select * from tenancy.follows_deletion(tenancy.archived_table(one ->> 'table')) loop
        if link.action = 'c' then
          execute format('select coalesce(jsonb_agg(jsonb_build_object(''table'', %1$L, ''row'', to_jsonb(t)) order by t.created_at), ''[]'') '
              'from %3$s t where t.tenant_id = $1 and t.%2$I = $2 and not exists (select from jsonb_array_elements($3) k '
              'where k ->> ''table'' = %1$L and k -> ''row'' = to_jsonb(t))', link.source, link.pointer, tenancy.archived_table(link.source))
            into found_rows using tenant, (one #>> '{row,id}')::uuid, kept;
          kept := kept || found_rows;
        else
          execute format('select coalesce(jsonb_agg(jsonb_build_object(''table'', %1$L, ''id'', t.id, ''column'', %2$L, ''value'', $2)), ''[]'') '
              'from %3$s t where t.tenant_id = $1 and t.%2$I = $2', link.source, link.pointer, tenancy.archived_table(link.source))
            into found_rows using tenant, (one #>> '{row,id}')::uuid;
          pointers := pointers || found_rows;
        end if;
      end loop;
      kind := tenancy.kind_of((one ->> 'table')::name);
      if kind is not null then
        select kept || coalesce(jsonb_agg(jsonb_build_object('table', 'notes', 'row', to_jsonb(n))), '[]') into kept from public.notes n
          where n.tenant_id = tenant and n.entity_type = kind and n.entity_id = (one #>> '{row,id}')::uuid;
        select pointers || coalesce(jsonb_agg(jsonb_build_object('table', 'tasks', 'id', t.id, 'column', 'entity_id',
            'value', t.entity_id, 'entity_type', kind)), '[]') into pointers from public.tasks t
          where t.tenant_id = tenant and t.entity_type = kind and t.entity_id = (one #>> '{row,id}')::uuid;
      end if;
    end loop;
    if tg_table_name = any (tenancy.kinds_with_history()) then
      select kept || coalesce(jsonb_agg(jsonb_build_object('table', 'tenancy.changes', 'row', to_jsonb(c)) order by c.changed_at, c.id), '[]')
        into kept from tenancy.changes c where c.tenant_id = tenant
          and case when tg_table_name = 'events' then c.event_id = old.id else c.record_id = old.id and c.event_id is null end;
    end if;
    insert into tenancy.archive (tenant_id, reason, kind, record_id, title, rows, pointers)
      values (tenant, 'deleted', tg_table_name, old.id, tenancy.title_of(to_jsonb(old)), kept,
        -- What is deleted with the record points to nothing afterwards.
        (select coalesce(jsonb_agg(p), '[]') from jsonb_array_elements(pointers) p
          where not exists (select from jsonb_array_elements(kept) k
            where k ->> 'table' = p ->> 'table' and k #>> '{row,id}' = p ->> 'id')));
  end if;
  perform tenancy.act_as(caller);
  return old;
end
$$;
revoke execute on function tenancy.archive_deleted() from public;
