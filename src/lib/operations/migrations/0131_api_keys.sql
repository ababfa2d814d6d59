-- Keys of a tenant's programs. A key itself is shown once, when it is made; its hash is kept.
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  -- anon: names the tenant and allows nothing by itself; service: the whole tenant; scoped: what a role may.
  kind text not null check (kind in ('anon', 'service', 'scoped')),
  role text check (role in ('manager', 'sales', 'staff', 'viewer')),
  name text not null check (length(btrim(name)) between 1 and 100),
  -- SHA-256 of the key: 256 random bits need no salt.
  key_hash bytea not null unique check (length(key_hash) = 32),
  created_at timestamptz not null default now(),
  -- A user's id, or `cli`.
  created_by text not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((kind = 'scoped') = (role is not null))
);
create index api_keys_by_tenant on api_keys (tenant_id, created_at);
alter table api_keys enable row level security;
