-- needs tenancy.find_or_add_location()

-- Turns a lead into a contact, an account and an opportunity with all that the lead says, and the event's date: all or nothing,
-- and once. Conversions of a tenant run one at a time, so of two leads of one person the second finds the contact that the first
-- has made.
create or replace function public.convert_lead(lead_id uuid, opportunity_name text default null) returns public.leads
  language plpgsql volatile
as $$
declare
  caller name;
  lead public.leads;
  matched_contact uuid;
  matched_account uuid;
  new_opportunity uuid;
  start time;
  tenant constant uuid := tenancy.current_tenant();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into lead from public.leads l where l.tenant_id = tenant and l.id = lead_id for update;
  if lead.id is null then
    perform tenancy.refuse(404, 'There is no lead with this id.');
  elsif lead.status = 'converted' then
    perform tenancy.act_as(caller);
    return lead;
  elsif lead.status = 'lost' then
    perform tenancy.refuse(409, 'The lead was lost.', null, 'Set its status back to Contacted first.');
  end if;

  perform tenancy.lock_own('convert_lead');
  select c.id into matched_contact from public.contacts c
    where c.tenant_id = tenant and c.deleted_at is null and c.email = lead.email
    order by c.created_at limit 1;
  if matched_contact is null then
    -- Colleagues and families share a phone: with another address and another name it is another person.
    select c.id into matched_contact from public.contacts c
      where c.tenant_id = tenant and c.deleted_at is null and c.phone_key = tenancy.phone_key(lead.phone)
        and (lead.email is null or c.email is null or lower(btrim(c.first_name)) = lower(btrim(lead.first_name)))
      order by c.created_at limit 1;
  end if;
  if matched_contact is null then
    insert into public.contacts (first_name, last_name, email, phone, owner_id)
      values (lead.first_name, lead.last_name, lead.email, lead.phone, lead.owner_id) returning id into matched_contact;
  else
    update public.contacts c set last_name = coalesce(c.last_name, lead.last_name), email = coalesce(c.email, lead.email),
        phone = coalesce(c.phone, lead.phone), owner_id = coalesce(c.owner_id, lead.owner_id)
      where c.tenant_id = tenant and c.id = matched_contact
        and (c.last_name is null and lead.last_name is not null or c.email is null and lead.email is not null
          or c.phone is null and lead.phone is not null or c.owner_id is null and lead.owner_id is not null);
  end if;
  update public.contacts c set consent_text = lead.consent_text, consented_at = lead.consented_at
    where c.tenant_id = tenant and c.id = matched_contact and lead.consented_at > coalesce(c.consented_at, '-infinity');

  -- The account is matched by the contact, by e-mail, by phone; a company also by its name.
  select a.id into matched_account
    from public.accounts a
    left join public.contact_accounts ca on ca.tenant_id = a.tenant_id and ca.account_id = a.id and ca.contact_id = matched_contact
    where a.tenant_id = tenant and a.deleted_at is null
      and (ca.id is not null or a.email = lead.email
        or a.phone_key = tenancy.phone_key(lead.phone) and (lead.email is null or a.email is null)
        or lead.lead_type = 'company' and lower(a.name) = lower(lead.company))
      and (lead.lead_type = 'personal' or lead.company is null or lower(a.name) = lower(lead.company))
    order by ca.is_primary desc nulls last, (a.email = lead.email) desc nulls last, a.created_at limit 1;
  if matched_account is null then
    insert into public.accounts (name, account_type, email, phone, owner_id)
      values (coalesce(case when lead.lead_type = 'company' then nullif(btrim(lead.company), '') end,
          concat_ws(' ', lead.first_name, lead.last_name)),
        case lead.lead_type when 'company' then 'company' else 'individual' end, lead.email, lead.phone, lead.owner_id)
      returning id into matched_account;
  end if;
  insert into public.contact_accounts (contact_id, account_id, is_primary)
    values (matched_contact, matched_account, not exists (select from public.contact_accounts x
      where x.tenant_id = tenant and x.contact_id = matched_contact and x.is_primary))
    on conflict (tenant_id, contact_id, account_id) do nothing;

  insert into public.opportunities (name, account_id, contact_id, lead_id, event_type_id, owner_id, currency, source, guest_count,
      budget, amount, message)
    values (coalesce(nullif(btrim(opportunity_name), ''), concat_ws(' ', lead.first_name, lead.last_name,
        (select '– ' || t.name from public.event_types t where t.tenant_id = tenant and t.id = lead.event_type_id))),
      matched_account, matched_contact, lead.id, lead.event_type_id, lead.owner_id,
      coalesce(tenancy.setting('currency') #>> '{}', 'USD'), lead.source, lead.guest_count, lead.budget,
      -- Until there are lines, the budget is the best estimate.
      coalesce(lead.budget, 0), lead.message)
    returning id into new_opportunity;
  if lead.event_date is not null then
    start := coalesce(lead.start_time, time '18:00');
    insert into public.event_dates (opportunity_id, event_date, start_time, end_time, location_id)
      values (new_opportunity, lead.event_date, start, coalesce(lead.end_time, start + make_interval(mins => coalesce(
          (select t.default_duration_minutes from public.event_types t where t.tenant_id = tenant and t.id = lead.event_type_id), 240))),
        tenancy.find_or_add_location(lead.event_place));
  end if;

  update public.communications set contact_id = coalesce(contact_id, matched_contact),
      account_id = coalesce(account_id, matched_account), opportunity_id = coalesce(opportunity_id, new_opportunity)
    where tenant_id = tenant and communications.lead_id = lead.id;
  update public.notes set entity_type = 'opportunity', entity_id = new_opportunity
    where tenant_id = tenant and entity_type = 'lead' and entity_id = lead.id;
  update public.attachments set entity_type = 'opportunity', entity_id = new_opportunity
    where tenant_id = tenant and entity_type = 'lead' and entity_id = lead.id;
  update public.tasks set entity_type = 'opportunity', entity_id = new_opportunity
    where tenant_id = tenant and entity_type = 'lead' and entity_id = lead.id;

  update public.leads l set status = 'converted', converted_at = now(), converted_contact_id = matched_contact,
      converted_account_id = matched_account, converted_opportunity_id = new_opportunity
    where l.tenant_id = tenant and l.id = lead.id returning * into lead;
  perform tenancy.act_as(caller);
  return lead;
end
$$;
select tenancy.expose(true, 'public.convert_lead(uuid, text)');
