-- Triggers that give notice of a change, in its transaction.

create or replace function tenancy.notify_of_quote() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  deal public.opportunities;
  event_id uuid;
begin
  select * into deal from public.opportunities o where o.tenant_id = new.tenant_id and o.id = new.opportunity_id;
  select e.id into event_id from public.events e where e.tenant_id = new.tenant_id and e.opportunity_id = deal.id;
  perform tenancy.notify('quote_' || new.status, 'quote', new.id,
    jsonb_build_object('number', new.quote_number, 'name', deal.name, 'person', new.accepted_by_name, 'amount', new.total,
      'currency', new.currency, 'text', new.decline_reason),
    tenancy.concerned(deal.id, event_id), event_id);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.notify_of_quote() from public;

-- A contract has no page of its own: the notice leads to the record that shows it.
create or replace function tenancy.notify_of_contract() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  perform tenancy.notify('contract_' || new.status,
    case when new.event_id is not null then 'event' when new.opportunity_id is not null then 'opportunity' else 'account' end,
    coalesce(new.event_id, new.opportunity_id, new.account_id),
    jsonb_build_object('number', new.contract_number, 'name', new.title, 'person', new.signer_name),
    tenancy.concerned(new.opportunity_id, new.event_id), new.event_id);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.notify_of_contract() from public;

create or replace function tenancy.notify_of_payment() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  invoice public.invoices;
begin
  select * into invoice from public.invoices i where i.tenant_id = new.tenant_id and i.id = new.invoice_id;
  perform tenancy.notify(case new.status when 'succeeded' then 'payment_received' else 'payment_failed' end, 'invoice', invoice.id,
    jsonb_build_object('number', invoice.invoice_number,
      'name', (select a.name from public.accounts a where a.tenant_id = new.tenant_id and a.id = invoice.account_id),
      'amount', new.amount, 'currency', new.currency),
    tenancy.concerned(invoice.opportunity_id, invoice.event_id), invoice.event_id);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.notify_of_payment() from public;

-- A person is invited to work at an event.
create or replace function tenancy.notify_of_invitation() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  perform tenancy.notify('crew_invited', 'event', e.id,
      jsonb_build_object('name', e.title, 'number', e.event_number,
        'date', (select d.event_date from public.event_dates d where d.tenant_id = new.tenant_id and d.id = new.event_date_id)),
      array[new.user_id], e.id)
    from public.events e where e.tenant_id = new.tenant_id and e.id = new.event_id;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.notify_of_invitation() from public;

-- A shift that a person had or was asked for is off, was moved, or is asked for again.
create or replace function tenancy.notify_of_shift() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  shift public.event_staff_assignments := old;
  kind text := 'shift_cancelled';
begin
  if tg_op = 'UPDATE' and new.user_id = old.user_id then
    shift := new;
    kind := case when new.status = 'cancelled' then 'shift_cancelled' when old.status = 'cancelled' then 'crew_invited' else 'shift_changed' end;
  end if;
  perform tenancy.notify_crew(kind, shift);
  if tg_op = 'UPDATE' and new.user_id <> old.user_id then
    perform tenancy.notify_crew('crew_invited', new);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.notify_of_shift() from public;

-- A client's question came in, or a mail could not be delivered.
create or replace function tenancy.notify_of_message() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  about record;
begin
  select kind, id into about from (values ('quote', new.quote_id), ('invoice', new.invoice_id), ('event', new.event_id),
    ('opportunity', new.opportunity_id), ('lead', new.lead_id), ('contact', new.contact_id), ('account', new.account_id),
    ('communication', new.id)) as about (kind, id) where id is not null limit 1;
  if new.status = 'failed' then
    -- A mail that could not be queued again has still the reason that there was a notice of.
    if new.failure_reason is not distinct from old.failure_reason and new.failure_reason is not null then
      perform tenancy.act_as(caller);
      return null;
    end if;
    perform tenancy.notify('mail_failed', about.kind, about.id,
      jsonb_build_object('name', new.subject, 'person', new.to_address, 'text', new.failure_reason),
      tenancy.owners_today() || array_remove(array[new.created_by, new.owner_id], null));
  else
    perform tenancy.notify('question_asked', about.kind, about.id,
      jsonb_build_object('name', new.subject, 'person', new.from_address, 'text', left(new.body, 500)),
      tenancy.concerned(new.opportunity_id, new.event_id), new.event_id);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.notify_of_message() from public;
