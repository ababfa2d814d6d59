create or replace function tenancy.book_person() returns trigger language plpgsql as $$
declare
  -- Columns that the one who works may report, and those that triggers compute.
  reported constant text[] := '{status,hours_actual,miles,notes,per,overbooked,version,updated_at,updated_by,rate_snapshot}';
  caller name;
  d public.event_dates;
  dates uuid[];
  other record;
  goes_on boolean;
begin
  -- Functions that sales call move shifts with their dates.
  if tg_op = 'UPDATE' and (tenancy.current_user_role() = 'staff'
      or tenancy.is_user() and tenancy.current_user_role() in ('sales', 'viewer')) and (
      to_jsonb(new) - reported <> to_jsonb(old) - reported
      or (new.status <> old.status and not (old.status in ('invited', 'accepted', 'declined')
        and new.status in ('accepted', 'declined')))) then
    perform tenancy.refuse(403, 'You may accept or decline an assignment, and report hours and miles.');
  end if;
  caller := tenancy.act_for_tenant();
  if new.event_date_id is null then
    -- Without a date the assignment is for the event's only date; with several, one has to be chosen before it is accepted.
    select array_agg(x.id) into dates from public.event_dates x
      where x.tenant_id = new.tenant_id and x.event_id = new.event_id and x.status <> 'cancelled';
    if cardinality(dates) = 1 then
      new.event_date_id := dates[1];
    elsif new.status in ('accepted', 'confirmed') and (tg_op = 'INSERT' or old.event_date_id is not null or old.status <> new.status) then
      perform tenancy.refuse(400, case when dates is null then 'The event has no date yet.' else 'The event has several dates.' end,
        null, 'Choose the date on which this person works.');
    end if;
  end if;
  if new.event_date_id is null then
    new.per := null;
    new.overbooked := false;
  else
    -- A new shift waits for a move of its date, as a new booking of a booth does.
    if tg_op = 'INSERT' or old.event_date_id is distinct from new.event_date_id then
      perform from public.event_dates x where x.tenant_id = new.tenant_id and x.id = new.event_date_id for share;
    end if;
    d := tenancy.date_of(new.event_date_id);
    if d.event_id is distinct from new.event_id then
      perform tenancy.refuse(400, 'The date belongs to another event.');
    end if;
    if d.status = 'cancelled' and new.status in ('invited', 'accepted', 'confirmed') and (tg_op = 'INSERT'
        or old.status not in ('invited', 'accepted', 'confirmed') or old.event_date_id is distinct from new.event_date_id) then
      perform tenancy.refuse(409, 'The date is canceled.');
    end if;
    new.per := tenancy.shift_span(new, d);
    goes_on := tg_op = 'UPDATE' and old.status in ('accepted', 'confirmed') and old.per is not distinct from new.per
      and old.user_id = new.user_id and old.event_date_id is not distinct from new.event_date_id;
    if new.status not in ('accepted', 'confirmed') then
      new.overbooked := false;
    elsif not goes_on or old.overbooked then
      perform tenancy.lock_own(new.user_id::text);
      select a.per, e.title into other
        from public.event_staff_assignments a join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
        where a.tenant_id = new.tenant_id and a.user_id = new.user_id and a.id <> new.id
          and a.event_date_id <> new.event_date_id and a.status in ('accepted', 'confirmed') and a.per && new.per
        order by lower(a.per) limit 1;
      new.overbooked := found;
      if found and not goes_on and not tenancy.may_overbook() then
        perform tenancy.refuse(409, format('This person already works from %s (%s).',
          tenancy.in_words(other.per, d.timezone), other.title), null, 'Choose another person, or change the times.');
      end if;
    else
      new.overbooked := false;
    end if;
  end if;
  if new.rate_snapshot is null then
    new.rate_snapshot := tenancy.pay_rate(new.user_id, new.staff_role_id, new.pay_type,
      coalesce(d.event_date, (select e.start_date from public.events e where e.tenant_id = new.tenant_id and e.id = new.event_id)));
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.book_person() from public;
