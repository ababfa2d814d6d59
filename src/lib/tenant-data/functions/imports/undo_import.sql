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

-- Deletes rows that an import made, unless they were changed after the transaction that made them or something refers to them. They are not archived: undoing is done
-- by importing again. As many as possible go in one statement: a part that holds a row in use is tried again in smaller parts.
-- Answers {removed, kept: [{id, name}]}; rows that are gone already are in neither.
create or replace function public.remove_imported(kind text, ids uuid[]) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  removed int := 0;
  kept jsonb;
  at int := 1;
  size int := cardinality(ids);
  gone int;
begin
  perform tenancy.require_imported(kind);
  perform set_config('tenancy.unarchived', 'on', true);
  while at <= cardinality(ids) loop
    begin
      execute format('delete from public.%I t where t.tenant_id = $1 and t.id = any ($2) and (t.version = 1 or t.updated_at = t.created_at)', kind)
        using tenant, ids[at:at + size - 1];
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
