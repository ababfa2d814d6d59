-- Time off in some days. Staff see their own; the reason is shown to managers and the person.
create or replace function public.time_off(from_day date, to_day date, person uuid default null)
  returns table (id uuid, user_id uuid, first_day date, last_day date, reason text, note text)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  me constant uuid := tenancy.current_user_id();
  sees_why constant boolean := tenancy.manages();
  whose constant uuid := case when tenancy.current_user_role() = 'staff' then me else person end;
  caller name;
begin
  caller := tenancy.act_for_tenant();
  return query
    select t.id, t.user_id, t.first_day, t.last_day,
      case when sees_why or t.user_id = me then t.reason end, case when sees_why or t.user_id = me then t.note end
    from tenancy.time_off t
    where t.tenant_id = (select tenancy.current_tenant()) and t.last_day >= from_day and t.first_day <= to_day
      and (whose is null or t.user_id = whose)
    order by t.first_day, t.user_id;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.time_off(date, date, uuid)');

-- Enters time off for the caller; managers for anyone. Shifts accepted in that time have to be declined first.
--   reason  vacation | sick | other
create or replace function public.enter_time_off(
  first_day date, last_day date, person uuid default null, reason text default 'vacation', note text default null
) returns uuid
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  me constant uuid := tenancy.current_user_id();
  whose constant uuid := coalesce(person, me);
  others constant boolean := tenancy.manages();
  caller name;
  taken record;
  promised text;
  entered uuid;
begin
  if whose is null then
    perform tenancy.refuse(400, 'Choose a person.');
  elsif whose is distinct from me and not others then
    perform tenancy.refuse(403, 'You can only enter time off for yourself.', null, 'Ask a manager.');
  elsif first_day is null or last_day is null or last_day < first_day then
    perform tenancy.refuse(400, 'The last day is before the first.', null, 'Choose a last day that is the first day or later.');
  elsif last_day - first_day > 366 then
    perform tenancy.refuse(400, 'Time off is at most a year.', null, 'Enter longer absences year by year.');
  elsif first_day not between '1990-01-01' and '2200-01-01' then
    perform tenancy.refuse(400, 'The first day is too far from today.', null, 'Check the year.');
  elsif reason is null or reason not in ('vacation', 'sick', 'other') then
    perform tenancy.refuse(400, 'The reason is vacation, sick or other.');
  elsif length(note) > 500 then
    perform tenancy.refuse(400, 'The note is too long.', null, 'Keep it below 500 characters.');
  end if;
  caller := tenancy.act_for_tenant();
  -- The same lock as in book_person: a transaction that accepts a shift of this person waits and then sees the time off.
  perform tenancy.lock_own(whose::text);
  select t.first_day, t.last_day into taken from tenancy.time_off t
    where t.tenant_id = tenant and t.user_id = whose and t.first_day <= last_day and t.last_day >= first_day limit 1;
  if found then
    perform tenancy.refuse(409, format('There is already time off from %s to %s.', taken.first_day, taken.last_day), null,
      'Remove it first, or choose other days.');
  end if;
  if not tenancy.may_overbook() then
    select string_agg(format('%s (%s)', d.event_date, e.title), ', ' order by d.event_date) into promised
      from public.event_dates d
      join public.event_staff_assignments a on a.tenant_id = d.tenant_id and a.event_date_id = d.id
      join public.events e on e.tenant_id = a.tenant_id and e.id = a.event_id
      where d.tenant_id = tenant and d.event_date between first_day and last_day and a.user_id = whose
        and a.status in ('accepted', 'confirmed');
    if promised is not null then
      perform tenancy.refuse(409, format('This person has accepted shifts in this time: %s.', promised), null,
        'Decline them first. A manager has to reassign shifts that are confirmed.');
    end if;
  end if;
  insert into tenancy.time_off (user_id, first_day, last_day, reason, note)
    values (whose, first_day, last_day, reason, nullif(trim(note), '')) returning id into entered;
  perform tenancy.ease_time_off(whose, first_day, last_day);
  perform tenancy.act_as(caller);
  return entered;
end
$$;
select tenancy.expose(true, 'public.enter_time_off(date, date, uuid, text, text)');

-- Removes time off of the caller; managers of anyone.
create or replace function public.remove_time_off(time_off_id uuid) returns void
  language plpgsql volatile
as $$
declare
  others constant boolean := tenancy.manages();
  caller constant name := tenancy.act_for_tenant();
  gone record;
begin
  delete from tenancy.time_off t where t.tenant_id = (select tenancy.current_tenant()) and t.id = time_off_id
    and (others or t.user_id = (select tenancy.current_user_id()))
    returning t.user_id, t.first_day, t.last_day into gone;
  if not found then
    perform tenancy.refuse(404, 'There is no such time off, or you may not remove it.');
  end if;
  perform tenancy.ease_time_off(gone.user_id, gone.first_day, gone.last_day);
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.remove_time_off(uuid)');

-- Shifts of these days check for conflicts again (overlap_policy `warn`).
create or replace function tenancy.ease_time_off(person uuid, first_day date, last_day date) returns void
  language sql volatile
as $$
  update public.event_staff_assignments a set overbooked = a.overbooked from public.event_dates d
    where a.tenant_id = (select tenancy.current_tenant()) and a.user_id = person and a.status in ('accepted', 'confirmed')
      and d.tenant_id = a.tenant_id and d.id = a.event_date_id and d.event_date between first_day and last_day
$$;
revoke execute on function tenancy.ease_time_off(uuid, date, date) from public;
grant execute on function tenancy.ease_time_off(uuid, date, date)
  to tenant_service;

-- A person on time off is not invited and does not accept; with overlap_policy `warn` an accepted shift is marked overbooked.
create or replace function tenancy.respect_time_off() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  promised constant boolean := new.status in ('accepted', 'confirmed');
  goes_on boolean := false;
  away record;
begin
  if tg_op = 'UPDATE' then
    goes_on := old.user_id = new.user_id and old.event_date_id is not distinct from new.event_date_id
      and (new.status = old.status or promised and old.status in ('accepted', 'confirmed'))
      -- An invitation follows its date when it moves; an accepted shift is checked again.
      and (not promised or old.per is not distinct from new.per);
  end if;
  select t.first_day, t.last_day into away
    from tenancy.time_off t join public.event_dates d on d.tenant_id = t.tenant_id and d.id = new.event_date_id
    where t.tenant_id = new.tenant_id and t.user_id = new.user_id and d.event_date between t.first_day and t.last_day;
  if found then
    if not goes_on and not tenancy.may_overbook() then
      perform tenancy.refuse(409, format('This person has time off from %s to %s.', away.first_day, away.last_day), null,
        'Choose another person, or remove the time off first.');
    end if;
    new.overbooked := new.overbooked or promised;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.respect_time_off() from public;
