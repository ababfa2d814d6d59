-- Gives the person of a shift a notice of it.
create or replace function tenancy.notify_crew(kind text, shift public.event_staff_assignments) returns void
  language sql volatile
as $$
  select tenancy.notify(kind, 'event', e.id,
      jsonb_build_object('name', e.title, 'number', e.event_number, 'date', coalesce(
        (select d.event_date from public.event_dates d where d.tenant_id = shift.tenant_id and d.id = shift.event_date_id),
        (lower(shift.per) at time zone tenancy.default_timezone())::date)),
      array[shift.user_id], e.id)
    from public.events e where e.tenant_id = shift.tenant_id and e.id = shift.event_id
$$;
select tenancy.grant_internals('tenancy.notify_crew(text, public.event_staff_assignments)');
