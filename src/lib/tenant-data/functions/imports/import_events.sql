-- Makes imported events with their dates, and books their booths by the rules of new events. A booth that is taken is not booked. A
-- confirmed event that is not over is confirmed once it is reserved, else tentative.
--   events  [{event: columns and values, dates: [{event_date, start_time, end_time}], booth: names of booths or booth types}]; an end
--           that is null is after the usual duration of the event's type, or four hours
--   trial   makes them and takes them back; their account may be unknown yet
-- Answers for each event {findings: [{column, message}]}, or {refused: {code, message, details}} where it was not made.
create or replace function public.import_events(events jsonb, trial boolean default false) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  answers jsonb := '[]';
  findings jsonb;
  one jsonb;
  account uuid;
  event public.events;
  added uuid;
  made public.events;
  is_over boolean;
  details text;
begin
  perform tenancy.require_imported('events');
  perform tenancy.lock_named_booths(array(select e ->> 'booth' from jsonb_array_elements(events) e where e ->> 'booth' is not null));
  begin
    if trial then
      insert into public.accounts (name) values ('-') returning id into account;
    end if;
    for one in select e from jsonb_array_elements(events) e loop
      findings := '[]';
      begin
        event := jsonb_populate_record(null::public.events, one -> 'event' || case when trial
          then jsonb_build_object('account_id', account) else '{}' end);
        is_over := coalesce(coalesce(event.end_date, event.start_date) < tenancy.today(), false);
        added := tenancy.add_with_date('public.events', 'event_id', jsonb_strip_nulls(to_jsonb(event))
          || case when event.status = 'confirmed' and not is_over then '{"status": "tentative"}'::jsonb else '{}' end, null);
        select * into made from public.events e where e.tenant_id = tenant and e.id = added;
        insert into public.event_dates (event_id, event_date, start_time, end_time, status)
          select made.id, d.event_date, d.start_time, coalesce(d.end_time, d.start_time + make_interval(mins => coalesce(
              (select t.default_duration_minutes from public.event_types t where t.tenant_id = tenant and t.id = made.event_type_id), 240))),
            case when made.status = 'cancelled' then 'cancelled' else 'scheduled' end
          from jsonb_to_recordset(one -> 'dates') d (event_date date, start_time time, end_time time) order by d.event_date;
        if one ->> 'booth' is not null and made.status <> 'cancelled' then
          findings := tenancy.book_named(made.id, one ->> 'booth');
        end if;
        if event.status = 'confirmed' and made.status = 'tentative' then
          if tenancy.is_reserved(made.id) then
            update public.events e set status = 'confirmed' where e.tenant_id = tenant and e.id = made.id;
          elsif not is_over then
            findings := findings || jsonb_build_object('column', 'Status', 'message', 'The event is tentative: nothing is reserved for it yet.');
          end if;
        end if;
        answers := answers || jsonb_build_object('findings', findings);
      exception when others then
        get stacked diagnostics details = pg_exception_detail;
        answers := answers || jsonb_build_object('refused', jsonb_build_object('code', sqlstate, 'message', sqlerrm, 'details', details));
      end;
    end loop;
    if trial then
      raise exception using errcode = 'MQ040', message = 'This was a trial.';
    end if;
  exception when sqlstate 'MQ040' then
    null;
  end;
  return answers;
end
$$;
select tenancy.expose(true, 'public.import_events(jsonb, boolean)');

-- The booths and booth types that a text names: all of it, or the names that it lists.
create or replace function tenancy.named_booths(names text) returns table (name text, booth_id uuid, booth_type_id uuid)
  language sql stable
as $$
  with whole as (
    select exists (select from public.booths b where b.tenant_id = (select tenancy.current_tenant()) and lower(b.name) = lower(btrim(names)))
      or exists (select from public.booth_types t where t.tenant_id = (select tenancy.current_tenant()) and lower(t.name) = lower(btrim(names))) as is_one
  ), listed as (
    select btrim(n) as name from whole
      cross join lateral unnest(case when whole.is_one then array[names] else regexp_split_to_array(names, '[;,+&]') end) n
  )
  select l.name, b.id, case when b.id is null then t.id end
  from listed l
  left join public.booths b on b.tenant_id = (select tenancy.current_tenant()) and lower(b.name) = lower(l.name)
  left join public.booth_types t on t.tenant_id = (select tenancy.current_tenant()) and lower(t.name) = lower(l.name)
  where l.name <> ''
$$;
select tenancy.grant_internals('tenancy.named_booths(text)');

-- Locks the booths that texts name, and those of the types that they name, in the order in which all bookings do.
create or replace function tenancy.lock_named_booths(names text[]) returns void
  language plpgsql volatile
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  perform from public.booths b
    where b.tenant_id = (select tenancy.current_tenant()) and (
      b.id in (select n.booth_id from (select distinct t from unnest(names) t) u cross join lateral tenancy.named_booths(u.t) n)
      or b.booth_type_id in (select n.booth_type_id from (select distinct t from unnest(names) t) u
        cross join lateral tenancy.named_booths(u.t) n))
    order by b.id for no key update;
  perform tenancy.act_as(caller);
end
$$;
select tenancy.grant_internals('tenancy.lock_named_booths(text[])');

-- Reserves what a text names for each date of an event; of a booth type one that is free. Answers what it could not reserve, or
-- overbooked: [{column, message}].
create or replace function tenancy.book_named(event uuid, names text) returns jsonb
  language plpgsql volatile
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  findings text[] := '{}';
  wanted record;
  booth uuid;
  booked public.booth_assignments;
begin
  for wanted in
    select n.*, d.id as date, d.event_date, tenancy.around(d.occupied, t.buffer_before_minutes, t.buffer_after_minutes) as per
    from tenancy.named_booths(names) n
    left join public.booth_types t on t.tenant_id = tenant and t.id = n.booth_type_id
    join public.event_dates d on d.tenant_id = tenant and d.event_id = event and d.status <> 'cancelled'
    order by d.event_date, n.name
  loop
    begin
      if wanted.booth_id is null and wanted.booth_type_id is null then
        findings := findings || format('There is no booth or booth type “%s”.', wanted.name);
        continue;
      end if;
      booth := coalesce(wanted.booth_id, tenancy.free_booth(wanted.booth_type_id, wanted.date, wanted.per));
      if booth is null then
        findings := findings || format('No %s is free on %s.', wanted.name, wanted.event_date);
        continue;
      end if;
      insert into public.booth_assignments (event_date_id, booth_id) values (wanted.date, booth) returning * into booked;
      if booked.overbooked then
        findings := findings || format('%s is overbooked on %s.', wanted.name, wanted.event_date);
      end if;
    exception when exclusion_violation or sqlstate 'PT409' then
      findings := findings || sqlerrm;
    end;
  end loop;
  return (select coalesce(jsonb_agg(jsonb_build_object('column', 'Booth', 'message', f) order by at), '[]')
    from (select f, min(at) as at from unnest(findings) with ordinality u (f, at) group by f) said);
end
$$;
select tenancy.grant_internals('tenancy.book_named(uuid, text)');
