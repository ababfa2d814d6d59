-- The dates of a plan: of an invoice that is made of a quote, and after its event moved.
--   day    the event's first day; null leaves nothing to count back from: such parts are due at once
--   kept   so many parts at the beginning are paid, and stay
--   floor  no other part is due earlier; null where agreed dates stay
create or replace function tenancy.date_plan(plan jsonb, day date, kept int, floor date) returns jsonb
  language plpgsql stable
as $$
declare
  dated jsonb := '[]';
  part jsonb;
  due date;
  last_due date;
begin
  for at in 1..jsonb_array_length(plan) loop
    part := plan -> at - 1;
    if at > kept then
      due := case when part ->> 'days_before' is null then (part ->> 'due_date')::date
        when day is not null then greatest(day - (part ->> 'days_before')::int, tenancy.today()) end;
      due := greatest(coalesce(due, tenancy.today()), last_due, floor);
      part := part || jsonb_build_object('due_date', due)
        || case when day is null then '{"days_before": null}'::jsonb else '{}' end;
    end if;
    last_due := (part ->> 'due_date')::date;
    dated := dated || part;
  end loop;
  return dated;
end
$$;
select tenancy.grant_internals('tenancy.date_plan(jsonb, date, integer, date)');

-- What is due some days before an event moves with it, unless it was paid.
create or replace function tenancy.move_plans() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.invoices i set payment_schedule = tenancy.date_plan(i.payment_schedule, new.start_date,
      tenancy.paid_parts(i.payment_schedule, i.paid - i.credited), null)
    where i.tenant_id = new.tenant_id and i.event_id = new.id and i.status in ('draft', 'sent', 'partially_paid')
      and i.payment_schedule @? '$[*].days_before ? (@ != null)';
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.move_plans() from public;
