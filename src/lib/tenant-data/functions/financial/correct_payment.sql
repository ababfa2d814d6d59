-- Corrects a payment, refund's payment or credit that was recorded by hand: an entry takes back what is left of it, and another
-- records what is right. Both stay visible. Without an amount it is only taken back.
-- Where the right entry is of the same month, the wrong one is taken back on its own day, so that the month's totals change by the
-- difference and no other month's do. Otherwise it is taken back today: the month that it was in stays as it was.
--   reason  why, for the one who reads it later
-- Answers the right payment, or the entry that took it back.
create or replace function public.correct_payment(payment_id uuid, reason text, amount bigint default null, method text default null,
  paid_at timestamptz default null, reference text default null, note text default null) returns public.payments
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  wrong public.payments;
  corrected public.payments;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  select * into wrong from public.payments p where p.tenant_id = (select tenancy.current_tenant()) and p.id = payment_id for no key update;
  if wrong.id is null then
    perform tenancy.refuse(404, 'There is no payment with this id.');
  elsif wrong.kind <> 'payment' or wrong.status <> 'succeeded' then
    perform tenancy.refuse(409, 'Only a payment that was received is corrected.', null, 'Cancel one that is pending.');
  elsif wrong.provider is not null then
    perform tenancy.refuse(409, 'This payment came through a payment provider, so it was really made.', null, 'Refund it instead.');
  elsif btrim(coalesce(reason, '')) = '' then
    perform tenancy.refuse(400, 'Enter why the payment is corrected.');
  end if;
  insert into public.payments (invoice_id, kind, amount, currency, method, status, paid_at, refund_of_id, is_correction, reference, note)
    select wrong.invoice_id, 'refund', wrong.amount - coalesce(sum(r.amount), 0), wrong.currency, wrong.method, 'succeeded',
      case when amount is not null and date_trunc('month', tenancy.day_of(coalesce(paid_at, wrong.paid_at)))
        = date_trunc('month', tenancy.day_of(wrong.paid_at)) then wrong.paid_at end, wrong.id, true, wrong.reference, btrim(reason)
    from public.payments r where r.tenant_id = wrong.tenant_id and r.refund_of_id = wrong.id and r.status in ('pending', 'succeeded')
    having wrong.amount > coalesce(sum(r.amount), 0)
    returning * into corrected;
  if corrected.id is null then
    perform tenancy.refuse(409, 'Nothing of this payment is left: it was refunded or taken back.');
  end if;
  if amount is not null then
    insert into public.payments (invoice_id, amount, currency, method, status, paid_at, reference, note)
      values (wrong.invoice_id, amount, wrong.currency, coalesce(method, wrong.method), 'succeeded', coalesce(paid_at, wrong.paid_at),
        reference, note)
      returning * into corrected;
  end if;
  perform tenancy.act_as(caller);
  return corrected;
end
$$;
select tenancy.expose(true, 'public.correct_payment(uuid, text, bigint, text, timestamptz, text, text)');
