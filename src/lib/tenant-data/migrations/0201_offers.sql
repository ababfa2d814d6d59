-- What was accepted is what is made. An offer is all that the client's page shows: it is hashed here when it is sent and again, with
-- everything it is made of locked, when it is accepted. And one deal has one open offer, one accepted quote and one invoice of it.

-- What a quote's page shows, in a fixed form.
create function tenancy.offer_content(quote public.quotes) returns jsonb
  language sql stable
begin atomic
  select jsonb_build_object(
    'quote', jsonb_build_object('number', quote.quote_number, 'revision', quote.revision, 'issue_date', quote.issue_date,
      'valid_until', quote.valid_until, 'currency', quote.currency, 'discount_type', quote.discount_type,
      'discount_value', quote.discount_value, 'subtotal', quote.subtotal, 'discount', quote.discount, 'tax', quote.tax,
      'total', quote.total, 'deposit_type', quote.deposit_type, 'deposit_value', quote.deposit_value, 'terms', quote.terms),
    'lines', (select jsonb_agg(jsonb_build_array(l.item_type, l.name, l.description, l.quantity, l.unit, l.unit_price,
        l.discount_type, l.discount_value, l.taxable, l.tax_rate, l.line_total) order by l.sort_order, l.id)
      from public.quote_line_items l where l.tenant_id = quote.tenant_id and l.quote_id = quote.id),
    'deal', o.name,
    'dates', (select jsonb_agg(jsonb_build_array(d.event_date, d.start_time, d.end_time, d.timezone,
        p.name, p.address, p.city, p.state, p.postal_code, p.country) order by d.event_date, d.start_time, d.id)
      from public.event_dates d left join public.locations p on p.tenant_id = d.tenant_id and p.id = d.location_id
      where d.tenant_id = quote.tenant_id and d.opportunity_id = quote.opportunity_id and d.status <> 'cancelled'),
    'account', (select jsonb_build_array(a.id, a.name, a.email, a.billing_street, a.billing_city, a.billing_state,
        a.billing_postal_code, a.billing_country, a.tax_id)
      from public.accounts a where a.tenant_id = quote.tenant_id and a.id = coalesce(quote.account_id, o.account_id)),
    'contact', (select jsonb_build_array(c.id, c.first_name, c.last_name, c.email)
      from public.contacts c where c.tenant_id = quote.tenant_id and c.id = coalesce(quote.contact_id, o.contact_id)),
    'company', tenancy.setting('company') -> 'name',
    'tax', tenancy.setting('tax') -> 'name',
    'contract', (select jsonb_build_array(k.title, k.body_sha256)
      from public.contracts k where k.tenant_id = quote.tenant_id and k.quote_id = quote.id and k.status in ('sent', 'viewed', 'signed')
      order by k.created_at desc limit 1))
  from public.opportunities o where o.tenant_id = quote.tenant_id and o.id = quote.opportunity_id;
end;

create function tenancy.offer_sha256(quote public.quotes) returns text
  language sql stable
  return encode(sha256(convert_to(tenancy.offer_content(quote)::text, 'UTF8')), 'hex');
select tenancy.grant_internals('tenancy.offer_content(public.quotes)', 'tenancy.offer_sha256(public.quotes)');

-- Computed: what the client's link would show is no longer what was sent, so it is not accepted before it is sent again.
create function public.needs_resending(quotes) returns boolean
  language sql stable
  return $1.status in ('sent', 'viewed') and $1.content_sha256 is not null
    and $1.content_sha256 <> coalesce(tenancy.offer_sha256($1), '');
select tenancy.expose(true, 'public.needs_resending(quotes)');

-- Keeps everything that an offer shows as it is until the transaction ends. New dates wait for the deal's row.
create function tenancy.lock_offer(quote public.quotes) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  deal public.opportunities;
begin
  select * into deal from public.opportunities o where o.tenant_id = quote.tenant_id and o.id = quote.opportunity_id for update;
  perform from public.event_dates d where d.tenant_id = quote.tenant_id and d.opportunity_id = quote.opportunity_id
    order by d.id for share;
  perform from public.locations l where l.tenant_id = quote.tenant_id and l.id in (select d.location_id from public.event_dates d
    where d.tenant_id = quote.tenant_id and d.opportunity_id = quote.opportunity_id) order by l.id for share;
  perform from public.accounts a where a.tenant_id = quote.tenant_id and a.id = coalesce(quote.account_id, deal.account_id) for share;
  perform from public.contacts c where c.tenant_id = quote.tenant_id and c.id = coalesce(quote.contact_id, deal.contact_id) for share;
end
$$;
select tenancy.grant_internals('tenancy.lock_offer(public.quotes)');

-- The last step of sending: fixes what is offered and the link that shows it. For trusted server code.
--   sender  the user who sends it
create function public.fix_offer(quote_id uuid, token_hash text, sender uuid default null) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  quote public.quotes;
begin
  perform set_config('tenancy.acting_user', coalesce(sender::text, ''), true);
  select * into quote from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status not in ('sent', 'viewed') then
    perform tenancy.refuse(409, format('Quote %s is %s.', quote.quote_number, quote.status), null, 'Make a new revision of it and send that.');
  end if;
  perform tenancy.lock_offer(quote);
  update public.quotes q set token_hash = token_hash, content_sha256 = tenancy.offer_sha256(quote)
    where q.tenant_id = quote.tenant_id and q.id = quote_id returning * into quote;
  return quote;
end
$$;
select tenancy.expose(false, 'public.fix_offer(uuid, text, uuid)');

-- Who accepts for the client accepts what is offered now; by a link only what the link showed is accepted (`close_deal`).
create or replace function public.accept_quote(quote_id uuid, accepted_by_name text, accepted_ip text default null) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  quote public.quotes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into quote from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status <> 'accepted' then
    if quote.status = 'superseded' then
      perform tenancy.refuse(409, format('Quote %s was replaced by a newer one.', quote.quote_number), null, 'Open the newest quote.');
    elsif quote.status not in ('sent', 'viewed') then
      perform tenancy.refuse(409, format('Quote %s is %s and cannot be accepted.', quote.quote_number, quote.status));
    elsif quote.valid_until < tenancy.today() then
      perform tenancy.refuse(409, format('Quote %s was valid until %s.', quote.quote_number, quote.valid_until), null,
        'Make a new revision of it.');
    elsif btrim(coalesce(accepted_by_name, '')) = '' then
      perform tenancy.refuse(400, 'Say who accepts the quote.');
    end if;
    perform tenancy.lock_offer(quote);
    update public.quotes q set status = 'accepted', accepted_at = now(), accepted_by_name = btrim(accepted_by_name),
        accepted_ip = accepted_ip::inet, content_sha256 = tenancy.offer_sha256(quote)
      where q.tenant_id = tenancy.current_tenant() and q.id = quote_id returning * into quote;
  end if;
  perform tenancy.act_as(caller);
  return quote;
end
$$;

-- As before, for the client by link: what is accepted is what the link showed, and still stands.
--   client  as before, and content_sha256: of what the client was shown
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
    if not exists (select from public.event_dates d
        where d.tenant_id = tenant and d.opportunity_id = quote.opportunity_id and d.status <> 'cancelled') then
      perform tenancy.refuse(409, 'The deal has no date any more.', null, 'Ask the company to send the quote again.');
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

-- What else a client does at a link. For trusted server code, which has seen the client's token.

-- The first look at a quote and its contract, or at a contract alone.
create function public.note_client_view(quote_id uuid default null, contract_id uuid default null) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform set_config('tenancy.by_link', 'on', true);
  update public.quotes q set status = 'viewed', viewed_at = now()
    where q.tenant_id = tenancy.current_tenant() and q.id = quote_id and q.status = 'sent';
  update public.contracts c set status = 'viewed', viewed_at = now()
    where c.tenant_id = tenancy.current_tenant() and c.id = contract_id and c.status = 'sent';
end
$$;

create function public.decline_offer(quote_id uuid, reason text default null) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform set_config('tenancy.by_link', 'on', true);
  update public.quotes q set status = 'declined', decline_reason = nullif(btrim(reason), '')
    where q.tenant_id = tenancy.current_tenant() and q.id = quote_id and q.status <> 'declined';
end
$$;
select tenancy.expose(false, 'public.note_client_view(uuid, uuid)', 'public.decline_offer(uuid, text)');

create or replace function public.sign_contract(contract_id uuid, signer_name text, signature text, consent_text text,
  signer_email text default null, signed_ip text default null, signed_user_agent text default null) returns public.contracts
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  contract public.contracts;
begin
  perform set_config('tenancy.by_link', 'on', true);
  select * into contract from public.contracts c where c.tenant_id = tenancy.current_tenant() and c.id = contract_id for no key update;
  if contract.id is null then
    perform tenancy.refuse(404, 'There is no contract with this id.');
  elsif contract.status = 'signed' then
    perform tenancy.refuse(409, format('Contract %s is signed already.', contract.contract_number));
  elsif contract.expires_at <= now() then
    perform tenancy.refuse(409, format('Contract %s expired.', contract.contract_number), null, 'Ask for a new one.');
  elsif btrim(coalesce(signer_name, '')) = '' or btrim(coalesce(signature, '')) = '' or btrim(coalesce(consent_text, '')) = '' then
    perform tenancy.refuse(400, 'A signature needs a name, the signature itself and the consent.');
  end if;
  update public.contracts c set status = 'signed', signed_at = now(), signer_name = btrim(signer_name), signature = signature,
      consent_text = consent_text, signer_email = coalesce(signer_email, c.signer_email), signed_ip = signed_ip::inet,
      signed_user_agent = signed_user_agent
    where c.tenant_id = tenancy.current_tenant() and c.id = contract_id returning * into contract;
  return contract;
end
$$;

-- One offer of a deal is open at a time: sending one replaces the others. None is sent or accepted beside an accepted one.
create function tenancy.one_offer() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  accepted text;
begin
  select q.quote_number into accepted from public.quotes q
    where q.tenant_id = new.tenant_id and q.opportunity_id = new.opportunity_id and q.id <> new.id and q.status = 'accepted';
  if found then
    perform tenancy.refuse(409, format('Quote %s of this deal was accepted.', accepted), null,
      'Put what is added later on an invoice of its own, or on a new deal.');
  end if;
  update public.quotes q set status = 'superseded'
    where q.tenant_id = new.tenant_id and q.opportunity_id = new.opportunity_id and q.id <> new.id
      and (q.status in ('sent', 'viewed') or q.status in ('expired', 'declined') and q.revision < new.revision);
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.one_offer() from public;
drop trigger supersede_quotes on quotes;
drop function tenancy.supersede_quotes();
create trigger one_offer_new before insert on quotes for each row
  when (new.status in ('sent', 'viewed', 'accepted') and not tenancy.copying()) execute function tenancy.one_offer();
create trigger one_offer before update of status on quotes for each row
  when (new.status in ('sent', 'viewed', 'accepted') and old.status not in ('sent', 'viewed', 'accepted') and not tenancy.copying())
  execute function tenancy.one_offer();

-- The revision follows those that a deal has.
create or replace function tenancy.number_quote() returns trigger language plpgsql as $$
declare
  last int;
begin
  new.quote_number := coalesce(nullif(btrim(new.quote_number), ''), tenancy.next_number('quote'));
  if tg_op = 'INSERT' then
    select max(q.revision) into last from public.quotes q where q.tenant_id = new.tenant_id and q.opportunity_id = new.opportunity_id;
    new.revision := greatest(new.revision, coalesce(last, 0) + 1);
  end if;
  return new;
end
$$;

-- As before; a quote has one draft that revises it, however often it is asked for.
create or replace function public.revise_quote(quote_id uuid) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  original public.quotes;
  revised public.quotes;
  accepted text;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into original from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = quote_id for no key update;
  if original.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  end if;
  perform from public.opportunities o where o.tenant_id = original.tenant_id and o.id = original.opportunity_id for no key update;
  select q.quote_number into accepted from public.quotes q
    where q.tenant_id = original.tenant_id and q.opportunity_id = original.opportunity_id and q.status = 'accepted';
  if found then
    perform tenancy.refuse(409, format('Quote %s was accepted.', accepted), null,
      'Put what is added later on an invoice of its own, or on a new deal.');
  end if;
  select * into revised from public.quotes q
    where q.tenant_id = original.tenant_id and q.opportunity_id = original.opportunity_id and q.status = 'draft';
  if found then
    perform tenancy.act_as(caller);
    return revised;
  end if;
  insert into public.quotes (opportunity_id, account_id, contact_id, valid_until, currency, discount_type,
      discount_value, deposit_type, deposit_value, terms, notes)
    values (original.opportunity_id, original.account_id, original.contact_id,
      greatest(original.valid_until, current_date), original.currency, original.discount_type, original.discount_value,
      original.deposit_type, original.deposit_value, original.terms, original.notes)
    returning * into revised;
  insert into public.quote_line_items (quote_id, item_type, package_id, add_on_id, product_id, name, description, quantity, unit,
      unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, source_line_id)
    select revised.id, item_type, package_id, add_on_id, product_id, name, description, quantity, unit,
      unit_price, discount_type, discount_value, taxable, tax_rate, sort_order, l.id
    from public.quote_line_items l where l.tenant_id = tenancy.current_tenant() and l.quote_id = original.id;
  select * into revised from public.quotes q where q.tenant_id = tenancy.current_tenant() and q.id = revised.id;
  perform tenancy.act_as(caller);
  return revised;
end
$$;

-- What is there comes into line: of several open offers the newest stays, of several accepted ones the first, and likewise.
alter table quotes no force row level security, disable trigger user;
alter table invoices no force row level security, disable trigger user;
alter table contracts no force row level security, disable trigger user;
update quotes q set status = 'superseded' from (
    select tenant_id, id, row_number() over (partition by tenant_id, opportunity_id, status = 'accepted'
      order by case when status = 'accepted' then -extract(epoch from accepted_at) else revision end desc, id) as place
    from quotes where status in ('sent', 'viewed', 'accepted')) o
  where q.tenant_id = o.tenant_id and q.id = o.id and o.place > 1;
update quotes q set status = 'superseded' from quotes a
  where a.tenant_id = q.tenant_id and a.opportunity_id = q.opportunity_id and a.status = 'accepted' and q.status in ('sent', 'viewed');
update quotes q set status = 'superseded', sent_at = coalesce(q.sent_at, now()) from (
    select tenant_id, id, row_number() over (partition by tenant_id, opportunity_id order by revision desc, id) as place
    from quotes where status = 'draft') d
  where q.tenant_id = d.tenant_id and q.id = d.id and d.place > 1;
update invoices i set quote_id = null from (
    select tenant_id, id, row_number() over (partition by tenant_id, quote_id order by created_at, id) as place
    from invoices where quote_id is not null and status <> 'void') d
  where i.tenant_id = d.tenant_id and i.id = d.id and d.place > 1;
update contracts c set quote_id = null from (
    select tenant_id, id, row_number() over (partition by tenant_id, quote_id order by status = 'signed' desc, created_at desc, id) as place
    from contracts where quote_id is not null and status in ('draft', 'sent', 'viewed', 'signed')) d
  where c.tenant_id = d.tenant_id and c.id = d.id and d.place > 1;
alter table quotes enable trigger user, force row level security;
alter table invoices enable trigger user, force row level security;
alter table contracts enable trigger user, force row level security;

create unique index quotes_one_draft on quotes (tenant_id, opportunity_id) where status = 'draft';
create unique index quotes_one_open on quotes (tenant_id, opportunity_id) where status in ('sent', 'viewed');
create unique index quotes_one_accepted on quotes (tenant_id, opportunity_id) where status = 'accepted';
create unique index invoices_one_of_quote on invoices (tenant_id, quote_id) where quote_id is not null and status <> 'void';
create unique index contracts_one_of_quote on contracts (tenant_id, quote_id)
  where quote_id is not null and status in ('draft', 'sent', 'viewed', 'signed');

-- Refunds through a provider: who asks for one says which payment; who took it gives it back, and reports that it did.
do $payments$
declare
  body text := pg_get_functiondef('tenancy.check_payment()'::regprocedure);
begin
  body := replace(body, 'perform tenancy.require_role(''owner'', ''admin'', ''manager'');',
    $now$perform tenancy.require_role('owner', 'admin', 'manager');
  if current_user in ('authenticated', 'authenticated_manager') then
    if tg_op = 'INSERT' and new.kind = 'refund' and new.status = 'pending' then
      new.provider := (select p.provider from public.payments p where p.tenant_id = new.tenant_id and p.id = new.refund_of_id);
    elsif tg_op = 'UPDATE' and old.provider is not null and (new.status, new.method, new.paid_at, new.fee)
        is distinct from (old.status, old.method, old.paid_at, old.fee) then
      perform tenancy.refuse(403, 'What becomes of a payment provider''s payment is recorded from the provider''s own report.');
    end if;
  end if;$now$);
  execute body;
end
$payments$;
