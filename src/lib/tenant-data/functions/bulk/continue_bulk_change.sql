-- Does the next part of a bulk change, or of undoing it, with the rights of the caller, who began it. Two processes that do one change
-- take its parts in turn.
--   most  how many records
-- Answers the change as `bulk_changes` does.
create or replace function public.continue_bulk_change(id uuid, most int default 200) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller constant name := tenancy.act_for_tenant();
  job tenancy.bulk_changes := tenancy.own_bulk_change(id);
  outcome jsonb;
begin
  if job.status in ('running', 'undoing') then
    perform tenancy.act_as(caller);
    outcome := case
      when job.status = 'undoing' and job.set_column is null then tenancy.restore_deleted_part(job, most)
      when job.status = 'undoing' then tenancy.restore_overwritten(job.id, most)
      when job.set_column is null then tenancy.delete_part(job, most)
      else tenancy.overwrite_part(job, most) end;
    perform tenancy.act_for_tenant();
    update tenancy.bulk_changes b set updated_at = clock_timestamp(),
        position = case job.status when 'running' then least(b.position + most, cardinality(b.ids)) else b.position end,
        changed = b.changed + coalesce((outcome ->> 'changed')::int, 0),
        restored = b.restored + coalesce((outcome ->> 'restored')::int, 0),
        deleted = case when outcome ? 'left' then array(select e::uuid from jsonb_array_elements_text(outcome -> 'left') e)
          else b.deleted || array(select e::uuid from jsonb_array_elements_text(outcome -> 'deleted') e) end,
        refusals = b.refusals + jsonb_array_length(outcome -> 'kept'),
        refused = jsonb_path_query_array(b.refused || (outcome -> 'kept'), '$[0 to 99]'),
        status = case
          when job.status = 'running' and b.position + most >= cardinality(b.ids) then 'done'
          when job.status = 'undoing' and not (outcome ->> 'more')::boolean then 'undone'
          else b.status end
      where b.tenant_id = job.tenant_id and b.id = job.id returning * into job;
  end if;
  perform tenancy.act_as(caller);
  return tenancy.bulk_change_state(job);
end
$$;
select tenancy.expose(true, 'public.continue_bulk_change(uuid, integer)');

-- Sets the column of the next records, as many as possible in one statement: a part that holds a refused record is tried again in
-- smaller parts. Answers {changed, kept: [{id, name, reason}]}.
create or replace function tenancy.overwrite_part(job tenancy.bulk_changes, most int) returns jsonb
  language plpgsql volatile
as $$
declare
  part constant uuid[] := job.ids[job.position + 1:job.position + most];
  caller constant name := current_user;
  at int := 1;
  size int := cardinality(part);
  few uuid[];
  rows_before jsonb;
  rows_after jsonb;
  done uuid[] := '{}';
  why jsonb := '{}';
begin
  while at <= cardinality(part) loop
    few := part[at:at + size - 1];
    begin
      -- As the caller may update them; those that have the value already are left alone.
      execute format('select coalesce(jsonb_object_agg(b.id, jsonb_build_object(''name'', tenancy.title_of(to_jsonb(b)), ''value'', to_jsonb(b) -> %2$L)), ''{}'') '
          'from (select * from public.%1$I t where t.tenant_id = $1 and t.id = any ($2) for update) b', job.kind, job.set_column)
        into rows_before using job.tenant_id, few;
      execute format('with changed as (update public.%1$I t set %2$I = v.%2$I from jsonb_populate_record(null::public.%1$I, $3) v '
          'where t.tenant_id = $1 and t.id = any ($2) and t.%2$I is distinct from v.%2$I returning t.id, to_jsonb(t) -> %2$L as value) '
          'select coalesce(jsonb_object_agg(id, value), ''{}'') from changed', job.kind, job.set_column)
        into rows_after using job.tenant_id, few, jsonb_build_object(job.set_column, job.set_value);
      perform tenancy.act_for_tenant();
      insert into tenancy.archive (tenant_id, reason, kind, record_id, title, job_id, rows)
        select job.tenant_id, 'overwritten', job.kind, k::uuid, rows_before #>> array[k, 'name'], job.id,
          jsonb_build_array(jsonb_build_object('before', jsonb_build_object(job.set_column, rows_before #> array[k, 'value']),
            'after', jsonb_build_object(job.set_column, v)))
        from jsonb_each(rows_after) e (k, v);
      perform tenancy.act_as(caller);
      done := done || array(select k::uuid from jsonb_object_keys(rows_before) k);
      at := at + size;
      size := size * 2;
    exception when others then
      if size = 1 then
        why := why || jsonb_build_object(part[at], sqlerrm);
        at := at + 1;
      end if;
      size := greatest(size / 2, 1);
    end;
  end loop;
  return jsonb_build_object('changed', cardinality(done), 'kept', tenancy.kept_of(job.kind,
    array(select i from unnest(part) i where i <> all (done)), why));
end
$$;
select tenancy.grant_internals('tenancy.overwrite_part(tenancy.bulk_changes, integer)');

-- Deletes the next records. Answers {changed, deleted: [id in the archive, or of a hidden record], kept: [{id, name, reason}]}.
create or replace function tenancy.delete_part(job tenancy.bulk_changes, most int) returns jsonb
  language plpgsql volatile
as $$
declare
  outcome constant jsonb := public.delete_records(job.kind, job.ids[job.position + 1:job.position + most]);
  gone jsonb;
  why jsonb;
begin
  select coalesce(jsonb_agg(coalesce(o ->> 'archived', o ->> 'id')) filter (where not o ? 'refused'), '[]'),
      coalesce(jsonb_object_agg(o ->> 'id', o ->> 'refused') filter (where o ? 'refused'), '{}')
    into gone, why from jsonb_array_elements(outcome) o;
  return jsonb_build_object('changed', jsonb_array_length(gone), 'deleted', gone,
    'kept', tenancy.kept_of(job.kind, array(select k::uuid from jsonb_object_keys(why) k), why));
end
$$;
select tenancy.grant_internals('tenancy.delete_part(tenancy.bulk_changes, integer)');

-- Restores what a bulk change deleted, the last first. Answers {restored, left: [what is not restored yet], kept, more}.
create or replace function tenancy.restore_deleted_part(job tenancy.bulk_changes, most int) returns jsonb
  language plpgsql volatile
as $$
declare
  remaining constant int := greatest(cardinality(job.deleted) - most, 0);
  one uuid;
  restored int := 0;
  answer jsonb;
  kept jsonb := '[]';
begin
  foreach one in array job.deleted[remaining + 1:] loop
    begin
      answer := public.restore_archived(array[one]) -> 0;
      restored := restored + 1;
      if jsonb_array_length(answer -> 'left') > 0 then
        kept := kept || jsonb_build_object('id', answer -> 'record_id', 'name', answer -> 'title', 'reason', answer -> 'left' -> 0);
      end if;
    exception when others then
      kept := kept || jsonb_build_object('id', one, 'name', null, 'reason', sqlerrm);
    end;
  end loop;
  return jsonb_build_object('restored', restored, 'left', to_jsonb(job.deleted[:remaining]), 'kept', kept, 'more', remaining > 0);
end
$$;
select tenancy.grant_internals('tenancy.restore_deleted_part(tenancy.bulk_changes, integer)');

-- [{id, name, reason}] of records that stay as they are; without a reason they are gone, or not the caller's to change.
create or replace function tenancy.kept_of(kind text, ids uuid[], why jsonb) returns jsonb
  language plpgsql stable
as $$
declare
  names jsonb := '{}';
begin
  if cardinality(ids) > 0 then
    execute format('select coalesce(jsonb_object_agg(t.id, tenancy.title_of(to_jsonb(t))), ''{}'') from public.%I t '
        'where t.tenant_id = (select tenancy.current_tenant()) and t.id = any ($1)', kind) into names using ids;
  end if;
  return coalesce((select jsonb_agg(jsonb_build_object('id', i, 'name', names -> i::text, 'reason', why -> i::text)) from unnest(ids) i), '[]');
end
$$;
select tenancy.grant_internals('tenancy.kept_of(text, uuid[], jsonb)');
