-- Attempts are counted by address and account, in the operations database: a stranger's wrong passwords lock no account.
alter table public.users drop column failed_sign_ins, drop column locked_until;

-- A password that somebody else chose: its user must choose another before anything else.
alter table public.users add column must_change_password boolean not null default false;

-- Delivered when the change commits, to every process: a demoted or disabled user is one at once.
create function marquee.announce_user() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_users', coalesce(new.id, old.id)::text);
  return null;
end $$;

create trigger announce_user after insert or delete on public.users
  for each row execute function marquee.announce_user();
create trigger announce_user_change after update on public.users
  for each row when (
    (old.status, old.role, old.email, old.display_name, old.token_version, old.must_change_password, old.totp_confirmed_at)
    is distinct from
    (new.status, new.role, new.email, new.display_name, new.token_version, new.must_change_password, new.totp_confirmed_at)
  ) execute function marquee.announce_user();

-- A tenant that had an owner who can sign in keeps one. Owners who give up their role at the same moment wait for each
-- other here: the second sees what the first has done.
create function marquee.keep_an_owner() returns trigger
  language plpgsql set search_path = pg_catalog as $$
begin
  perform from public.tenants where id = old.tenant_id for no key update;
  -- Where the tenant itself is removed, so are its owners.
  if found and not exists (
    select from public.users where tenant_id = old.tenant_id and role = 'owner' and status = 'active'
  ) then
    raise exception 'Tenant % would have no owner.', old.tenant_id
      using errcode = 'MQ012', hint = 'Make another active person owner first.';
  end if;
  return null;
end $$;

create trigger keep_an_owner after delete on public.users
  for each row when (old.role = 'owner' and old.status = 'active') execute function marquee.keep_an_owner();
create trigger keep_an_owner_change after update on public.users
  for each row when (
    old.role = 'owner' and old.status = 'active' and (new.role, new.status) is distinct from ('owner', 'active')
  ) execute function marquee.keep_an_owner();
