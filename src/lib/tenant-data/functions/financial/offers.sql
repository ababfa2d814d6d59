-- What was accepted is what was sent. An offer is everything that the client's page shows: it is hashed when it is sent, and
-- again, with everything it is made of locked, when it is accepted.

-- What the client's page of a quote shows, in a fixed form that can be hashed.
create or replace function tenancy.offer_content(quote public.quotes) returns jsonb
  language sql stable
begin atomic
  select jsonb_build_object(
    'quote', jsonb_build_object('number', quote.quote_number, 'revision', quote.revision, 'issue_date', quote.issue_date,
      'valid_until', quote.valid_until, 'currency', quote.currency, 'discount_type', quote.discount_type,
      'discount_value', quote.discount_value, 'subtotal', quote.subtotal, 'discount', quote.discount, 'tax', quote.tax,
      'total', quote.total, 'prices_include_tax', quote.prices_include_tax, 'deposit_type', quote.deposit_type, 'deposit_value', quote.deposit_value, 'plan', quote.payment_schedule, 'terms', quote.terms),
    'lines', (select jsonb_agg(jsonb_build_array(l.item_type, l.name, l.description, l.quantity, l.unit, l.unit_price,
        l.discount_type, l.discount_value, l.taxable, l.tax_rate, l.line_total, l.includes, l.optional, l.chosen) order by l.sort_order, l.id)
      from public.quote_line_items l where l.tenant_id = quote.tenant_id and l.quote_id = quote.id),
    'deal', o.name,
    'dates', (select jsonb_agg(jsonb_build_array(d.event_date, d.start_time, d.end_time, d.timezone,
        p.name, p.address, p.city, p.state, p.postal_code, p.country) order by d.event_date, d.start_time, d.id)
      from public.event_dates d left join public.locations p on p.tenant_id = d.tenant_id and p.id = d.location_id
      where d.tenant_id = quote.tenant_id and d.opportunity_id = quote.opportunity_id and d.status <> 'cancelled'),
    'account', (select jsonb_build_array(a.id, a.name, a.email, a.billing_street, a.billing_city, a.billing_state,
        a.billing_postal_code, a.billing_country, a.tax_id)
      from public.accounts a where a.tenant_id = quote.tenant_id and a.id = coalesce(quote.account_id, o.account_id)),
    'contact', (select jsonb_build_array(c.id, c.first_name, c.last_name, c.email)
      from public.contacts c where c.tenant_id = quote.tenant_id and c.id = coalesce(quote.contact_id, o.contact_id)),
    'company', tenancy.setting('company') -> 'name',
    'tax', tenancy.setting('tax') -> 'name',
    'contract', (select jsonb_build_array(k.title, k.body_sha256)
      from public.contracts k where k.tenant_id = quote.tenant_id and k.quote_id = quote.id and k.status in ('sent', 'viewed', 'signed')
      order by k.created_at desc limit 1))
  from public.opportunities o where o.tenant_id = quote.tenant_id and o.id = quote.opportunity_id;
end;
select tenancy.grant_internals('tenancy.offer_content(public.quotes)');

create or replace function tenancy.offer_sha256(quote public.quotes) returns text
  language sql stable
  return encode(sha256(convert_to(tenancy.offer_content(quote)::text, 'UTF8')), 'hex');
select tenancy.grant_internals('tenancy.offer_sha256(public.quotes)');

-- Computed column: whether the client's link would show something else than was sent. Then the quote has to be sent again
-- before it can be accepted.
create or replace function public.needs_resending(quotes) returns boolean
  language sql stable
  return $1.status in ('sent', 'viewed') and $1.content_sha256 is not null
    and $1.content_sha256 <> coalesce(tenancy.offer_sha256($1), '');
select tenancy.expose(true, 'public.needs_resending(public.quotes)');

-- Locks everything that an offer shows until the transaction ends. New dates wait for the lock of the deal. Dates
-- are locked as the reservation locks them.
create or replace function tenancy.lock_offer(quote public.quotes) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  deal public.opportunities;
begin
  select * into deal from public.opportunities o where o.tenant_id = quote.tenant_id and o.id = quote.opportunity_id for update;
  perform from public.event_dates d where d.tenant_id = quote.tenant_id and d.opportunity_id = quote.opportunity_id
    order by d.id for no key update;
  perform from public.locations l where l.tenant_id = quote.tenant_id and l.id in (select d.location_id from public.event_dates d
    where d.tenant_id = quote.tenant_id and d.opportunity_id = quote.opportunity_id) order by l.id for share;
  perform from public.accounts a where a.tenant_id = quote.tenant_id and a.id = coalesce(quote.account_id, deal.account_id) for share;
  perform from public.contacts c where c.tenant_id = quote.tenant_id and c.id = coalesce(quote.contact_id, deal.contact_id) for share;
end
$$;
select tenancy.grant_internals('tenancy.lock_offer(public.quotes)');

-- The last step of sending a quote: stores the hash of the offer, and of the token of the link that shows it. For trusted
-- server code.
--   sender  the user who sends it
create or replace function public.fix_offer(quote_id uuid, token_hash text, sender uuid default null) returns public.quotes
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  quote public.quotes;
begin
  perform set_config('tenancy.acting_user', coalesce(sender::text, ''), true);
  select * into quote from public.quotes q where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id for no key update;
  if quote.id is null then
    perform tenancy.refuse(404, 'There is no quote with this id.');
  elsif quote.status not in ('sent', 'viewed') then
    perform tenancy.refuse(409, format('Quote %s is %s.', quote.quote_number, quote.status), null, 'Create a new revision and send that.');
  end if;
  perform tenancy.lock_offer(quote);
  update public.quotes q set token_hash = token_hash, content_sha256 = tenancy.offer_sha256(quote)
    where q.tenant_id = quote.tenant_id and q.id = quote_id returning * into quote;
  return quote;
end
$$;
select tenancy.expose(false, 'public.fix_offer(uuid, text, uuid)');
