-- One link closes a deal: the client accepts and signs, and everything that follows from it is made, or nothing.

-- Accepts a quote, signs its contract, turns the deal into an event (dates, reservations, checklist, designs), makes and
-- sends the invoice, and invites the crew. For trusted server code, which has seen the client's token.
--   client       {name, email?, signature?, consent_text?, ip?, user_agent?}; a contract needs signature and consent_text
--   contract_id  the contract to sign; null where there is none
--   crew         [{user_id, staff_role_id}]: invited to every date of the event
-- Answers {event_id, invoice_id, invoice_number, deposit, contract_id}. Called again it answers the same.
create function public.close_deal(quote_id uuid, client jsonb, contract_id uuid default null, crew jsonb default '[]') returns jsonb
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
  quote := public.accept_quote(quote_id, client ->> 'name', client ->> 'ip');
  if contract_id is not null then
    select * into contract from public.contracts c where c.tenant_id = tenant and c.id = contract_id for no key update;
    if contract.quote_id is distinct from quote_id and contract.opportunity_id is distinct from quote.opportunity_id then
      perform tenancy.refuse(400, 'The contract is not of this deal.');
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
    'deposit', coalesce((invoice.payment_schedule -> 0 ->> 'amount')::bigint, 0), 'contract_id', contract_id);
end
$$;

select tenancy.expose(false, 'public.close_deal(uuid, jsonb, uuid, jsonb)');
