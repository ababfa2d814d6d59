-- Who changed what of an event: written by triggers in the transaction that changes it, whoever does it and by whatever way.
create table tenancy.changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  event_id uuid not null,
  -- The table and the row that changed, and the columns by which people know that row, as they were then.
  entity text not null,
  entity_id uuid not null,
  subject jsonb not null,
  action text not null check (action in ('added', 'changed', 'removed')),
  -- {column: [before, after]}; of a row that was added or removed, the subject says enough.
  columns jsonb not null default '{}',
  changed_at timestamptz not null default clock_timestamp(),
  changed_by uuid,
  -- How the change came about where no user made it.
  changed_through text check (changed_through in ('client_link')),
  primary key (tenant_id, id)
);
create index on tenancy.changes (tenant_id, event_id, changed_at, id);

select tenancy.protect_internal('tenancy.changes');
