-- Keys that no secret needs any more. A process that would encrypt with one, because its configuration is an old one, does not start.
create table retired_keys (
  key text primary key,
  retired_at timestamptz not null default now()
);
alter table retired_keys enable row level security;
