-- The largest amount of a line, a document, a deal or a payment, in minor units.
create or replace function tenancy.max_amount() returns bigint
  language sql immutable parallel safe
  return 1000000000000;
select tenancy.grant_internals('tenancy.max_amount()');

-- Digits after the point of a currency (ISO 4217), which its minor unit follows from: `fractionDigits` of src/lib/money.ts is the same.
create or replace function tenancy.currency_digits(currency text) returns int
  language sql immutable
  return case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    else 2 end;
select tenancy.grant_internals('tenancy.currency_digits(text)');

-- An amount for messages: `1,234.50 USD`, `1,234 JPY`, `1.234 KWD`.
create or replace function tenancy.money_in_words(amount bigint, currency text) returns text
  language plpgsql immutable
as $$
begin
  return case tenancy.currency_digits(currency)
    when 0 then to_char(amount, 'FM999,999,999,999,999,990')
    when 3 then to_char(amount / 1000.0, 'FM999,999,999,999,990.000')
    else to_char(amount / 100.0, 'FM999,999,999,999,990.00') end || ' ' || currency;
end
$$;
select tenancy.grant_internals('tenancy.money_in_words(bigint, text)');
