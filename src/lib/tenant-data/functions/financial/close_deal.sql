-- Closes a deal by the client's link: accepts the quote, signs its contract, makes the event, makes and sends the invoice,
-- invites the crew: all or nothing. What is accepted is what the link showed, unchanged since. For trusted server code, which
-- has checked the client's token.
--   client       {name, email?, signature?, consent_text?, ip?, user_agent?, content_sha256?}; a contract needs signature and
--                consent_text; content_sha256 is of what the client was shown
--   contract_id  the contract to sign; null where there is none
--   crew         [{user_id, staff_role_id}]: invited to every date of the event
-- Answers {event_id, invoice_id, invoice_number, deposit, contract_id, reserved, overbooked}: `reserved` says whether something is
-- reserved for each date, `overbooked` whether it is taken by another event too. Called again it answers the same.
create or replace function public.close_deal(quote_id uuid, client jsonb, contract_id uuid default null, crew jsonb default '[]') returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  quote public.quotes;
  event public.events;
  invoice public.invoices;
  contract public.contracts;
begin
  perform set_config('tenancy.by_link', 'on', true);
  select * into quote from public.quotes q where q.tenant_id = tenant and q.id = quote_id for no key update;
  if quote.status in ('sent', 'viewed') then
    perform tenancy.lock_offer(quote);
    if tenancy.is_lost(quote.opportunity_id) then
      perform tenancy.refuse(409, 'The company has closed this request.', null, 'Ask the company if you would still like to book.');
    elsif not exists (select from public.event_dates d
        where d.tenant_id = tenant and d.opportunity_id = quote.opportunity_id and d.status <> 'cancelled') then
      perform tenancy.refuse(409, 'The deal no longer has a date.', null, 'Ask the company to send the quote again.');
    elsif coalesce(client ->> 'content_sha256', quote.content_sha256) is distinct from quote.content_sha256
      or quote.content_sha256 <> tenancy.offer_sha256(quote) then
      perform tenancy.refuse(409, format('Quote %s has changed since it was sent.', quote.quote_number), null,
        'Ask the company to send it again, and accept that one.');
    end if;
  end if;
  quote := public.accept_quote(quote_id, client ->> 'name', client ->> 'ip');
  if contract_id is not null then
    select * into contract from public.contracts c where c.tenant_id = tenant and c.id = contract_id for no key update;
    if contract.quote_id is distinct from quote_id and contract.opportunity_id is distinct from quote.opportunity_id then
      perform tenancy.refuse(400, 'The contract belongs to another deal.');
    elsif contract.status <> 'signed' then
      perform public.sign_contract(contract_id, client ->> 'name', client ->> 'signature', client ->> 'consent_text',
        client ->> 'email', client ->> 'ip', client ->> 'user_agent');
    end if;
  end if;
  event := public.convert_opportunity(quote.opportunity_id);
  invoice := public.invoice_from_quote(quote_id);
  update public.invoices i set status = 'sent', event_id = event.id
    where i.tenant_id = tenant and i.id = invoice.id and i.status = 'draft';
  select * into invoice from public.invoices i where i.tenant_id = tenant and i.id = invoice.id;
  insert into public.event_staff_assignments (event_id, event_date_id, user_id, staff_role_id, status)
    select event.id, d.id, (c ->> 'user_id')::uuid, (c ->> 'staff_role_id')::uuid, 'invited'
    from jsonb_array_elements(crew) c
    join public.event_dates d on d.tenant_id = tenant and d.event_id = event.id and d.status <> 'cancelled'
    on conflict do nothing;
  return jsonb_build_object('event_id', event.id, 'invoice_id', invoice.id, 'invoice_number', invoice.invoice_number,
    'deposit', case when jsonb_array_length(invoice.payment_schedule) > 1 then (invoice.payment_schedule -> 0 ->> 'amount')::bigint else 0 end,
    'contract_id', contract_id,
    'reserved', tenancy.is_reserved(event.id),
    'overbooked', exists (select from public.booth_assignments a where a.tenant_id = tenant and a.event_id = event.id and a.overbooked
      and a.status in ('reserved', 'checked_out')));
end
$$;
select tenancy.expose(false, 'public.close_deal(uuid, jsonb, uuid, jsonb)');
