-- The first and last day of an event's dates, cancelled ones only where all are. Null where it has none: the event then keeps
-- the days entered. An end at 00:00 is the end of its day.
create or replace function tenancy.span_of(event uuid, out first date, out last date)
  language sql stable
as $$
  select coalesce(min(d.event_date) filter (where d.status <> 'cancelled'), min(d.event_date)),
    coalesce(max(d.ends) filter (where d.status <> 'cancelled'), max(d.ends))
  from (select event_date, status, event_date + case when end_time <= start_time and end_time <> '00:00' then 1 else 0 end as ends
    from public.event_dates where tenant_id = (select tenancy.current_tenant()) and event_id = event) d
$$;
select tenancy.grant_internals('tenancy.span_of(uuid)');

-- An event begins and ends with its dates.
create or replace function tenancy.span_event() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  event uuid;
begin
  foreach event in array array_remove(array[
      case when tg_op <> 'DELETE' then new.event_id end, case when tg_op <> 'INSERT' then old.event_id end], null) loop
    update public.events e set start_date = span.first, end_date = span.last
      from tenancy.span_of(event) span
      where e.tenant_id = (select tenancy.current_tenant()) and e.id = event
        and (e.start_date, e.end_date) is distinct from (span.first, span.last);
  end loop;
  if tg_op <> 'DELETE' and new.event_id is not null then
    -- An assignment without a date gets the event's first date.
    update public.event_staff_assignments a set event_date_id = null
      where a.tenant_id = new.tenant_id and a.event_id = new.event_id and a.event_date_id is null;
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.span_event() from public;

create or replace function tenancy.keep_span() returns trigger language plpgsql as $$
declare
  span record;
begin
  select * into span from tenancy.span_of(new.id) s;
  if span.first is not null then
    new.start_date := span.first;
    new.end_date := span.last;
  end if;
  return new;
end
$$;
revoke execute on function tenancy.keep_span() from public;
