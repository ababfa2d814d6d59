-- Networks that service keys are used from: a key that is used from a new one may have been stolen.
create table api_key_networks (
  key_id uuid not null references api_keys (id) on delete cascade,
  -- A /24 of IPv4, a /48 of IPv6.
  network text not null check (length(network) <= 64),
  seen_at timestamptz not null default now(),
  primary key (key_id, network)
);
alter table api_key_networks enable row level security;
