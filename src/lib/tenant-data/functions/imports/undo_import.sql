-- Takes an import's changes of existing records back, a part at a time; see `restore_overwritten`.
create or replace function public.undo_imported_changes(import_id uuid, most int default 500) returns jsonb
  language plpgsql volatile
as $$
declare
  caller name;
  answer jsonb;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  answer := tenancy.restore_overwritten(import_id, most);
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.undo_imported_changes(uuid, integer)');

-- Of rows that an import made, those to which rows refer that it did not make: people's later work, which would go with them or lose its
-- record. What the import made with a row has its time (`created_at`), or its id: the link of a contact with its account (`#link`).
--   roots    the rows that are asked about
--   members  one for each root: itself, or a row of `tab` that is deleted with it
--   made     when each root was made
create or replace function tenancy.used_since(tab text, roots uuid[], members uuid[], made timestamptz[]) returns uuid[]
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  used uuid[] := '{}';
  kind constant text := tenancy.kind_of(tab::name);
  link record;
  found_rows record;
begin
  for link in select * from tenancy.follows_deletion(tenancy.archived_table(tab)) loop
    execute format('select array_agg(o.root) filter (where not s.own) as used, array_agg(o.root) filter (where s.own) as roots, '
        'array_agg(t.id) filter (where s.own) as members, array_agg(o.made) filter (where s.own) as made '
        'from unnest($1, $2, $3) o (root, id, made) join %s t on t.tenant_id = $4 and t.%I = o.id '
        'cross join lateral (select (t.created_at = o.made or t.id = o.id) and (t.version = 1 or t.updated_at = t.created_at) as own) s',
        tenancy.archived_table(link.source), link.pointer)
      into found_rows using roots, members, made, tenant;
    used := used || found_rows.used;
    if link.action = 'c' and found_rows.members is not null then
      used := used || tenancy.used_since(link.source, found_rows.roots, found_rows.members, found_rows.made);
    end if;
  end loop;
  if kind is not null then
    used := used || array(select o.root from unnest(roots, members) o (root, id)
      where exists (select from public.notes n where n.tenant_id = tenant and n.entity_type = kind and n.entity_id = o.id)
        or exists (select from public.tasks t where t.tenant_id = tenant and t.entity_type = kind and t.entity_id = o.id)
        or exists (select from public.attachments a where a.tenant_id = tenant and a.entity_type = kind and a.entity_id = o.id));
  end if;
  return used;
end
$$;
select tenancy.grant_internals('tenancy.used_since(text, uuid[], uuid[], timestamp with time zone[])');

-- Deletes rows that an import made, unless they were changed after the transaction that made them or something refers to them that the
-- import did not make. They are not archived: undoing is done by importing again. As many as possible go in one statement: a part that
-- holds a row in use is tried again in smaller parts.
-- Answers {removed, kept: [{id, name}]}; rows that are gone already are in neither.
create or replace function public.remove_imported(kind text, ids uuid[]) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  removed int := 0;
  kept jsonb;
  free uuid[];
  made timestamptz[];
  at int := 1;
  size int;
  gone int;
  caller name;
begin
  perform tenancy.require_imported(kind);
  caller := tenancy.act_for_tenant();
  -- Locked, so that nothing comes to refer to them meanwhile.
  execute format('select coalesce(array_agg(r.id), ''{}''), array_agg(r.created_at) from (select t.id, t.created_at from public.%I t '
      'where t.tenant_id = $1 and t.id = any ($2) and (t.version = 1 or t.updated_at = t.created_at) order by t.id for update) r', kind)
    into free, made using tenant, ids;
  free := array(select f from unnest(free) f except select u from unnest(tenancy.used_since(kind, free, free, made)) u);
  perform tenancy.act_as(caller);
  perform set_config('tenancy.unarchived', 'on', true);
  size := cardinality(free);
  while at <= cardinality(free) loop
    begin
      execute format('delete from public.%I t where t.tenant_id = $1 and t.id = any ($2)', kind) using tenant, free[at:at + size - 1];
      get diagnostics gone = row_count;
      removed := removed + gone;
      at := at + size;
      size := size * 2;
    exception when others then
      at := at + (size = 1)::int;
      size := greatest(size / 2, 1);
    end;
  end loop;
  perform set_config('tenancy.unarchived', '', true);
  execute format('select coalesce(jsonb_agg(jsonb_build_object(''id'', t.id, ''name'', tenancy.title_of(to_jsonb(t))) '
      'order by array_position($2, t.id)), ''[]'') from public.%I t where t.tenant_id = $1 and t.id = any ($2)', kind)
    into kept using tenant, ids;
  return jsonb_build_object('removed', removed, 'kept', kept);
end
$$;
select tenancy.expose(true, 'public.remove_imported(text, uuid[])');
