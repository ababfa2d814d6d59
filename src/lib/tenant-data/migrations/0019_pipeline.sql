-- The tenant's pipeline: setting `pipeline`, {stages: [{key, name, probability, kind}], stale_after_days}.

create function tenancy.stage(stage_key text) returns jsonb
  language sql stable
  return (select s from jsonb_array_elements(tenancy.setting('pipeline', '{"stages": []}') -> 'stages') s
    where s ->> 'key' = stage_key);

create function tenancy.enter_stage() returns trigger language plpgsql as $$
declare
  stage constant jsonb := tenancy.stage(new.stage);
begin
  if tg_op = 'UPDATE' and new.stage = old.stage then
    return new;
  end if;
  if stage is null then
    perform tenancy.refuse(400, format('There is no stage %s in the pipeline.', new.stage), null,
      'Stages: ' || coalesce((select string_agg(s ->> 'key', ', ')
        from jsonb_array_elements(tenancy.setting('pipeline', '{"stages": []}') -> 'stages') s), 'none') || '.');
  end if;
  new.stage_changed_at := now();
  if tg_op = 'INSERT' and new.probability = 10 or tg_op = 'UPDATE' and new.probability = old.probability then
    new.probability := (stage ->> 'probability')::int;
  end if;
  new.closed_at := case when stage ->> 'kind' = 'open' then null else coalesce(new.closed_at, now()) end;
  if tg_op = 'UPDATE' and old.converted_event_id is not null and new.converted_event_id is not null
    and stage ->> 'kind' <> 'won' then
    perform tenancy.refuse(409, 'This deal became an event: it stays won.', null, 'Cancel the event instead.');
  end if;
  return new;
end
$$;
create trigger enter_stage before insert or update of stage on opportunities
  for each row when (not tenancy.copying()) execute function tenancy.enter_stage();

-- Computed: an open deal unchanged for longer than the tenant's limit.
create function public.is_stale(opportunities) returns boolean
  language sql stable
  return coalesce(tenancy.stage($1.stage) ->> 'kind' = 'open'
    and greatest($1.stage_changed_at, $1.updated_at) < now() - make_interval(
      days => coalesce((tenancy.setting('pipeline') ->> 'stale_after_days')::int, 21)), false);

-- Removes a stage from the pipeline; its deals go to `move_to`. Returns how many went.
create function public.delete_pipeline_stage(stage_key text, move_to text) returns int
  language plpgsql volatile
as $$
declare
  caller name;
  pipeline jsonb;
  moved int;
begin
  perform tenancy.require_role('owner', 'admin');
  caller := tenancy.act_for_tenant();
  select s.value into pipeline from public.tenant_settings s
    where s.tenant_id = tenancy.current_tenant() and s.key = 'pipeline' for no key update;
  if tenancy.stage(stage_key) is null then
    perform tenancy.refuse(404, format('There is no stage %s in the pipeline.', stage_key));
  elsif tenancy.stage(move_to) is null or move_to = stage_key then
    perform tenancy.refuse(400, 'Say which other stage its deals go to.');
  elsif not exists (select from jsonb_array_elements(pipeline -> 'stages') s
      where s ->> 'key' <> stage_key and s ->> 'kind' = tenancy.stage(stage_key) ->> 'kind') then
    perform tenancy.refuse(409, format('It is the only %s stage; a pipeline needs one.', tenancy.stage(stage_key) ->> 'kind'));
  end if;
  update public.opportunities set stage = move_to where tenant_id = tenancy.current_tenant() and stage = stage_key;
  get diagnostics moved = row_count;
  update public.tenant_settings s set value = jsonb_set(pipeline, '{stages}', (
      select jsonb_agg(stage order by position) from jsonb_array_elements(pipeline -> 'stages')
        with ordinality as x (stage, position) where stage ->> 'key' <> stage_key))
    where s.tenant_id = tenancy.current_tenant() and s.key = 'pipeline';
  perform tenancy.act_as(caller);
  return moved;
end
$$;

revoke execute on function tenancy.enter_stage() from public;
select tenancy.grant_internals('tenancy.stage(text)');
select tenancy.expose(true, 'public.is_stale(opportunities)', 'public.delete_pipeline_stage(text, text)');
