-- Adds every active template for the event's type to its checklist. Existing entries stay.
create or replace function public.make_checklist(event_id uuid) returns int
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  made int;
begin
  insert into public.event_core_task_completion
      (event_id, core_task_template_id, name_snapshot, required, display_order, due_date)
    select e.id, t.id, t.name, t.required, t.display_order, e.start_date - t.days_before
    from public.events e join public.core_task_templates t on t.tenant_id = e.tenant_id
    where e.tenant_id = (select tenancy.current_tenant()) and e.id = event_id and t.is_active
      and (t.event_type_id is null or t.event_type_id = e.event_type_id)
    on conflict do nothing;
  get diagnostics made = row_count;
  return made;
end
$$;
select tenancy.expose(true, 'public.make_checklist(uuid)');
