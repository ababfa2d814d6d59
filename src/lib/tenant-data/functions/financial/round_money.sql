-- The only function that rounds money, in every total, tax, deposit, instalment, pay and report. Exact: no quotient is cut off.
--   amount / divisor  what is rounded to whole minor units: percentages have the divisor 100
--   rule  half_up (half a unit away from zero), half_even (half a unit to the even neighbour) or down (towards zero)
-- In PL/pgSQL, because most calls are too complex for PostgreSQL to inline, and a SQL function starts the executor for each.
-- `roundMoney` in src/lib/money.ts is the same for what is typed in a browser; a property test holds them together.
create or replace function tenancy.round_money(amount numeric, divisor numeric, rule text) returns numeric
  language plpgsql immutable parallel safe
as $$
begin
  return div(amount, divisor) + case
    when rule = 'down' then 0
    when 2 * abs(mod(amount, divisor)) > divisor then sign(amount)
    when 2 * abs(mod(amount, divisor)) = divisor and (rule = 'half_up' or mod(div(amount, divisor), 2) <> 0) then sign(amount)
    else 0 end;
end
$$;
select tenancy.grant_internals('tenancy.round_money(numeric, numeric, text)');

-- The tenant's rule. A document keeps the one it was sent with (column `rounding`).
create or replace function tenancy.rounding() returns text
  language sql stable
  return coalesce(tenancy.setting('rounding') #>> '{}', 'half_up');
select tenancy.grant_internals('tenancy.rounding()');
