-- Schema rollouts: the tenant schema of many data sources is brought to one version, in waves. See docs/schema-rollout.md.
create table schema_rollouts (
  id uuid primary key default gen_random_uuid(),
  to_version int not null,
  -- Digest of the migrations and functions: a program of other files does not go on with it.
  files text not null,
  phase text not null default 'expand' check (phase in ('expand', 'contract')),
  step text not null default 'migrating'
    check (step in ('migrating', 'soaking', 'waiting', 'halted', 'completed', 'cancelled')),
  -- Names of the waves, in order.
  waves text[] not null,
  wave int not null default 0,
  step_since timestamptz not null default now(),
  -- What a step that waits waits for, in words.
  waits_for text,
  -- Since when no process of an older version was seen, after the expand phase.
  only_new_since timestamptz,
  options jsonb not null default '{}',
  -- What has halted it: {gate, source, message}.
  failed jsonb,
  requested_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
-- One at a time.
create unique index schema_rollouts_one_open on schema_rollouts ((finished_at is null)) where finished_at is null;

create table schema_rollout_sources (
  rollout_id uuid not null references schema_rollouts (id) on delete cascade,
  -- Also of a data source that was removed since.
  data_source_id uuid not null,
  wave int not null,
  place int not null,
  -- pinned: a tenant is moved from or to it. expanded: its contract migrations are to come.
  state text not null default 'waiting'
    check (state in ('waiting', 'pinned', 'running', 'expanded', 'done', 'failed', 'skipped')),
  from_version int,
  version int,
  attempts int not null default 0,
  took_ms int,
  -- {code, message}, or why it is skipped.
  problem jsonb,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (rollout_id, data_source_id)
);
create index on schema_rollout_sources (data_source_id) where state = 'running';

create table schema_rollout_events (
  rollout_id uuid not null references schema_rollouts (id) on delete cascade,
  seq bigint generated always as identity,
  at timestamptz not null default now(),
  event text not null,
  detail jsonb not null default '{}',
  primary key (rollout_id, seq)
);

-- What a schema of one version consists of, to find databases that differ from it.
create table schema_references (
  -- Version, migrations and functions, as the database records them.
  fingerprint text not null,
  kind text not null,
  server_major int not null,
  lines text[] not null,
  -- `migrations`, or the name of the data source that it was read from.
  read_from text not null,
  read_at timestamptz not null default now(),
  primary key (fingerprint, kind, server_major)
);

-- A Supabase project would serve `public` to its anon key.
alter table schema_rollouts enable row level security;
alter table schema_rollout_sources enable row level security;
alter table schema_rollout_events enable row level security;
alter table schema_references enable row level security;
