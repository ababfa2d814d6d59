-- Readiness by date, revenue net of tax, labour at the rate of the day it is worked.

-- The rate follows the person, the role and the day, unless somebody agreed another.
create function tenancy.follow_rate() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  zone text;
begin
  if new.rate_snapshot is not distinct from old.rate_snapshot
    and (new.user_id, new.staff_role_id, new.pay_type, new.per) is distinct from (old.user_id, old.staff_role_id, old.pay_type, old.per) then
    select d.timezone into zone from public.event_dates d where d.tenant_id = new.tenant_id and d.id = new.event_date_id;
    if old.rate_snapshot is not distinct from tenancy.pay_rate(old.user_id, old.staff_role_id, old.pay_type,
        (lower(old.per) at time zone zone)::date) then
      new.rate_snapshot := tenancy.pay_rate(new.user_id, new.staff_role_id, new.pay_type, (lower(new.per) at time zone zone)::date);
    end if;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
-- After book_person, which computes `per`: triggers fire in the order of their names.
create trigger follow_rate before update on event_staff_assignments
  for each row when (not tenancy.copying()) execute function tenancy.follow_rate();

create or replace function public.event_readiness(for_event uuid default null, days int default 60)
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
  ), dates as (
    -- Each standing date: its booths that are fit to go, those it has, the crew they need and the crew that is confirmed.
    select e.id,
      (select count(*) from public.booth_assignments b join public.booths o on o.tenant_id = b.tenant_id and o.id = b.booth_id
        where b.tenant_id = d.tenant_id and b.event_date_id = d.id and not b.overbooked
          and (b.status in ('checked_out', 'returned') or b.status = 'reserved' and o.status = 'ready')) as fit,
      booths.taken, booths.crew,
      (select count(distinct a.user_id) from public.event_staff_assignments a where a.tenant_id = d.tenant_id
        and a.event_date_id = d.id and a.status = 'confirmed' and not a.overbooked) as confirmed
    from coming e join public.event_dates d on d.tenant_id = e.tenant_id and d.event_id = e.id and d.status <> 'cancelled'
    cross join lateral (select count(*) as taken, coalesce(sum(t.crew_needed), 1) as crew
      from public.booth_assignments b join public.booths o on o.tenant_id = b.tenant_id and o.id = b.booth_id
      join public.booth_types t on t.tenant_id = o.tenant_id and t.id = o.booth_type_id
      where b.tenant_id = d.tenant_id and b.event_date_id = d.id and b.status <> 'cancelled') booths
  ), fact as (
    select e.id, e.start_date,
      coalesce((select sum(i.total - i.paid) <= 0 from public.invoices i where i.tenant_id = e.tenant_id and i.event_id = e.id
        and i.status not in ('draft', 'void', 'written_off')), false) as paid,
      exists (select from public.contracts c where c.tenant_id = e.tenant_id and c.event_id = e.id and c.status = 'signed') as signed,
      not exists (select from public.event_design_items d where d.tenant_id = e.tenant_id and d.event_id = e.id
        and d.approved_at is null) as designed,
      coalesce((select bool_and(d.confirmed >= d.crew) from dates d where d.id = e.id), false)
        and not exists (select from public.event_staff_assignments a where a.tenant_id = e.tenant_id and a.event_id = e.id
          and a.status in ('invited', 'accepted')) as staffed,
      coalesce((select bool_and(d.taken > 0 and d.fit = d.taken) from dates d where d.id = e.id), false) as packed,
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

-- What of an invoice is the company's own: without tax, without what was credited (a credit is of the whole, tax and all);
-- of one that was written off, what came in.
create function tenancy.revenue_of(i public.invoices) returns bigint
  language sql stable
  return case when i.total = 0 then 0 else round((i.subtotal - i.discount) * (
    case when i.status = 'written_off' then i.paid else i.total end - coalesce((
      select sum(p.amount - coalesce((select sum(r.amount) from public.payments r
        where r.tenant_id = p.tenant_id and r.refund_of_id = p.id and r.status = 'succeeded'), 0))
      from public.payments p where p.tenant_id = i.tenant_id and p.invoice_id = i.id and p.method = 'credit'
        and p.kind = 'payment' and p.status = 'succeeded'), 0)) / i.total)::bigint end;

create or replace function public.event_profit(event_id uuid)
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
  select coalesce(sum(tenancy.revenue_of(i)), 0) into revenue from public.invoices i
    where i.tenant_id = tenant and i.event_id = event_id and i.status not in ('draft', 'void');
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

revoke execute on function tenancy.follow_rate() from public;
select tenancy.grant_internals('tenancy.revenue_of(public.invoices)');
