-- Totals always agree with the lines: nobody writes them, triggers compute them, and sending freezes both.

-- One line: half-up of quantity × unit price, less the line's own discount (never more than the line).
create function tenancy.total_line() returns trigger language plpgsql as $$
declare
  gross numeric;
  taken_off numeric;
begin
  gross := round(new.quantity * new.unit_price);
  taken_off := case new.discount_type
    when 'percent' then round(gross * new.discount_value / 100)
    when 'amount' then round(new.discount_value)
    else 0 end;
  new.line_total := case when gross <= 0 then gross else gross - least(taken_off, gross) end;
  return new;
end
$$;

create type tenancy.document_totals as (subtotal bigint, discount bigint, tax bigint, total bigint);

-- The discount on the document is spread over the lines by largest remainder, so that the shares add up to it; tax is
-- on what is left of the taxable lines, rounded once a rate.
create function tenancy.total_document(
  lines_table regclass, parent_column name, parent uuid, discount_type text, discount_value numeric, tax_exempt boolean
) returns tenancy.document_totals
  language plpgsql stable
as $$
declare
  totals tenancy.document_totals;
begin
  execute format($sql$
    with line as (
      select id, line_total, case when taxable and not $5 then tax_rate end as rate
      from %1$s where tenant_id = tenancy.current_tenant() and %2$I = $1
    ), document as (
      select coalesce(sum(line_total), 0) as subtotal from line
    ), deduction as (
      select subtotal, least(greatest(subtotal, 0), case $2
        when 'percent' then round(subtotal * $3 / 100)
        when 'amount' then round($3) else 0 end) as discount
      from document
    ), share as (
      select line.id, line.rate, line.line_total, deduction.discount,
        case when deduction.subtotal = 0 then 0 else deduction.discount * line.line_total / deduction.subtotal end as exact
      from line cross join deduction
    ), spread as (
      select rate, line_total - floor(exact)
        - (case when row_number() over (order by exact - floor(exact) desc, id) <= discount - sum(floor(exact)) over ()
             then 1 else 0 end) as net
      from share
    ), by_rate as (
      select round(sum(net) * rate / 100) as tax from spread where rate is not null group by rate
    ), taxed as (
      select coalesce(sum(tax), 0) as tax from by_rate
    )
    select deduction.subtotal, deduction.discount, taxed.tax, deduction.subtotal - deduction.discount + taxed.tax
    from deduction cross join taxed
  $sql$, lines_table, parent_column) into totals using parent, discount_type, discount_value, null, tax_exempt;
  if totals.total < 0 then
    perform tenancy.refuse(400, 'The discounts are larger than what they are taken from.');
  end if;
  return totals;
end
$$;

create function tenancy.is_tax_exempt(account uuid) returns boolean
  language sql stable
  return coalesce((select a.tax_exempt from public.accounts a
    where a.tenant_id = tenancy.current_tenant() and a.id = account), false);

create function tenancy.total_quote() returns trigger language plpgsql as $$
declare
  totals tenancy.document_totals;
begin
  if tg_op = 'INSERT' or old.status = 'draft' then
    totals := tenancy.total_document('public.quote_line_items', 'quote_id', new.id,
      new.discount_type, new.discount_value, tenancy.is_tax_exempt(new.account_id));
    new.subtotal := totals.subtotal;
    new.discount := totals.discount;
    new.tax := totals.tax;
    new.total := totals.total;
  elsif new.status = 'draft' then
    perform tenancy.refuse(409, 'A quote that was sent does not become a draft again.', null, 'Make a new revision of it.');
  elsif (new.quote_number, new.opportunity_id, new.revision, new.issue_date, new.currency, new.discount_type,
      new.discount_value, new.subtotal, new.discount, new.tax, new.total, new.deposit_type, new.deposit_value, new.terms)
    is distinct from (old.quote_number, old.opportunity_id, old.revision, old.issue_date, old.currency, old.discount_type,
      old.discount_value, old.subtotal, old.discount, old.tax, old.total, old.deposit_type, old.deposit_value, old.terms) then
    perform tenancy.refuse(409, format('Quote %s was sent and no longer changes.', old.quote_number), null,
      'Make a new revision of it.');
  elsif old.status in ('accepted', 'declined', 'superseded') and new.status <> old.status
    and not (old.status = 'declined' and new.status = 'superseded') then
    perform tenancy.refuse(409, format('Quote %s is %s already.', old.quote_number, old.status));
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

create function tenancy.total_invoice() returns trigger language plpgsql as $$
declare
  totals tenancy.document_totals;
begin
  if tg_op = 'INSERT' then
    new.paid := 0;
    if new.status not in ('draft', 'sent') then
      perform tenancy.refuse(400, 'A new invoice is a draft, or is sent at once.');
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
    perform tenancy.refuse(409, format('Invoice %s was sent and does not become a draft again.', old.invoice_number), null,
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
      perform tenancy.refuse(409, 'Money was paid on this invoice.', null, 'Refund it before voiding the invoice.');
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

-- Succeeded payments less their succeeded refunds: the same in whatever order they arrive.
create function tenancy.paid_on(invoice uuid) returns bigint
  language sql stable
  return coalesce((
    select sum(p.amount - coalesce((select sum(r.amount) from public.payments r
      where r.tenant_id = tenancy.current_tenant() and r.refund_of_id = p.id and r.status = 'succeeded'), 0))
    from public.payments p
    where p.tenant_id = tenancy.current_tenant() and p.invoice_id = invoice and p.kind = 'payment' and p.status = 'succeeded'
  ), 0)::bigint;

create trigger total_quote before insert or update on quotes
  for each row when (not tenancy.copying()) execute function tenancy.total_quote();
create trigger total_invoice before insert or update on invoices
  for each row when (not tenancy.copying()) execute function tenancy.total_invoice();

-- Lines change only while their document is a draft; its row is locked, so that it cannot be sent meanwhile.
create function tenancy.guard_line() returns trigger language plpgsql as $$
declare
  parent_table constant text := tg_argv[0];
  parent uuid;
  state text;
begin
  parent := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end ->> tg_argv[1];
  if tg_op = 'UPDATE' and to_jsonb(old) ->> tg_argv[1] <> parent::text then
    perform tenancy.refuse(400, 'A line stays on its document.');
  end if;
  execute format('select status from public.%I where tenant_id = $1 and id = $2 for no key update', parent_table)
    into state using case when tg_op = 'DELETE' then old.tenant_id else new.tenant_id end, parent;
  -- No parent: it is being deleted, and its lines with it; or a foreign key will say so.
  if state <> 'draft' then
    perform tenancy.refuse(409, format('This %s was sent: its lines no longer change.', rtrim(parent_table, 's')));
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end
$$;

-- After lines changed: every document they belong to is computed again (its own trigger does it).
create function tenancy.retotal() returns trigger language plpgsql as $$
begin
  if tg_argv[0] = 'opportunities' then
    update public.opportunities o set amount = greatest(0, l.amount)
      from (select opportunity_id, sum(line_total)::bigint as amount from public.opportunity_line_items
        where tenant_id = tenancy.current_tenant() and opportunity_id in (select opportunity_id from changed)
        group by opportunity_id) l
      where o.tenant_id = tenancy.current_tenant() and o.id = l.opportunity_id and o.amount <> greatest(0, l.amount);
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

do $triggers$
declare
  line record;
begin
  for line in select * from (values
    ('opportunity_line_items', 'opportunities', 'opportunity_id', false),
    ('quote_line_items', 'quotes', 'quote_id', true),
    ('invoice_line_items', 'invoices', 'invoice_id', true)) as l (tab, parent, key, guarded)
  loop
    execute format('create trigger total_line before insert or update on %I for each row '
      'when (not tenancy.copying()) execute function tenancy.total_line()', line.tab);
    if line.guarded then
      execute format('create trigger guard_line before insert or update or delete on %I for each row '
        'when (not tenancy.copying()) execute function tenancy.guard_line(%L, %L)', line.tab, line.parent, line.key);
    end if;
    execute format('create trigger retotal_inserted after insert on %I referencing new table as changed '
      'for each statement when (not tenancy.copying()) execute function tenancy.retotal(%L)', line.tab, line.parent);
    execute format('create trigger retotal_updated after update on %I referencing new table as changed '
      'for each statement when (not tenancy.copying()) execute function tenancy.retotal(%L)', line.tab, line.parent);
    execute format('create trigger retotal_deleted after delete on %I referencing old table as changed '
      'for each statement when (not tenancy.copying()) execute function tenancy.retotal(%L)', line.tab, line.parent);
  end loop;
end
$triggers$;

-- An account that becomes tax exempt (or no longer is): its drafts are computed again.
create function tenancy.retotal_account() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.quotes set subtotal = subtotal
    where tenant_id = new.tenant_id and account_id = new.id and status = 'draft';
  update public.invoices set subtotal = subtotal
    where tenant_id = new.tenant_id and account_id = new.id and status = 'draft';
  perform tenancy.act_as(caller);
  return null;
end
$$;
create trigger retotal_account after update of tax_exempt on accounts for each row
  when (old.tax_exempt <> new.tax_exempt and not tenancy.copying()) execute function tenancy.retotal_account();

-- Nothing that was sent is deleted: it is voided or superseded.
create function tenancy.keep_document() returns trigger language plpgsql as $$
begin
  if old.status <> 'draft' then
    perform tenancy.refuse(409, format('Only drafts are deleted; this one is %s.', replace(old.status, '_', ' ')));
  end if;
  return old;
end
$$;
create trigger keep_document before delete on invoices
  for each row when (not tenancy.copying()) execute function tenancy.keep_document();
create trigger keep_document before delete on contracts
  for each row when (not tenancy.copying()) execute function tenancy.keep_document();

-- Computed: past its due date in the tenant's timezone, with money still open.
create function public.overdue(invoices) returns boolean
  language sql stable
  return $1.status in ('sent', 'partially_paid') and ($1.total - $1.paid) > 0 and $1.due_date < tenancy.today();

revoke execute on function tenancy.total_line(), tenancy.total_quote(), tenancy.total_invoice(), tenancy.guard_line(),
  tenancy.retotal(), tenancy.retotal_account(), tenancy.keep_document() from public;
select tenancy.grant_internals('tenancy.total_document(regclass, name, uuid, text, numeric, boolean)',
  'tenancy.is_tax_exempt(uuid)', 'tenancy.paid_on(uuid)');
select tenancy.expose(true, 'public.overdue(invoices)');
