-- What can be restored, newest first: deleted records, hidden ones, and merges. For those who may delete.
--   of_kind, query        only records of this table, and whose name contains this text
--   before, before_id  the last row of the page before
create or replace function public.archived_records(of_kind text default null, query text default null, before timestamptz default null,
    before_id uuid default null, most int default 50)
  returns table (id uuid, reason text, kind text, record_id uuid, title text, archived_at timestamptz, archived_by uuid,
    expires_at timestamptz, parts jsonb)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  return query
  select x.id, x.reason, x.kind, x.record_id, x.title, x.archived_at, x.archived_by, x.archived_at + interval '30 days', x.parts from (
    select a.id, a.reason, a.kind, a.record_id, a.title, a.archived_at, a.archived_by,
      case a.reason when 'deleted' then (select coalesce(jsonb_object_agg(p.tab, p.rows), '{}') from (
        select r ->> 'table' as tab, count(*) as rows from jsonb_array_elements(a.rows) with ordinality s (r, place)
          where s.place > 1 and r ->> 'table' not like 'tenancy.%' group by 1) p) else '{}'::jsonb end as parts
      from tenancy.archive a where a.tenant_id = tenant and a.reason <> 'overwritten' and a.archived_at > now() - interval '30 days'
    union all select h.id, 'hidden', h.kind, h.id, h.title, h.deleted_at, h.updated_by, '{}' from tenancy.hidden_records(tenant) h
  ) x
  where (of_kind is null or x.kind = of_kind)
    and (archived_records.query is null or tenancy.fold(x.title) like '%' || tenancy.fold(archived_records.query) || '%')
    and (archived_records.before is null or (x.archived_at, x.id) < (archived_records.before,
      coalesce(archived_records.before_id, '00000000-0000-0000-0000-000000000000')))
  order by x.archived_at desc, x.id desc limit least(greatest(most, 1), 200);
  perform tenancy.act_as(caller);
end
$$;
select tenancy.expose(true, 'public.archived_records(text, text, timestamp with time zone, uuid, integer)');

-- Records that were hidden since others need them; not those that were merged into another.
create or replace function tenancy.hidden_records(tenant uuid)
  returns table (kind text, id uuid, title text, deleted_at timestamptz, updated_by uuid)
  language sql stable
as $$
  select 'accounts', a.id, a.name, a.deleted_at, a.updated_by from public.accounts a
    where a.tenant_id = tenant and a.deleted_at is not null and a.merged_into_id is null
  union all select 'contacts', c.id, concat_ws(' ', c.first_name, c.last_name), c.deleted_at, c.updated_by from public.contacts c
    where c.tenant_id = tenant and c.deleted_at is not null and c.merged_into_id is null
  union all select 'events', e.id, e.title, e.deleted_at, e.updated_by from public.events e
    where e.tenant_id = tenant and e.deleted_at is not null
$$;
select tenancy.grant_internals('tenancy.hidden_records(uuid)');
