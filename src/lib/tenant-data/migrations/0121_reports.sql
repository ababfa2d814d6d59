-- Reports over a period: revenue, conversion, use, receivables, for those who read all of it; profit, for those who see pay and
-- cost. Days are the company's own; money is in minor units by currency, and never added up over currencies. `step` (day, week,
-- month) is what a row stands for; the first and the last may be cut off by the period.

create index on invoices (tenant_id, issue_date);
create index on payments (tenant_id, paid_at);
create index on opportunities (tenant_id, closed_at);
create index on leads (tenant_id, created_at);
create index payments_credits on payments (tenant_id, invoice_id) where method = 'credit';

-- As revenue_of, for thousands of invoices at once: most have no credit, and are looked up no further.
create function tenancy.revenue_of(i public.invoices, credited uuid[]) returns bigint
  language sql stable
  return case when i.total = 0 then 0 when i.status = 'written_off' or i.id = any (credited) then tenancy.revenue_of(i)
    else i.subtotal - i.discount end;

create function tenancy.credited_invoices() returns uuid[]
  language sql stable
  return array(select distinct p.invoice_id from public.payments p
    where p.tenant_id = (select tenancy.current_tenant()) and p.method = 'credit');

create function tenancy.check_period(from_day date, to_day date, step text default 'month') returns void
  language plpgsql stable
as $$
begin
  if from_day is null or to_day is null or to_day < from_day then
    perform tenancy.refuse(400, 'The period ends before it begins.', null, 'Choose a last day that is the first day or later.');
  elsif to_day - from_day > 3660 then
    perform tenancy.refuse(400, 'A report covers ten years at most.', null, 'Choose a shorter period.');
  elsif step is null or step not in ('day', 'week', 'month') then
    perform tenancy.refuse(400, 'Reports are by day, week or month.');
  end if;
end
$$;

-- The first day of what a day belongs to within a period.
create function tenancy.bucket_of(day date, step text, from_day date) returns date
  language sql immutable
  return greatest(date_trunc(step, day::timestamp)::date, from_day);

create function tenancy.company_currency() returns text
  language sql stable
  return coalesce(tenancy.setting('currency') #>> '{}', 'USD');

-- Every bucket of a period for every currency in it, for the company's own where there is none.
create function tenancy.buckets(from_day date, to_day date, step text, currencies text[])
  returns table (bucket date, currency text)
  language sql stable
as $$
  select greatest(s::date, from_day), c
  from generate_series(date_trunc(step, from_day::timestamp), to_day::timestamp, ('1 ' || step)::interval) s
  cross join unnest(case when currencies = '{}' or currencies is null then array[tenancy.company_currency()] else currencies end) c
$$;

-- What was invoiced (with tax), what of it is the company's own (without tax and credits), and what came in less refunds.
create function public.revenue_report(from_day date, to_day date, step text default 'month')
  returns table (bucket date, currency text, invoices int, invoiced bigint, revenue bigint, received bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  zone constant text := coalesce(tenancy.setting('timezone') #>> '{}', 'UTC');
  -- Values, not calls: only what is known to leak nothing reaches an index under row-level security.
  starts constant timestamptz := tenancy.midnight(from_day);
  ends constant timestamptz := tenancy.midnight(to_day + 1);
  credited constant uuid[] := tenancy.credited_invoices();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day, step);
  return query
  with billed as materialized (
    select tenancy.bucket_of(i.issue_date, step, from_day) as bucket, i.currency, count(*)::int as invoices,
      sum(i.total)::bigint as invoiced, sum(tenancy.revenue_of(i, credited))::bigint as revenue
    from public.invoices i
    where i.tenant_id = tenant and i.issue_date between from_day and to_day and i.status not in ('draft', 'void')
    group by 1, 2
  ), came as materialized (
    select tenancy.bucket_of((p.paid_at at time zone zone)::date, step, from_day) as bucket, p.currency,
      sum(case p.kind when 'refund' then -p.amount else p.amount end)::bigint as received
    from public.payments p
    where p.tenant_id = tenant and p.paid_at >= starts and p.paid_at < ends
      and p.status = 'succeeded' and p.method <> 'credit'
    group by 1, 2
  )
  select b.bucket, b.currency, coalesce(i.invoices, 0), coalesce(i.invoiced, 0), coalesce(i.revenue, 0), coalesce(c.received, 0)
  from tenancy.buckets(from_day, to_day, step, array(select i.currency from billed i union select c.currency from came c)) b
  left join billed i on i.bucket = b.bucket and i.currency = b.currency
  left join came c on c.bucket = b.bucket and c.currency = b.currency
  order by b.currency, b.bucket;
end
$$;

-- By source: leads that came in the period and how many of them became deals; deals closed in the period, won or lost, with
-- what was won {currency: amount} and how many days it took from the deal's beginning.
create function public.conversion_report(from_day date, to_day date)
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

-- What is in the pipeline now, by stage: for its forecast.
create function public.pipeline_report() returns table (stage text, currency text, deals int, amount bigint)
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

-- How many days each booth, thing and person was booked of those in the period. A thing of which there are several counts by
-- the piece; people are not there on their days off. What is retired or lost shows only where it was booked.
--   kind  booth | equipment | person (whose name is null)
--   people  ids of those who are there beside whom the history of roles and the bookings know: accounts are the application's
create function public.utilisation_report(from_day date, to_day date, people jsonb default '[]')
  returns table (kind text, thing_id uuid, name text, type_name text, booked numeric, available numeric)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  whole constant int := to_day - from_day + 1;
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(from_day, to_day);
  caller := tenancy.act_for_tenant();
  return query
  with date as materialized (
    select d.id, d.event_date from public.event_dates d
    where d.tenant_id = tenant and d.event_date between from_day and to_day and d.status <> 'cancelled'
  ), booth as (
    select a.booth_id, count(distinct d.event_date) as booked
    from date d join public.booth_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
    where a.status in ('reserved', 'checked_out', 'returned') group by 1
  ), piece as (
    select s.equipment_item_id, sum(least(s.quantity, i.quantity)) as booked from (
      select a.equipment_item_id, d.event_date, sum(a.quantity) as quantity
      from date d join public.equipment_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
      where a.status in ('reserved', 'checked_out', 'returned') group by 1, 2) s
    join public.equipment_items i on i.tenant_id = tenant and i.id = s.equipment_item_id group by 1
  ), person as (
    select a.user_id, count(distinct d.event_date) as booked
    from date d join public.event_staff_assignments a on a.tenant_id = tenant and a.event_date_id = d.id
    where a.status in ('accepted', 'confirmed') group by 1
  ), crew as (
    select h.user_id from public.user_role_history h
      where h.tenant_id = tenant and h.role = 'staff' and h.effective && daterange(from_day, to_day, '[]')
    union select p.user_id from person p
    union select p::uuid from jsonb_array_elements_text(people) p
  ), away as (
    select t.user_id, sum(least(t.last_day, to_day) - greatest(t.first_day, from_day) + 1) as days from tenancy.time_off t
    where t.tenant_id = tenant and t.last_day >= from_day and t.first_day <= to_day group by 1
  )
  select 'booth', b.id, b.name, t.name, coalesce(u.booked, 0)::numeric, whole::numeric
    from public.booths b join public.booth_types t on t.tenant_id = tenant and t.id = b.booth_type_id
    left join booth u on u.booth_id = b.id
    where b.tenant_id = tenant and (b.status <> 'retired' or u.booked > 0)
  union all
  select 'equipment', i.id, i.asset_tag || ' ' || i.name, t.name, coalesce(u.booked, 0)::numeric, (whole * i.quantity)::numeric
    from public.equipment_items i join public.equipment_types t on t.tenant_id = tenant and t.id = i.equipment_type_id
    left join piece u on u.equipment_item_id = i.id
    where i.tenant_id = tenant and (i.status not in ('retired', 'lost') or u.booked > 0)
  union all
  select 'person', c.user_id, null, null, coalesce(p.booked, 0)::numeric,
      greatest(whole - coalesce(a.days, 0), coalesce(p.booked, 0))::numeric
    from crew c left join person p on p.user_id = c.user_id left join away a on a.user_id = c.user_id
  order by 1, 5 desc, 3, 2;
  perform tenancy.act_as(caller);
end
$$;

-- What event_profit says, for all events of a period at once, by currency: labour, custom items and travel are the company's
-- own currency's. Offers that came to nothing and cost nothing are left out. The tenant is asked for once, not for every row:
-- to check the claims' seal takes longer than to read the row.
create function tenancy.profits(from_day date, to_day date)
  returns table (event_id uuid, title text, start_date date, currency text, revenue bigint, labour bigint, custom_items bigint,
    fees bigint, travel bigint, profit bigint)
  language sql stable
as $$
  with chosen as materialized (
    select e.id, e.title, e.start_date, e.status from public.events e
    where e.tenant_id = (select tenancy.current_tenant()) and e.start_date between from_day and to_day and e.deleted_at is null
  ), home as materialized (
    select tenancy.company_currency() as currency, coalesce((tenancy.setting('mileage_rate') #>> '{}')::numeric, 0) as mile
  ), billed as materialized (
    select i.event_id, i.currency, sum(tenancy.revenue_of(i, credit.ids)) as revenue
    from (select tenancy.credited_invoices() as ids offset 0) credit cross join chosen c join public.invoices i on i.tenant_id = (select tenancy.current_tenant()) and i.event_id = c.id
    where i.status not in ('draft', 'void') group by 1, 2
  -- Added up rather than joined: what comes out of a step has no statistics, and joins of thousands would be nested loops.
  ), part (event_id, currency, revenue, labour, custom_items, fees, travel) as (
    select b.event_id, b.currency, b.revenue, 0, 0, 0, 0 from billed b
    union all
    select i.event_id, i.currency, 0, 0, 0, p.fee, 0
      from chosen c join public.invoices i on i.tenant_id = (select tenancy.current_tenant()) and i.event_id = c.id
      join public.payments p on p.tenant_id = i.tenant_id and p.invoice_id = i.id
      where p.status = 'succeeded' and p.fee <> 0
    union all
    select c.id, home.currency, 0, sum(tenancy.labour_cost(a, coalesce(d.event_date, c.start_date))), 0, 0,
        round(coalesce(sum(a.miles), 0) * home.mile)
      from chosen c cross join home
      join public.event_staff_assignments a on a.tenant_id = (select tenancy.current_tenant()) and a.event_id = c.id
      left join public.event_dates d on d.tenant_id = a.tenant_id and d.id = a.event_date_id
      where a.status in ('accepted', 'confirmed') group by c.id, home.currency, home.mile
    union all
    select x.event_id, home.currency, 0, 0, x.cost, 0, 0
      from chosen c cross join home
      join public.event_custom_items x on x.tenant_id = (select tenancy.current_tenant()) and x.event_id = c.id
    union all
    select c.id, home.currency, 0, 0, 0, 0, 0 from chosen c cross join home
      where c.status in ('confirmed', 'in_progress', 'completed') and c.id not in (select b.event_id from billed b)
  ), sum as (
    select p.event_id, p.currency, coalesce(sum(p.revenue), 0)::bigint as revenue, coalesce(sum(p.labour), 0)::bigint as labour,
      coalesce(sum(p.custom_items), 0)::bigint as custom_items, coalesce(sum(p.fees), 0)::bigint as fees,
      coalesce(sum(p.travel), 0)::bigint as travel
    from part p group by 1, 2
  )
  select e.id, e.title, e.start_date, s.currency, s.revenue, s.labour, s.custom_items, s.fees, s.travel,
    s.revenue - s.labour - s.custom_items - s.fees - s.travel
  from sum s join public.events e on e.tenant_id = (select tenancy.current_tenant()) and e.id = s.event_id
$$;

create function public.profit_report(from_day date, to_day date, step text default 'month')
  returns table (bucket date, currency text, events int, revenue bigint, labour bigint, custom_items bigint, fees bigint,
    travel bigint, profit bigint)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  perform tenancy.check_period(from_day, to_day, step);
  return query
  with sum as materialized (
    select tenancy.bucket_of(p.start_date, step, from_day) as bucket, p.currency, count(*)::int as events,
      sum(p.revenue)::bigint as revenue, sum(p.labour)::bigint as labour, sum(p.custom_items)::bigint as custom_items,
      sum(p.fees)::bigint as fees, sum(p.travel)::bigint as travel, sum(p.profit)::bigint as profit
    from tenancy.profits(from_day, to_day) p group by 1, 2
  )
  select b.bucket, b.currency, coalesce(s.events, 0), coalesce(s.revenue, 0), coalesce(s.labour, 0), coalesce(s.custom_items, 0),
    coalesce(s.fees, 0), coalesce(s.travel, 0), coalesce(s.profit, 0)
  from tenancy.buckets(from_day, to_day, step, array(select distinct s.currency from sum s)) b
  left join sum s on s.bucket = b.bucket and s.currency = b.currency
  order by b.currency, b.bucket;
end
$$;

-- One row an event (and currency). `sorted` latest | best | worst; `of_all` how many there are.
create function public.profit_by_event(from_day date, to_day date, sorted text default 'latest', most int default 50, skip int default 0)
  returns table (event_id uuid, title text, start_date date, currency text, revenue bigint, labour bigint, custom_items bigint,
    fees bigint, travel bigint, profit bigint, margin_percent numeric, of_all int)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  perform tenancy.check_period(from_day, to_day);
  return query
  select p.event_id, p.title, p.start_date, p.currency, p.revenue, p.labour, p.custom_items, p.fees, p.travel, p.profit,
    case when p.revenue > 0 then round(100.0 * p.profit / p.revenue, 1) end, (count(*) over ())::int
  from tenancy.profits(from_day, to_day) p
  order by case sorted when 'best' then -p.profit when 'worst' then p.profit end, p.start_date desc, p.event_id, p.currency
  limit least(greatest(most, 1), 5000) offset greatest(skip, 0);
end
$$;

-- What clients owed at the end of a day, by how long it was due then.
create function public.receivables_report(as_of date)
  returns table (account_id uuid, name text, currency text, invoices int, not_due bigint, days_30 bigint, days_60 bigint,
    days_90 bigint, older bigint, total bigint, oldest_due date)
  language plpgsql stable
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  ends constant timestamptz := tenancy.midnight(as_of + 1);
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'viewer');
  perform tenancy.check_period(as_of, as_of);
  return query
  with later as materialized (
    -- What has come since was owed then.
    select p.invoice_id, sum(case p.kind when 'refund' then -p.amount else p.amount end) as amount
    from public.payments p
    where p.tenant_id = tenant and p.paid_at >= ends and p.status = 'succeeded' group by 1
  ), invoice as (
    select i.account_id, i.currency, coalesce(i.due_date, i.issue_date) as due,
      i.total - i.paid + coalesce(l.amount, 0) as owed
    from public.invoices i left join later l on l.invoice_id = i.id
    where i.tenant_id = tenant and i.issue_date <= as_of
      and (i.status in ('sent', 'partially_paid') or i.status = 'paid' and l.invoice_id is not null
        or i.status = 'void' and i.voided_at >= ends)
  ), aged as (
    select i.account_id, i.currency, i.owed, i.due, as_of - i.due as late from invoice i where i.owed > 0
  )
  select g.account_id, a.name, g.currency, count(*)::int,
    coalesce(sum(g.owed) filter (where g.late <= 0), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late between 1 and 30), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late between 31 and 60), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late between 61 and 90), 0)::bigint,
    coalesce(sum(g.owed) filter (where g.late > 90), 0)::bigint,
    sum(g.owed)::bigint, min(g.due)
  from aged g join public.accounts a on a.tenant_id = tenant and a.id = g.account_id
  group by 1, 2, 3 order by 10 desc, 2, 3;
end
$$;

select tenancy.grant_internals('tenancy.check_period(date, date, text)', 'tenancy.bucket_of(date, text, date)',
  'tenancy.company_currency()', 'tenancy.revenue_of(public.invoices, uuid[])', 'tenancy.credited_invoices()', 'tenancy.buckets(date, date, text, text[])', 'tenancy.profits(date, date)');
select tenancy.expose(true, 'public.revenue_report(date, date, text)', 'public.conversion_report(date, date)',
  'public.pipeline_report()', 'public.utilisation_report(date, date, jsonb)', 'public.profit_report(date, date, text)',
  'public.profit_by_event(date, date, text, int, int)', 'public.receivables_report(date)');
