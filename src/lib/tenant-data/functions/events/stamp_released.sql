-- When a date, a booking or a shift was cancelled: what was released with its event or its date comes back with it.
create or replace function tenancy.stamp_released() returns trigger language plpgsql as $$
begin
  new.cancelled_at := case when new.status = 'cancelled' then coalesce(new.cancelled_at, now()) end;
  return new;
end
$$;
revoke execute on function tenancy.stamp_released() from public;
