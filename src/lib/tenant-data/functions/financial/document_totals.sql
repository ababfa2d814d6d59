-- The discount on the document is spread over the lines by largest remainder, so that the shares add up to it; tax is
-- on what is left of the taxable lines, rounded once a rate. Shares and remainders are whole numbers: quotients of numeric are
-- cut off at different places, which would make equal remainders differ.
create or replace function tenancy.total_document(
  lines_table regclass, parent_column name, parent uuid, discount_type text, discount_value numeric, tax_exempt boolean
) returns tenancy.document_totals
  language plpgsql stable
as $$
declare
  subtotal numeric;
  discount numeric;
  tax numeric;
begin
  execute format($sql$
    with line as (
      select id, line_total, case when taxable and not $4 then tax_rate end as rate
      from %1$s where tenant_id = tenancy.current_tenant() and %2$I = $1
    ), document as (
      select coalesce(sum(line_total), 0) as subtotal from line
    ), deduction as (
      select subtotal, least(greatest(subtotal, 0), case $2
        when 'percent' then round(subtotal * $3 / 100)
        when 'amount' then round($3) else 0 end) as discount
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
        - (row_number() over (order by remainder desc, id) <= discount - sum(whole) over ())::int as net
      from share
    ), by_rate as (
      select round(sum(net) * rate / 100) as tax from spread where rate is not null group by rate
    )
    select deduction.subtotal, deduction.discount, (select coalesce(sum(by_rate.tax), 0) from by_rate) from deduction
  $sql$, lines_table, parent_column) into subtotal, discount, tax using parent, discount_type, discount_value, tax_exempt;
  if subtotal - discount + tax < 0 then
    perform tenancy.refuse(400, 'The discounts are larger than the total they apply to.', null, 'Lower the discount.');
  elsif subtotal + tax > tenancy.max_amount() then
    perform tenancy.refuse(400, 'The total of the lines is too large.', null,
      'Check the quantities and the prices.');
  end if;
  return (subtotal, discount, tax, subtotal - discount + tax)::tenancy.document_totals;
end
$$;
select tenancy.grant_internals('tenancy.total_document(regclass, name, uuid, text, numeric, boolean)');

create or replace function tenancy.is_tax_exempt(account uuid) returns boolean
  language sql stable
  return coalesce((select a.tax_exempt from public.accounts a
    where a.tenant_id = tenancy.current_tenant() and a.id = account), false);
select tenancy.grant_internals('tenancy.is_tax_exempt(uuid)');
