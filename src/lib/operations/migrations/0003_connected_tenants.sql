-- Tenants that have connected something which must be told what happens: only their outboxes are looked into.
create table connected_tenants (
  tenant_id uuid primary key,
  connected_at timestamptz not null default now()
);
alter table connected_tenants enable row level security;
