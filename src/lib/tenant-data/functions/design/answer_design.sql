-- A client approves a design of an event, or asks for changes, on the page of the event's link. For trusted server code, which has
-- checked the client's token. What the client writes stands in the design's `client_notes`, the newest first, and with its time among the
-- event's messages. An approved design stays as it is: approving it again changes nothing.
--   client_name  who answers
--   comment      null approves
create or replace function public.answer_design(design_id uuid, for_event uuid, client_name text, comment text default null)
  returns public.event_design_items
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  approves constant boolean := nullif(btrim(comment), '') is null;
  design public.event_design_items;
  event public.events;
  status uuid;
begin
  perform set_config('tenancy.by_link', 'on', true);
  select * into event from public.events e where e.tenant_id = tenant and e.id = for_event;
  select * into design from public.event_design_items i
    where i.tenant_id = tenant and i.id = design_id and i.event_id = for_event for no key update;
  if design.id is null then
    perform tenancy.refuse(404, 'There is no design with this id.');
  elsif tenancy.is_called_off(for_event) then
    perform tenancy.refuse(409, 'The event was canceled, so its designs are no longer answered.', null,
      'Ask the company if you think this is wrong.');
  elsif btrim(coalesce(client_name, '')) = '' then
    perform tenancy.refuse(400, 'Enter your name.');
  elsif design.approved_at is not null then
    if not approves then
      perform tenancy.refuse(409, format('“%s” was approved.', left(design.name, 60)), null, 'Ask the company to open it again.');
    end if;
    return design;
  end if;
  select s.id into status from public.design_statuses s
    where s.tenant_id = tenant and (s.is_completed = approves) and (approves or s.slug = 'changes_requested')
    order by s.slug = 'approved' desc, s.display_order limit 1;
  update public.event_design_items i set design_status_id = coalesce(status, i.design_status_id),
      approved_by_name = case when approves then btrim(client_name) end,
      revision_count = i.revision_count + (not approves)::int,
      client_notes = case when approves then i.client_notes
        else concat_ws(E'\n', format('%s: %s', btrim(client_name), btrim(comment)), i.client_notes) end
    where i.tenant_id = tenant and i.id = design_id returning * into design;
  insert into public.communications (type, direction, status, subject, body, occurred_at, account_id, contact_id, event_id)
    values ('note', 'inbound', 'logged', design.name,
      case when approves then format('%s approved the design “%s”.', btrim(client_name), design.name)
        else format('%s asked for changes to the design “%s”: %s', btrim(client_name), design.name, btrim(comment)) end,
      now(), event.account_id, event.primary_contact_id, event.id);
  return design;
end
$$;
select tenancy.expose(false, 'public.answer_design(uuid, uuid, text, text)');
