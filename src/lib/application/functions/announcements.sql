-- Delivered when the change commits, to every process that listens (see listen.ts).
create or replace function marquee.announce_route() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_routes', coalesce(new.id, old.id) || ':' || coalesce(new.route_epoch, old.route_epoch));
  return null;
end $$;

-- Delivered when the change commits, to every process: a demoted or disabled user is one at once.
create or replace function marquee.announce_user() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_users', coalesce(new.id, old.id)::text);
  return null;
end $$;
