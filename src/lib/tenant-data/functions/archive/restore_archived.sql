-- Restores deleted or hidden records whole, and takes merges back. For those who may delete.
--   ids  of the archive, as `archived_records` lists them
-- Answers [{id, kind, record_id, title, left: [what could not be restored, in words]}]. Refuses with 403, 404, 409.
create or replace function public.restore_archived(ids uuid[]) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  answer jsonb := '[]';
  one uuid;
  entry tenancy.archive;
  hidden record;
  remarks text[];
  caller name;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  caller := tenancy.act_for_tenant();
  foreach one in array ids loop
    update tenancy.archive a set restored_in = pg_current_xact_id()::text
      where a.tenant_id = tenant and a.id = one and a.reason <> 'overwritten' returning a.* into entry;
    if not found then
      select * into hidden from tenancy.hidden_records(tenant) h where h.id = one;
      if not found then
        perform tenancy.refuse(404, 'It was restored before, or deleted for good.');
      end if;
      execute format('update public.%I set deleted_at = null where tenant_id = $1 and id = $2', hidden.kind) using tenant, one;
      answer := answer || jsonb_build_object('id', one, 'kind', hidden.kind, 'record_id', one, 'title', hidden.title, 'left', '[]'::jsonb);
      continue;
    end if;
    if entry.reason = 'deleted' then
      remarks := tenancy.restore_deleted(entry);
    else
      remarks := tenancy.undo_merge(entry);
    end if;
    perform tenancy.forget_report_months(tenant);
    delete from tenancy.archive a where a.tenant_id = tenant and a.id = one;
    answer := answer || jsonb_build_object('id', one, 'kind', entry.kind, 'record_id', entry.record_id, 'title', entry.title,
      'left', to_jsonb(remarks));
  end loop;
  perform tenancy.act_as(caller);
  return answer;
end
$$;
select tenancy.expose(true, 'public.restore_archived(uuid[])');

-- Inserts an archived row as it was, under the tenant's id of today: a move may have given it another one. Raises what the table's
-- keys and constraints raise.
create or replace function tenancy.insert_archived(tab text, record jsonb) returns void
  language plpgsql volatile
as $$
declare
  target constant regclass := tenancy.archived_table(tab);
  columns text;
begin
  -- Columns that were dropped since are left out; those that were added get their defaults.
  select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into columns from pg_catalog.pg_attribute a
    where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and record ? a.attname;
  execute format('insert into %s (%s) select %s from jsonb_populate_record(null::%1$s, $1)', target, columns, columns)
    using record || jsonb_build_object('tenant_id', tenancy.current_tenant());
end
$$;
select tenancy.grant_internals('tenancy.insert_archived(text, jsonb)');

-- The rows of a deleted record, in whatever order their keys allow. Bookings are made again by the rules of bookings: what was promised
-- to others since stays cancelled.
create or replace function tenancy.restore_deleted(entry tenancy.archive) returns text[]
  language plpgsql volatile
as $$
declare
  remarks text[] := '{}';
  pending jsonb[] := array(select r from jsonb_array_elements(entry.rows) with ordinality s (r, place) order by place);
  waiting jsonb[];
  bookings jsonb := '[]';
  one jsonb;
  inserted jsonb;
  why text;
  pointer jsonb;
  is_booking boolean;
  is_less boolean := false;
begin
  perform set_config('tenancy.restoring', entry.id::text, true);
  while cardinality(pending) > 0 loop
    waiting := '{}';
    foreach one in array pending loop
      is_booking := one ->> 'table' in ('booth_assignments', 'equipment_assignments', 'event_staff_assignments')
        and one #>> '{row,status}' not in ('cancelled', 'returned', 'declined', 'completed');
      -- Equipment of a booth's kit is booked with the booth.
      continue when is_booking and one ->> 'table' = 'equipment_assignments' and one #>> '{row,booth_assignment_id}' is not null;
      inserted := case when is_booking then jsonb_set(one -> 'row', '{status}', '"cancelled"') else one -> 'row' end;
      begin
        perform tenancy.insert_archived(one ->> 'table', inserted);
        if is_booking then
          bookings := bookings || one;
        end if;
      exception when foreign_key_violation then
        waiting := waiting || one;
      when unique_violation or exclusion_violation or check_violation or raise_exception then
        if one ->> 'table' = entry.kind and one #>> '{row,id}' = entry.record_id::text then
          perform tenancy.refuse(409, format('“%s” cannot be restored: %s', entry.title, sqlerrm), null,
            'Change the record that has its number or name now.');
        end if;
        remarks := remarks || format('%s: %s', replace(one ->> 'table', '_', ' '), sqlerrm);
      end;
    end loop;
    if cardinality(waiting) = cardinality(pending) then
      pending := '{}';
      foreach one in array waiting loop
        inserted := tenancy.without_lost(one ->> 'table', one -> 'row');
        if inserted = one -> 'row' then
          if one ->> 'table' = entry.kind and one #>> '{row,id}' = entry.record_id::text then
            perform tenancy.refuse(409, format('“%s” cannot be restored before what it belongs to.', entry.title), null,
              'Restore the client or record that it belongs to first.');
          end if;
          remarks := remarks || format('%s “%s”: what it belongs to is gone', replace(one ->> 'table', '_', ' '), tenancy.title_of(one -> 'row'));
        else
          pending := pending || jsonb_set(one, '{row}', inserted);
        end if;
      end loop;
      waiting := pending;
    end if;
    pending := waiting;
  end loop;
  for pointer in select p from jsonb_array_elements(entry.pointers) p loop
    begin
      execute format('update public.%I set %2$I = $1%3$s where tenant_id = $4 and id = $2 and %2$I is null',
          pointer ->> 'table', pointer ->> 'column', case when pointer ? 'entity_type' then ', entity_type = $3' else '' end)
        using (pointer ->> 'value')::uuid, (pointer ->> 'id')::uuid, pointer ->> 'entity_type', entry.tenant_id;
    exception when integrity_constraint_violation then
      remarks := remarks || format('%s: %s', replace(pointer ->> 'table', '_', ' '), sqlerrm);
    end;
  end loop;
  perform set_config('tenancy.restoring', '', true);
  for one in select b from jsonb_array_elements(bookings) b loop
    begin
      execute format('update public.%I set status = $1 where tenant_id = $2 and id = $3', one ->> 'table')
        using one #>> '{row,status}', entry.tenant_id, (one #>> '{row,id}')::uuid;
    exception when others then
      remarks := remarks || sqlerrm;
      is_less := true;
    end;
  end loop;
  if entry.kind = 'equipment_items' then
    begin
      perform tenancy.book_with_kit(i) from public.equipment_items i where i.tenant_id = entry.tenant_id and i.id = entry.record_id;
    exception when others then
      remarks := remarks || sqlerrm;
    end;
  end if;
  -- An event is confirmed with its reservations only.
  if is_less and entry.kind = 'events' and not tenancy.is_reserved(entry.record_id) then
    update public.events e set status = 'tentative'
      where e.tenant_id = entry.tenant_id and e.id = entry.record_id and e.status = 'confirmed';
  end if;
  -- Tells open screens and connected systems that it is there again.
  begin
    execute format('update public.%I set updated_at = now() where tenant_id = $1 and id = $2', entry.kind)
      using entry.tenant_id, entry.record_id;
  exception when others then
    null;
  end;
  return remarks;
end
$$;
select tenancy.grant_internals('tenancy.restore_deleted(tenancy.archive)');

-- A row without its references to rows that are gone, as far as it may be without them.
create or replace function tenancy.without_lost(tab text, record jsonb) returns jsonb
  language plpgsql volatile
as $$
declare
  link record;
  is_there boolean;
begin
  for link in
    select a.attname as pointer, c.confrelid::regclass as target
      from pg_catalog.pg_constraint c
      join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname <> 'tenant_id' and not a.attnotnull
      where c.contype = 'f' and c.conrelid = tenancy.archived_table(tab)
  loop
    continue when record ->> link.pointer is null;
    execute format('select exists (select from %s t where t.tenant_id = $1 and t.id = $2)', link.target)
      into is_there using tenancy.current_tenant(), (record ->> link.pointer)::uuid;
    if not is_there then
      record := jsonb_set(record, array[link.pointer::text], 'null');
    end if;
  end loop;
  return record;
end
$$;
select tenancy.grant_internals('tenancy.without_lost(text, jsonb)');
