-- Changes of many records at once: one value set in a column, or the records deleted. What they overwrite and delete is in
-- tenancy.archive, so that they can be undone. A part of the records is changed in each transaction, which also moves `position`: a
-- change whose process ended goes on where it was.
create table tenancy.bulk_changes (
  tenant_id uuid not null,
  -- Chosen by the client, so that a request that arrives twice begins one change.
  id uuid not null,
  -- The records' table, and those that were selected.
  kind text not null,
  ids uuid[] not null,
  -- The column and its new value. Without a column, the records are deleted.
  set_column text,
  set_value jsonb,
  status text not null default 'running' check (status in ('running', 'done', 'cancelled', 'undoing', 'undone')),
  -- How many of `ids` were tried.
  position int not null default 0,
  -- How many were changed or deleted, and how many of these undoing restored.
  changed int not null default 0,
  restored int not null default 0,
  -- Rows of the archive, and records that were hidden as others need them.
  deleted uuid[] not null default '{}',
  -- [{id, name, reason}] of records that were not changed, or that undoing did not restore; the first 100. How many there are.
  refused jsonb not null default '[]',
  refusals int not null default 0,
  created_at timestamptz not null default now(),
  created_by uuid default tenancy.current_user_id(),
  -- Of the last part. A running change whose time stands still has lost its process.
  updated_at timestamptz not null default now(),
  primary key (tenant_id, id)
);
create index on tenancy.bulk_changes (tenant_id, created_by, created_at);

select tenancy.protect_internal('tenancy.bulk_changes');
