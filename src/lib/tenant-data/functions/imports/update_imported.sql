-- The tables that can be imported, and those whose rows an import makes beside them.
create or replace function tenancy.require_imported(kind text) returns void
  language plpgsql stable
as $$
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  if kind is null or kind not in ('accounts', 'contacts', 'leads', 'events', 'equipment_items', 'locations', 'equipment_types',
      'contact_accounts') then
    perform tenancy.refuse(400, format('%s cannot be imported.', left(kind, 60)));
  end if;
end
$$;
select tenancy.grant_internals('tenancy.require_imported(text)');

-- Fills records from rows of a file and keeps what it overwrites, so that the import can be undone.
--   changes  [{id, values: {column: value}}], in the order of the file
-- Answers for each change null, or why it was refused.
create or replace function public.update_imported(import_id uuid, kind text, changes jsonb) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  refusals jsonb := '[]';
  change jsonb;
  before jsonb;
  after jsonb;
  columns text;
  caller name;
begin
  perform tenancy.require_imported(kind);
  for change in select c from jsonb_array_elements(changes) c loop
    begin
      execute format('select to_jsonb(t) from public.%I t where t.tenant_id = $1 and t.id = $2 for update', kind)
        into before using tenant, (change ->> 'id')::uuid;
      if before is null then
        perform tenancy.refuse(404, 'The record no longer exists.');
      end if;
      select string_agg(quote_ident(k), ', ' order by k) into columns from jsonb_object_keys(change -> 'values') k;
      if columns is not null then
        execute format('update public.%1$I t set (%2$s) = row (%3$s) from jsonb_populate_record(null::public.%1$I, $1) v '
            'where t.tenant_id = $2 and t.id = $3 returning to_jsonb(t)', kind, columns,
            (select string_agg('v.' || quote_ident(k), ', ' order by k) from jsonb_object_keys(change -> 'values') k))
          into after using change -> 'values', tenant, (change ->> 'id')::uuid;
        caller := tenancy.act_for_tenant();
        insert into tenancy.archive (tenant_id, reason, kind, record_id, title, job_id, rows)
          select tenant, 'overwritten', kind, (change ->> 'id')::uuid, tenancy.title_of(before), import_id,
            jsonb_build_array(jsonb_build_object('before', jsonb_object_agg(k, before -> k), 'after', jsonb_object_agg(k, after -> k)))
          from jsonb_object_keys(change -> 'values') k where before -> k is distinct from after -> k having count(*) > 0;
        perform tenancy.act_as(caller);
      end if;
      refusals := refusals || 'null'::jsonb;
    exception when others then
      refusals := refusals || to_jsonb(sqlerrm);
    end;
  end loop;
  return refusals;
end
$$;
select tenancy.expose(true, 'public.update_imported(uuid, text, jsonb)');
