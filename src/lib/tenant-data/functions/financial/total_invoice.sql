create or replace function tenancy.total_invoice() returns trigger language plpgsql as $$
declare
  totals tenancy.document_totals;
  received bigint;
  kept int := 0;
  day date;
  terms date;
  former_terms date;
  -- A draft that kept the day on which it was made is issued on the day on which it is sent.
  is_issued_now constant boolean := tg_op = 'UPDATE' and old.status = 'draft' and new.status not in ('draft', 'void')
    and new.issue_date = old.issue_date and new.issue_date = tenancy.day_of(old.created_at) and new.issue_date < tenancy.today();
begin
  if tg_op = 'INSERT' then
    new.paid := 0;
    new.credited := 0;
    if new.status not in ('draft', 'sent') then
      perform tenancy.refuse(400, 'A new invoice is a draft or sent.');
    end if;
  end if;
  if tg_op = 'INSERT' or old.status = 'draft' then
    if new.status not in ('draft', 'sent', 'void') then
      perform tenancy.refuse(409, 'Send the invoice first.');
    end if;
    if tg_op = 'UPDATE' and new.currency <> old.currency then
      perform tenancy.keep_currency('The invoice', old.currency, new.discount_type = 'amount'
        or exists (select from public.invoice_line_items l where l.tenant_id = new.tenant_id and l.invoice_id = new.id));
    end if;
    if new.status = 'sent' and (tg_op = 'UPDATE' or tenancy.is_user())
        and not exists (select from public.invoice_line_items l where l.tenant_id = new.tenant_id and l.invoice_id = new.id) then
      perform tenancy.refuse(409, 'The invoice has no line, so there is nothing to pay.', null, 'Add a line to the draft, then send it.');
    end if;
    new.rounding := tenancy.invoice_rounding(new.quote_id);
    totals := tenancy.total_document('public.invoice_line_items', 'invoice_id', new.id,
      new.discount_type, new.discount_value, tenancy.is_untaxed(new.quote_id, new.account_id), new.rounding, new.prices_include_tax);
    new.taxes := totals.taxes;
    new.subtotal := totals.subtotal;
    new.discount := totals.discount;
    new.tax := totals.tax;
    new.total := totals.total;
  elsif new.status = 'draft' then
    perform tenancy.refuse(409, format('Invoice %s was sent and cannot become a draft again.', old.invoice_number), null,
      'Void it and create a new one.');
  elsif (new.invoice_number, new.invoice_type, new.account_id, new.issue_date, new.currency, new.discount_type,
      new.discount_value, new.subtotal, new.discount, new.tax, new.total, new.prices_include_tax, new.terms)
    is distinct from (old.invoice_number, old.invoice_type, old.account_id, old.issue_date, old.currency,
      old.discount_type, old.discount_value, old.subtotal, old.discount, old.tax, old.total, old.prices_include_tax,
      old.terms) then
    perform tenancy.refuse(409, format('Invoice %s was sent and can no longer be changed.', old.invoice_number), null,
      'Void it and create a new one, or credit part of it.');
  elsif old.status = 'void' and new.status <> 'void' then
    perform tenancy.refuse(409, format('Invoice %s is void.', old.invoice_number));
  end if;
  if tg_op = 'UPDATE' then
    select s.paid, s.credited into new.paid, new.credited from tenancy.settled_on(new.id) s;
  end if;
  if new.status = 'void' then
    if new.paid > 0 then
      perform tenancy.refuse(409, 'This invoice has payments.', null, 'Refund them before voiding the invoice.');
    end if;
    new.voided_at := coalesce(new.voided_at, now());
  elsif new.status <> 'draft' then
    new.invoice_number := coalesce(nullif(btrim(new.invoice_number), ''), tenancy.next_number('invoice'));
    new.sent_at := coalesce(new.sent_at, now());
    -- What was written off and is paid after all is paid, and so is what is sent and comes to nothing.
    if new.status <> 'written_off' or new.paid > 0 and new.paid >= new.total then
      new.status := case when new.paid >= new.total and (new.paid > 0 or new.status = 'paid'
          or new.total = 0 and tg_op = 'UPDATE' and old.status = 'draft') then 'paid'
        when new.paid > 0 then 'partially_paid' else 'sent' end;
    end if;
  end if;
  -- Until it is sent, an invoice that says nothing else is due by its account's payment terms.
  if tg_op = 'INSERT' or old.status = 'draft' then
    terms := tenancy.due_by_terms(new.account_id, case when is_issued_now then tenancy.today() else new.issue_date end);
    if tg_op = 'UPDATE' then
      former_terms := tenancy.due_by_terms(old.account_id, old.issue_date);
    end if;
    if new.payment_schedule <> '[]' then
      new.payment_schedule := tenancy.plan_by_terms(new.payment_schedule, terms, former_terms);
    elsif new.due_date is null or new.due_date = former_terms and old.due_date = former_terms then
      new.due_date := terms;
    end if;
  end if;
  -- The plan follows the total, the credits and the payments: docs/payment-plans.md.
  received := new.paid - new.credited;
  if tg_op = 'INSERT' or new.payment_schedule <> old.payment_schedule then
    if tg_op = 'UPDATE' then
      kept := tenancy.paid_parts(old.payment_schedule, received);
      for at in 0..kept - 1 loop
        if new.payment_schedule -> at is distinct from old.payment_schedule -> at then
          perform tenancy.refuse(409, format('“%s” is paid, so this part of the payment plan no longer changes.',
            old.payment_schedule -> at ->> 'label'), null, 'Change the parts that are not paid yet.');
        end if;
      end loop;
    end if;
    day := tenancy.plan_day(new.event_id, new.opportunity_id);
    new.payment_schedule := tenancy.read_plan(new.payment_schedule, new.total - new.credited, day, true, new.currency);
    for at in 0..kept - 1 loop
      new.payment_schedule := jsonb_set(new.payment_schedule, array[at::text, 'amount'], old.payment_schedule -> at -> 'amount');
    end loop;
  elsif new.due_date is distinct from old.due_date and new.payment_schedule <> '[]' then
    new.payment_schedule := tenancy.read_plan(jsonb_set(new.payment_schedule, '{-1}',
      (new.payment_schedule -> -1) || jsonb_build_object('due_date', new.due_date, 'days_before', null)),
      new.total - new.credited, null, true, new.currency);
  end if;
  if is_issued_now then
    new.issue_date := tenancy.today();
    if new.due_date < new.issue_date then
      new.due_date := new.issue_date;
    end if;
    new.payment_schedule := (select coalesce(jsonb_agg(case when (p.part ->> 'due_date')::date < new.issue_date
        then p.part || jsonb_build_object('due_date', new.issue_date) else p.part end order by p.at), '[]')
      from jsonb_array_elements(new.payment_schedule) with ordinality p (part, at));
  end if;
  if new.payment_schedule <> '[]' then
    new.payment_schedule := tenancy.divide_plan(new.payment_schedule, new.total - new.credited, received, new.rounding);
    new.due_date := (new.payment_schedule -> -1 ->> 'due_date')::date;
  end if;
  if new.status in ('sent', 'partially_paid') then
    select n.due, coalesce(n.amount, 0) into new.next_due_date, new.next_due_amount
      from tenancy.next_part(new.payment_schedule, new.due_date, new.total - new.paid, received) n;
  else
    new.next_due_date := null;
    new.next_due_amount := 0;
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
    new.tax_place := coalesce(tenancy.tax_place(new.event_id, new.opportunity_id), nullif(concat_ws(', ',
      new.bill_to ->> 'city', coalesce(new.bill_to ->> 'state', new.bill_to ->> 'country')), ''));
  elsif tg_op = 'UPDATE' and old.status <> 'draft' and (new.bill_to is distinct from old.bill_to
      or old.quote_id is not null and new.quote_id is distinct from old.quote_id) then
    perform tenancy.refuse(409, format('Invoice %s was sent and can no longer be changed.', old.invoice_number), null,
      'Void it and create a new one, or credit part of it.');
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
