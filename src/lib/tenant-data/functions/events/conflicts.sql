-- Conflicts of a date at its new time; of bulk equipment, how much is needed and how much is free then.
create or replace function tenancy.conflicts_of(d public.event_dates) returns jsonb
  language sql stable
  return (
    select coalesce(jsonb_agg(conflict), '[]') from (
      select jsonb_build_object('kind', 'booth', 'id', b.id, 'name', b.name, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone)) as conflict
        from public.booth_assignments mine
        join public.booths b on b.tenant_id = mine.tenant_id and b.id = mine.booth_id
        join public.booth_types t on t.tenant_id = b.tenant_id and t.id = b.booth_type_id
        join public.booth_assignments other on other.tenant_id = mine.tenant_id and other.booth_id = mine.booth_id
          and other.event_date_id <> d.id and tenancy.is_booked(other.status, other.hold_expires_at)
          and other.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
        left join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id
          and tenancy.is_booked(mine.status, mine.hold_expires_at)
      union all
      select jsonb_build_object('kind', 'equipment', 'id', i.id, 'name', i.name, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone))
        from public.equipment_assignments mine
        join public.equipment_items i on i.tenant_id = mine.tenant_id and i.id = mine.equipment_item_id
        join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
        join public.equipment_assignments other on other.tenant_id = mine.tenant_id
          and other.equipment_item_id = mine.equipment_item_id and other.serialized
          and other.event_date_id <> d.id and tenancy.is_booked(other.status, other.hold_expires_at)
          and other.per && tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes)
        left join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.serialized
          and tenancy.is_booked(mine.status, mine.hold_expires_at)
      union all
      select jsonb_build_object('kind', 'equipment', 'id', i.id, 'name', i.name, 'needed', mine.quantity,
          'free', greatest(0, i.quantity - used.quantity))
        from (select a.equipment_item_id, sum(a.quantity)::int as quantity from public.equipment_assignments a
          where a.tenant_id = d.tenant_id and a.event_date_id = d.id and not a.serialized
            and tenancy.is_booked(a.status, a.hold_expires_at) group by 1) mine
        join public.equipment_items i on i.tenant_id = d.tenant_id and i.id = mine.equipment_item_id
        join public.equipment_types t on t.tenant_id = i.tenant_id and t.id = i.equipment_type_id
        cross join lateral (select tenancy.peak_use(i.id,
          tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes), d.id) as quantity) used
        where used.quantity + mine.quantity > i.quantity
      union all
      select jsonb_build_object('kind', 'person', 'id', mine.user_id, 'event', e.title,
          'taken', tenancy.in_words(other.per, d.timezone))
        from public.event_staff_assignments mine
        cross join lateral (select tenancy.shift_span(mine, d) as per) own
        join public.event_staff_assignments other on other.tenant_id = mine.tenant_id and other.user_id = mine.user_id
          and other.event_date_id <> d.id and other.status in ('accepted', 'confirmed') and other.per && own.per
        join public.events e on e.tenant_id = other.tenant_id and e.id = other.event_id
        where mine.tenant_id = d.tenant_id and mine.event_date_id = d.id and mine.status in ('accepted', 'confirmed')
    ) found
  );
select tenancy.grant_internals('tenancy.conflicts_of(public.event_dates)');

-- People who accepted a shift on a date and have time off that day; `respect_time_off` refuses the same.
create or replace function tenancy.away_on(d public.event_dates) returns jsonb
  language sql stable
  return (
    select coalesce(jsonb_agg(jsonb_build_object('kind', 'person', 'id', a.user_id,
        'away', jsonb_build_array(t.first_day, t.last_day))), '[]')
      from public.event_staff_assignments a
      join tenancy.time_off t on t.tenant_id = a.tenant_id and t.user_id = a.user_id
        and d.event_date between t.first_day and t.last_day
      where a.tenant_id = d.tenant_id and a.event_date_id = d.id and a.status in ('accepted', 'confirmed')
  );
select tenancy.grant_internals('tenancy.away_on(public.event_dates)');
