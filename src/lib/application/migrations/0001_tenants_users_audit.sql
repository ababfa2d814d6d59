-- The application database: who the tenants are, where their data live, who may sign in, and what was changed.
-- Schema `public` holds three tables and nothing else; what they need besides stands in schema `marquee`.

-- A column that holds a credential holds an envelope (src/lib/secrets/envelope.ts), never the credential.
create function marquee.is_envelope(value text) returns boolean
  language sql immutable parallel safe
  return value is null or value ~ '^mq1\.[A-Za-z0-9_-]+\.[0-9a-f]{12}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$';

-- What an audit record shows of a secret: enough to see that it changed, and to compare.
create function marquee.fingerprint(value text) returns text
  language sql immutable parallel safe
  return case
    when value is null then null
    when value like 'mq1.%' then 'fingerprint:' || split_part(value, '.', 3)
    else 'fingerprint:' || left(encode(sha256(convert_to(value, 'UTF8')), 'hex'), 12)
  end;

create table public.tenants (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(btrim(name)) between 1 and 200),
  -- One DNS label: the tenant's host name is subdomain.<our domain>.
  subdomain text not null unique check (subdomain ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  data_source_url text check (marquee.is_envelope(data_source_url)),
  data_source_anon_key text check (marquee.is_envelope(data_source_anon_key)),
  data_source_service_key text check (marquee.is_envelope(data_source_service_key)),
  data_source_region text,
  connection_pool_config jsonb not null default '{}' check (jsonb_typeof(connection_pool_config) = 'object'),
  data_source_notes text,
  tenant_id_in_data_source uuid not null,
  status text not null default 'provisioning'
    check (status in ('provisioning', 'active', 'suspended', 'archived')),
  -- Names the row in the operator's registry; several tenants may share it.
  data_source_id uuid,
  data_source_engine text check (data_source_engine in ('postgresql', 'supabase')),
  -- [{"id": uuid, "region": text, "url": envelope}]
  data_source_replicas jsonb not null default '[]' check (
    jsonb_typeof(data_source_replicas) = 'array'
    and not jsonb_path_exists(data_source_replicas, '$[*].url ? (@.type() != "string" || !(@ starts with "mq1."))')
    and not jsonb_path_exists(data_source_replicas, '$[*] ? (!exists(@.url) || !exists(@.id))')
  ),
  required_region text,
  -- Grows by one with every change of place. The tenant's database refuses routes of another epoch.
  route_epoch bigint not null default 1 check (route_epoch > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint tenants_active_has_data_source check (
    status <> 'active' or (data_source_id is not null and data_source_engine is not null and data_source_url is not null)
  ),
  -- Two tenants in one database under one id would be one tenant.
  constraint tenants_one_place unique (data_source_id, tenant_id_in_data_source)
);

create table public.users (
  id uuid primary key default gen_random_uuid(),
  -- Null for the operator's people.
  tenant_id uuid references public.tenants (id) on delete cascade,
  email text not null check (email = lower(btrim(email)) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  display_name text not null check (length(btrim(display_name)) between 1 and 200),
  role text not null check (role in ('owner', 'admin', 'manager', 'sales', 'staff', 'viewer', 'operator')),
  status text not null default 'active' check (status in ('invited', 'active', 'disabled')),
  password_hash text check (password_hash like '$argon2id$%'),
  totp_secret text check (marquee.is_envelope(totp_secret)),
  totp_confirmed_at timestamptz,
  -- SHA-256 of each code that is still unused.
  recovery_code_hashes text[] not null default '{}',
  -- Raised to revoke every session of the user.
  token_version int not null default 1,
  failed_sign_ins int not null default 0 check (failed_sign_ins >= 0),
  locked_until timestamptz,
  last_sign_in_at timestamptz,
  locale text,
  time_zone text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_email_unique unique nulls not distinct (tenant_id, email),
  constraint users_operator_has_no_tenant check ((role = 'operator') = (tenant_id is null))
);

-- No foreign keys: the record outlives what it is about.
create table public.audit_log (
  id bigint generated always as identity primary key,
  occurred_at timestamptz not null default clock_timestamp(),
  tenant_id uuid,
  -- Who: a user's id, `cli`, `system:<job>`, or `database:<login>` where nobody said.
  actor text not null,
  request_id text,
  -- What: `tenants.update`, `users.insert`, `session.sign_in`, …
  action text not null,
  entity text not null,
  entity_id text,
  before jsonb,
  after jsonb,
  details jsonb
);

create index tenants_by_created on public.tenants (created_at, id);
create index audit_log_by_tenant on public.audit_log (tenant_id, id);
create index audit_log_by_entity on public.audit_log (entity, entity_id, id);

-- A Supabase project serves `public` to its anon key: without policies nobody but the owner sees a row.
alter table public.tenants enable row level security;
alter table public.users enable row level security;
alter table public.audit_log enable row level security;
