-- Removes a stage from the pipeline and moves its deals to `move_to`.
-- Returns the number of deals moved.
create or replace function public.delete_pipeline_stage(stage_key text, move_to text) returns int
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
    where s.tenant_id = (select tenancy.current_tenant()) and s.key = 'pipeline' for no key update;
  if tenancy.stage(stage_key) is null then
    perform tenancy.refuse(404, format('There is no stage %s in the pipeline.', stage_key));
  elsif tenancy.stage(move_to) is null or move_to = stage_key then
    perform tenancy.refuse(400, 'Choose another stage for its deals.');
  elsif not exists (select from jsonb_array_elements(pipeline -> 'stages') s
      where s ->> 'key' <> stage_key and s ->> 'kind' = tenancy.stage(stage_key) ->> 'kind') then
    perform tenancy.refuse(409, format('This is the only %s stage, and a pipeline needs one.', tenancy.stage(stage_key) ->> 'kind'));
  end if;
  update public.opportunities set stage = move_to where tenant_id = (select tenancy.current_tenant()) and stage = stage_key;
  get diagnostics moved = row_count;
  update public.tenant_settings s set value = jsonb_set(pipeline, '{stages}', (
      select jsonb_agg(stage order by position) from jsonb_array_elements(pipeline -> 'stages')
        with ordinality as x (stage, position) where stage ->> 'key' <> stage_key))
    where s.tenant_id = (select tenancy.current_tenant()) and s.key = 'pipeline';
  perform tenancy.act_as(caller);
  return moved;
end
$$;
select tenancy.expose(true, 'public.delete_pipeline_stage(text, text)');
