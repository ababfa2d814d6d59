-- The history of events: who changed what, written by triggers in the transaction of the change, by whatever way it is made.
create table tenancy.changes (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  event_id uuid not null,
  -- The table and row that changed, and the columns by which people know it, as they were then.
  entity text not null,
  entity_id uuid not null,
  subject jsonb not null,
  action text not null check (action in ('added', 'changed', 'removed')),
  -- {column: [before, after]}; empty for a row that was added or removed: the subject describes it.
  columns jsonb not null default '{}',
  changed_at timestamptz not null default clock_timestamp(),
  changed_by uuid,
  -- How the change was made, if not by a user.
  changed_through text check (changed_through in ('client_link')),
  primary key (tenant_id, id)
);
create index on tenancy.changes (tenant_id, event_id, changed_at, id);

select tenancy.protect_internal('tenancy.changes');
