-- By source: leads that came in the period and how many of them became deals; deals closed in the period, won or lost, with the
-- amounts won {currency: amount} and the days it took from the deal's beginning.
create or replace function public.conversion_report(from_day date, to_day date)
  returns table (source text, leads int, converted int, won int, lost int, won_amounts jsonb, days_to_win numeric)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  starts constant timestamptz := tenancy.midnight(from_day);
  ends constant timestamptz := tenancy.midnight(to_day + 1);
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day);
  return query
  with came as (
    select coalesce(l.source, '') as source, count(*)::int as leads,
      (count(*) filter (where l.status = 'converted'))::int as converted
    from public.leads l where l.tenant_id = tenant and l.created_at >= starts and l.created_at < ends
    group by 1
  ), closed as (
    select coalesce(l.source, '') as source, o.currency, o.amount, o.created_at, o.closed_at,
      tenancy.stage(o.stage) ->> 'kind' = 'won' as is_won
    from public.opportunities o left join public.leads l on l.tenant_id = o.tenant_id and l.id = o.lead_id
    where o.tenant_id = tenant and o.closed_at >= starts and o.closed_at < ends
  ), ended as (
    select c.source, (count(*) filter (where is_won))::int as won, (count(*) filter (where not is_won))::int as lost,
      round(avg(extract(epoch from c.closed_at - c.created_at) / 86400) filter (where is_won), 1) as days
    from closed c group by 1
  ), amounts as (
    select s.source, jsonb_object_agg(s.currency, s.amount) as won from (
      select c.source, c.currency, sum(c.amount) as amount from closed c where is_won group by 1, 2) s
    group by 1
  )
  select coalesce(c.source, e.source), coalesce(c.leads, 0), coalesce(c.converted, 0), coalesce(e.won, 0), coalesce(e.lost, 0),
    coalesce(a.won, '{}'), e.days
  from came c full join ended e on e.source = c.source left join amounts a on a.source = coalesce(c.source, e.source)
  order by 2 desc, 4 desc, 1;
end
$$;
select tenancy.expose(true, 'public.conversion_report(date, date)');

-- Open deals by stage, for the forecast.
create or replace function public.pipeline_report() returns table (stage text, currency text, deals int, amount bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  return query
    select o.stage, o.currency, count(*)::int, coalesce(sum(o.amount), 0)::bigint from public.opportunities o
    where o.tenant_id = (select tenancy.current_tenant()) and o.closed_at is null group by 1, 2 order by 1, 2;
end
$$;
select tenancy.expose(true, 'public.pipeline_report()');
