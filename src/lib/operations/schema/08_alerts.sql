-- Alerts on suspicious changes: what the rules of src/lib/alerts found in the audit log.

-- How far the audit log was read. One row; the process that reads holds its lock.
create table alert_watch (
  only_row boolean primary key default true check (only_row),
  -- The last record that was read, and its chain hash.
  record_id bigint not null,
  record_chain text,
  -- Records up to this one were there before anything watched: they teach what is usual and raise nothing.
  learned_to bigint not null,
  read_at timestamptz not null default now()
);

-- Rules that differ from the defaults of default-rules.ts, and the operator's own.
create table alert_rules (
  name text primary key check (name ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  rule jsonb not null,
  updated_at timestamptz not null default now(),
  updated_by text not null
);

create table alerts (
  id uuid primary key default gen_random_uuid(),
  rule text not null,
  severity text not null check (severity in ('critical', 'warning', 'notice')),
  -- What makes two occurrences one alert.
  cause text not null,
  title text not null,
  tenant_id uuid,
  -- The record of the audit log that raised it; null where the log itself is what is wrong.
  record_id bigint,
  -- What the messages show: {actor, address, action, entity, entityId, before, after, details}. Secrets as fingerprints, as in the log.
  detail jsonb not null default '{}',
  occurrences int not null default 1,
  raised_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  acknowledged_by text,
  note text,
  check ((acknowledged_at is null) = (acknowledged_by is null))
);
create unique index alerts_one_open on alerts (rule, cause) where acknowledged_at is null;
create index alerts_by_cause on alerts (rule, cause, acknowledged_at);
create index alerts_by_time on alerts (raised_at, id);

-- What is still to be sent of an alert, and what was. A sender holds the row's lock while it sends.
create table alert_deliveries (
  alert_id uuid not null references alerts (id) on delete cascade,
  channel text not null,
  due_at timestamptz not null default now(),
  attempts int not null default 0,
  last_error text,
  delivered_at timestamptz,
  primary key (alert_id, channel)
);
create index alert_deliveries_due on alert_deliveries (due_at) where delivered_at is null;

-- What rules remember. Of rules that count: the records that were counted and have raised nothing yet.
create table alert_counted (
  rule text not null,
  key text not null,
  record_id bigint not null,
  at timestamptz not null,
  amount double precision not null,
  primary key (rule, key, record_id)
);
create index alert_counted_by_time on alert_counted (at);

-- Of rules about something new: the values that are known.
create table alert_known (
  rule text not null,
  key text not null,
  value text not null,
  seen_at timestamptz not null,
  primary key (rule, key, value)
);

-- A Supabase project would serve `public` to its anon key.
alter table alert_watch enable row level security;
alter table alert_rules enable row level security;
alter table alerts enable row level security;
alter table alert_deliveries enable row level security;
alter table alert_counted enable row level security;
alter table alert_known enable row level security;
