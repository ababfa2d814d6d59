-- A bulk change as its owner's screens show it.
create or replace function tenancy.bulk_change_state(job tenancy.bulk_changes) returns jsonb
  language sql stable
  return jsonb_build_object('id', job.id, 'kind', job.kind, 'column', job.set_column, 'status', job.status, 'total', cardinality(job.ids),
    'tried', job.position, 'changed', job.changed, 'restored', job.restored, 'refused', job.refused, 'refusals', job.refusals,
    'created_at', job.created_at, 'idle_seconds', extract(epoch from clock_timestamp() - job.updated_at));
select tenancy.grant_internals('tenancy.bulk_change_state(tenancy.bulk_changes)');

-- The caller's bulk change, locked. Called as the tenant. Refuses with 404.
create or replace function tenancy.own_bulk_change(job_id uuid) returns tenancy.bulk_changes
  language plpgsql volatile
as $$
declare
  person constant uuid := tenancy.current_user_id();
  job tenancy.bulk_changes;
begin
  select * into job from tenancy.bulk_changes b
    where b.tenant_id = (select tenancy.current_tenant()) and b.id = job_id and b.created_by is not distinct from person
    for update;
  if not found then
    perform tenancy.refuse(404, 'There is no such change of yours.');
  end if;
  return job;
end
$$;
select tenancy.grant_internals('tenancy.own_bulk_change(uuid)');

-- Begins a change of many records; `continue_bulk_change` does it, part by part. One that has begun is answered as it is.
--   id                    chosen by the caller
--   kind, ids             a table, and up to 100,000 of its records
--   set_column, set_value the column and its new value; without a column the records are deleted
-- Refuses with 400, 403, 404, 409 (the caller has another that goes on).
create or replace function public.begin_bulk_change(id uuid, kind text, ids uuid[], set_column text default null, set_value jsonb default null)
  returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  person constant uuid := tenancy.current_user_id();
  caller name;
  job tenancy.bulk_changes;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'staff');
  if set_column is null then
    perform tenancy.require_role('owner', 'admin', 'manager');
  end if;
  if set_column is null and kind <> all (tenancy.archived_kinds()) or not exists (
      select from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relname = kind and c.relkind = 'r' and a.attname = coalesce(set_column, 'id')) then
    perform tenancy.refuse(404, format('%s cannot be changed for many records.', left(concat_ws('.', kind, set_column), 120)));
  end if;
  if cardinality(ids) > 100000 then
    perform tenancy.refuse(400, 'More than 100,000 records cannot be changed at once.', null, 'Filter the list.');
  end if;
  caller := tenancy.act_for_tenant();
  -- Two requests at once see each other.
  perform tenancy.lock_own(concat('bulk_changes ', person));
  select * into job from tenancy.bulk_changes b where b.tenant_id = tenant and b.id = id
    and b.created_by is not distinct from person;
  if not found then
    if exists (select from tenancy.bulk_changes b where b.tenant_id = tenant
        and b.created_by is not distinct from person and b.status in ('running', 'undoing')) then
      perform tenancy.refuse(409, 'Another change of many records is still running.', null, 'Wait until it is done, or cancel it.');
    end if;
    insert into tenancy.bulk_changes (tenant_id, id, kind, ids, set_column, set_value)
      values (tenant, id, kind, array(select distinct unnest(ids)), set_column, set_value) returning * into job;
  end if;
  perform tenancy.act_as(caller);
  return tenancy.bulk_change_state(job);
end
$$;
select tenancy.expose(true, 'public.begin_bulk_change(uuid, text, uuid[], text, jsonb)');

-- The caller's bulk changes of the last day, newest first.
create or replace function public.bulk_changes() returns jsonb
  language plpgsql volatile
as $$
declare
  caller constant name := tenancy.act_for_tenant();
  answer jsonb;
begin
  select coalesce(jsonb_agg(tenancy.bulk_change_state(b) order by b.created_at desc), '[]') into answer from (
    select * from tenancy.bulk_changes j where j.tenant_id = (select tenancy.current_tenant())
      and j.created_by = (select tenancy.current_user_id()) and j.created_at > now() - interval '1 day'
      order by j.created_at desc limit 20) b;
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.bulk_changes()');

-- Ends a change between two parts. What was changed stays, and can be undone.
create or replace function public.cancel_bulk_change(id uuid) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller constant name := tenancy.act_for_tenant();
  job tenancy.bulk_changes := tenancy.own_bulk_change(id);
begin
  if job.status = 'running' then
    update tenancy.bulk_changes b set status = 'cancelled', updated_at = clock_timestamp()
      where b.tenant_id = job.tenant_id and b.id = job.id returning * into job;
  end if;
  perform tenancy.act_as(caller);
  return tenancy.bulk_change_state(job);
end
$$;
select tenancy.expose(true, 'public.cancel_bulk_change(uuid)');

-- Begins to undo a change that has ended; `continue_bulk_change` does it. Refuses with 404, 409 (it is running).
create or replace function public.undo_bulk_change(id uuid) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  caller constant name := tenancy.act_for_tenant();
  job tenancy.bulk_changes := tenancy.own_bulk_change(id);
begin
  if job.status = 'running' then
    perform tenancy.refuse(409, 'The change is still running.', null, 'Cancel it first.');
  end if;
  if job.set_column is null then
    perform tenancy.act_as(caller);
    perform tenancy.require_role('owner', 'admin', 'manager');
    perform tenancy.act_for_tenant();
  end if;
  if job.status in ('done', 'cancelled') then
    update tenancy.bulk_changes b set status = 'undoing', refused = '[]', refusals = 0, updated_at = clock_timestamp()
      where b.tenant_id = job.tenant_id and b.id = job.id returning * into job;
  end if;
  perform tenancy.act_as(caller);
  return tenancy.bulk_change_state(job);
end
$$;
select tenancy.expose(true, 'public.undo_bulk_change(uuid)');
