-- Deadlines that are not given get the defaults of the design's kind.
create or replace function tenancy.default_deadlines() returns trigger language plpgsql as $$
begin
  new.due_date_days := coalesce(new.due_date_days, case new.type when 'physical' then 21 else 14 end);
  new.urgent_threshold_days := coalesce(new.urgent_threshold_days, case new.type when 'physical' then 14 else 7 end);
  new.missed_deadline_days := coalesce(new.missed_deadline_days, case new.type when 'physical' then 13 else 3 end);
  return new;
end
$$;
revoke execute on function tenancy.default_deadlines() from public;

-- Deadlines of a design follow the date of its event, unless they were set by hand.
create or replace function tenancy.date_design() returns trigger language plpgsql as $$
declare
  kind public.design_item_types;
  event_day date;
begin
  if tg_op = 'UPDATE' and not new.dates_by_hand and not old.dates_by_hand
    and (new.due_date, new.urgent_date, new.missed_date) is distinct from (old.due_date, old.urgent_date, old.missed_date) then
    new.dates_by_hand := true;
  elsif tg_op = 'INSERT' and new.due_date is not null then
    new.dates_by_hand := true;
  end if;
  if not new.dates_by_hand then
    select * into kind from public.design_item_types t
      where t.tenant_id = new.tenant_id and t.id = new.design_item_type_id;
    select e.start_date into event_day from public.events e where e.tenant_id = new.tenant_id and e.id = new.event_id;
    new.due_date := event_day - kind.due_date_days;
    new.urgent_date := event_day - kind.urgent_threshold_days;
    new.missed_date := event_day - kind.missed_deadline_days;
  end if;
  if new.design_status_id is null and tg_op = 'INSERT' then
    select s.id into new.design_status_id from public.design_statuses s
      where s.tenant_id = new.tenant_id and s.is_default;
  end if;
  if tg_op = 'INSERT' or new.design_status_id is distinct from old.design_status_id then
    new.approved_at := case when exists (select from public.design_statuses s
        where s.tenant_id = new.tenant_id and s.id = new.design_status_id and s.is_completed)
      then coalesce(new.approved_at, now()) end;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.date_design() from public;

-- Changed deadlines of a type apply to designs that are neither approved nor dated by hand; the designs' own trigger computes
-- them.
create or replace function tenancy.redate_designs() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.event_design_items i set dates_by_hand = false
    where i.tenant_id = new.tenant_id and i.design_item_type_id = new.id and not i.dates_by_hand and i.approved_at is null;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.redate_designs() from public;
