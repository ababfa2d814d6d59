-- Exports of tenants that wait to be downloaded: archives in the store of backups, removed after some days.
create table exports (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  state text not null default 'running' check (state in ('running', 'complete')),
  format text not null check (format in ('csv', 'json')),
  -- Directory or bucket, without credentials.
  store text not null,
  -- Envelope of the key that encrypts it, owner `<tenant>/<export>`.
  data_key text not null check (marquee.is_envelope(data_key)),
  requested_by text not null,
  started_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- The moment whose rows it holds.
  as_of timestamptz,
  tables int,
  rows bigint,
  -- Of the archive, and the chunks it is stored in.
  bytes bigint,
  chunks int,
  -- Attachments in it.
  files int,
  check (state = 'running' or as_of is not null and bytes is not null and chunks is not null)
);
create index exports_of_tenant on exports (tenant_id, started_at desc);
create index exports_by_expiry on exports (expires_at);
alter table exports enable row level security;
create trigger announce after insert or update or delete on exports
  for each row execute function marquee.announce_change('backups');
