-- The largest amount of a line, a document, a deal or a payment, in minor units.
create or replace function tenancy.max_amount() returns bigint
  language sql immutable parallel safe
  return 1000000000000;
select tenancy.grant_internals('tenancy.max_amount()');

-- An amount for messages: `1,234.50 USD`, `1,234 JPY`, `1.234 KWD` (ISO 4217: some currencies have no decimals, some three).
create or replace function tenancy.money_in_words(amount bigint, currency text) returns text
  language sql immutable
  return case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
      then to_char(amount, 'FM999,999,999,999,999,990')
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then to_char(amount / 1000.0, 'FM999,999,999,999,990.000')
    else to_char(amount / 100.0, 'FM999,999,999,999,990.00') end || ' ' || currency;
select tenancy.grant_internals('tenancy.money_in_words(bigint, text)');
