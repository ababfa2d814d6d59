-- Readable copies of data sources: standbys that replicate the whole server, and so have the logins of their primary.
create table data_source_replicas (
  id uuid primary key default gen_random_uuid(),
  data_source_id uuid not null references data_sources (id) on delete cascade,
  -- host:port
  host text not null check (length(host) between 1 and 300),
  region text,
  created_at timestamptz not null default now(),
  constraint data_source_replicas_once unique (data_source_id, host)
);
alter table data_source_replicas enable row level security;

-- The latest timeline that a data source's cluster was seen on. A server on an earlier one was replaced, whatever it says.
create table data_source_timelines (
  data_source_id uuid primary key references data_sources (id) on delete cascade,
  -- The cluster's identifier; empty where no login may read it.
  system text not null,
  timeline int not null check (timeline > 0),
  seen_at timestamptz not null default now()
);
alter table data_source_timelines enable row level security;
