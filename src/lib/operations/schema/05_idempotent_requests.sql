-- Idempotency keys: a row is taken before the work and keeps the answer for repeated requests.
create table idempotent_requests (
  tenant_id uuid not null,
  -- A user's id, `link:<hash>` of a client's link, or `anyone`: all who act on this document.
  caller text not null,
  -- SHA-256, hex: clients choose keys freely, and paths may hold a link's token.
  key_hash text not null check (length(key_hash) = 64),
  -- SHA-256 of method, path and body.
  fingerprint text not null check (length(fingerprint) = 64),
  -- The process that does the work: only it finishes or releases the request.
  holder uuid not null unique,
  state text not null default 'running' check (state in ('running', 'done')),
  -- A running request loses its process after this time.
  leased_until timestamptz not null,
  status int,
  -- Encrypted: answers carry links and secrets.
  answer text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  expires_at timestamptz not null,
  primary key (tenant_id, caller, key_hash),
  check ((state = 'done') = (status is not null)),
  check ((state = 'done') = (finished_at is not null))
);
create index idempotent_requests_by_expiry on idempotent_requests (expires_at);
alter table idempotent_requests enable row level security;
