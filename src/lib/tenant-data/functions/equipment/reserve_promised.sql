-- Reserves what a deal promised, when it becomes an event: for each standing date the booths of the packages in its accepted quote
-- (else in its own lines), less those that the deal already held. Booths are chosen among the free ones, ready ones first. All
-- booths of these types are locked first, in the order of their ids, so of two deals that want the last booth the second
-- sees it taken. It is refused then, or booked beside the first and marked `overbooked` (setting `overlap_policy`).
create or replace function tenancy.reserve_promised(event uuid, deal uuid, quote uuid) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  -- Booths needed a date, by booth type: {"<booth_type_id>": 2}.
  promised jsonb;
  missing record;
  booth uuid;
begin
  select jsonb_object_agg(booth_type_id, booths) into promised from (
    select p.booth_type_id, ceil(sum(l.quantity))::int as booths
    from (select q.package_id, q.quantity from public.quote_line_items q where q.tenant_id = tenant and q.quote_id = quote
      union all
      select o.package_id, o.quantity from public.opportunity_line_items o
        where quote is null and o.tenant_id = tenant and o.opportunity_id = deal) l
    join public.packages p on p.tenant_id = tenant and p.id = l.package_id and p.booth_type_id is not null
    group by p.booth_type_id) wanted;
  if promised is null then
    return;
  end if;
  perform from public.booths b where b.tenant_id = tenant and b.booth_type_id in (select key::uuid from jsonb_object_keys(promised) key)
    order by b.id for no key update;

  for missing in
    select d.id as event_date_id, d.event_date, d.occupied, t.id as booth_type_id, t.name, t.buffer_before_minutes, t.buffer_after_minutes,
      p.value::int - (select count(*) from public.booth_assignments a join public.booths b on b.tenant_id = tenant and b.id = a.booth_id
        where a.tenant_id = tenant and a.event_date_id = d.id and a.status in ('hold', 'reserved', 'checked_out')
          and b.booth_type_id = t.id) as booths
    from jsonb_each_text(promised) p
    join public.booth_types t on t.tenant_id = tenant and t.id = p.key::uuid
    cross join (select * from public.event_dates d where d.tenant_id = tenant and d.event_id = event and d.status <> 'cancelled') d
    order by d.event_date, d.start_time, t.name
  loop
    for needed in 1 .. missing.booths loop
      select b.id into booth
        from public.booths b
        cross join lateral (select exists (select from public.booth_assignments a
          where a.tenant_id = tenant and a.booth_id = b.id
            and (a.status in ('reserved', 'checked_out') or a.status = 'hold' and a.hold_expires_at > now())
            and a.per && tenancy.around(missing.occupied, missing.buffer_before_minutes, missing.buffer_after_minutes)) as taken) busy
        where b.tenant_id = tenant and b.booth_type_id = missing.booth_type_id and b.status in ('ready', 'incomplete')
          and (not busy.taken or tenancy.may_overbook())
          and not exists (select from public.booth_assignments own where own.tenant_id = tenant and own.booth_id = b.id
            and own.event_date_id = missing.event_date_id and own.status in ('hold', 'reserved', 'checked_out'))
        order by busy.taken, b.status <> 'ready', b.name limit 1;
      if booth is null then
        perform tenancy.refuse(409, format('No %s is free on %s.', missing.name, missing.event_date), null,
          'Choose another date or another booth.');
      end if;
      insert into public.booth_assignments (event_date_id, event_id, booth_id, status)
        values (missing.event_date_id, event, booth, 'reserved');
    end loop;
  end loop;
end
$$;
select tenancy.grant_internals('tenancy.reserve_promised(uuid, uuid, uuid)');

-- Whether each standing date of an event has a booth or equipment reserved for it. An event without a date has nothing reserved.
create or replace function tenancy.is_reserved(event uuid) returns boolean
  language sql stable
as $$
  select coalesce(bool_and(
      exists (select from public.booth_assignments b where b.tenant_id = d.tenant_id and b.event_date_id = d.id
        and b.status in ('reserved', 'checked_out', 'returned'))
      or exists (select from public.equipment_assignments e where e.tenant_id = d.tenant_id and e.event_date_id = d.id
        and e.status in ('reserved', 'checked_out', 'returned'))), false)
    from public.event_dates d where d.tenant_id = tenancy.current_tenant() and d.event_id = event and d.status <> 'cancelled'
$$;
select tenancy.grant_internals('tenancy.is_reserved(uuid)');

-- An event becomes confirmed once something is reserved for each of its dates.
create or replace function tenancy.confirm_reserved() returns trigger language plpgsql as $$
begin
  if not tenancy.is_reserved(new.id) then
    perform tenancy.refuse(409, 'Nothing is reserved for this event yet.', null, 'Reserve a booth or equipment for each date, then confirm it.');
  end if;
  return new;
end
$$;
revoke execute on function tenancy.confirm_reserved() from public;
