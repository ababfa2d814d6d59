-- While the lease runs, changes of the tenant's rows are written down.
create table tenancy.realtime_lease (
  tenant_id uuid not null,
  -- Moves need a key beside the tenant. There is one lease.
  name text not null default 'rows',
  until timestamptz not null,
  primary key (tenant_id, name)
);

select tenancy.protect_internal('tenancy.realtime_lease');

create table tenancy.realtime_changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  -- The server's start and the database: in another one, transactions have other numbers.
  origin text not null,
  xid bigint not null,
  table_name text not null,
  operation text not null check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  -- The row after the change; of a deleted row, as it was.
  record jsonb not null,
  primary key (tenant_id, id)
);
create index on tenancy.realtime_changes (tenant_id, at, id);

select tenancy.protect_internal('tenancy.realtime_changes');
