-- The discount on the document is spread over the lines by largest remainder, so that the shares add up to it; tax is
-- on what is left of the taxable lines, rounded once a rate (`taxes`: [{name, rate, net, tax}]). Prices that include tax contain it:
-- net = what is left − tax. A tax-exempt account pays the prices as they are. Shares and remainders are whole numbers: quotients of numeric are
-- cut off at different places, which would make equal remainders differ. Among those the rate decides, so that an invoice, whose lines have
-- other ids, is taxed as its quote.
create or replace function tenancy.total_document(
  lines_table regclass, parent_column name, parent uuid, discount_type text, discount_value numeric, tax_exempt boolean, rule text,
  prices_include_tax boolean
) returns tenancy.document_totals
  language plpgsql stable
as $$
declare
  subtotal numeric;
  discount numeric;
  tax numeric;
  taxes jsonb;
  -- Tax on top of the prices.
  added numeric;
begin
  execute format($sql$
    with line as (
      select id, line_total, case when taxable and not $4 then tax_rate end as rate
      from %1$s where tenant_id = (select tenancy.current_tenant()) and %2$I = $1 and %3$s
    ), document as (
      select coalesce(sum(line_total), 0) as subtotal from line
    ), deduction as (
      select subtotal, least(greatest(subtotal, 0), case $2
        when 'percent' then tenancy.round_money(subtotal * $3, 100, $5)
        when 'amount' then tenancy.round_money($3, 1, $5) else 0 end) as discount
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
        - (row_number() over (order by remainder desc, rate desc, id) <= discount - sum(whole) over ())::int as price
      from share
    ), by_rate as (
      select trim_scale(rate) as rate, sum(price) as price,
        tenancy.round_money(sum(price) * rate, case when $7 then 100 + rate else 100 end, $5) as tax
      from spread where rate > 0 group by rate
    )
    select deduction.subtotal, deduction.discount, (select coalesce(sum(by_rate.tax), 0) from by_rate),
      (select coalesce(jsonb_agg(jsonb_build_object('name', $6, 'rate', rate,
          'net', case when $7 then price - by_rate.tax else price end, 'tax', by_rate.tax) order by rate), '[]')
        from by_rate)
    from deduction
  $sql$, lines_table, parent_column,
    -- Extras count once they are chosen.
    case lines_table when 'public.quote_line_items'::regclass then '(chosen or not optional)' else 'true' end) into subtotal, discount, tax, taxes
    using parent, discount_type, discount_value, tax_exempt, rule, coalesce(tenancy.setting('tax') ->> 'name', 'Tax'), prices_include_tax;
  added := case when prices_include_tax then 0 else tax end;
  if subtotal - discount + added < 0 then
    perform tenancy.refuse(400, 'The discounts are larger than the total they apply to.', null, 'Lower the discount.');
  elsif subtotal + added > tenancy.max_amount() then
    perform tenancy.refuse(400, 'The total of the lines is too large.', null,
      'Check the quantities and the prices.');
  end if;
  return (subtotal, discount, tax, subtotal - discount + added, taxes)::tenancy.document_totals;
end
$$;
select tenancy.grant_internals('tenancy.total_document(regclass, name, uuid, text, numeric, boolean, text, boolean)');

create or replace function tenancy.is_tax_exempt(account uuid) returns boolean
  language sql stable
  return coalesce((select a.tax_exempt from public.accounts a
    where a.tenant_id = (select tenancy.current_tenant()) and a.id = account), false);
select tenancy.grant_internals('tenancy.is_tax_exempt(uuid)');

-- Whether a document is without tax for its account. A quote that was sent keeps what it was sent with, and its invoice what was accepted.
create or replace function tenancy.is_untaxed(quote uuid, account uuid) returns boolean
  language sql stable
  return coalesce((select case
      when q.taxes <> '[]' then false
      when exists (select from public.quote_line_items l where l.tenant_id = q.tenant_id and l.quote_id = q.id and l.taxable
        and l.tax_rate > 0 and (not l.optional or l.chosen and q.status = 'accepted')) then true end
    from public.quotes q join public.opportunities o on o.tenant_id = q.tenant_id and o.id = q.opportunity_id
    where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote and q.status <> 'draft'
      and coalesce(q.account_id, o.account_id) = account), tenancy.is_tax_exempt(account));
select tenancy.grant_internals('tenancy.is_untaxed(uuid, uuid)');

-- The rule by which an invoice is rounded: what was accepted is what is asked for, whatever the company's rule is since.
create or replace function tenancy.invoice_rounding(quote uuid) returns text
  language sql stable
  return coalesce((select q.rounding from public.quotes q
    where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote and q.status = 'accepted'), tenancy.rounding());
select tenancy.grant_internals('tenancy.invoice_rounding(uuid)');
