-- Who is signed in where. A row is one sign-in: of a browser, or of a client that holds an access and a refresh token.
create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  -- Null for the operator's people.
  tenant_id uuid,
  kind text not null check (kind in ('browser', 'client')),
  -- The user's `token_version` at the sign-in: a later one ends the session.
  token_version int not null,
  -- Whether a second factor was shown.
  second_factor boolean not null default false,
  user_agent text check (length(user_agent) <= 400),
  address text check (length(address) <= 64),
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  -- The absolute limit; the idle limit is counted from `last_used_at`.
  expires_at timestamptz not null,
  -- The refresh token in force is the one of this number; see identity/sessions.ts.
  refresh_number int not null default 0,
  refreshed_at timestamptz not null default now(),
  ended_at timestamptz,
  end_reason text check (end_reason in ('signed_out', 'revoked', 'refresh_reused')),
  check ((ended_at is null) = (end_reason is null))
);
create index sessions_by_user on sessions (user_id, created_at);
create index sessions_by_expiry on sessions (expires_at);
alter table sessions enable row level security;

-- Attempts counted by rate-limiter-flexible, whose columns these are.
create table attempt_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  -- Milliseconds since 1970.
  expire bigint
);
create index attempt_limits_by_expiry on attempt_limits (expire);
alter table attempt_limits enable row level security;
