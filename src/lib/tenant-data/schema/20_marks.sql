-- Marks of requests: a row for each write that is sent to a source with several hosts, in the write's own transaction. When its answer is
-- lost in a failover, the mark tells whether it was committed, and keeps it from being done twice. See docs/failover.md.
create table tenancy.request_marks (
  tenant_id uuid not null,
  id uuid not null,
  made_at timestamptz not null default pg_catalog.clock_timestamp(),
  constraint request_marks_once primary key (tenant_id, id)
);
-- Rows come in the order of time.
create index request_marks_made_at on tenancy.request_marks using brin (made_at);
