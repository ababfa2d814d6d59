-- Takes an inquiry of the public form: a new lead, or the open one that the same person made within 90 days for the same date. Of a
-- known lead only what is empty is filled in, since the form proves no identity; each inquiry is kept whole as a message.
--   inquiry  {id, first_name, last_name?, email?, phone?, event_type_id?, event_date?, event_place?, guest_count?, message?,
--            consent_text?, summary}; `summary` is the text of the message
-- Answers {lead_id, is_new, is_repeated}. The same id again changes nothing; with another text it is refused.
create or replace function public.receive_inquiry(inquiry jsonb) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  given constant public.leads := jsonb_populate_record(null::public.leads, inquiry - '{id,summary}'::text[]);
  inquiry_id constant uuid := (inquiry ->> 'id')::uuid;
  caller name;
  known public.communications;
  lead public.leads;
  event_type uuid;
  is_new boolean := false;
begin
  perform tenancy.require_role('website');
  caller := tenancy.act_for_tenant();
  if inquiry_id is null or btrim(coalesce(given.first_name, '')) = '' then
    perform tenancy.refuse(400, 'An inquiry has an id and a name.');
  elsif tenancy.setting('inquiry_form') ->> 'enabled' is distinct from 'true' then
    perform tenancy.refuse(404, 'The inquiry form is switched off.');
  end if;
  -- Two inquiries of one person at once become one lead.
  perform tenancy.lock_own('inquiries');
  select * into known from public.communications c where c.tenant_id = tenant and c.id = inquiry_id;
  if found then
    if known.body is distinct from inquiry ->> 'summary' then
      perform tenancy.refuse(409, 'This form was sent before.', null, 'Load the page again to send another inquiry.');
    end if;
    perform tenancy.act_as(caller);
    return jsonb_build_object('lead_id', known.lead_id, 'is_new', false, 'is_repeated', true);
  end if;
  select t.id into event_type from public.event_types t
    where t.tenant_id = tenant and t.id = given.event_type_id and t.is_active;
  select * into lead from public.leads l
    where l.tenant_id = tenant and l.status in ('new', 'contacted', 'qualified') and l.created_at > now() - interval '90 days'
      and (l.email = lower(btrim(given.email)) or l.phone_key = tenancy.phone_key(given.phone))
      and (l.event_date = given.event_date or l.event_date is null or given.event_date is null)
    order by l.created_at desc limit 1 for no key update;
  if found then
    update public.leads l set email = coalesce(l.email, given.email), phone = coalesce(l.phone, given.phone),
        last_name = coalesce(l.last_name, given.last_name), event_date = coalesce(l.event_date, given.event_date),
        event_type_id = coalesce(l.event_type_id, event_type), event_place = coalesce(l.event_place, given.event_place),
        guest_count = coalesce(l.guest_count, given.guest_count), message = coalesce(l.message, given.message),
        consent_text = coalesce(l.consent_text, given.consent_text),
        consented_at = coalesce(l.consented_at, case when given.consent_text is not null then now() end)
      where l.tenant_id = tenant and l.id = lead.id;
  else
    is_new := true;
    insert into public.leads (first_name, last_name, email, phone, source, event_date, event_type_id, event_place, guest_count,
        message, consent_text, consented_at)
      values (given.first_name, given.last_name, given.email, given.phone, 'Website', given.event_date, event_type,
        given.event_place, given.guest_count, given.message, given.consent_text,
        case when given.consent_text is not null then now() end)
      returning * into lead;
  end if;
  insert into public.communications (id, type, direction, status, subject, body, from_address, lead_id)
    values (inquiry_id, 'note', 'inbound', 'logged', 'Website inquiry', inquiry ->> 'summary', given.email, lead.id);
  perform tenancy.notify('inquiry', 'lead', lead.id,
    jsonb_build_object('person', concat_ws(' ', given.first_name, given.last_name), 'date', given.event_date,
      'text', left(given.message, 500), 'email', given.email),
    tenancy.owners_today() || array_remove(array[lead.owner_id], null));
  perform tenancy.act_as(caller);
  return jsonb_build_object('lead_id', lead.id, 'is_new', is_new, 'is_repeated', false);
end
$$;
select tenancy.expose(true, 'public.receive_inquiry(jsonb)');
