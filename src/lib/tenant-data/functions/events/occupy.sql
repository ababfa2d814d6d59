-- The hours of a date are those of its place: a date that has the company's timezone, or that of its former place, takes the
-- place's. Another one was chosen by hand, and stays.
create or replace function tenancy.occupy() returns trigger language plpgsql as $$
declare
  company text;
  former text;
begin
  if tg_op = 'INSERT' or new.location_id is distinct from old.location_id and new.timezone = old.timezone then
    company := tenancy.default_timezone();
    former := case when tg_op = 'UPDATE' then tenancy.timezone_of(old.location_id) end;
    if new.timezone in (company, coalesce(former, company)) then
      new.timezone := coalesce(tenancy.timezone_of(new.location_id), company);
    end if;
  end if;
  new.occupied := tenancy.occupation(new);
  return new;
end
$$;
revoke execute on function tenancy.occupy() from public;
