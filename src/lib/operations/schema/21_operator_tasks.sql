-- What operators begin over HTTP and takes longer than a request: backups, drills, verifications, rotations. One process does each.
create table operator_tasks (
  id uuid primary key default gen_random_uuid(),
  kind text not null check (length(kind) between 1 and 60),
  -- What it is about: a tenant's id, a backup's, a data source's name. Null: the service.
  subject text,
  -- The same in words, for people.
  title text not null,
  requested_by text not null,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  progress jsonb not null default '{}',
  result jsonb,
  -- {code, message, hint}
  error jsonb,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  -- A process that does not say so for a while has ended.
  alive_at timestamptz not null default now(),
  check ((state = 'running') = (finished_at is null))
);
create index operator_tasks_latest on operator_tasks (started_at desc);
alter table operator_tasks enable row level security;
create trigger announce after insert or update on operator_tasks
  for each row execute function marquee.announce_change('tasks');
