-- Accepts a quote on behalf of the client: the offer as it is now. A client's link accepts only what it showed (`close_deal`).
create or replace function public.accept_quote(quote_id uuid, accepted_by_name text, accepted_ip text default null) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller name;
  quote public.quotes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  caller := tenancy.act_for_tenant();
  select * into quote from public.quotes q where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status <> 'accepted' then
    if quote.status = 'superseded' then
      perform tenancy.refuse(409, format('Quote %s was replaced by a newer one.', quote.quote_number), null, 'Open the newest quote.');
    elsif quote.status not in ('sent', 'viewed') then
      perform tenancy.refuse(409, format('Quote %s is %s and cannot be accepted.', quote.quote_number, quote.status));
    elsif quote.valid_until < tenancy.today() then
      perform tenancy.refuse(409, format('Quote %s was valid until %s.', quote.quote_number, quote.valid_until), null,
        'Create a new revision.');
    elsif btrim(coalesce(accepted_by_name, '')) = '' then
      perform tenancy.refuse(400, 'Enter the name of the person who accepts the quote.');
    end if;
    perform tenancy.lock_offer(quote);
    update public.quotes q set status = 'accepted', accepted_at = now(), accepted_by_name = btrim(accepted_by_name),
        accepted_ip = accepted_ip::inet, content_sha256 = tenancy.offer_sha256(quote)
      where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id returning * into quote;
  end if;
  perform tenancy.act_as(caller);
  return quote;
end
$$;
select tenancy.expose(true, 'public.accept_quote(uuid, text, text)');
