-- Money: bounds in words, deals that agree with their lines, what a sent document keeps, and payments by hand.

-- The most that a line, a document or a deal comes to, in minor units: what one payment can be.
create function tenancy.most_money() returns bigint
  language sql immutable parallel safe
  return 1000000000000;

create or replace function tenancy.total_line() returns trigger language plpgsql as $$
declare
  gross numeric;
  taken_off numeric;
begin
  gross := round(new.quantity * new.unit_price);
  if abs(gross) > tenancy.most_money() then
    perform tenancy.refuse(400, format('“%s” comes to more than a document can say.', left(new.name, 60)), null,
      'Check the quantity and the price.');
  end if;
  taken_off := case new.discount_type
    when 'percent' then round(gross * new.discount_value / 100)
    when 'amount' then round(new.discount_value)
    else 0 end;
  new.line_total := case when gross <= 0 then gross else gross - least(taken_off, gross) end;
  return new;
end
$$;

-- As before, with shares and remainders in whole numbers (quotients of numeric are cut off at different places, which made
-- equal remainders differ), and with bounds.
create or replace function tenancy.total_document(
  lines_table regclass, parent_column name, parent uuid, discount_type text, discount_value numeric, tax_exempt boolean
) returns tenancy.document_totals
  language plpgsql stable
as $$
declare
  subtotal numeric;
  discount numeric;
  tax numeric;
begin
  execute format($sql$
    with line as (
      select id, line_total, case when taxable and not $4 then tax_rate end as rate
      from %1$s where tenant_id = tenancy.current_tenant() and %2$I = $1
    ), document as (
      select coalesce(sum(line_total), 0) as subtotal from line
    ), deduction as (
      select subtotal, least(greatest(subtotal, 0), case $2
        when 'percent' then round(subtotal * $3 / 100)
        when 'amount' then round($3) else 0 end) as discount
      from document
    ), part as (
      select line.*, deduction.discount, deduction.subtotal, deduction.discount * line.line_total as product
      from line cross join deduction
    ), share as (
      select id, rate, line_total, discount,
        case when subtotal = 0 then 0 else div(product, subtotal) - (mod(product, subtotal) < 0)::int end as whole,
        case when subtotal = 0 then 0 else mod(mod(product, subtotal) + subtotal, subtotal) end as remainder
      from part
    ), spread as (
      select rate, line_total - whole
        - (row_number() over (order by remainder desc, id) <= discount - sum(whole) over ())::int as net
      from share
    ), by_rate as (
      select round(sum(net) * rate / 100) as tax from spread where rate is not null group by rate
    )
    select deduction.subtotal, deduction.discount, (select coalesce(sum(by_rate.tax), 0) from by_rate) from deduction
  $sql$, lines_table, parent_column) into subtotal, discount, tax using parent, discount_type, discount_value, tax_exempt;
  if subtotal - discount + tax < 0 then
    perform tenancy.refuse(400, 'The discounts are larger than what they are taken from.', null, 'Lower the discount.');
  elsif subtotal + tax > tenancy.most_money() then
    perform tenancy.refuse(400, 'The lines together come to more than a document can say.', null,
      'Check the quantities and the prices.');
  end if;
  return (subtotal, discount, tax, subtotal - discount + tax)::tenancy.document_totals;
end
$$;

-- A deal's lines wait for each other, as those of quotes and invoices do: the amount is summed after the last of them.
create function tenancy.guard_deal_line() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.opportunity_id <> old.opportunity_id then
    perform tenancy.refuse(400, 'A line stays on its deal.', null, 'Remove it here and add it there.');
  end if;
  perform from public.opportunities o
    where o.tenant_id = coalesce(new.tenant_id, old.tenant_id) and o.id = coalesce(new.opportunity_id, old.opportunity_id)
    for no key update;
  return coalesce(new, old);
end
$$;
create trigger guard_line before insert or update or delete on opportunity_line_items
  for each row when (not tenancy.copying()) execute function tenancy.guard_deal_line();

-- What a deal's lines come to; null where it has none: then its amount is what somebody estimates.
create function tenancy.lines_of_deal(deal uuid) returns bigint
  language sql stable
  return (select greatest(0, sum(l.line_total))::bigint from public.opportunity_line_items l
    where l.tenant_id = tenancy.current_tenant() and l.opportunity_id = deal);

create function tenancy.total_deal() returns trigger language plpgsql as $$
begin
  new.amount := coalesce(tenancy.lines_of_deal(new.id), new.amount);
  if new.amount > tenancy.most_money() then
    perform tenancy.refuse(400, 'The lines together come to more than a deal can say.', null, 'Check the quantities and the prices.');
  end if;
  return new;
end
$$;
create trigger total_deal before update of amount on opportunities
  for each row when (not tenancy.copying()) execute function tenancy.total_deal();

create or replace function tenancy.retotal() returns trigger language plpgsql as $$
begin
  -- Every document's own trigger computes it.
  if tg_argv[0] = 'opportunities' then
    update public.opportunities set amount = 0
      where tenant_id = tenancy.current_tenant() and id in (select opportunity_id from changed)
        and amount <> coalesce(tenancy.lines_of_deal(id), 0);
  elsif tg_argv[0] = 'quotes' then
    update public.quotes set subtotal = subtotal
      where tenant_id = tenancy.current_tenant() and status = 'draft' and id in (select quote_id from changed);
  else
    update public.invoices set subtotal = subtotal
      where tenant_id = tenancy.current_tenant() and status = 'draft' and id in (select invoice_id from changed);
  end if;
  return null;
end
$$;

-- A sent invoice says whom it was for, whatever becomes of the account; and it keeps where it came from. When it is due,
-- and the customer's order number, are about collecting the money: they may follow what was agreed.
create function tenancy.keep_sent_invoice() returns trigger language plpgsql as $$
begin
  if (tg_op = 'INSERT' or old.status = 'draft') and new.status not in ('draft', 'void') then
    new.bill_to := coalesce(new.bill_to, (select jsonb_strip_nulls(jsonb_build_object('name', a.name, 'email', a.email,
        'street', a.billing_street, 'city', a.billing_city, 'state', a.billing_state, 'postal_code', a.billing_postal_code,
        'country', a.billing_country, 'tax_id', a.tax_id))
      from public.accounts a where a.tenant_id = new.tenant_id and a.id = new.account_id));
  elsif tg_op = 'UPDATE' and old.status <> 'draft' and (new.bill_to is distinct from old.bill_to
      or old.quote_id is not null and new.quote_id is distinct from old.quote_id) then
    perform tenancy.refuse(409, format('Invoice %s was sent and no longer changes.', old.invoice_number), null,
      'Void it and make a new one, or credit a part of it.');
  end if;
  return new;
end
$$;
create trigger keep_sent before insert or update on invoices
  for each row when (not tenancy.copying()) execute function tenancy.keep_sent_invoice();

create trigger keep_document before delete on quotes
  for each row when (not tenancy.copying()) execute function tenancy.keep_document();

-- A number that is emptied is given anew.
create trigger renumber before update of event_number on events
  for each row when (btrim(new.event_number) = '' and not tenancy.copying()) execute function tenancy.number_event();
create trigger renumber before update of quote_number on quotes
  for each row when (btrim(new.quote_number) = '' and not tenancy.copying()) execute function tenancy.number_quote();
create trigger renumber before update of contract_number on contracts
  for each row when (btrim(new.contract_number) = '' and not tenancy.copying()) execute function tenancy.number_contract();

-- An amount for people: `1,234.50 USD`; `1,234 JPY`, `1.234 KWD` (ISO 4217: currencies without, and with three decimals).
create function tenancy.money_in_words(amount bigint, currency text) returns text
  language sql immutable
  return case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
      then to_char(amount, 'FM999,999,999,999,999,990')
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then to_char(amount / 1000.0, 'FM999,999,999,999,990.000')
    else to_char(amount / 100.0, 'FM999,999,999,999,990.00') end || ' ' || currency;

create or replace function tenancy.check_payment() returns trigger language plpgsql as $$
declare
  invoice public.invoices;
  original public.payments;
  refunded bigint;
  by_hand constant boolean := new.provider is null;
  -- Becomes money now.
  succeeds constant boolean := new.status = 'succeeded' and (tg_op = 'INSERT' or old.status <> 'succeeded');
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  if tg_op = 'UPDATE' then
    if (new.invoice_id, new.kind, new.amount, new.currency, new.refund_of_id, new.provider)
        is distinct from (old.invoice_id, old.kind, old.amount, old.currency, old.refund_of_id, old.provider) then
      perform tenancy.refuse(409, 'A recorded payment does not change.', null, 'Refund it, or cancel it while it is pending.');
    end if;
    if old.status = 'succeeded' and new.status <> 'succeeded' then
      perform tenancy.refuse(409, 'A payment that succeeded is refunded, not taken back.');
    end if;
    if old.status = 'cancelled' and new.status <> 'cancelled' then
      perform tenancy.refuse(409, 'A cancelled payment stays cancelled.');
    end if;
  elsif not by_hand and new.kind = 'payment' and current_user in ('authenticated', 'authenticated_manager') then
    perform tenancy.refuse(403, 'What a payment provider took is recorded from the provider''s own report.', null,
      'Record money that you received yourself without a provider.');
  end if;
  -- Whoever records money on an invoice waits for whoever else does.
  select * into invoice from public.invoices i
    where i.tenant_id = new.tenant_id and i.id = new.invoice_id for no key update;
  if invoice.id is null then
    perform tenancy.refuse(404, 'There is no invoice with this id.');
  end if;
  if new.currency <> invoice.currency then
    perform tenancy.refuse(400, format('The invoice is in %s, the payment in %s.', invoice.currency, new.currency));
  end if;
  if invoice.status in ('draft', 'void') and (tg_op = 'INSERT' or by_hand and succeeds and new.kind = 'payment') then
    perform tenancy.refuse(409, format('The invoice is %s: nothing can be paid on it.',
      case invoice.status when 'draft' then 'a draft' else 'void' end));
  end if;
  if new.kind = 'refund' then
    select * into original from public.payments p where p.tenant_id = new.tenant_id and p.id = new.refund_of_id;
    if original.id is null or original.kind <> 'payment' or original.invoice_id <> new.invoice_id then
      perform tenancy.refuse(400, 'A refund is of a payment on the same invoice.');
    end if;
    if by_hand and succeeds and original.status <> 'succeeded' then
      perform tenancy.refuse(409, format('The payment is %s: there is nothing to give back.', original.status));
    end if;
    select coalesce(sum(r.amount), 0) into refunded from public.payments r
      where r.tenant_id = new.tenant_id and r.refund_of_id = original.id and r.id <> new.id
        and r.status in ('pending', 'succeeded');
    if new.status in ('pending', 'succeeded') and refunded + new.amount > original.amount then
      perform tenancy.refuse(409, 'More would be refunded than was paid.', null,
        format('At most %s is left to refund.', tenancy.money_in_words(original.amount - refunded, original.currency)));
    end if;
  elsif by_hand and succeeds and new.amount > invoice.balance then
    -- What a provider has taken is recorded whatever it is; by hand one records what was asked for.
    perform tenancy.refuse(409, 'This is more than the invoice''s balance.', null,
      format('The balance is %s.', tenancy.money_in_words(invoice.balance, invoice.currency)));
  end if;
  if new.status = 'succeeded' then
    new.paid_at := coalesce(new.paid_at, now());
  end if;
  return new;
end
$$;

-- As before, one conversion after another: of two leads of one person, the second finds what the first has made.
create or replace function public.convert_lead(lead_id uuid, opportunity_name text default null) returns public.leads
  language plpgsql volatile
as $$
declare
  caller name;
  lead public.leads;
  matched_contact uuid;
  matched_account uuid;
  new_opportunity uuid;
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
    perform tenancy.refuse(409, 'The lead was lost.', null, 'Set it back to contacted first.');
  end if;

  perform pg_advisory_xact_lock(hashtextextended(tenant::text || 'convert_lead', 0));
  select c.id into matched_contact from public.contacts c
    where c.tenant_id = tenant and c.deleted_at is null and c.email = lead.email
    order by c.created_at limit 1;
  if matched_contact is null then
    select c.id into matched_contact from public.contacts c
      where c.tenant_id = tenant and c.deleted_at is null and tenancy.digits(c.phone) = tenancy.digits(lead.phone) order by c.created_at limit 1;
  end if;
  if matched_contact is null then
    insert into public.contacts (first_name, last_name, email, phone, owner_id)
      values (lead.first_name, lead.last_name, lead.email, lead.phone, lead.owner_id) returning id into matched_contact;
  end if;

  -- The account: of the matched contact, by e-mail, by phone, a company's also by its name.
  select a.id into matched_account
    from public.accounts a
    left join public.contact_accounts ca on ca.tenant_id = a.tenant_id and ca.account_id = a.id and ca.contact_id = matched_contact
    where a.tenant_id = tenant and a.deleted_at is null
      and (ca.id is not null or a.email = lead.email or tenancy.digits(a.phone) = tenancy.digits(lead.phone)
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

  insert into public.opportunities (name, account_id, contact_id, lead_id, event_type_id, owner_id, currency)
    values (coalesce(nullif(btrim(opportunity_name), ''), concat_ws(' ', lead.first_name, lead.last_name,
        (select '– ' || t.name from public.event_types t where t.tenant_id = tenant and t.id = lead.event_type_id))),
      matched_account, matched_contact, lead.id, lead.event_type_id, lead.owner_id,
      coalesce(tenancy.setting('currency') #>> '{}', 'USD'))
    returning id into new_opportunity;

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

revoke execute on function tenancy.guard_deal_line(), tenancy.total_deal(), tenancy.keep_sent_invoice() from public;
select tenancy.grant_internals('tenancy.most_money()', 'tenancy.lines_of_deal(uuid)', 'tenancy.money_in_words(bigint, text)');
