-- Changes of a deal's lines lock the deal, so they run one after another and the amount is summed after the last of them. Lines
-- of quotes and invoices do the same.
create or replace function tenancy.guard_deal_line() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.opportunity_id <> old.opportunity_id then
    perform tenancy.refuse(400, 'A line cannot be moved to another deal.', null, 'Remove it here and add it there.');
  end if;
  perform from public.opportunities o
    where o.tenant_id = coalesce(new.tenant_id, old.tenant_id) and o.id = coalesce(new.opportunity_id, old.opportunity_id)
    for no key update;
  return coalesce(new, old);
end
$$;
revoke execute on function tenancy.guard_deal_line() from public;

create or replace function tenancy.total_deal() returns trigger language plpgsql as $$
begin
  if new.currency <> old.currency then
    perform tenancy.keep_currency(format('“%s”', new.name), old.currency, tenancy.lines_of_deal(new.id) is not null or old.amount > 0
      and new.amount = old.amount);
  end if;
  new.amount := coalesce(tenancy.lines_of_deal(new.id), new.amount);
  if new.amount > tenancy.max_amount() then
    perform tenancy.refuse(400, 'The total of the lines is too large.', null, 'Check the quantities and the prices.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.total_deal() from public;
