create or replace function tenancy.total_quote() returns trigger language plpgsql as $$
declare
  totals tenancy.document_totals;
begin
  if tg_op = 'INSERT' or old.status = 'draft' or tenancy.is_choosing() then
    if tg_op = 'UPDATE' and new.currency <> old.currency then
      perform tenancy.keep_currency(format('Quote %s', old.quote_number), old.currency,
        exists (select from public.quote_line_items l where l.tenant_id = new.tenant_id and l.quote_id = new.id)
        or 'amount' in (new.discount_type, new.deposit_type));
    end if;
    if tg_op = 'INSERT' or old.status = 'draft' then
      new.rounding := tenancy.rounding();
    end if;
    totals := tenancy.total_document('public.quote_line_items', 'quote_id', new.id,
      new.discount_type, new.discount_value,
      -- As its invoice: a quote without an account is for the deal's.
      tenancy.is_untaxed(new.id, coalesce(new.account_id, (select o.account_id from public.opportunities o
        where o.tenant_id = new.tenant_id and o.id = new.opportunity_id))),
      new.rounding, new.prices_include_tax);
    new.taxes := totals.taxes;
    new.subtotal := totals.subtotal;
    new.discount := totals.discount;
    new.tax := totals.tax;
    new.total := totals.total;
    if tg_op = 'INSERT' and new.payment_schedule = '[]' or tg_op = 'UPDATE' and new.payment_schedule = old.payment_schedule
        and (new.deposit_type, new.deposit_value) <> (old.deposit_type, old.deposit_value) then
      new.payment_schedule := tenancy.plan_with_deposit(new.payment_schedule, new.deposit_type, new.deposit_value);
    elsif tg_op = 'INSERT' or new.payment_schedule <> old.payment_schedule then
      new.payment_schedule := tenancy.read_plan(new.payment_schedule, new.total, null, false, new.currency);
      -- The deposit is the first of several parts.
      new.deposit_type := case when jsonb_array_length(new.payment_schedule) > 1 then new.payment_schedule -> 0 ->> 'type' else 'none' end;
      new.deposit_value := coalesce((new.payment_schedule -> 0 ->> 'value')::numeric, 0);
    end if;
    new.payment_schedule := tenancy.divide_plan(new.payment_schedule, new.total, 0, new.rounding);
  elsif new.status = 'draft' then
    perform tenancy.refuse(409, 'A quote that was sent cannot become a draft again.', null, 'Create a new revision.');
  elsif (new.quote_number, new.opportunity_id, new.revision, new.issue_date, new.currency, new.discount_type,
      new.discount_value, new.subtotal, new.discount, new.tax, new.total, new.prices_include_tax, new.deposit_type, new.deposit_value,
      new.payment_schedule, new.terms)
    is distinct from (old.quote_number, old.opportunity_id, old.revision, old.issue_date, old.currency, old.discount_type,
      old.discount_value, old.subtotal, old.discount, old.tax, old.total, old.prices_include_tax, old.deposit_type, old.deposit_value,
      old.payment_schedule, old.terms) then
    perform tenancy.refuse(409, format('Quote %s was sent and can no longer be changed.', old.quote_number), null,
      'Create a new revision.');
  elsif old.status in ('accepted', 'declined', 'superseded') and new.status <> old.status
    and not (old.status = 'declined' and new.status = 'superseded') then
    perform tenancy.refuse(409, format('Quote %s is already %s.', old.quote_number, old.status));
  end if;
  if new.status in ('sent', 'viewed', 'accepted') and (tg_op = 'UPDATE' and old.status = 'draft' or tg_op = 'INSERT' and tenancy.is_user())
      and not exists (select from public.quote_line_items l where l.tenant_id = new.tenant_id and l.quote_id = new.id) then
    perform tenancy.refuse(409, 'The quote has no line, so there is nothing to accept.', null, 'Add a line to the draft, then send it.');
  end if;
  -- A draft that kept the day on which it was made is issued on the day on which it is sent.
  if tg_op = 'UPDATE' and old.status = 'draft' and new.status <> 'draft' and new.issue_date = old.issue_date
      and new.issue_date = tenancy.day_of(old.created_at) and coalesce(new.valid_until >= tenancy.today(), true) then
    new.issue_date := tenancy.today();
  end if;
  if new.status <> 'draft' then
    new.sent_at := coalesce(new.sent_at, now());
  end if;
  if new.status in ('accepted', 'declined') and (tg_op = 'INSERT' or old.status <> new.status) then
    if new.status = 'accepted' then
      new.accepted_at := coalesce(new.accepted_at, now());
    else
      new.declined_at := coalesce(new.declined_at, now());
    end if;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.total_quote() from public;

-- One quote of a deal is open at a time: sending one supersedes the others. After one was accepted, no other is sent or
-- accepted.
create or replace function tenancy.one_offer() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  accepted text;
begin
  select q.quote_number into accepted from public.quotes q
    where q.tenant_id = new.tenant_id and q.opportunity_id = new.opportunity_id and q.id <> new.id and q.status = 'accepted';
  if found then
    perform tenancy.refuse(409, format('Quote %s of this deal was accepted.', accepted), null,
      'Put later additions on a separate invoice or a new deal.');
  end if;
  update public.quotes q set status = 'superseded'
    where q.tenant_id = new.tenant_id and q.opportunity_id = new.opportunity_id and q.id <> new.id
      and (q.status in ('sent', 'viewed') or q.status in ('expired', 'declined') and q.revision < new.revision);
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.one_offer() from public;
