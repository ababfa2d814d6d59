-- The registry of data sources: databases that hold tenants' data.
create table data_sources (
  id uuid primary key default gen_random_uuid(),
  name text not null constraint data_sources_name_unique unique check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  kind text not null check (kind in ('shared', 'dedicated', 'byod', 'supabase')),
  engine text not null check (engine in ('postgresql', 'supabase')),
  region text,
  -- host:port. Connections are budgeted for each server, and several databases may be on one.
  server_key text not null,
  -- Null where only a REST API is known.
  database_name text,
  -- How its servers are made sure of, the weakest of its URLs; null where it has none.
  tls text check (tls in ('verify-full', 'verify-ca', 'no-verify', 'disable', 'local')),
  -- Where a customer's URLs may lead: `public`, and after commas the networks that the operator has allowed. Null is anywhere.
  networks text,
  -- The owner of the tables, for provisioning and migrations.
  admin_url text check (marquee.is_envelope(admin_url)),
  -- The login of routers; of a Supabase project its URL.
  router_url text check (marquee.is_envelope(router_url)),
  -- The login that moves tenants and backs them up.
  mover_url text check (marquee.is_envelope(mover_url)),
  anon_key text check (marquee.is_envelope(anon_key)),
  service_key text check (marquee.is_envelope(service_key)),
  -- The greatest number of tenants; null is no limit.
  capacity int check (capacity > 0),
  -- Connections that all processes of Marquee together may open to the server.
  connection_budget int not null default 50 check (connection_budget > 0),
  status text not null default 'active' check (status in ('provisioning', 'active', 'draining', 'offline')),
  server_version int,
  schema_version int,
  notes text,
  -- Grows with every change.
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint data_sources_database_unique unique nulls not distinct (server_key, database_name, engine)
);

-- Data sources that were removed, as moves, backups, bills and rollouts before that name them. Without credentials.
create table retired_data_sources (
  id uuid primary key,
  name text not null,
  kind text not null,
  engine text not null,
  region text,
  server_key text not null,
  database_name text,
  retired_at timestamptz not null default now()
);

create trigger touch before update on data_sources
  for each row execute function marquee.touch_data_source();

-- A Supabase project would serve `public` to its anon key.
alter table data_sources enable row level security;
alter table retired_data_sources enable row level security;
