-- Moves of tenants between databases: what was asked for, how far each is, what it must remove again.
create table moves (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  -- Data sources of the registry.
  from_source text not null,
  to_source text not null,
  -- The tenant's id in each.
  from_tenant_id uuid not null,
  to_tenant_id uuid not null,
  mode text not null check (mode in ('logical', 'change_log', 'offline')),
  step text not null default 'queued',
  -- What the operator wants next: run, pause, cut_over, abort, rollback, complete.
  wanted text not null default 'run',
  -- Grows whenever a process takes the move over; part of the holder of its fences.
  attempt int not null default 0,
  -- The route's epoch that a decision was sent for; its answer may have been lost.
  deciding_epoch bigint,
  options jsonb not null default '{}',
  progress jsonb not null default '{}',
  error jsonb,
  certificate jsonb,
  requested_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  -- The epoch at which the tenant's fence was open at the source when the move was recorded.
  from_epoch bigint
);
-- One move of a tenant at a time.
create unique index moves_one_of_a_tenant on moves (tenant_id) where finished_at is null;
create index on moves (created_at);

-- Recorded before the object is made, so that a crash leaves nothing that nobody knows of.
create table move_objects (
  move_id uuid not null references moves (id) on delete cascade,
  kind text not null check (kind in ('publication', 'slot', 'change_log', 'fence', 'rows', 'progress')),
  data_source text not null,
  name text not null,
  recorded_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (move_id, kind, data_source, name)
);

-- Tables in ranges of keys, (after, up_to]; null is without bound. A range commits by itself and is then done.
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

-- Reads of tenants that were run at both homes of their move before its cut-over: counts and times, no statement, no value.
create table move_dark_reads (
  move_id uuid not null references moves (id) on delete cascade,
  -- Digest of the statement's text.
  statement text not null,
  role text not null,
  tables text[] not null,
  -- Both homes answered the same.
  same bigint not null default 0,
  -- The new home answered otherwise, at a position where it had everything that the old one had.
  different bigint not null default 0,
  -- The new home refused what the old one answered.
  refused bigint not null default 0,
  -- The rows changed too often, or the stream did not come so far, for a judgement.
  unsettled bigint not null default 0,
  old_ms double precision not null default 0,
  new_ms double precision not null default 0,
  -- Sum of ln(new / old) over those answered: a mean of ratios that one slow answer does not decide.
  log_ratio double precision not null default 0,
  -- SQLSTATE of the last refusal.
  last_refusal text,
  updated_at timestamptz not null default now(),
  primary key (move_id, statement, role)
);

-- While a move is open, the tenant's id at the source and at the target belongs to it: nothing else may bring a tenant there.
create table reserved_ids (
  -- Data source of the registry, and the tenant's id in it.
  data_source text not null,
  tenant_id uuid not null,
  move_id uuid not null references moves (id) on delete cascade,
  reserved_at timestamptz not null default now(),
  primary key (data_source, tenant_id)
);
create index on reserved_ids (move_id);
alter table reserved_ids enable row level security;
