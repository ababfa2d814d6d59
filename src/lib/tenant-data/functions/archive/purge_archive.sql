-- Files of records whose time in the archive is over: they are deleted before `purge_archive`.
create or replace function public.expired_files(most int default 200) returns table (id uuid)
  language sql stable
as $$
  select distinct f.id from tenancy.archive a
    cross join lateral jsonb_array_elements(a.rows) r
    join public.attachments f on f.tenant_id = a.tenant_id and f.entity_id = (r #>> '{row,id}')::uuid
      and f.entity_type = tenancy.kind_of((r ->> 'table')::name)
    where a.tenant_id = (select tenancy.current_tenant()) and a.reason = 'deleted' and a.archived_at < now() - interval '30 days' limit most
$$;
select tenancy.expose(false, 'public.expired_files(integer)');

-- Deletes for good what is older than 30 days, and hidden records that no other needs any more.
create or replace function public.purge_archive() returns int
  language plpgsql volatile
as $$
declare
  purged int;
  hidden record;
begin
  delete from tenancy.archive a where a.tenant_id = (select tenancy.current_tenant()) and a.archived_at < now() - interval '30 days'
    and not (a.reason = 'deleted' and exists (select from jsonb_array_elements(a.rows) r
      join public.attachments f on f.tenant_id = a.tenant_id and f.entity_id = (r #>> '{row,id}')::uuid
        and f.entity_type = tenancy.kind_of((r ->> 'table')::name)));
  get diagnostics purged = row_count;
  -- A change that no process took up again ends where it is; it can still be undone.
  update tenancy.bulk_changes b set status = 'cancelled' where b.tenant_id = (select tenancy.current_tenant())
    and b.status in ('running', 'undoing') and b.updated_at < now() - interval '1 hour';
  delete from tenancy.bulk_changes b where b.tenant_id = (select tenancy.current_tenant()) and b.created_at < now() - interval '30 days';
  perform set_config('tenancy.unarchived', 'on', true);
  for hidden in select * from tenancy.hidden_records(tenancy.current_tenant()) h where h.deleted_at < now() - interval '30 days' limit 500 loop
    begin
      execute format('delete from public.%I where tenant_id = $1 and id = $2', hidden.kind) using tenancy.current_tenant(), hidden.id;
      purged := purged + 1;
    exception when others then
      -- Others still need it, or it has files.
      null;
    end;
  end loop;
  perform set_config('tenancy.unarchived', '', true);
  return purged;
end
$$;
select tenancy.expose(false, 'public.purge_archive()');
