-- Changed rows, for clients of /realtime/v1 and for open screens. Triggers record them while a lease says that the tenant has such;
-- Marquee reads them soon after. No connection has to LISTEN, so it works behind a pooler and on a Supabase project.
create table tenancy.realtime_lease (
  tenant_id uuid not null,
  -- `rows`: for clients that get whole rows; `ids`: for screens, which need to know only which rows changed.
  name text not null check (name in ('rows', 'ids')),
  until timestamptz not null,
  primary key (tenant_id, name)
);

select tenancy.protect_internal('tenancy.realtime_lease');

create table tenancy.realtime_changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  at timestamptz not null default clock_timestamp(),
  -- Start of the server and the database: transaction numbers are only comparable within one.
  origin text not null,
  xid bigint not null,
  table_name text not null,
  operation text not null check (operation in ('INSERT', 'UPDATE', 'DELETE')),
  row_id uuid not null,
  -- The screen that changed it, where one did.
  screen text,
  -- The row after the change, or as it was before it was deleted. Null without a lease for whole rows.
  record jsonb,
  primary key (tenant_id, id)
);
create index on tenancy.realtime_changes (tenant_id, at, id);

select tenancy.protect_internal('tenancy.realtime_changes');
