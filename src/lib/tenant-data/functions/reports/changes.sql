-- Notes the months of reports that a changed row belongs to, for tenants whose months are added up. Others pay for one look into an
-- empty table. A transaction notes a month once.
create or replace function tenancy.note_report_change() returns trigger
  language plpgsql
as $$
declare
  tenant constant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
  caller constant name := tenancy.act_for_tenant();
  -- The tenant and its months that this transaction has noted.
  noted text := current_setting('tenancy.noted_months', true);
  days date[];
  moments timestamptz[];
  ids uuid[];
  months text[];
begin
  -- A snapshot from before the tenant's upkeep began does not show it.
  if not exists (select from tenancy.report_upkeep u where u.tenant_id = tenant)
    and current_setting('transaction_isolation') = 'read committed' then
    perform tenancy.act_as(caller);
    return null;
  end if;
  if noted is null or not starts_with(noted, tenant::text) then
    noted := tenant;
  end if;
  case tg_table_name
    when 'invoices' then
      days := array[old.issue_date, new.issue_date] || array(
        select e.start_date from public.events e where e.tenant_id = tenant and e.id in (old.event_id, new.event_id));
      -- Each payment carries its share of the invoice's tax.
      moments := array(select p.paid_at from public.payments p
        where p.tenant_id = tenant and p.invoice_id = case tg_op when 'DELETE' then old.id else new.id end);
    when 'payments' then
      days := array(select e.start_date from public.invoices i join public.events e on e.tenant_id = tenant and e.id = i.event_id
        where i.tenant_id = tenant and i.id in (old.invoice_id, new.invoice_id));
      -- Shares are rounded one after another, so others may change too.
      moments := array[old.paid_at, new.paid_at] || array(select p.paid_at from public.payments p
        where p.tenant_id = tenant and p.invoice_id in (old.invoice_id, new.invoice_id));
    when 'leads' then
      moments := array[old.created_at, new.created_at] || array(
        select o.closed_at from public.opportunities o where o.tenant_id = tenant and o.lead_id = old.id and old.source is distinct from new.source);
    when 'opportunities' then
      moments := array[old.closed_at, new.closed_at];
    when 'events' then
      days := array[old.start_date, new.start_date];
    when 'event_dates' then
      -- The rate of a shift is that of its day; it counts with its event.
      days := array[old.event_date, new.event_date] || array(
        select e.start_date from public.events e where e.tenant_id = tenant and e.id in (old.event_id, new.event_id));
    when 'booth_assignments', 'equipment_assignments' then
      days := array(select d.event_date from public.event_dates d where d.tenant_id = tenant and d.id in (old.event_date_id, new.event_date_id));
    when 'event_staff_assignments' then
      days := array(select d.event_date from public.event_dates d where d.tenant_id = tenant and d.id in (old.event_date_id, new.event_date_id)
        union all select e.start_date from public.events e where e.tenant_id = tenant and e.id in (old.event_id, new.event_id));
    when 'event_custom_items' then
      days := array(select e.start_date from public.events e where e.tenant_id = tenant and e.id in (old.event_id, new.event_id));
    when 'user_pay_rate_history' then
      -- The months from the first day on which another rate counts.
      days := array(select d::date from generate_series(greatest(tenancy.rate_change(old, new), tenancy.today() - 5500),
        tenancy.today() + 730, interval '1 month') d);
    when 'tenant_settings' then
      if coalesce(new.key, old.key) in ('timezone', 'currency', 'mileage_rate', 'rounding', 'pipeline') then
        months := array['all'];
      end if;
    else
      months := array['all'];
  end case;
  months := array(
    select distinct m from (
      select to_char(d, 'YYYY-MM-01') from unnest(days) d
      -- In whatever timezone the tenant is.
      union all select to_char((t + shift) at time zone 'UTC', 'YYYY-MM-01')
        from unnest(moments) t cross join unnest('{-1 day,1 day}'::interval[]) shift
      union all select unnest(months)) x (m)
    where m is not null and strpos(noted, m) = 0);
  if months <> '{}' then
    insert into tenancy.report_changes (tenant_id, month) select tenant, nullif(m, 'all')::date from unnest(months) m;
    perform set_config('tenancy.noted_months', concat_ws(' ', noted, array_to_string(months, ' ')), true);
  end if;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.note_report_change() from public;

-- The first day for which a change of a person's pay rates counts; null: from the beginning.
create or replace function tenancy.rate_change(before public.user_pay_rate_history, after public.user_pay_rate_history) returns date
  language sql immutable
  return case
    when row(before.user_id, before.staff_role_id, before.pay_type, before.rate, lower(before.effective))
      = row(after.user_id, after.staff_role_id, after.pay_type, after.rate, lower(after.effective))
      then least(upper(before.effective), upper(after.effective))
    when before.user_id is null then lower(after.effective)
    when after.user_id is null then lower(before.effective)
    when not lower_inf(before.effective) and not lower_inf(after.effective) then least(lower(before.effective), lower(after.effective))
  end;
select tenancy.grant_internals('tenancy.rate_change(public.user_pay_rate_history, public.user_pay_rate_history)');

-- Makes the triggers of a table.
--   read      what reports read of a row `r`
--   new_rows  whether a row counts as soon as it is there
create or replace function tenancy.note_report_changes(target regclass, read text, new_rows boolean default true) returns void
  language plpgsql volatile
as $$
begin
  if new_rows then
    execute format('create trigger note_report_change after insert or delete on %s for each row '
      'when (not tenancy.copying()) execute function tenancy.note_report_change()', target);
  end if;
  execute format('create trigger note_report_update after update on %s for each row '
    'when (not tenancy.copying() and row(%s) is distinct from row(%s)) execute function tenancy.note_report_change()', target,
    regexp_replace(read, '\mr\.', 'old.', 'g'), regexp_replace(read, '\mr\.', 'new.', 'g'));
end
$$;
revoke execute on function tenancy.note_report_changes(regclass, text, boolean) from public;

-- Has every month added up anew: rows were written for which no trigger runs.
create or replace function tenancy.forget_report_months(tenant uuid) returns void
  language sql volatile
as $$
  insert into tenancy.report_changes (tenant_id) select tenant where exists (select from tenancy.report_upkeep u where u.tenant_id = tenant)
$$;
select tenancy.grant_internals('tenancy.forget_report_months(uuid)');
