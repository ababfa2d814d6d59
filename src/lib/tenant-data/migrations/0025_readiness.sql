-- How ready coming events are, from facts; what to do next; and what an event earned.

-- Each coming event scored: paid, signed, designed, staffed, packed, briefed; `next_fix` is the first that is missing.
--   for_event  one event; all that begin in the next `days` days when null
create function public.event_readiness(for_event uuid default null, days int default 60)
  returns table (event_id uuid, score int, paid boolean, signed boolean, designed boolean, staffed boolean, packed boolean,
    briefed boolean, next_fix text)
  language plpgsql stable
as $$
#variable_conflict use_column
begin
  -- Staff see neither invoices nor contracts: those facts would be false for them.
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'viewer');
  return query
  with coming as (
    select e.* from public.events e
    where e.tenant_id = tenancy.current_tenant() and e.deleted_at is null and (
      for_event is not null and e.id = for_event
      or for_event is null and e.status in ('tentative', 'confirmed', 'in_progress')
        and e.start_date between tenancy.today() and tenancy.today() + days)
  ), fact as (
    select e.id, e.start_date,
      coalesce((select sum(i.total - i.paid) <= 0 from public.invoices i where i.tenant_id = e.tenant_id and i.event_id = e.id
        and i.status not in ('draft', 'void', 'written_off')), false) as paid,
      exists (select from public.contracts c where c.tenant_id = e.tenant_id and c.event_id = e.id and c.status = 'signed') as signed,
      not exists (select from public.event_design_items d where d.tenant_id = e.tenant_id and d.event_id = e.id
        and d.approved_at is null) as designed,
      exists (select from public.event_staff_assignments a where a.tenant_id = e.tenant_id and a.event_id = e.id
          and a.status = 'confirmed')
        and not exists (select from public.event_staff_assignments a where a.tenant_id = e.tenant_id and a.event_id = e.id
          and a.status in ('invited', 'accepted')) as staffed,
      exists (select from public.booth_assignments b where b.tenant_id = e.tenant_id and b.event_id = e.id
          and b.status in ('reserved', 'checked_out'))
        and not exists (select from public.booth_assignments b
          join public.booths o on o.tenant_id = b.tenant_id and o.id = b.booth_id
          where b.tenant_id = e.tenant_id and b.event_id = e.id and b.status in ('hold', 'reserved') and o.status <> 'ready') as packed,
      e.briefed_at is not null as briefed
    from coming e
  )
  select f.id, round(100.0 * (f.paid::int + f.signed::int + f.designed::int + f.staffed::int + f.packed::int + f.briefed::int) / 6)::int,
    f.paid, f.signed, f.designed, f.staffed, f.packed, f.briefed,
    case when not f.signed then 'Have the contract signed.'
      when not f.designed then 'Have the designs approved.'
      when not f.staffed then 'Confirm the crew.'
      when not f.packed then 'Reserve a ready booth.'
      when not f.paid then 'Collect the balance.'
      when not f.briefed then 'Brief the crew.' end
  from fact f order by f.start_date, f.id;
end
$$;

create function tenancy.labour_cost(a public.event_staff_assignments, day date) returns bigint
  language sql stable
  return round(coalesce(a.rate_snapshot, tenancy.pay_rate(a.user_id, a.staff_role_id, a.pay_type, day), 0)
    * case a.pay_type when 'flat' then 1
        else coalesce(a.hours_actual, extract(epoch from upper(a.per) - lower(a.per)) / 3600, 0) end)::bigint;

-- What an event earned, in minor units: revenue (invoiced, without tax and credits) less labour at the rate of the day,
-- custom items, payment fees and travel (miles at setting `mileage_rate`, minor units a mile). For managers.
create function public.event_profit(event_id uuid)
  returns table (revenue bigint, labour bigint, custom_items bigint, fees bigint, travel bigint, profit bigint, margin_percent numeric)
  language plpgsql stable
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  day date;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  select e.start_date into day from public.events e where e.tenant_id = tenant and e.id = event_id;
  if not found then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  select coalesce(sum(i.subtotal - i.discount), 0) into revenue from public.invoices i
    where i.tenant_id = tenant and i.event_id = event_id and i.status not in ('draft', 'void', 'written_off');
  select revenue - coalesce(sum(p.amount), 0) into revenue from public.payments p
    join public.invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id
    where p.tenant_id = tenant and i.event_id = event_id and p.method = 'credit' and p.kind = 'payment' and p.status = 'succeeded';
  select coalesce(sum(tenancy.labour_cost(a, coalesce(d.event_date, day))), 0),
      round(coalesce(sum(a.miles), 0) * coalesce((tenancy.setting('mileage_rate') #>> '{}')::numeric, 0))
    into labour, travel
    from public.event_staff_assignments a
    left join public.event_dates d on d.tenant_id = a.tenant_id and d.id = a.event_date_id
    where a.tenant_id = tenant and a.event_id = event_id and a.status in ('accepted', 'confirmed');
  select coalesce(sum(c.cost), 0) into custom_items from public.event_custom_items c
    where c.tenant_id = tenant and c.event_id = event_id;
  select coalesce(sum(p.fee), 0) into fees from public.payments p
    join public.invoices i on i.tenant_id = p.tenant_id and i.id = p.invoice_id
    where p.tenant_id = tenant and i.event_id = event_id and p.status = 'succeeded';
  profit := revenue - labour - custom_items - fees - travel;
  margin_percent := case when revenue > 0 then round(100.0 * profit / revenue, 1) end;
  return next;
end
$$;

select tenancy.grant_internals('tenancy.labour_cost(public.event_staff_assignments, date)');
select tenancy.expose(true, 'public.event_readiness(uuid, int)', 'public.event_profit(uuid)');
