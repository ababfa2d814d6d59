-- A stage of the tenant's pipeline, the setting `pipeline`: {stages: [{key, name, probability, kind}], stale_after_days}.
create or replace function tenancy.stage(stage_key text) returns jsonb
  language sql stable
  return (select s from jsonb_array_elements(tenancy.setting('pipeline', '{"stages": []}') -> 'stages') s
    where s ->> 'key' = stage_key);
select tenancy.grant_internals('tenancy.stage(text)');

create or replace function tenancy.enter_stage() returns trigger language plpgsql as $$
declare
  stage jsonb;
begin
  if tg_op = 'UPDATE' and new.stage = old.stage then
    return new;
  end if;
  perform tenancy.lock_own('pipeline', shared => true);
  stage := tenancy.stage(new.stage);
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
    perform tenancy.refuse(409, 'The deal has become an event, so it stays won.', null, 'Cancel the event instead.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.enter_stage() from public;
