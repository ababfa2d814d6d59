-- Whether this transaction is a client's choice of extras.
create or replace function tenancy.is_choosing() returns boolean
  language sql stable
  return current_setting('tenancy.choosing', true) = 'on';
select tenancy.grant_internals('tenancy.is_choosing()');

-- Chooses the extras of a sent quote on the client's page: exactly these. Totals, taxes and the payment plan follow, and what the
-- link shows is hashed anew, so that the client accepts this choice and no other. For trusted server code, which has checked the
-- client's token.
--   content_sha256  of what the client was shown
create or replace function public.choose_extras(quote_id uuid, line_ids uuid[], content_sha256 text) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  quote public.quotes;
begin
  perform set_config('tenancy.by_link', 'on', true);
  select * into quote from public.quotes q where q.tenant_id = tenant and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status not in ('sent', 'viewed') then
    perform tenancy.refuse(409, format('Quote %s is %s: its extras can no longer be changed.', quote.quote_number, quote.status));
  end if;
  perform tenancy.lock_offer(quote);
  if content_sha256 is distinct from quote.content_sha256 or quote.content_sha256 <> tenancy.offer_sha256(quote) then
    perform tenancy.refuse(409, format('Quote %s has changed since it was shown.', quote.quote_number), null, 'Load the page again.');
  elsif exists (select from unnest(line_ids) wanted where not exists (select from public.quote_line_items l
      where l.tenant_id = tenant and l.quote_id = quote_id and l.id = wanted and l.optional)) then
    perform tenancy.refuse(400, 'This is not an extra of the quote.', null, 'Load the page again.');
  end if;
  perform set_config('tenancy.choosing', 'on', true);
  update public.quote_line_items l set chosen = l.id = any (line_ids)
    where l.tenant_id = tenant and l.quote_id = quote_id and l.optional and l.chosen <> (l.id = any (line_ids));
  update public.quotes q set subtotal = subtotal where q.tenant_id = tenant and q.id = quote_id returning * into quote;
  perform set_config('tenancy.choosing', '', true);
  update public.quotes q set content_sha256 = tenancy.offer_sha256(quote) where q.tenant_id = tenant and q.id = quote_id
    returning * into quote;
  return quote;
end
$$;
select tenancy.expose(false, 'public.choose_extras(uuid, uuid[], text)');
