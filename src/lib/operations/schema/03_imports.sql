-- What was imported for a tenant: how far it is, what went wrong, and which rows it made, so that it can be undone. The
-- rows themselves are in the tenant's database only.
create table imports (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  user_id uuid not null,
  entity text not null,
  file_name text not null,
  status text not null default 'running' check (status in ('running', 'done', 'failed', 'undoing', 'undone')),
  rows_read int not null default 0,
  -- {created, updated, skipped, failed, errors: [{line, column, message}]}, or {message} of a failure.
  result jsonb not null default '{}',
  created_at timestamptz not null default now(),
  -- Moves on with every batch: a running import that stands still has lost its process.
  updated_at timestamptz not null default now(),
  -- How large the file is, and how much of it was read.
  file_bytes bigint not null default 0,
  bytes_read bigint not null default 0
);
create index on imports (tenant_id, created_at desc);
-- A tenant imports one file at a time: two would not see each other's rows as duplicates.
create unique index imports_one_running on imports (tenant_id) where status in ('running', 'undoing');
alter table imports enable row level security;

-- What an import made is written down batch by batch, before each batch is written: memory does not grow with the file, and an
-- import whose process ended can be undone too.
create table import_made (
  import_id uuid not null references imports on delete cascade,
  position bigint generated always as identity,
  table_name text not null,
  ids uuid[] not null,
  primary key (import_id, position)
);
alter table import_made enable row level security;
