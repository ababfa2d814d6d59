-- Health of data sources: what the last round of probes found, changes of state, and history. See docs/health.md.

create table health_sources (
  data_source_id uuid primary key references data_sources (id) on delete cascade,
  -- The process that probes it at the moment; no other one does before `leased_until`.
  holder uuid,
  leased_until timestamptz not null default '-infinity',
  next_at timestamptz not null default now(),
  probed_at timestamptz,
  state text not null default 'unknown' check (state in ('healthy', 'degraded', 'unhealthy', 'unknown')),
  since timestamptz not null default now(),
  -- Levels of the last rounds, the latest first.
  levels text[] not null default '{}',
  -- What the state rests on: [{cause, level, evidence}], the most telling first.
  findings jsonb not null default '[]',
  -- Of the last round: numbers that have a history, and texts.
  measures jsonb not null default '{}',
  facts jsonb not null default '{}',
  -- What probes need from one round to the next.
  memory jsonb not null default '{}',
  sampled_at timestamptz
);
create index health_sources_due on health_sources (next_at);

-- Thresholds that differ from the defaults; without a data source for all of them.
create table health_thresholds (
  data_source_id uuid references data_sources (id) on delete cascade,
  name text not null,
  value double precision not null check (value >= 0),
  unique nulls not distinct (data_source_id, name)
);

create table health_changes (
  data_source_id uuid not null references data_sources (id) on delete cascade,
  seq bigint generated always as identity,
  at timestamptz not null default now(),
  from_state text not null,
  to_state text not null,
  findings jsonb not null default '[]',
  primary key (data_source_id, seq)
);
create index health_changes_by_time on health_changes (at);

-- Rounds: one by one for a day (`seconds` 0), in buckets of 5 minutes for a week and of an hour for 90 days.
create table health_samples (
  data_source_id uuid not null references data_sources (id) on delete cascade,
  seconds int not null check (seconds in (0, 300, 3600)),
  at timestamptz not null,
  -- Rounds in it, and how many of them were of each level.
  rounds int not null default 1,
  degraded int not null,
  unhealthy int not null,
  -- The most telling cause of the worst round.
  cause text,
  -- {name: {avg, max}}
  measures jsonb not null,
  primary key (data_source_id, seconds, at)
);
create index health_samples_by_time on health_samples (seconds, at);

-- Circuit breakers that are not closed, as each process has them.
create table health_circuits (
  process_id uuid not null,
  -- `host (pid)`, for the operator.
  process text not null,
  data_source_id uuid not null references data_sources (id) on delete cascade,
  state text not null check (state in ('open', 'half-open')),
  reason text,
  seen_at timestamptz not null default now(),
  primary key (data_source_id, process_id)
);

-- A Supabase project would serve `public` to its anon key.
alter table health_sources enable row level security;
alter table health_thresholds enable row level security;
alter table health_changes enable row level security;
alter table health_samples enable row level security;
alter table health_circuits enable row level security;
