create or replace function tenancy.total_invoice() returns trigger language plpgsql as $$
declare
  totals tenancy.document_totals;
begin
  if tg_op = 'INSERT' then
    new.paid := 0;
    if new.status not in ('draft', 'sent') then
      perform tenancy.refuse(400, 'A new invoice is a draft or sent.');
    end if;
  end if;
  if tg_op = 'INSERT' or old.status = 'draft' then
    if new.status not in ('draft', 'sent', 'void') then
      perform tenancy.refuse(409, 'Send the invoice first.');
    end if;
    totals := tenancy.total_document('public.invoice_line_items', 'invoice_id', new.id,
      new.discount_type, new.discount_value, tenancy.is_tax_exempt(new.account_id));
    new.subtotal := totals.subtotal;
    new.discount := totals.discount;
    new.tax := totals.tax;
    new.total := totals.total;
  elsif new.status = 'draft' then
    perform tenancy.refuse(409, format('Invoice %s was sent and cannot become a draft again.', old.invoice_number), null,
      'Void it and make a new one.');
  elsif (new.invoice_number, new.invoice_type, new.account_id, new.issue_date, new.currency, new.discount_type,
      new.discount_value, new.subtotal, new.discount, new.tax, new.total, new.terms)
    is distinct from (old.invoice_number, old.invoice_type, old.account_id, old.issue_date, old.currency,
      old.discount_type, old.discount_value, old.subtotal, old.discount, old.tax, old.total, old.terms) then
    perform tenancy.refuse(409, format('Invoice %s was sent and no longer changes.', old.invoice_number), null,
      'Void it and make a new one, or credit a part of it.');
  elsif old.status = 'void' and new.status <> 'void' then
    perform tenancy.refuse(409, format('Invoice %s is void.', old.invoice_number));
  end if;
  if tg_op = 'UPDATE' then
    new.paid := tenancy.paid_on(new.id);
  end if;
  if new.status = 'void' then
    if new.paid > 0 then
      perform tenancy.refuse(409, 'This invoice has payments.', null, 'Refund them before voiding the invoice.');
    end if;
    new.voided_at := coalesce(new.voided_at, now());
  elsif new.status <> 'draft' then
    new.invoice_number := coalesce(nullif(btrim(new.invoice_number), ''), tenancy.next_number('invoice'));
    new.sent_at := coalesce(new.sent_at, now());
    if new.status <> 'written_off' then
      new.status := case when new.paid >= new.total and (new.paid > 0 or new.status = 'paid') then 'paid'
        when new.paid > 0 then 'partially_paid' else 'sent' end;
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.total_invoice() from public;

-- A sent invoice keeps the name and address of its account, and its origin. The due date and the customer's order number may
-- still change: they are about collecting the money.
create or replace function tenancy.keep_sent_invoice() returns trigger language plpgsql as $$
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
revoke execute on function tenancy.keep_sent_invoice() from public;

-- Sent documents are not deleted: they are voided or superseded.
create or replace function tenancy.keep_document() returns trigger language plpgsql as $$
begin
  if old.status <> 'draft' then
    perform tenancy.refuse(409, format('Only drafts can be deleted; this document is %s.', replace(old.status, '_', ' ')));
  end if;
  return old;
end
$$;
revoke execute on function tenancy.keep_document() from public;
