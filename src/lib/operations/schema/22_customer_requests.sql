-- What a tenant's owners ask the operator for: their data in a database of their own, or an export.
create table customer_requests (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null,
  kind text not null check (kind in ('own_database', 'export')),
  state text not null default 'open' check (state in ('open', 'done', 'declined', 'withdrawn')),
  note text not null default '' check (length(note) <= 1000),
  -- Where the database stands, e.g. eu-central-1, as the customer says.
  region text check (length(region) <= 60),
  -- JSON of the owner's URL and the authorities of its certificate, encrypted, until the request is answered.
  database text check (marquee.is_envelope(database)),
  requested_by uuid not null,
  requested_at timestamptz not null default now(),
  answer text check (length(answer) <= 1000),
  answered_by text,
  answered_at timestamptz,
  check ((database is not null) = (kind = 'own_database' and state = 'open')),
  check ((answered_at is null) = (state = 'open'))
);
create unique index customer_requests_open on customer_requests (tenant_id, kind) where state = 'open';
create index customer_requests_of_tenant on customer_requests (tenant_id, requested_at desc);
alter table customer_requests enable row level security;
create trigger announce after insert or update or delete on customer_requests
  for each row execute function marquee.announce_change('requests');
