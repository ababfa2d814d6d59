-- Outbox events for webhooks and connected services: written in the transaction of the change, by whatever way it is made. They
-- carry only ids of rows. Marquee delivers them; moves take them along. Ordered by `occurred_at` within a tenant.
create table tenancy.outbox (
  tenant_id uuid not null,
  id uuid not null,
  -- `invoice.paid`, …
  type text not null,
  -- {"invoice_id": …}
  rows jsonb not null,
  occurred_at timestamptz not null default pg_catalog.clock_timestamp(),
  primary key (tenant_id, id)
);
create index on tenancy.outbox (tenant_id, occurred_at, id);

select tenancy.protect_internal('tenancy.outbox');

-- The id of a row in a connected service, so that it is created there once and updated from then on.
create table tenancy.external_rows (
  tenant_id uuid not null,
  -- The service and the account in it: `quickbooks:<company>`.
  system text not null,
  entity_id uuid not null,
  external_id text not null,
  -- The row's `version` when it was last sent.
  version int not null,
  primary key (tenant_id, system, entity_id)
);

select tenancy.protect_internal('tenancy.external_rows');
