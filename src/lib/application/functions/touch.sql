-- What happens in the same transaction as a change: time stamps, the audit record, the word to the routers.
create or replace function marquee.touch() returns trigger
  language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;
