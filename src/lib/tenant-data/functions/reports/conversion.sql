-- Of days within one period, to be added up: leads that came, by source (without a currency); deals that were closed, by source and
-- currency, with the seconds that the won ones took.
create or replace function tenancy.conversion_of_days(first_day date, last_day date)
  returns table (source text, currency text, leads int, converted int, won int, lost int, amount bigint, seconds numeric)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  starts constant timestamptz := tenancy.midnight(first_day);
  ends constant timestamptz := tenancy.midnight(last_day + 1);
  won_stages constant text[] := array(select s ->> 'key'
    from jsonb_array_elements(tenancy.setting('pipeline', '{"stages": []}') -> 'stages') s where s ->> 'kind' = 'won');
begin
  return query
  select coalesce(l.source, ''), null, count(*)::int, (count(*) filter (where l.status = 'converted'))::int, 0, 0, 0::bigint, 0::numeric
    from public.leads l where l.tenant_id = tenant and l.created_at >= starts and l.created_at < ends
    group by 1
  union all
  select c.source, c.currency, 0, 0, (count(*) filter (where c.is_won))::int, (count(*) filter (where not c.is_won))::int,
      coalesce(sum(c.amount) filter (where c.is_won), 0)::bigint,
      coalesce(sum(extract(epoch from c.closed_at - c.created_at)) filter (where c.is_won), 0)
    from (
      -- Each deal's lead by its key: a join would read the leads of all years.
      select coalesce((select l.source from public.leads l where l.tenant_id = tenant and l.id = o.lead_id), '') as source,
        o.currency, o.amount, o.created_at, o.closed_at, o.stage = any (won_stages) as is_won
      from public.opportunities o
      where o.tenant_id = tenant and o.closed_at >= starts and o.closed_at < ends) c
    group by 1, 2;
end
$$;
select tenancy.grant_internals('tenancy.conversion_of_days(date, date)');

-- By source: leads that came in the period and how many of them became deals; deals closed in the period, won or lost, with the
-- amounts won {currency: amount} and the days it took from the deal's beginning.
create or replace function public.conversion_report(from_day date, to_day date)
  returns table (source text, leads int, converted int, won int, lost int, won_amounts jsonb, days_to_win numeric)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day);
  return query
  with part as materialized (
    select * from tenancy.report_parts('conversion', from_day, to_day)
  ), found as (
    select r.* from part p cross join lateral jsonb_to_recordset(p.stored)
      as r (source text, currency text, leads int, converted int, won int, lost int, amount bigint, seconds numeric)
    union all
    select r.* from part p cross join lateral tenancy.conversion_of_days(p.first_day, p.last_day) r where p.stored is null
  ), sum as (
    select f.source, f.currency, sum(f.leads) as leads, sum(f.converted) as converted, sum(f.won) as won, sum(f.lost) as lost,
      sum(f.amount) as amount, sum(f.seconds) as seconds
    from found f group by 1, 2
  )
  select s.source, sum(s.leads)::int, sum(s.converted)::int, sum(s.won)::int, sum(s.lost)::int,
    coalesce(jsonb_object_agg(s.currency, s.amount) filter (where s.won > 0), '{}'),
    round(sum(s.seconds) / 86400 / nullif(sum(s.won), 0), 1)
  from sum s group by 1 order by 2 desc, 4 desc, 1;
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
