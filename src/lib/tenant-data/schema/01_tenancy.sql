-- Which tenants live here, which routers may enter them, and what every business table begins with.

-- One row a tenant that lives here. `epoch` grows with every move: a router whose route has an older one is refused.
create table tenancy.fence (
  tenant_id uuid primary key,
  epoch bigint not null,
  state text not null check (state in ('open', 'closed')),
  reason text,
  changed_at timestamptz not null default now(),
  -- Who held the fence last, also after it was opened: `move <id>#<attempt>` or `tenant <id>#1`.
  holder text
);
grant select, insert, update, delete on tenancy.fence to tenant_mover;
-- All functions that change a fence, in one place.
create trigger read_committed before insert or update or delete on tenancy.fence
  for each statement execute function tenancy.expect_read_committed();

-- A tenant's context cannot be changed from inside it. Whoever runs SQL in one tenant's context could set other claims, or
-- leave the role and enter anew; so a router's claims carry a seal, made with a key that only the router's process and
-- this table know. They end in `,"seal":"<64 hex digits>"}`: SHA-256 of key and (SHA-256 of key and what comes before).
-- A login without a row here (the owner, the mover, PostgREST's on Supabase) needs no seal.
create table tenancy.router_keys (
  login name primary key,
  key bytea not null check (pg_catalog.octet_length(key) = 32)
);

-- The columns that every business table begins with: `create table … (like tenancy.record including all, …)`.
create table tenancy.record (
  tenant_id uuid not null default tenancy.current_tenant(),
  id uuid not null default pg_catalog.gen_random_uuid(),
  created_at timestamptz not null default pg_catalog.now(),
  updated_at timestamptz not null default pg_catalog.now(),
  created_by uuid default tenancy.current_user_id(),
  updated_by uuid default tenancy.current_user_id(),
  version int not null default 1,
  primary key (tenant_id, id)
);
