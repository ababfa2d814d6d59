-- Imports of a tenant: progress, errors, and the rows made, so that an import can be undone. The rows themselves are only in
-- the tenant's database.
create table imports (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  user_id uuid not null,
  entity text not null,
  file_name text not null,
  status text not null default 'running' check (status in ('running', 'done', 'failed', 'undoing', 'undone')),
  rows_read int not null default 0,
  -- {created, updated, skipped, failed, incomplete, errors: [{line, column, message}], matches}, {removed, restored, kept} of undoing,
  -- or {message} of a failure.
  result jsonb not null default '{}',
  created_at timestamptz not null default now(),
  -- Changes with every batch: a running import whose time stands still has lost its process.
  updated_at timestamptz not null default now(),
  -- Size of the file, and how much of it was read.
  file_bytes bigint not null default 0,
  bytes_read bigint not null default 0
);
create index on imports (tenant_id, created_at desc);
-- One import of a tenant at a time: two would not see each other's rows as duplicates.
create unique index imports_one_running on imports (tenant_id) where status in ('running', 'undoing');
alter table imports enable row level security;

-- Rows that an import made, recorded before each batch is written: memory does not grow with the file, and an import whose
-- process ended can be undone too.
create table import_made (
  import_id uuid not null references imports on delete cascade,
  position bigint generated always as identity,
  table_name text not null,
  ids uuid[] not null,
  primary key (import_id, position)
);
alter table import_made enable row level security;
