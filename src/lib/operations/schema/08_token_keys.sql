-- Keys that sign tokens. Processes read them again every ten seconds, and at once for a token that names one they do not know.
create table token_keys (
  -- The `kid` of its tokens.
  id text primary key,
  -- 32 bytes in base64, encrypted. The keys are derived from it.
  seed text not null check (marquee.is_envelope(seed)),
  created_at timestamptz not null default now(),
  -- It signs from then on until a later one does. Until then it is only published, for others who verify tokens and keep the keys.
  signs_from timestamptz not null default now(),
  -- No token that it signed expires later. Written before such a token is signed, at most once a day by each process.
  last_expiry timestamptz,
  -- Its tokens are refused.
  revoked_at timestamptz
);
alter table token_keys enable row level security;
