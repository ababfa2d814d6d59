-- Fences of the tenants in this database, keys of its routers, and the columns of every business table.

-- The fence of each tenant that is in this database. `epoch` grows with every move: a route with an earlier one is refused.
create table tenancy.fence (
  tenant_id uuid primary key,
  epoch bigint not null,
  state text not null check (state in ('open', 'closed')),
  reason text,
  changed_at timestamptz not null default now(),
  -- The last owner of the fence, also after it was opened: `move <id>#<attempt>` or `tenant <id>#1`.
  holder text
);
grant select, insert, update, delete on tenancy.fence to tenant_mover;
-- For all functions that change a fence.
create trigger read_committed before insert or update or delete on tenancy.fence
  for each statement execute function tenancy.expect_read_committed();

-- Keys that seal claims. A tenant's context must not be changed from inside it: SQL that runs in it could set other claims, or
-- reset the role and enter another tenant. So a router's claims end in `,"seal":"<64 hex digits>"}`: SHA-256 of the key and
-- (SHA-256 of the key and the preceding text). Only the router's process and this table have the key. A login without a row
-- here (the owner, the mover, PostgREST's on Supabase) needs no seal.
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
