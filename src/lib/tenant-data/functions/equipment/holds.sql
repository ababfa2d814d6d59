-- A hold without an expiry gets the company's number of hours.
create or replace function tenancy.limit_hold() returns trigger
  language plpgsql
as $$
begin
  new.hold_expires_at := coalesce(new.hold_expires_at,
    now() + make_interval(hours => coalesce((tenancy.setting('hold') ->> 'expires_after_hours')::int, 72)));
  return new;
end
$$;
revoke execute on function tenancy.limit_hold() from public;

-- Whether a change brings an expired hold back, by extending or reserving it. Others may have booked the thing since.
create or replace function tenancy.revives_hold(before text, expired_at timestamptz, after text, expires_at timestamptz) returns boolean
  language sql stable
  return before = 'hold' and expired_at <= now() and (after <> 'hold' or expires_at > now());
select tenancy.grant_internals('tenancy.revives_hold(text, timestamp with time zone, text, timestamp with time zone)');

-- Cancels holds that have expired. Called by a job every few minutes. Returns the number of booths and items freed.
create or replace function public.expire_holds() returns int
  language plpgsql volatile
as $$
declare
  hold record;
  freed int := 0;
begin
  -- One by one, in the order in which several are locked. Skips holds that are being changed: the next run sees what became of them.
  for hold in select a.id from public.booth_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.status = 'hold' and a.hold_expires_at <= now()
    order by a.booth_id, a.id for no key update skip locked
  loop
    update public.booth_assignments set status = 'cancelled' where tenant_id = (select tenancy.current_tenant()) and id = hold.id;
    freed := freed + 1;
  end loop;
  for hold in select a.id from public.equipment_assignments a
    where a.tenant_id = (select tenancy.current_tenant()) and a.status = 'hold' and a.hold_expires_at <= now()
    order by a.equipment_item_id, a.id for no key update skip locked
  loop
    update public.equipment_assignments set status = 'cancelled' where tenant_id = (select tenancy.current_tenant()) and id = hold.id;
    freed := freed + 1;
  end loop;
  return freed;
end
$$;
select tenancy.expose(false, 'public.expire_holds()');
