-- Moves of tenants between data sources: the request, the progress, and the objects to remove.
create table moves (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  -- Names of data sources in the registry.
  from_source text not null,
  to_source text not null,
  -- The tenant's id in each.
  from_tenant_id uuid not null,
  to_tenant_id uuid not null,
  mode text not null check (mode in ('logical', 'change_log', 'offline')),
  step text not null default 'queued',
  -- The operator's last command: run, pause, cut_over, abort, rollback, complete.
  wanted text not null default 'run',
  -- Grows whenever a process takes the move over; part of the holder of its fences.
  attempt int not null default 0,
  -- The route's epoch of a cut-over that was sent; its answer may have been lost.
  deciding_epoch bigint,
  options jsonb not null default '{}',
  progress jsonb not null default '{}',
  error jsonb,
  certificate jsonb,
  requested_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  -- The epoch of the tenant's open fence at the source when the move was requested.
  from_epoch bigint
);
-- One move of a tenant at a time.
create unique index moves_one_of_a_tenant on moves (tenant_id) where finished_at is null;
create index on moves (created_at);

-- Objects in the data sources, recorded before they are made, so that a crash leaves none unknown.
create table move_objects (
  move_id uuid not null references moves (id) on delete cascade,
  kind text not null check (kind in ('publication', 'slot', 'change_log', 'fence', 'rows', 'progress')),
  data_source text not null,
  name text not null,
  recorded_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (move_id, kind, data_source, name)
);

-- Ranges of keys to copy, (after, up to]; null is without bound. A range commits by itself and is then done.
create table move_ranges (
  move_id uuid not null references moves (id) on delete cascade,
  table_name text not null,
  place int not null,
  after_key text,
  up_to_key text,
  rows bigint not null default 0,
  bytes bigint not null default 0,
  done boolean not null default false,
  primary key (move_id, table_name, place)
);

create table move_events (
  move_id uuid not null references moves (id) on delete cascade,
  seq bigint generated always as identity,
  at timestamptz not null default now(),
  step text not null,
  detail jsonb not null default '{}',
  primary key (move_id, seq)
);

-- Shadow reads: reads of a tenant that ran at source and target before the cut-over. Counts and times, no statement, no value.
create table move_shadow_reads (
  move_id uuid not null references moves (id) on delete cascade,
  -- Digest of the statement's text.
  statement text not null,
  role text not null,
  tables text[] not null,
  -- Source and target gave the same answer.
  same bigint not null default 0,
  -- The target gave another answer, at a position where it had all changes of the source.
  different bigint not null default 0,
  -- The target refused what the source answered.
  refused bigint not null default 0,
  -- Not comparable: the rows changed too often, or the stream did not reach the position.
  unsettled bigint not null default 0,
  source_ms double precision not null default 0,
  target_ms double precision not null default 0,
  -- Sum of ln(target / source) over the answers: a mean of ratios is not decided by one slow answer.
  log_ratio double precision not null default 0,
  -- SQLSTATE of the last refusal.
  last_refusal text,
  updated_at timestamptz not null default now(),
  primary key (move_id, statement, role)
);

-- While a move is open it reserves the tenant's ids at source and target: no other tenant can be placed there.
create table reserved_ids (
  -- Name of the data source, and the tenant's id in it.
  data_source text not null,
  tenant_id uuid not null,
  move_id uuid not null references moves (id) on delete cascade,
  reserved_at timestamptz not null default now(),
  primary key (data_source, tenant_id)
);
create index on reserved_ids (move_id);

-- A Supabase project would serve `public` to its anon key.
alter table moves enable row level security;
alter table move_objects enable row level security;
alter table move_ranges enable row level security;
alter table move_events enable row level security;
alter table move_shadow_reads enable row level security;
alter table reserved_ids enable row level security;
