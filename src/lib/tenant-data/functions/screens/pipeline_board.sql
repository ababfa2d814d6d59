-- The deals on the pipeline board: open ones, and those closed in the last three weeks. `event_date`: the first date that is not
-- over, else the last one.
--   only_stage  those of one column; all when null
create or replace function tenancy.board_deals(only_stage text)
  returns table (id uuid, stage text, amount bigint, currency text, stage_changed_at timestamptz, owner_id uuid, lead_source text,
    event_date date)
  language plpgsql stable
  -- A plan made once for all tenants expects few rows, and reads all of a large one.
  set plan_cache_mode = force_custom_plan
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  today constant date := tenancy.today();
  recently constant timestamptz := tenancy.midnight(today - 21);
begin
  return query
  with deal as materialized (
    select o.id, o.stage, o.amount, o.currency, o.stage_changed_at, o.owner_id, o.lead_id from public.opportunities o
      where o.tenant_id = tenant and o.closed_at is null and (only_stage is null or o.stage = only_stage)
    union all
    select o.id, o.stage, o.amount, o.currency, o.stage_changed_at, o.owner_id, o.lead_id from public.opportunities o
      where o.tenant_id = tenant and o.closed_at >= recently and (only_stage is null or o.stage = only_stage)
  -- Arrays, which an index is asked for: a join would read every date and lead of the years before.
  ), day as (
    select x.opportunity_id, coalesce(min(x.event_date) filter (where x.event_date >= today), max(x.event_date)) as first
    from public.event_dates x
    where x.tenant_id = tenant and x.opportunity_id = any (array(select deal.id from deal)) and x.status <> 'cancelled'
    group by 1
  ), lead as (
    select l.id, l.source from public.leads l
    where l.tenant_id = tenant and l.id = any (array(select deal.lead_id from deal where deal.lead_id is not null))
  )
  select d.id, d.stage, d.amount, d.currency, d.stage_changed_at, d.owner_id, l.source, day.first
  from deal d left join day on day.opportunity_id = d.id left join lead l on l.id = d.lead_id;
end
$$;
select tenancy.grant_internals('tenancy.board_deals(text)');

-- Cards of the board as JSON. `column`: where the deal is counted; a screen that moves a card changes its `stage` only.
create or replace function tenancy.board_cards(ids uuid[], dates date[]) returns jsonb
  language plpgsql stable set plan_cache_mode = force_custom_plan
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  stale constant timestamptz := now() - make_interval(days => coalesce((tenancy.setting('pipeline') ->> 'stale_after_days')::int, 21));
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name, 'stage', o.stage, 'column', o.stage, 'amount', o.amount, 'currency', o.currency,
        'stage_changed_at', o.stage_changed_at, 'owner_id', o.owner_id, 'account', a.name,
        'is_stale', o.closed_at is null and greatest(o.stage_changed_at, o.updated_at) < stale,
        'event_date', c.event_date) order by c.place), '[]')
    from unnest(ids, dates) with ordinality as c (id, event_date, place)
    join public.opportunities o on o.tenant_id = tenant and o.id = c.id
    left join public.accounts a on a.tenant_id = tenant and a.id = o.account_id);
end
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
          case when sort = 'value' then d.amount end desc, case when sort = 'name' then
            (select lower(o.name) from public.opportunities o where o.tenant_id = (select tenancy.current_tenant()) and o.id = d.id) end, d.id) as place
        from deal d
    ), shown as (
      select array_agg(p.id order by p.stage, p.place) as ids, array_agg(p.event_date order by p.stage, p.place) as dates
        from placed p where p.place > skip and p.place <= skip + least(greatest(most, 1), 200)
    )
    select jsonb_build_object('rows', tenancy.board_cards(s.ids, s.dates)) || case when in_stage is not null then '{}' else
        jsonb_build_object('columns', (select coalesce(jsonb_agg(to_jsonb(c)), '[]')
            from (select s.stage, sum(s.count) as count, jsonb_object_agg(s.currency, s.amount) as amounts
              from (select d.stage, d.currency, count(*), sum(d.amount) as amount from deal d group by 1, 2) s group by 1) c))
        || jsonb_build_object(
            'owners', (select coalesce(jsonb_agg(o order by o), '[]') from (select distinct e.owner_id from every e) x (o) where o is not null),
            'months', (select coalesce(jsonb_agg(m order by m), '[]') from (select distinct to_char(d, 'YYYY-MM')
              from (select distinct date_trunc('month', e.event_date) from every e) x (d)) y (m) where m is not null),
            'sources', (select coalesce(jsonb_agg(s order by s), '[]') from (select distinct e.lead_source from every e) x (s) where s <> '')) end
      from shown s);
end
$$;
select tenancy.expose(true, 'public.pipeline_board(uuid, date, text, text, text, integer, integer)');
