-- A converted lead keeps its status.
create or replace function tenancy.keep_converted_lead() returns trigger language plpgsql as $$
begin
  perform tenancy.refuse(409, 'The lead is converted and stays so.', null, 'Continue with its opportunity.');
  return null;
end
$$;
revoke execute on function tenancy.keep_converted_lead() from public;
