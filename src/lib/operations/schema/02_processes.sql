-- Running processes of Marquee: a server's connection budget is divided by their number.
create table processes (
  id uuid primary key default gen_random_uuid(),
  role text not null,
  host text not null,
  pid int not null,
  -- Open connections by server: {"host:port": 12}.
  connections jsonb not null default '{}',
  -- The key that it encrypts with, and the beginnings of the ids of those it decrypts with: {"wraps": "local:…", "opens": ["local:…", "vault:"]}.
  keys jsonb not null default '{}',
  -- The version of the tenant schema that it knows: a schema rollout takes nothing away that an older one uses.
  schema_version int,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now()
);
create index processes_by_seen on processes (seen_at);
alter table processes enable row level security;

-- Tenants that have connected a webhook or another service: only their outboxes are read.
create table connected_tenants (
  tenant_id uuid primary key,
  connected_at timestamptz not null default now()
);
alter table connected_tenants enable row level security;
