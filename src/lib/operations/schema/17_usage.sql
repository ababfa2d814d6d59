-- What tenants use, and what it costs. See docs/usage.md.

-- By tenant and place: the id of a data source, or 'platform' for what is used outside of all of them. In buckets of an hour;
-- after two months of a day.
create table usage_buckets (
  tenant_id uuid not null,
  place text not null,
  seconds int not null default 3600 check (seconds in (3600, 86400)),
  starts_at timestamptz not null,
  statements bigint not null default 0,
  rows bigint not null default 0,
  bytes_in bigint not null default 0,
  bytes_out bigint not null default 0,
  query_us bigint not null default 0,
  connection_us bigint not null default 0,
  egress_bytes bigint not null default 0,
  mails bigint not null default 0,
  -- Sampled once an hour, and summed over the hours of a day.
  storage_byte_hours bigint not null default 0,
  file_byte_hours bigint not null default 0,
  backup_byte_hours bigint not null default 0,
  sampled_hours int not null default 0,
  primary key (tenant_id, place, seconds, starts_at)
);
create index usage_buckets_by_time on usage_buckets (starts_at, seconds);

-- How far each process has added what it counted: a batch that is sent again is not added again.
create table usage_writers (
  id uuid primary key,
  host text not null,
  pid int not null,
  sequence bigint not null,
  flushed_at timestamptz not null default now()
);

-- The statements that took a tenant's time, without their values, by day.
create table usage_statements (
  tenant_id uuid not null,
  place text not null,
  day date not null,
  -- Digest of the text without its values.
  fingerprint text not null,
  statement text not null,
  calls bigint not null,
  query_us bigint not null,
  rows bigint not null,
  primary key (tenant_id, place, day, fingerprint)
);
create index usage_statements_by_day on usage_statements (day);

-- A Supabase project would serve `public` to its anon key.
alter table usage_buckets enable row level security;
alter table usage_writers enable row level security;
alter table usage_statements enable row level security;

-- Of each data source's storage, what belongs to no tenant: catalogs, the schema `tenancy`, empty tables. By month.
create table usage_shared_storage (
  place text not null,
  month date not null,
  byte_hours bigint not null,
  sampled_hours int not null,
  -- An hour is added once.
  last_hour timestamptz not null,
  primary key (place, month)
);

-- The last measurement of a data source's storage: {tenants: {id: bytes}, shared, files: {id: bytes}}.
create table usage_storage (
  place text primary key,
  measured_at timestamptz not null default now(),
  measured jsonb not null
);

-- What providers charge. Entries are never changed: a correction is an entry of the difference.
create table usage_bills (
  id uuid primary key default gen_random_uuid(),
  -- Id of a data source, or what is paid for outside of them: files, backups, mail, egress, platform.
  target text not null,
  month date not null check (extract(day from month) = 1),
  -- In the currency's minor units; negative for a credit.
  amount bigint not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  corrects uuid references usage_bills (id),
  note text not null default '',
  entered_by text not null,
  entered_at timestamptz not null default now()
);
create index usage_bills_by_month on usage_bills (month);
create index usage_bills_corrects on usage_bills (corrects);

-- How bills are allocated, from a month on: `weights`, `capacity:<target>`, `margin`.
create table usage_settings (
  name text not null,
  since date not null check (extract(day from since) = 1),
  value jsonb not null,
  set_by text not null,
  set_at timestamptz not null default now(),
  primary key (name, since)
);

-- What a tenant may cost in a month before an alert is raised.
create table usage_budgets (
  tenant_id uuid primary key,
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- The alert that is open for it: {rule, cause}.
  alert jsonb,
  set_by text not null,
  set_at timestamptz not null default now()
);

alter table usage_shared_storage enable row level security;
alter table usage_storage enable row level security;
alter table usage_bills enable row level security;
alter table usage_settings enable row level security;
alter table usage_budgets enable row level security;
