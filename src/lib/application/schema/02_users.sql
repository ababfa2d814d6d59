-- Users of tenants, and operators.
create table public.users (
  id uuid primary key default gen_random_uuid(),
  -- Null for operators.
  tenant_id uuid references public.tenants (id) on delete cascade,
  email text not null check (email = lower(btrim(email)) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  display_name text not null check (length(btrim(display_name)) between 1 and 200),
  role text not null check (role in ('owner', 'admin', 'manager', 'sales', 'staff', 'viewer', 'operator')),
  status text not null default 'active' check (status in ('invited', 'active', 'disabled')),
  password_hash text check (password_hash like '$argon2id$%'),
  totp_secret text check (marquee.is_envelope(totp_secret)),
  totp_confirmed_at timestamptz,
  -- SHA-256 of each unused code.
  recovery_code_hashes text[] not null default '{}',
  -- Raised to revoke every session of the user.
  token_version int not null default 1,
  last_sign_in_at timestamptz,
  locale text,
  time_zone text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The period of 30 seconds of the last second-factor code that was used: each code works once.
  totp_last_step bigint,
  -- Set for a password that someone else chose: the user has to change it first.
  must_change_password boolean not null default false,
  constraint users_email_unique unique nulls not distinct (tenant_id, email),
  constraint users_operator_has_no_tenant check ((role = 'operator') = (tenant_id is null)),
  -- [{"id": base64url, "publicKey": base64url, "counter": number, "transports": [text], "name": text, "createdAt": time, "lastUsedAt": time}]
  passkeys jsonb not null default '[]' check (jsonb_typeof(passkeys) = 'array'),
  -- Who the user is at their company's identity provider: its claims `iss` and `sub`.
  single_sign_on_issuer text,
  single_sign_on_subject text,
  -- What one of the operator's people may do.
  operator_role text check (operator_role in ('owner', 'engineer', 'support', 'auditor')),
  constraint users_single_sign_on_unique unique (tenant_id, single_sign_on_issuer, single_sign_on_subject),
  constraint users_single_sign_on check (num_nulls(single_sign_on_issuer, single_sign_on_subject) in (0, 2)),
  constraint users_operator_role check ((role = 'operator') = (operator_role is not null))
);

-- A Supabase project serves `public` to its anon key: without policies only the owner sees a row.
alter table public.users enable row level security;

create trigger touch before update on public.users
  for each row when (old.* is distinct from new.*) execute function marquee.touch();

create trigger keep_an_owner after delete on public.users
  for each row when (old.role = 'owner' and old.status = 'active') execute function marquee.keep_an_owner();
create trigger keep_an_owner_change after update on public.users
  for each row when (
    old.role = 'owner' and old.status = 'active' and (new.role, new.status) is distinct from ('owner', 'active')
  ) execute function marquee.keep_an_owner();

create trigger keep_an_operator_owner after delete on public.users
  for each row when (old.operator_role = 'owner' and old.status = 'active') execute function marquee.keep_an_operator_owner();
create trigger keep_an_operator_owner_change after update on public.users
  for each row when (
    old.operator_role = 'owner' and old.status = 'active' and (new.operator_role, new.status) is distinct from ('owner', 'active')
  ) execute function marquee.keep_an_operator_owner();

create trigger announce_user after insert or delete on public.users
  for each row execute function marquee.announce_user();
create trigger announce_user_change after update on public.users
  for each row when (
    (old.status, old.role, old.operator_role, old.email, old.display_name, old.token_version, old.must_change_password,
     old.totp_confirmed_at)
    is distinct from
    (new.status, new.role, new.operator_role, new.email, new.display_name, new.token_version, new.must_change_password,
     new.totp_confirmed_at)
  ) execute function marquee.announce_user();

-- Records a change when its transaction commits: the audit log has one writer at a time, who then waits for no other lock.
-- Fires also where session_replication_role turns ordinary triggers off.
create constraint trigger audit after insert or update or delete on public.users
  deferrable initially deferred for each row execute function marquee.audit();
alter table public.users enable always trigger audit;
