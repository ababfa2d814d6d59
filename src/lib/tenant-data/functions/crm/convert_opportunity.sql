-- Turns a deal into an event with dates, reservations, checklist, designs and invoice: all or nothing, and once.
create or replace function public.convert_opportunity(opportunity_id uuid, event_title text default null) returns public.events
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  deal public.opportunities;
  event public.events;
  onsite public.contacts;
  number text;
  account uuid;
  quote uuid;
  won text;
  tenant constant uuid := tenancy.current_tenant();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into deal from public.opportunities o where o.tenant_id = tenant and o.id = opportunity_id for update;
  if deal.id is null then
    perform tenancy.refuse(404, 'There is no opportunity with this id.');
  end if;
  if deal.converted_event_id is not null then
    select * into event from public.events e where e.tenant_id = tenant and e.id = deal.converted_event_id;
    perform tenancy.act_as(caller);
    return event;
  end if;
  if not exists (select from public.event_dates d
      where d.tenant_id = tenant and d.opportunity_id = opportunity_id and d.status <> 'cancelled') then
    perform tenancy.refuse(409, 'The deal has no date.', null, 'Give it at least one date first.');
  end if;

  -- Numbers are issued one after another: taken before any booking is locked, none waits for both in a circle.
  number := tenancy.next_number('event');
  perform tenancy.reserve_promised(deal.id);
  -- An event needs an account: the deal's, the contact's, or a new one of the contact's name.
  account := deal.account_id;
  if account is null then
    select ca.account_id into account from public.contact_accounts ca
      where ca.tenant_id = tenant and ca.contact_id = deal.contact_id order by ca.is_primary desc limit 1;
  end if;
  if account is null then
    insert into public.accounts (name, account_type, email, phone, owner_id)
      select concat_ws(' ', c.first_name, c.last_name), 'individual', c.email, c.phone, deal.owner_id
      from public.contacts c where c.tenant_id = tenant and c.id = deal.contact_id returning id into account;
    if account is null then
      perform tenancy.refuse(409, 'The deal has neither an account nor a contact.', null, 'Choose one first.');
    end if;
    insert into public.contact_accounts (contact_id, account_id, is_primary) values (deal.contact_id, account, true)
      on conflict do nothing;
  end if;

  -- The crew calls the account's contact for the day, else the deal's.
  select c.* into onsite from public.contacts c
    left join public.contact_accounts ca on ca.tenant_id = tenant and ca.contact_id = c.id and ca.account_id = account and ca.role = 'onsite'
    where c.tenant_id = tenant and c.deleted_at is null and (ca.id is not null or c.id = deal.contact_id)
    order by ca.id is null, c.created_at limit 1;
  insert into public.events (event_number, title, status, account_id, primary_contact_id, opportunity_id, event_type_id, event_category_id,
      location_id, guest_count, message, owner_id, onsite_contact_name, onsite_contact_phone, onsite_contact_email)
    values (number, coalesce(nullif(btrim(event_title), ''), deal.name), 'tentative', account, deal.contact_id, deal.id,
      deal.event_type_id,
      (select t.category_id from public.event_types t where t.tenant_id = tenant and t.id = deal.event_type_id),
      (select d.location_id from public.event_dates d where d.tenant_id = tenant and d.opportunity_id = deal.id
        and d.location_id is not null order by d.event_date, d.start_time limit 1),
      coalesce(deal.guest_count, (select l.guest_count from public.leads l where l.tenant_id = tenant and l.id = deal.lead_id)),
      deal.message, deal.owner_id, nullif(concat_ws(' ', onsite.first_name, onsite.last_name), ''), onsite.phone, onsite.email)
    returning * into event;

  -- The dates stay the same rows, so their bookings survive.
  update public.event_dates d set event_id = event.id
    where d.tenant_id = tenant and d.opportunity_id = deal.id and d.event_id is null;
  select q.id into quote from public.quotes q
    where q.tenant_id = tenant and q.opportunity_id = deal.id and q.status = 'accepted' order by q.revision desc limit 1;
  -- Without a reservation it stays tentative: the first step is to reserve a booth.
  update public.events e set status = 'confirmed' where e.tenant_id = tenant and e.id = event.id and tenancy.is_reserved(e.id);

  perform public.make_checklist(event.id);
  perform tenancy.add_designs(event.id, deal.id, quote);

  select s ->> 'key' into won from jsonb_array_elements(tenancy.setting('pipeline', '{"stages": []}') -> 'stages') s
    where s ->> 'kind' = 'won' limit 1;
  update public.opportunities o set converted_event_id = event.id, stage = coalesce(won, o.stage), probability = 100,
      account_id = account
    where o.tenant_id = tenant and o.id = deal.id;

  if quote is not null then
    perform public.invoice_from_quote(quote);
    update public.invoices i set event_id = event.id where i.tenant_id = tenant and i.quote_id = quote and i.event_id is null;
  end if;
  update public.communications c set event_id = event.id
    where c.tenant_id = tenant and c.opportunity_id = deal.id and c.event_id is null;
  update public.contracts c set event_id = event.id
    where c.tenant_id = tenant and c.opportunity_id = deal.id and c.event_id is null;

  select * into event from public.events e where e.tenant_id = tenant and e.id = event.id;
  perform tenancy.act_as(caller);
  return event;
end
$$;
select tenancy.expose(true, 'public.convert_opportunity(uuid, text)');
