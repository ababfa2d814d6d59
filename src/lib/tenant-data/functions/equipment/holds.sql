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

-- Cancels holds that have expired. Called by a job every few minutes. Returns the number of booths and items freed.
create or replace function public.expire_holds() returns int
  language plpgsql volatile
as $$
declare
  booths int;
  items int;
begin
  update public.booth_assignments set status = 'cancelled'
    where tenant_id = tenancy.current_tenant() and status = 'hold' and hold_expires_at <= now();
  get diagnostics booths = row_count;
  update public.equipment_assignments set status = 'cancelled'
    where tenant_id = tenancy.current_tenant() and status = 'hold' and hold_expires_at <= now();
  get diagnostics items = row_count;
  return booths + items;
end
$$;
select tenancy.expose(false, 'public.expire_holds()');
