create or replace function tenancy.occupy() returns trigger language plpgsql as $$
begin
  new.occupied := tenancy.occupation(new);
  return new;
end
$$;
revoke execute on function tenancy.occupy() from public;
