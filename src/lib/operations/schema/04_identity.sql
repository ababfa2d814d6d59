-- Sessions. A row is one sign-in: of a browser, or of a client with an access and a refresh token.
create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  -- Null for operators.
  tenant_id uuid,
  kind text not null check (kind in ('browser', 'client')),
  -- The user's `token_version` at sign-in: a later one ends the session.
  token_version int not null,
  -- Whether a second factor was used.
  second_factor boolean not null default false,
  user_agent text check (length(user_agent) <= 400),
  address text check (length(address) <= 64),
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  -- The absolute limit; the idle limit is counted from `last_used_at`.
  expires_at timestamptz not null,
  -- The number of the valid refresh token, see identity/sessions.ts.
  refresh_number int not null default 0,
  refreshed_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text check (end_reason in ('signed_out', 'revoked', 'refresh_reused', 'support_ended')),
  -- The first factor. `sso`: single sign-on; `support`: the operator's, with the tenant's permission.
  method text not null default 'password' check (method in ('password', 'otp', 'passkey', 'sso', 'support')),
  -- When the user last proved who they are in this session: dangerous actions need a recent proof.
  proved_at timestamptz not null default now(),
  -- Of a support session: the permission, and the role in the tenant.
  support_access_id uuid,
  support_role text check (support_role in ('viewer', 'staff', 'sales', 'manager')),
  check ((ended_at is null) = (end_reason is null)),
  check (num_nulls(support_access_id, support_role) = case method when 'support' then 0 else 2 end)
);
create index sessions_by_user on sessions (user_id, created_at);
create index sessions_by_tenant on sessions (tenant_id, last_used_at);
create index sessions_by_expiry on sessions (expires_at);
alter table sessions enable row level security;

-- Counters of rate-limiter-flexible, which defines these columns.
create table attempt_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  -- Milliseconds since 1970.
  expire bigint
);
create index attempt_limits_by_expiry on attempt_limits (expire);
alter table attempt_limits enable row level security;

-- API keys of tenants' programs. A key is shown once, when it is made; its hash is kept.
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  -- anon: names the tenant and allows nothing by itself. service: the whole tenant. scoped: what a role may do.
  kind text not null check (kind in ('anon', 'service', 'scoped')),
  role text check (role in ('manager', 'sales', 'staff', 'viewer')),
  name text not null check (length(btrim(name)) between 1 and 100),
  -- SHA-256 of the key: 256 random bits need no salt.
  key_hash bytea not null unique check (length(key_hash) = 32),
  created_at timestamptz not null default now(),
  -- A user's id, or who acted at the command line: `cli:<system user>@<host>`, `user:<id of an operator>`.
  created_by text not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((kind = 'scoped') = (role is not null))
);
create index api_keys_by_tenant on api_keys (tenant_id, created_at);
alter table api_keys enable row level security;

-- Codes mailed to prove an address: a link's token, and six digits for those who read the mail elsewhere. One for each user and
-- purpose: a new one replaces the one before.
create table mail_codes (
  user_id uuid not null,
  tenant_id uuid not null,
  purpose text not null
    check (purpose in ('recovery', 'magiclink', 'invite', 'email_change', 'reauthentication', 'pkce')),
  -- SHA-256 of the token: 256 random bits need no salt.
  token_hash bytea not null unique check (length(token_hash) = 32),
  -- SHA-256 of user, purpose and digits; null without digits.
  code_hash bytea check (length(code_hash) = 32),
  -- The user's `token_version` when it was mailed: a later one makes it invalid.
  token_version int not null,
  -- Wrong digits entered.
  attempts int not null default 0,
  data jsonb not null default '{}',
  expires_at timestamptz not null,
  primary key (user_id, purpose)
);
create index mail_codes_by_expiry on mail_codes (expires_at);
alter table mail_codes enable row level security;

-- Ids of tokens for one use that were used. A token is refused for its age once its row is gone.
create table used_tokens (
  id uuid primary key,
  expires_at timestamptz not null
);
create index used_tokens_by_expiry on used_tokens (expires_at);
alter table used_tokens enable row level security;

-- Support access: one of the operator's people asks to see a tenant's data, and the tenant allows it for some hours.
create table support_access (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  operator_id uuid not null,
  -- As the tenant sees it, also after the person has left.
  operator_name text not null,
  -- The role in the tenant that is asked for.
  role text not null check (role in ('viewer', 'staff', 'sales', 'manager')),
  reason text not null check (length(btrim(reason)) between 10 and 500),
  hours int not null check (hours between 1 and 72),
  asked_at timestamptz not null default now(),
  -- A user of the tenant; null where its policy answered.
  answered_by uuid,
  answered_at timestamptz,
  -- Null where it was refused, or is not answered.
  allowed_until timestamptz,
  -- When a session began with it, last.
  used_at timestamptz,
  ended_at timestamptz,
  -- A user's id; null where its time ran out.
  ended_by uuid,
  check (answered_by is null or answered_at is not null),
  check (allowed_until is null or answered_at is not null),
  check (ended_by is null or ended_at is not null)
);
create index support_access_by_tenant on support_access (tenant_id, asked_at);
create index support_access_open on support_access (allowed_until) where ended_at is null;
alter table support_access enable row level security;
