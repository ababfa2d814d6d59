-- Passkeys, single sign-on, and what each of the operator's people may do.
alter table public.tenants
  add column single_sign_on jsonb check (jsonb_typeof(single_sign_on) = 'object'),
  add column single_sign_on_secret text check (marquee.is_envelope(single_sign_on_secret)),
  add constraint tenants_single_sign_on check (single_sign_on is not null or single_sign_on_secret is null);

alter table public.users
  add column passkeys jsonb not null default '[]' check (jsonb_typeof(passkeys) = 'array'),
  add column single_sign_on_issuer text,
  add column single_sign_on_subject text,
  add column operator_role text check (operator_role in ('owner', 'engineer', 'support', 'auditor'));
update public.users set operator_role = 'owner' where role = 'operator';
-- Writes the audit records of the update: a table with pending triggers cannot be altered.
set constraints all immediate;
alter table public.users
  add constraint users_single_sign_on_unique unique (tenant_id, single_sign_on_issuer, single_sign_on_subject),
  add constraint users_single_sign_on check (num_nulls(single_sign_on_issuer, single_sign_on_subject) in (0, 2)),
  add constraint users_operator_role check ((role = 'operator') = (operator_role is not null));

drop trigger announce_user_change on public.users;
create trigger announce_user_change after update on public.users
  for each row when (
    (old.status, old.role, old.operator_role, old.email, old.display_name, old.token_version, old.must_change_password,
     old.totp_confirmed_at)
    is distinct from
    (new.status, new.role, new.operator_role, new.email, new.display_name, new.token_version, new.must_change_password,
     new.totp_confirmed_at)
  ) execute function marquee.announce_user();
