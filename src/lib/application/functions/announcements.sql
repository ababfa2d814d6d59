-- Notifies every listening process when the change commits (see listen.ts).
create or replace function marquee.announce_route() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_routes', coalesce(new.id, old.id) || ':' || coalesce(new.route_epoch, old.route_epoch));
  return null;
end $$;

-- Notifies every process when the change commits, so that a changed role or a disabled user takes effect at once.
create or replace function marquee.announce_user() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_users', coalesce(new.id, old.id)::text);
  return null;
end $$;
