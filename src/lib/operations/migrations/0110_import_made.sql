-- What an import made is written down batch by batch, before each batch is written: memory does not grow with the file, and an
-- import whose process ended can be undone too.
create table import_made (
  import_id uuid not null references imports on delete cascade,
  position bigint generated always as identity,
  table_name text not null,
  ids uuid[] not null,
  primary key (import_id, position)
);
alter table import_made enable row level security;
insert into import_made (import_id, table_name, ids)
  select i.id, m.key, array(select jsonb_array_elements_text(m.value)::uuid)
  from imports i cross join lateral jsonb_each(i.made) m where i.status <> 'undone';

alter table imports
  drop column made,
  -- How large the file is, and how much of it was read.
  add column file_bytes bigint not null default 0,
  add column bytes_read bigint not null default 0,
  drop constraint imports_status_check,
  add constraint imports_status_check check (status in ('running', 'done', 'failed', 'undoing', 'undone'));

-- A company imports one file at a time: two would not see each other's rows as duplicates.
update imports set status = 'failed', result = '{"message": "The import was interrupted."}' where status = 'running';
create unique index imports_one_running on imports (tenant_id) where status in ('running', 'undoing');
