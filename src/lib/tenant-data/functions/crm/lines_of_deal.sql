-- The sum of a deal's lines; null where it has none, and its amount is an estimate.
create or replace function tenancy.lines_of_deal(deal uuid) returns bigint
  language sql stable
  return (select greatest(0, sum(l.line_total))::bigint from public.opportunity_line_items l
    where l.tenant_id = (select tenancy.current_tenant()) and l.opportunity_id = deal);
select tenancy.grant_internals('tenancy.lines_of_deal(uuid)');
