-- Totals always agree with the lines: users cannot write them, triggers compute them, and sending a document freezes both.

-- The total of a line: quantity × unit price, rounded by the rule of its document, less the line's own discount, which is never more than the line.
create or replace function tenancy.total_line() returns trigger language plpgsql as $$
declare
  gross numeric;
  taken_off numeric;
  rule text;
begin
  if tg_op = 'UPDATE' and tenancy.is_choosing() then
    return new;
  end if;
  if tg_table_name = 'invoice_line_items' then
    rule := tenancy.invoice_rounding((select i.quote_id from public.invoices i where i.tenant_id = new.tenant_id and i.id = new.invoice_id));
  else
    rule := tenancy.rounding();
  end if;
  gross := tenancy.round_money(new.quantity * new.unit_price, 1, rule);
  if abs(gross) > tenancy.max_amount() then
    perform tenancy.refuse(400, format('The total of “%s” is too large.', left(new.name, 60)), null,
      'Check the quantity and the price.');
  end if;
  taken_off := case new.discount_type
    when 'percent' then tenancy.round_money(gross * new.discount_value, 100, rule)
    when 'amount' then tenancy.round_money(new.discount_value, 1, rule)
    else 0 end;
  new.gross_total := gross;
  new.line_total := case when gross <= 0 then gross else gross - least(taken_off, gross) end;
  return new;
end
$$;
revoke execute on function tenancy.total_line() from public;

-- A line keeps what its package contains, and its description, as they are when it is added.
create or replace function tenancy.keep_contents() returns trigger language plpgsql as $$
declare
  package public.packages;
begin
  select * into package from public.packages p where p.tenant_id = new.tenant_id and p.id = new.package_id;
  if jsonb_typeof(package.includes) = 'array' then
    new.includes := package.includes;
  end if;
  new.description := coalesce(new.description, package.description);
  return new;
end
$$;
revoke execute on function tenancy.keep_contents() from public;

-- Lines change only while their document is a draft. The document is locked, so that it cannot be sent meanwhile.
create or replace function tenancy.guard_line() returns trigger language plpgsql as $$
declare
  parent_table constant text := tg_argv[0];
  parent uuid;
  state text;
begin
  parent := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end ->> tg_argv[1];
  if tg_op = 'UPDATE' and to_jsonb(old) ->> tg_argv[1] <> parent::text then
    perform tenancy.refuse(400, 'A line cannot be moved to another document.');
  end if;
  execute format('select status from public.%I where tenant_id = $1 and id = $2 for no key update', parent_table)
    into state using case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end, parent;
  -- Of a sent quote the client chooses extras (`choose_extras`).
  if tg_op = 'UPDATE' and state <> 'draft' and tenancy.is_choosing() then
    return new;
  end if;
  -- No document: it is being deleted with its lines, or a foreign key will refuse the line.
  if state <> 'draft' then
    perform tenancy.refuse(409, format('This %s was sent, so its line items can no longer be changed.', rtrim(parent_table, 's')));
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;
revoke execute on function tenancy.guard_line() from public;

-- Recomputes the documents whose lines changed. Acts for the tenant: users may not write totals.
create or replace function tenancy.retotal() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  -- Each document's own trigger computes its totals.
  if tg_argv[0] = 'opportunities' then
    update public.opportunities set amount = 0
      where tenant_id = (select tenancy.current_tenant()) and id in (select opportunity_id from changed)
        and amount <> coalesce(tenancy.lines_of_deal(id), 0);
  elsif tg_argv[0] = 'quotes' then
    update public.quotes set subtotal = subtotal
      where tenant_id = (select tenancy.current_tenant()) and status = 'draft' and id in (select quote_id from changed);
  else
    update public.invoices set subtotal = subtotal
      where tenant_id = (select tenancy.current_tenant()) and status = 'draft' and id in (select invoice_id from changed);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.retotal() from public;

-- Recomputes the drafts of an account whose tax exemption changed.
create or replace function tenancy.retotal_account() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.quotes q set subtotal = subtotal
    from public.opportunities o
    where q.tenant_id = new.tenant_id and q.status = 'draft' and o.tenant_id = q.tenant_id and o.id = q.opportunity_id
      and coalesce(q.account_id, o.account_id) = new.id;
  update public.invoices set subtotal = subtotal
    where tenant_id = new.tenant_id and account_id = new.id and status = 'draft';
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.retotal_account() from public;

-- Recomputes the drafts without an account of their own whose deal got another.
create or replace function tenancy.retotal_deal() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.quotes set subtotal = subtotal
    where tenant_id = new.tenant_id and opportunity_id = new.id and status = 'draft' and account_id is null;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.retotal_deal() from public;
