-- What moving a date would do: the bookings that move along, and the conflicts. `conflicts` are those that the move is refused
-- with; with overlap_policy `warn` they would be overbooked instead (`is_refused` is false).
create or replace function public.preview_move(
  event_date_id uuid, event_date date, start_time time, end_time time, setup_time time default null
) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  d public.event_dates;
  caller name;
  answer jsonb;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales');
  select * into d from public.event_dates x
    where x.tenant_id = (select tenancy.current_tenant()) and x.id = preview_move.event_date_id;
  if d.id is null then
    perform tenancy.refuse(404, 'This date no longer exists.');
  end if;
  d.event_date := preview_move.event_date;
  d.start_time := preview_move.start_time;
  d.end_time := preview_move.end_time;
  d.setup_time := coalesce(preview_move.setup_time, d.setup_time);
  d.occupied := tenancy.occupation(d);
  caller := tenancy.act_for_tenant();
  answer := jsonb_build_object(
    'is_refused', not tenancy.may_overbook(),
    'conflicts', tenancy.conflicts_of(d) || tenancy.away_on(d),
    'booths', (select coalesce(jsonb_agg(b.name order by b.name), '[]') from public.booth_assignments a
      join public.booths b on b.tenant_id = a.tenant_id and b.id = a.booth_id
      where a.tenant_id = d.tenant_id and a.event_date_id = d.id and a.status in ('hold', 'reserved', 'checked_out')),
    'equipment', (select count(*) from public.equipment_assignments a
      where a.tenant_id = d.tenant_id and a.event_date_id = d.id and a.status in ('hold', 'reserved', 'checked_out')),
    'people', (select coalesce(jsonb_agg(distinct a.user_id), '[]') from public.event_staff_assignments a
      where a.tenant_id = d.tenant_id and a.event_date_id = d.id and a.status in ('invited', 'accepted', 'confirmed')),
    'deadlines', (select count(*) from public.event_design_items i
        where i.tenant_id = d.tenant_id and i.event_id = d.event_id and not i.dates_by_hand and i.approved_at is null)
      + (select count(*) from public.event_core_task_completion c
        where c.tenant_id = d.tenant_id and c.event_id = d.event_id and not c.is_completed and c.due_date is not null));
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.preview_move(uuid, date, time without time zone, time without time zone, time without time zone)');
