-- What a deal's lines come to; null where it has none: then its amount is what somebody estimates.
create or replace function tenancy.lines_of_deal(deal uuid) returns bigint
  language sql stable
  return (select greatest(0, sum(l.line_total))::bigint from public.opportunity_line_items l
    where l.tenant_id = tenancy.current_tenant() and l.opportunity_id = deal);
select tenancy.grant_internals('tenancy.lines_of_deal(uuid)');
