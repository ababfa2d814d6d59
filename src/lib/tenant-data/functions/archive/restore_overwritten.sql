-- Takes back what an import or a bulk change overwrote, the last first, a part at a time. A column that was changed since keeps its value.
-- The caller must be allowed to change the records. Answers {restored, kept: [{kind, id, name, columns, reason}], more}.
create or replace function tenancy.restore_overwritten(job_id uuid, most int) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  caller constant name := current_user;
  restored int := 0;
  kept jsonb := '[]';
  part jsonb;
  entry jsonb;
  now_is jsonb;
  same text[];
  changed text[];
  why text;
begin
  perform tenancy.act_for_tenant();
  with taken as (
    delete from tenancy.archive a where a.tenant_id = tenant and a.id in (
      select b.id from tenancy.archive b where b.tenant_id = tenant and b.job_id = job_id and b.reason = 'overwritten'
        order by b.archived_at desc, b.id limit most for update)
    returning a.id, a.kind, a.record_id, a.title, a.archived_at, a.rows #> '{0,before}' as overwritten, a.rows #> '{0,after}' as after
  )
  select coalesce(jsonb_agg(t order by t.archived_at desc, t.id), '[]') into part from taken t;
  perform tenancy.act_as(caller);
  for entry in select e from jsonb_array_elements(part) with ordinality s (e, place) order by place loop
    select null, null, null, null into why, now_is, same, changed;
    begin
      execute format('select to_jsonb(t) from public.%I t where t.tenant_id = $1 and t.id = $2 for update', entry ->> 'kind')
        into now_is using tenant, (entry ->> 'record_id')::uuid;
      select array_agg(k order by k) filter (where now_is -> k = entry -> 'after' -> k),
          array_agg(k order by k) filter (where now_is -> k <> entry -> 'after' -> k)
        into same, changed from jsonb_object_keys(entry -> 'after') k;
      if now_is is not null and same is not null then
        execute format('update public.%1$I t set (%2$s) = row (%3$s) from jsonb_populate_record(null::public.%1$I, $1) v '
            'where t.tenant_id = $2 and t.id = $3', entry ->> 'kind',
            (select string_agg(quote_ident(k), ', ') from unnest(same) k),
            (select string_agg('v.' || quote_ident(k), ', ') from unnest(same) k))
          using entry -> 'overwritten', tenant, (entry ->> 'record_id')::uuid;
        restored := restored + (changed is null)::int;
      end if;
    exception when others then
      changed := array(select k from jsonb_object_keys(entry -> 'after') k order by k);
      why := sqlerrm;
    end;
    if changed is not null or now_is is null then
      kept := kept || jsonb_build_object('kind', entry -> 'kind', 'id', entry -> 'record_id', 'name', entry -> 'title',
        'columns', coalesce(to_jsonb(changed), '[]'), 'reason', why);
    end if;
  end loop;
  return jsonb_build_object('restored', restored, 'kept', kept, 'more', jsonb_array_length(part) = most);
end
$$;
select tenancy.grant_internals('tenancy.restore_overwritten(uuid, integer)');
