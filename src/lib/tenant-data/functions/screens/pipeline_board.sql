-- The deals on the pipeline board: open ones, and those closed in the last three weeks. `event_date`: the first date that is not
-- over, else the last one.
--   only_stage  those of one column; all when null
create or replace function tenancy.board_deals(only_stage text)
  returns table (id uuid, stage text, name text, amount bigint, currency text, stage_changed_at timestamptz, owner_id uuid, lead_source text,
    event_date date)
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  today constant date := tenancy.today();
  recently constant timestamptz := tenancy.midnight(today - 21);
begin
  return query
  with deal as (
    select o.* from public.opportunities o
      where o.tenant_id = tenant and o.closed_at is null and (only_stage is null or o.stage = only_stage)
    union all
    select o.* from public.opportunities o
      where o.tenant_id = tenant and o.closed_at >= recently and (only_stage is null or o.stage = only_stage)
  ), day as (
    select x.opportunity_id, coalesce(min(x.event_date) filter (where x.event_date >= today), max(x.event_date)) as first
    from public.event_dates x
    where x.tenant_id = tenant and x.status <> 'cancelled' and x.opportunity_id in (select deal.id from deal)
    group by x.opportunity_id
  )
  select d.id, d.stage, d.name, d.amount, d.currency, d.stage_changed_at, d.owner_id, l.source, day.first
  from deal d left join day on day.opportunity_id = d.id
  left join public.leads l on l.tenant_id = tenant and l.id = d.lead_id;
end
$$;
select tenancy.grant_internals('tenancy.board_deals(text)');

-- Cards of the board as JSON. `column`: where the deal is counted; a screen that moves a card changes its `stage` only.
create or replace function tenancy.board_cards(ids uuid[], dates date[]) returns jsonb
  language sql stable
as $$
  with limits as materialized (
    select now() - make_interval(days => coalesce((tenancy.setting('pipeline') ->> 'stale_after_days')::int, 21)) as stale,
      tenancy.current_tenant() as tenant
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'stage', o.stage, 'column', o.stage, 'amount', o.amount, 'currency', o.currency,
      'stage_changed_at', o.stage_changed_at, 'owner_id', o.owner_id, 'account', a.name,
      'is_stale', o.closed_at is null and greatest(o.stage_changed_at, o.updated_at) < limits.stale,
      'event_date', c.event_date) order by c.place), '[]')
    from limits cross join unnest(ids, dates) with ordinality as c (id, event_date, place)
    join public.opportunities o on o.tenant_id = limits.tenant and o.id = c.id
    left join public.accounts a on a.tenant_id = o.tenant_id and a.id = o.account_id
$$;
select tenancy.grant_internals('tenancy.board_cards(uuid[], date[])');

-- The pipeline board: the first cards of each column, how many deals it has and what they are worth, and what it can be filtered by.
--   owner, month (its first day), source  only deals of these; all when null
--   sort        changed (latest first), date, value (highest first) or name
--   in_stage    cards of one column only, after the first `skip`; then only `rows` is answered
--   most        cards a column, 1 to 200
-- Answers {"rows": [card], "columns": [{"stage", "count", "amounts": {currency: minor units}}], "owners": [id], "months": ["YYYY-MM"], "sources": [text]}.
create or replace function public.pipeline_board(owner uuid default null, month date default null, source text default null,
    sort text default 'changed', in_stage text default null, skip int default 0, most int default 50) returns jsonb
  language plpgsql stable
as $$
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  return (
    with every as materialized (
      select * from tenancy.board_deals(in_stage)
    ), deal as (
      select * from every d where (pipeline_board.owner is null or d.owner_id = pipeline_board.owner)
        and (pipeline_board.source is null or d.lead_source = pipeline_board.source)
        and (month is null or d.event_date >= month and d.event_date < month + interval '1 month')
    ), placed as (
      select d.id, d.event_date, d.stage, row_number() over (partition by d.stage order by
          case when sort = 'changed' then d.stage_changed_at end desc, case when sort = 'date' then d.event_date end,
          case when sort = 'value' then d.amount end desc, case when sort = 'name' then lower(d.name) end, d.id) as place
        from deal d
    ), shown as (
      select array_agg(p.id order by p.stage, p.place) as ids, array_agg(p.event_date order by p.stage, p.place) as dates
        from placed p where p.place > skip and p.place <= skip + least(greatest(most, 1), 200)
    )
    select jsonb_build_object('rows', tenancy.board_cards(s.ids, s.dates)) || case when in_stage is not null then '{}' else
        jsonb_build_object('columns', (select coalesce(jsonb_agg(to_jsonb(c)), '[]')
            from (select s.stage, sum(s.count) as count, jsonb_object_agg(s.currency, s.amount) as amounts
              from (select d.stage, d.currency, count(*), sum(d.amount) as amount from deal d group by 1, 2) s group by 1) c))
        || (select jsonb_build_object(
            'owners', coalesce(jsonb_agg(distinct e.owner_id) filter (where e.owner_id is not null), '[]'),
            'months', coalesce(jsonb_agg(distinct to_char(e.event_date, 'YYYY-MM')) filter (where e.event_date is not null), '[]'),
            'sources', coalesce(jsonb_agg(distinct e.lead_source) filter (where e.lead_source <> ''), '[]')) from every e) end
      from shown s);
end
$$;
select tenancy.expose(true, 'public.pipeline_board(uuid, date, text, text, text, integer, integer)');
