-- A tenant keeps an owner who can sign in. The lock makes owners who give up the role at the same moment run one after another,
-- so the second sees the change of the first.
create or replace function marquee.keep_an_owner() returns trigger
  language plpgsql set search_path = pg_catalog as $$
begin
  perform from public.tenants where id = old.tenant_id for no key update;
  -- A removed tenant removes its owners.
  if found and not exists (
    select from public.users where tenant_id = old.tenant_id and role = 'owner' and status = 'active'
  ) then
    raise exception 'Tenant % would have no owner.', old.tenant_id
      using errcode = 'MQ012', hint = 'Make another active person owner first.';
  end if;
  return null;
end $$;

-- So do the operators. They have no row in common that could be locked.
create or replace function marquee.keep_an_operator_owner() returns trigger
  language plpgsql set search_path = pg_catalog as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('marquee.keep_an_operator_owner', 0));
  if not exists (select from public.users where operator_role = 'owner' and status = 'active') then
    raise exception 'The service would have no operator who is owner.'
      using errcode = 'MQ013', hint = 'Make another active operator owner first.';
  end if;
  return null;
end $$;
