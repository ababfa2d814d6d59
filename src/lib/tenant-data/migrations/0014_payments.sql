-- Payments and refunds, in whatever order they become known; credit; the payment status of the event.

create function tenancy.check_payment() returns trigger language plpgsql as $$
declare
  invoice public.invoices;
  original public.payments;
  refunded bigint;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  if tg_op = 'UPDATE' then
    if (new.invoice_id, new.kind, new.amount, new.currency, new.refund_of_id)
        is distinct from (old.invoice_id, old.kind, old.amount, old.currency, old.refund_of_id) then
      perform tenancy.refuse(409, 'A recorded payment does not change.', null, 'Refund it, or cancel it while it is pending.');
    end if;
    if old.status = 'succeeded' and new.status <> 'succeeded' then
      perform tenancy.refuse(409, 'A payment that succeeded is refunded, not taken back.');
    end if;
    if old.status = 'cancelled' and new.status <> 'cancelled' then
      perform tenancy.refuse(409, 'A cancelled payment stays cancelled.');
    end if;
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
  if tg_op = 'INSERT' and invoice.status in ('draft', 'void') then
    perform tenancy.refuse(409, format('The invoice is %s: nothing can be paid on it.',
      case invoice.status when 'draft' then 'a draft' else 'void' end));
  end if;
  if new.kind = 'refund' then
    select * into original from public.payments p where p.tenant_id = new.tenant_id and p.id = new.refund_of_id;
    if original.id is null or original.kind <> 'payment' or original.invoice_id <> new.invoice_id then
      perform tenancy.refuse(400, 'A refund is of a payment on the same invoice.');
    end if;
    select coalesce(sum(r.amount), 0) into refunded from public.payments r
      where r.tenant_id = new.tenant_id and r.refund_of_id = original.id and r.id <> new.id
        and r.status in ('pending', 'succeeded');
    if new.status in ('pending', 'succeeded') and refunded + new.amount > original.amount then
      perform tenancy.refuse(409, 'More would be refunded than was paid.', null,
        format('At most %s (minor units) is left to refund.', original.amount - refunded));
    end if;
  elsif tg_op = 'INSERT' and new.provider is null and new.status = 'succeeded' and new.amount > invoice.balance then
    -- What a provider has taken is recorded whatever it is; by hand one records what was asked for.
    perform tenancy.refuse(409, 'This is more than the invoice''s balance.', null,
      format('The balance is %s (minor units).', invoice.balance));
  end if;
  if new.status = 'succeeded' then
    new.paid_at := coalesce(new.paid_at, now());
  end if;
  return new;
end
$$;
create trigger check_payment before insert or update on payments
  for each row when (not tenancy.copying()) execute function tenancy.check_payment();

create function tenancy.settle_invoice() returns trigger language plpgsql as $$
begin
  update public.invoices set paid = paid where tenant_id = new.tenant_id and id = new.invoice_id;
  return null;
end
$$;
create trigger settle_invoice after insert or update of status on payments
  for each row when (not tenancy.copying()) execute function tenancy.settle_invoice();

-- The event shows how far its invoices are paid. Past due is a matter of the day: derived (`overdue`), not stored.
create function tenancy.show_payment_status() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  open_amount bigint;
  paid_amount bigint;
  wanted text;
begin
  select sum(i.total), sum(i.paid) into open_amount, paid_amount from public.invoices i
    where i.tenant_id = new.tenant_id and i.event_id = new.event_id and i.status not in ('draft', 'void', 'written_off');
  wanted := case when coalesce(paid_amount, 0) = 0 then 'none' when paid_amount >= open_amount then 'paid' else 'deposit' end;
  update public.events e set payment_status_id = o.id
    from (select id, rule from public.payment_status_options
      where tenant_id = new.tenant_id and (rule = wanted or wanted = 'deposit' and rule = 'partial')
      order by rule = wanted desc, display_order limit 1) o
    where e.tenant_id = new.tenant_id and e.id = new.event_id and e.payment_status_id is distinct from o.id;
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger show_payment_status after insert or update of paid, total, status on invoices
  for each row when (new.event_id is not null and not tenancy.copying()) execute function tenancy.show_payment_status();

-- Gives a customer a part of a sent invoice back without money: recorded as a payment of method `credit`.
create function public.credit_invoice(invoice_id uuid, amount bigint, reason text) returns public.payments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  credit public.payments;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  insert into public.payments (invoice_id, amount, currency, method, status, reference)
    select i.id, amount, i.currency, 'credit', 'succeeded', reason
    from public.invoices i where i.tenant_id = tenancy.current_tenant() and i.id = invoice_id
    returning * into credit;
  if credit.id is null then
    perform tenancy.refuse(404, 'There is no invoice with this id.');
  end if;
  return credit;
end
$$;

revoke execute on function tenancy.check_payment(), tenancy.settle_invoice(), tenancy.show_payment_status() from public;
select tenancy.expose(true, 'public.credit_invoice(uuid, bigint, text)');
