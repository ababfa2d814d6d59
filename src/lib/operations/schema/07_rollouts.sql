-- Moves of many tenants to one data source, in waves. See "Rollouts" in src/lib/movement/README.md.
create table rollouts (
  id uuid primary key default gen_random_uuid(),
  from_sources text[] not null,
  to_source text not null,
  -- Names of the waves, in order.
  waves text[] not null,
  wave int not null default 0,
  step text not null default 'moving'
    check (step in ('moving', 'soaking', 'closing', 'returning', 'halted', 'completed', 'rolled_back')),
  step_since timestamptz not null default now(),
  -- The operator's last command: run, pause, halt, rollback.
  wanted text not null default 'run',
  options jsonb not null default '{}',
  -- The gate that failed: {gate, tenantId, message}.
  failed jsonb,
  -- Consecutive probes of the target that failed.
  unreachable int not null default 0,
  requested_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
);
create unique index rollouts_one_to_a_source on rollouts (to_source) where finished_at is null;

create table rollout_tenants (
  rollout_id uuid not null references rollouts (id) on delete cascade,
  tenant_id uuid not null,
  place int not null,
  wave int not null,
  from_source text not null,
  -- Chosen before the move is recorded, so that a crash in between leaves no unknown move.
  move_id uuid,
  -- Why it is skipped.
  skipped text,
  primary key (rollout_id, tenant_id)
);
create index on rollout_tenants (rollout_id, wave, place);

-- Health of watched tenants by data source: counts and a histogram of times (see rollout/health.ts).
create table rollout_health (
  rollout_id uuid not null references rollouts (id) on delete cascade,
  tenant_id uuid not null,
  data_source text not null,
  at timestamptz not null default now(),
  statements int not null,
  faults int not null,
  times int[] not null
);
create index on rollout_health (rollout_id, tenant_id);

create table rollout_events (
  rollout_id uuid not null references rollouts (id) on delete cascade,
  seq bigint generated always as identity,
  at timestamptz not null default now(),
  wave int not null,
  event text not null,
  detail jsonb not null default '{}',
  primary key (rollout_id, seq)
);

-- A Supabase project would serve `public` to its anon key.
alter table rollouts enable row level security;
alter table rollout_tenants enable row level security;
alter table rollout_health enable row level security;
alter table rollout_events enable row level security;
