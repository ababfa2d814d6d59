-- The discount on the document is spread over the lines by largest remainder, so that the shares add up to it; tax is
-- on what is left of the taxable lines, rounded once a rate (`taxes`: [{name, rate, net, tax}]). Prices that include tax contain it:
-- net = what is left − tax. A tax-exempt account pays the prices as they are. Shares and remainders are whole numbers: quotients of numeric are
-- cut off at different places, which would make equal remainders differ.
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
        - (row_number() over (order by remainder desc, id) <= discount - sum(whole) over ())::int as price
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
