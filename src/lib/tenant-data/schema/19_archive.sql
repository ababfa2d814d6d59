-- What was deleted, merged or overwritten in the last 30 days, so that it can be restored. A deleted record leaves its table like any
-- other row, so lists, search, reports, keys and clients need to know nothing of it; its rows are kept here.
create table tenancy.archive (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  -- deleted      a record, with the rows that went with it
  -- merged       accounts or contacts that were merged into another
  -- overwritten  what an import or a bulk change overwrote in a record
  reason text not null check (reason in ('deleted', 'merged', 'overwritten')),
  -- The record's table, its id and its name.
  kind text not null,
  record_id uuid not null,
  title text not null,
  -- The import or the bulk change that overwrote it.
  job_id uuid,
  -- deleted      [{table, row}]: the record first
  -- merged       [{table, row}]: the records as they were before, the one that stayed first, and their links; [{after}]: it, afterwards
  -- overwritten  [{before, after}]: the values of the changed columns
  rows jsonb not null,
  -- [{table, id, column, value}]: what columns of other records held that the deletion emptied, or the merge changed.
  pointers jsonb not null default '[]',
  -- The transaction that restores it.
  restored_in text,
  archived_at timestamptz not null default clock_timestamp(),
  archived_by uuid default tenancy.current_user_id(),
  primary key (tenant_id, id)
);
create index on tenancy.archive (tenant_id, reason, archived_at, id);
create index on tenancy.archive (tenant_id, job_id, archived_at) where job_id is not null;
create index on tenancy.archive (tenant_id, kind, record_id);

select tenancy.protect_internal('tenancy.archive');
select tenancy.tell_screens('tenancy.archive');

-- The records that people delete as a whole.
do $triggers$
declare
  kind name;
begin
  foreach kind in array tenancy.archived_kinds() loop
    -- Rows that a foreign key deletes are archived with the record that took them along.
    execute format('create trigger archive_deleted before delete on public.%I for each row '
      'when (pg_trigger_depth() = 0 and not tenancy.copying()) execute function tenancy.archive_deleted()', kind);
  end loop;
end
$triggers$;
