-- The figures at the head of the start screen, so that it loads no rows to add them up:
--   {"events": begin in the next 30 days, "balance", "overdue": of issued invoices, "pipeline", "weighted": of open deals, "leads": new}
-- Amounts in minor units.
create or replace function public.today_numbers() returns jsonb
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  today constant date := tenancy.today();
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  return jsonb_build_object(
    'events', (select count(*) from public.events e
      where e.tenant_id = tenant and e.start_date between today and today + 30
        and e.status in ('tentative', 'confirmed', 'in_progress') and e.deleted_at is null),
    'balance', (select coalesce(sum(i.balance), 0) from public.invoices i
      where i.tenant_id = tenant and i.status in ('sent', 'partially_paid')),
    -- An amount is overdue only where the next one is.
    'overdue', (select coalesce(sum(p.amount), 0) from public.invoices i
      cross join lateral tenancy.open_parts(i.payment_schedule, i.due_date, i.balance, i.paid - i.credited) p
      where i.tenant_id = tenant and i.status in ('sent', 'partially_paid') and i.next_due_date < today and p.due < today),
    'leads', (select count(*) from public.leads l where l.tenant_id = tenant and l.status = 'new'))
    || (select jsonb_build_object('pipeline', coalesce(sum(o.amount), 0),
        'weighted', coalesce(tenancy.round_money(sum(o.amount * o.probability), 100, (select tenancy.rounding())), 0))
      from public.opportunities o where o.tenant_id = tenant and o.closed_at is null);
end
$$;
select tenancy.expose(true, 'public.today_numbers()');
