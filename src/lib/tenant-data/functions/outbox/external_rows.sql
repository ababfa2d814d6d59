create or replace function public.external_rows(system text, ids uuid[]) returns table (entity_id uuid, external_id text, version int)
  language sql stable
begin atomic
  select e.entity_id, e.external_id, e.version from tenancy.external_rows e
    where e.tenant_id = (select tenancy.current_tenant()) and e.system = external_rows.system and e.entity_id = any (ids);
end;
select tenancy.expose(false, 'public.external_rows(text, uuid[])');

create or replace function public.save_external_row(system text, entity_id uuid, external_id text, version int) returns void
  language sql volatile
begin atomic
  insert into tenancy.external_rows as e (tenant_id, system, entity_id, external_id, version)
    values (tenancy.current_tenant(), save_external_row.system, save_external_row.entity_id, save_external_row.external_id,
      save_external_row.version)
    on conflict on constraint external_rows_pkey do update set external_id = excluded.external_id, version = excluded.version;
end;
select tenancy.expose(false, 'public.save_external_row(text, uuid, text, integer)');
