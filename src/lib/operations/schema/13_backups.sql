-- Backups of single tenants, what was restored from them, the drills that prove them, and legal holds.

create table backups (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  -- Id of the data source the rows were read from.
  data_source text not null,
  -- `complete` has a manifest in its store; `removed` was pruned or erased, and while its objects are being removed it is `removing`.
  state text not null default 'running' check (state in ('running', 'complete', 'failed', 'removing', 'removed')),
  reason text not null check (reason in ('manual', 'scheduled', 'before_restore')),
  -- Directory or bucket, without credentials.
  store text not null,
  -- Envelope of the key that encrypts it, owner `<tenant>/<backup>`.
  data_key text not null check (marquee.is_envelope(data_key)),
  -- MD5 of the envelope that stands in the store beside the manifest, since the key was brought under another one.
  stored_key text,
  requested_by text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- The moment whose rows it holds.
  as_of timestamptz,
  -- {format, tables, files, …} of src/lib/backups/format/manifest.ts, with its MAC.
  manifest jsonb,
  rows bigint,
  stored_bytes bigint,
  -- When all of it was last read back, and when a drill last restored it.
  verified_at timestamptz,
  proven_at timestamptz,
  error jsonb,
  check (state <> 'complete' or manifest is not null and as_of is not null)
);
create index backups_of_tenant on backups (tenant_id, started_at desc);
create index backups_unfinished on backups (id) where state in ('running', 'removing');

create table restores (
  id uuid primary key default gen_random_uuid(),
  backup_id uuid not null references backups (id),
  -- Of the backup.
  tenant_id uuid not null,
  kind text not null check (kind in ('in_place', 'rows', 'as_new_tenant', 'to_data_source')),
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  -- Where the rows go: the tenant, its id there, its data source, and the fence's epoch before.
  into_tenant uuid not null,
  into_id uuid not null,
  into_source text not null,
  epoch bigint not null default 0,
  -- A fence is held in the name of this restore, there or at `from_source`, and has to be opened or removed.
  fence_held boolean not null default false,
  from_source text,
  safety_backup uuid references backups (id),
  requested_by text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  result jsonb not null default '{}',
  error jsonb,
  -- The data source that the tenant left as lost: its rows may be there still.
  left_source text
);
create index restores_open on restores (id) where state = 'running' or fence_held;
create index restores_of_tenant on restores (tenant_id, started_at desc);
create index restores_of_backup on restores (backup_id);
create index restores_of_safety_backup on restores (safety_backup);

create table drills (
  id uuid primary key default gen_random_uuid(),
  backup_id uuid references backups (id),
  tenant_id uuid not null,
  state text not null default 'running' check (state in ('running', 'passed', 'failed')),
  -- The tenant that it restores into and removes again, and its data source.
  scratch_tenant uuid not null,
  data_source text not null,
  scratch_removed boolean not null default false,
  requested_by text not null,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- {rows, bytes, files, restoreMs, openMs, totalMs}
  result jsonb not null default '{}',
  error jsonb
);
create index drills_of_tenant on drills (tenant_id, started_at desc);
create index drills_open on drills (id) where state = 'running' or not scratch_removed;
create index drills_of_backup on drills (backup_id);

-- Tenants whose data must not be erased, nor backups of them pruned.
create table legal_holds (
  tenant_id uuid primary key,
  reason text not null check (reason <> ''),
  placed_by text not null,
  placed_at timestamptz not null default now()
);

-- Erasures of tenants, with their certificates once nothing is left.
create table erasures (
  tenant_id uuid primary key,
  certificate jsonb,
  erased_at timestamptz not null default now(),
  -- {dataSource, before, copiesRemoved}: what was found before anything was removed, so that an erasure that failed is continued with it.
  found jsonb
);

-- A Supabase project would serve `public` to its anon key.
alter table backups enable row level security;
alter table restores enable row level security;
alter table drills enable row level security;
alter table legal_holds enable row level security;
alter table erasures enable row level security;
