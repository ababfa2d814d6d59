-- Payments and refunds may become known in any order.
create or replace function tenancy.check_payment() returns trigger language plpgsql as $$
declare
  invoice public.invoices;
  original public.payments;
  refunded bigint;
  by_hand constant boolean := new.provider is null;
  -- Whether this change makes it succeed.
  succeeds constant boolean := new.status = 'succeeded' and (tg_op = 'INSERT' or old.status <> 'succeeded');
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  -- A refund through a provider is requested by naming the payment; the provider refunds it and reports that it did.
  if tenancy.is_user() then
    if tg_op = 'INSERT' and new.kind = 'refund' and new.status = 'pending' then
      new.provider := (select p.provider from public.payments p where p.tenant_id = new.tenant_id and p.id = new.refund_of_id);
    elsif tg_op = 'UPDATE' and old.provider is not null and (new.status, new.method, new.paid_at, new.fee)
        is distinct from (old.status, old.method, old.paid_at, old.fee) then
      perform tenancy.refuse(403, 'A payment of a payment provider is updated by the provider''s report only.');
    end if;
  end if;
  if tg_op = 'UPDATE' then
    if (new.invoice_id, new.kind, new.amount, new.currency, new.refund_of_id, new.provider)
        is distinct from (old.invoice_id, old.kind, old.amount, old.currency, old.refund_of_id, old.provider) then
      perform tenancy.refuse(409, 'A recorded payment cannot be changed.', null, 'Refund it, or cancel it while it is pending.');
    end if;
    if old.status = 'succeeded' and new.status <> 'succeeded' then
      perform tenancy.refuse(409, 'A payment that succeeded can only be refunded.');
    elsif old.status = 'succeeded' and (new.method, new.paid_at, new.reference, new.note)
        is distinct from (old.method, old.paid_at, old.reference, old.note) then
      perform tenancy.refuse(409, 'A payment that was received no longer changes.', null,
        'Correct it with correct_payment: that takes the entry back and records the right one.');
    end if;
    if old.status = 'cancelled' and new.status <> 'cancelled' then
      perform tenancy.refuse(409, 'A canceled payment stays canceled.');
    end if;
  elsif not by_hand and new.kind = 'payment' and tenancy.is_user() then
    perform tenancy.refuse(403, 'A payment of a payment provider is recorded by the provider''s report only.', null,
      'Record money that you received yourself without naming a provider.');
  end if;
  -- Locks the invoice, so that payments on it are recorded one after another.
  select * into invoice from public.invoices i
    where i.tenant_id = new.tenant_id and i.id = new.invoice_id for no key update;
  if invoice.id is null then
    perform tenancy.refuse(404, 'There is no invoice with this id.');
  end if;
  -- Receipts are numbered in this order. The time at which the transaction began may be before that of a payment committed already.
  if tg_op = 'INSERT' and new.created_at = now() then
    new.created_at := clock_timestamp();
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
      perform tenancy.refuse(400, 'A refund must name a payment on the same invoice.');
    end if;
    -- Taking back a credit moves no money, and only that.
    if original.method = 'credit' then
      new.method := 'credit';
    elsif new.method = 'credit' then
      perform tenancy.refuse(400, 'Only a credit is taken back as a credit.', null, 'Choose how the money went back.');
    end if;
    if by_hand and succeeds and original.status <> 'succeeded' then
      perform tenancy.refuse(409, format('The payment is %s, so there is nothing to refund.', original.status));
    end if;
    select coalesce(sum(r.amount), 0) into refunded from public.payments r
      where r.tenant_id = new.tenant_id and r.refund_of_id = original.id and r.id <> new.id
        and r.status in ('pending', 'succeeded');
    if new.status in ('pending', 'succeeded') and refunded + new.amount > original.amount then
      perform tenancy.refuse(409, 'The refund is more than was paid.', null,
        format('At most %s can be refunded.', tenancy.money_in_words(original.amount - refunded, original.currency)));
    end if;
  elsif by_hand and succeeds and new.amount > invoice.balance then
    -- What a provider took is recorded even if it is more than the balance; by hand it cannot be more.
    perform tenancy.refuse(409, 'The payment is more than the invoice''s balance.', null,
      format('The balance is %s.', tenancy.money_in_words(invoice.balance, invoice.currency)));
  end if;
  if new.status = 'succeeded' then
    new.paid_at := coalesce(new.paid_at, now());
    if by_hand and succeeds and tenancy.day_of(new.paid_at) > tenancy.today() then
      perform tenancy.refuse(400, 'The date of the payment is in the future.', null, 'Record it when the money has come.');
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.check_payment() from public;

create or replace function tenancy.settle_invoice() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.invoices set paid = paid where tenant_id = new.tenant_id and id = new.invoice_id;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.settle_invoice() from public;

-- An event shows the payment status of its invoices: also the one that an invoice was of before. Past due depends on the day, so it is
-- derived (`overdue`), not stored.
create or replace function tenancy.show_payment_status() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  event uuid;
  open_amount bigint;
  paid_amount bigint;
  wanted text;
begin
  for event in select distinct x from unnest(array[new.event_id, case when tg_op = 'UPDATE' then old.event_id end]) x
    where x is not null order by x
  loop
    -- What was credited is owed no more, and is no deposit.
    select sum(i.total - i.credited), sum(i.paid - i.credited) into open_amount, paid_amount from public.invoices i
      where i.tenant_id = new.tenant_id and i.event_id = event and i.status not in ('draft', 'void', 'written_off');
    wanted := case when coalesce(paid_amount, 0) = 0 and coalesce(open_amount, 1) > 0 then 'none' when paid_amount >= open_amount then 'paid' else 'deposit' end;
    update public.events e set payment_status_id = o.id
      from (select id, rule from public.payment_status_options
        where tenant_id = new.tenant_id and (rule = wanted or wanted = 'deposit' and rule = 'partial')
        order by rule = wanted desc, display_order limit 1) o
      where e.tenant_id = new.tenant_id and e.id = event and e.payment_status_id is distinct from o.id;
  end loop;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.show_payment_status() from public;
