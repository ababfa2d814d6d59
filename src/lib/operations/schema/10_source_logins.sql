-- Logins that a rotation replaces or makes, recorded before it changes anything: one that is not in the registry any more, or not
-- yet, is dropped by the next rotation. So a crash leaves no unknown login behind.
create table source_logins (
  data_source_id uuid not null references data_sources (id) on delete cascade,
  login text not null,
  recorded_at timestamptz not null default now(),
  primary key (data_source_id, login)
);
alter table source_logins enable row level security;
