-- Trigger: says which subject has changed; its name is the trigger's argument. Notices of one transaction are one.
create or replace function marquee.announce_change() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_subjects', tg_argv[0]);
  return null;
end $$;
