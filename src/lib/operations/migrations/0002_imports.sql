-- What was imported for a tenant: how far it is, what went wrong, and which rows it made, so that it can be undone. The
-- rows themselves are in the tenant's database only.
create table imports (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  user_id uuid not null,
  entity text not null,
  file_name text not null,
  status text not null default 'running' check (status in ('running', 'done', 'failed', 'undone')),
  rows_read int not null default 0,
  -- {created, updated, skipped, failed, errors: [{line, column, message}]}, or {message} of a failure.
  result jsonb not null default '{}',
  -- Ids of the rows it made, by table.
  made jsonb not null default '{}',
  created_at timestamptz not null default now(),
  -- Moves on with every batch: a running import that stands still has lost its process.
  updated_at timestamptz not null default now()
);
create index on imports (tenant_id, created_at desc);
alter table imports enable row level security;
