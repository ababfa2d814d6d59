-- Whether a booking of something that is taken goes through, by the setting `overlap_policy`. `refuse`: it is refused. `warn`:
-- it is made and marked `overbooked`. Marked rows are exempt from the exclusion constraints, which keep all others apart;
-- triggers see every row. The mark is removed when the conflict is gone.
create or replace function tenancy.may_overbook() returns boolean
  language sql stable
  return coalesce(tenancy.setting('overlap_policy') #>> '{}' = 'warn', false);
select tenancy.grant_internals('tenancy.may_overbook()');

-- A booking that ends or moves may resolve conflicts of others: their own triggers check again. Rows that another transaction
-- is changing are skipped: it waits for the lock of the booked thing and checks after it. So are bookings of the date that is being
-- booked (`cancel_expired`): they check themselves, and a row cannot be updated while its own update waits.
create or replace function tenancy.ease_overbooking() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  execute format('update public.%1$I a set overbooked = a.overbooked where a.tenant_id = $1 and a.id in ('
      'select o.id from public.%1$I o where o.tenant_id = $1 and o.%2$I = $2 and o.overbooked and o.id <> $3 and o.per && $4 '
      'and o.event_date_id is distinct from nullif(current_setting(''tenancy.booked_date'', true), '''')::uuid '
      'for no key update skip locked)', tg_table_name, tg_argv[0])
    using old.tenant_id, (to_jsonb(old) ->> tg_argv[0])::uuid, old.id, old.per;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.ease_overbooking() from public;

-- Cancels expired holds of something that a booking wants. Skips holds that another transaction is changing: it waits for the lock of the
-- booked thing and checks then.
--   tab, pointer  `booth_assignments` and its column that names the booth, or the same of equipment
create or replace function tenancy.cancel_expired(tab name, pointer name, booked uuid, date uuid, booking uuid) returns void
  language plpgsql volatile
as $$
begin
  perform set_config('tenancy.booked_date', date::text, true);
  execute format('update public.%1$I a set status = ''cancelled'' where a.tenant_id = $1 and a.id in (select h.id from public.%1$I h '
      'where h.tenant_id = $1 and h.%2$I = $2 and h.id <> $3 and h.status = ''hold'' and h.hold_expires_at <= now() '
      'for no key update skip locked)', tab, pointer)
    using tenancy.current_tenant(), booked, booking;
  perform set_config('tenancy.booked_date', '', true);
end
$$;
select tenancy.grant_internals('tenancy.cancel_expired(name, name, uuid, uuid, uuid)');
