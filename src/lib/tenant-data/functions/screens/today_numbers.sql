-- The figures at the head of the start screen, so that it loads no rows to add them up:
--   {"events": begin in the next 30 days, "leads": new,
--    "amounts": [{"currency", "balance", "overdue": of issued invoices, "pipeline", "weighted": of open deals}]}
-- Amounts are in minor units, by currency: the company's own first.
create or replace function public.today_numbers() returns jsonb
  language plpgsql stable set plan_cache_mode = force_custom_plan
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  today constant date := tenancy.today();
  own constant text := tenancy.company_currency();
  rule constant text := tenancy.rounding();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  return (
    with part (currency, balance, overdue, pipeline, weighted) as (
      select own, 0, 0, 0, 0
      union all
      -- A plan's parts are in the order of their dates and the last is due on `due_date`: after that day all of them are overdue.
      select i.currency, sum(i.balance), sum(case when i.next_due_date < today and i.due_date < today then i.balance else 0 end), 0, 0
        from public.invoices i where i.tenant_id = tenant and i.status in ('sent', 'partially_paid') group by 1
      union all
      select i.currency, 0, sum(p.amount), 0, 0 from public.invoices i
        cross join lateral tenancy.open_parts(i.payment_schedule, i.due_date, i.balance, i.paid - i.credited) p
        where i.tenant_id = tenant and i.status in ('sent', 'partially_paid') and i.next_due_date < today and i.due_date >= today
          and p.due < today group by 1
      union all
      select o.currency, 0, 0, sum(o.amount), tenancy.round_money(sum(o.amount * o.probability), 100, rule) from public.opportunities o
        where o.tenant_id = tenant and o.closed_at is null group by 1
    ), sums as (
      select p.currency, sum(p.balance) as balance, sum(p.overdue) as overdue, sum(p.pipeline) as pipeline, sum(p.weighted) as weighted
        from part p group by 1
    )
    select jsonb_build_object('amounts', jsonb_agg(to_jsonb(s) order by s.currency <> own, s.currency),
      'events', (select count(*) from public.events e
        where e.tenant_id = tenant and e.start_date between today and today + 30
          and e.status in ('tentative', 'confirmed', 'in_progress') and e.deleted_at is null),
      'leads', (select count(*) from public.leads l where l.tenant_id = tenant and l.status = 'new'))
    from sums s);
end
$$;
select tenancy.expose(true, 'public.today_numbers()');
