-- The position of each stream into this database: written in the transaction that applies the changes.
create table tenancy.move_progress (
  move_id uuid not null,
  stream text not null,
  lsn pg_lsn not null,
  updated_at timestamptz not null default pg_catalog.now(),
  primary key (move_id, stream)
);

grant select, insert, update, delete on tenancy.move_progress to tenant_mover;

-- Keys of rows that changed while their tenant is moved from a database without logical decoding.
create table tenancy.move_log (
  move_id uuid not null,
  seq bigint generated always as identity,
  table_name text not null,
  key text[] not null,
  primary key (move_id, seq)
);

grant select, delete on tenancy.move_log to tenant_mover;

-- A move compares the schemas of source and target.
grant select on tenancy.migrations, tenancy.function_files to tenant_mover;
