-- The currency of a draft, or of an open deal, changes only while it has no prices: an amount in another currency is another
-- price, and no rate says which.
create or replace function tenancy.keep_currency(document text, currency text, has_prices boolean) returns void
  language plpgsql volatile
as $$
begin
  if has_prices then
    perform tenancy.refuse(409, format('%s has prices in %s, so its currency cannot change.', document, currency), null,
      'Remove its lines and amounts first, or make a new one in the other currency.');
  end if;
end
$$;
select tenancy.grant_internals('tenancy.keep_currency(text, text, boolean)');
