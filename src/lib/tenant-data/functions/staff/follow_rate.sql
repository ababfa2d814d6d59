-- The rate follows the person, role and day of a shift, unless another rate was agreed.
create or replace function tenancy.follow_rate() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  zone text;
begin
  if new.rate_snapshot is not distinct from old.rate_snapshot
    and (new.user_id, new.staff_role_id, new.pay_type, new.per) is distinct from (old.user_id, old.staff_role_id, old.pay_type, old.per) then
    select d.timezone into zone from public.event_dates d where d.tenant_id = new.tenant_id and d.id = new.event_date_id;
    if old.rate_snapshot is not distinct from tenancy.pay_rate(old.user_id, old.staff_role_id, old.pay_type,
        (lower(old.per) at time zone zone)::date) then
      new.rate_snapshot := tenancy.pay_rate(new.user_id, new.staff_role_id, new.pay_type, (lower(new.per) at time zone zone)::date);
    end if;
  end if;
  perform tenancy.act_as(caller);
  return new;
end
$$;
revoke execute on function tenancy.follow_rate() from public;
