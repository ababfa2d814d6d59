-- Adds a row with its first event date: both, or neither. The caller's own rights and policies apply to each.
--   owner       the date's column that refers to the row
--   values      columns and values of the row
--   first_date  those of the date. Null adds no date.
create or replace function tenancy.add_with_date(target regclass, owner name, "values" jsonb, first_date jsonb) returns uuid
  language plpgsql volatile
as $$
declare
  added uuid;
begin
  execute format('insert into %1$s (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1) returning id',
      target, (select string_agg(quote_ident(k), ', ') from jsonb_object_keys("values") k))
    into added using "values";
  if first_date is not null then
    first_date := jsonb_strip_nulls(first_date) || jsonb_build_object(owner, added);
    execute format('insert into public.event_dates (%1$s) select %1$s from jsonb_populate_record(null::public.event_dates, $1)',
        (select string_agg(quote_ident(k), ', ') from jsonb_object_keys(first_date) k))
      using first_date;
  end if;
  return added;
end
$$;
select tenancy.grant_internals('tenancy.add_with_date(regclass, name, jsonb, jsonb)');

-- An event with its first date.
create or replace function public.add_event(event jsonb, first_date jsonb) returns public.events
  language plpgsql volatile
as $$
declare
  added constant uuid := tenancy.add_with_date('public.events', 'event_id', event, first_date);
  row public.events;
begin
  select * into row from public.events e where e.tenant_id = (select tenancy.current_tenant()) and e.id = added;
  return row;
end
$$;
select tenancy.expose(true, 'public.add_event(jsonb, jsonb)');

-- An opportunity, with its first date where one is known.
create or replace function public.add_opportunity(opportunity jsonb, first_date jsonb default null) returns public.opportunities
  language plpgsql volatile
as $$
declare
  added constant uuid := tenancy.add_with_date('public.opportunities', 'opportunity_id', opportunity, first_date);
  row public.opportunities;
begin
  select * into row from public.opportunities o where o.tenant_id = (select tenancy.current_tenant()) and o.id = added;
  return row;
end
$$;
select tenancy.expose(true, 'public.add_opportunity(jsonb, jsonb)');
