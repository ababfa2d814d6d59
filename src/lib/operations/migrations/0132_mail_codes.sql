-- What was mailed to prove an address once: a link's token, and six digits for who reads the mail elsewhere. One a user and
-- purpose: a new one replaces the one before.
create table mail_codes (
  user_id uuid not null,
  tenant_id uuid not null,
  purpose text not null
    check (purpose in ('recovery', 'magiclink', 'invite', 'email_change', 'reauthentication', 'pkce')),
  -- SHA-256 of the token: 256 random bits need no salt.
  token_hash bytea not null unique check (length(token_hash) = 32),
  -- SHA-256 of user, purpose and digits; null where there are none.
  code_hash bytea check (length(code_hash) = 32),
  -- The user's `token_version` then: a later one makes it void.
  token_version int not null,
  -- Wrong digits so far.
  attempts int not null default 0,
  data jsonb not null default '{}',
  expires_at timestamptz not null,
  primary key (user_id, purpose)
);
create index mail_codes_by_expiry on mail_codes (expires_at);
alter table mail_codes enable row level security;

-- How the user showed who they are; a second factor comes on top.
alter table sessions add column method text not null default 'password' check (method in ('password', 'otp'));
