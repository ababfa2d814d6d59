-- The audit log. No foreign keys: records outlive what they are about.
create table public.audit_log (
  -- From 1, without gaps; the trigger `chain` gives it.
  id bigint primary key,
  occurred_at timestamptz not null default clock_timestamp(),
  tenant_id uuid,
  -- `user:<id>`, `key:<id>`, `cli:<system user>@<host>`, `system:<job>`, or `database:<login>` where the session named no actor.
  actor text not null,
  request_id text,
  -- `tenants.update`, `users.insert`, `session.sign_in`, …
  action text not null,
  entity text not null,
  entity_id text,
  before jsonb,
  after jsonb,
  details jsonb,
  -- The client's IP address, where there is one.
  address text,
  -- SHA-256 of this record, and of the chain up to it; see functions/audit_chain.sql.
  leaf_hash bytea not null,
  chain_hash bytea not null
);
create index audit_log_by_tenant on public.audit_log (tenant_id, id);
create index audit_log_by_entity on public.audit_log (entity, entity_id, id);
-- The latest signed checkpoint.
create index audit_log_checkpoints on public.audit_log (id) where action = 'audit.checkpoint';

-- A Supabase project serves `public` to its anon key: without policies only the owner sees a row.
alter table public.audit_log enable row level security;

-- These fire also where session_replication_role turns ordinary triggers off.
create trigger append_only before update or delete or truncate on public.audit_log
  for each statement execute function marquee.refuse_history_change();
alter table public.audit_log enable always trigger append_only;
create trigger chain before insert on public.audit_log
  for each row execute function marquee.chain_audit_record();
alter table public.audit_log enable always trigger chain;
