-- Kinds of records that notes, files and tasks can be about. A kind is its table's name in the singular.
create or replace function tenancy.entity_types() returns text[]
  language sql immutable parallel safe
  return array['account', 'contact', 'lead', 'opportunity', 'event', 'event_date', 'event_design_item', 'quote', 'invoice',
    'payment', 'contract', 'task', 'communication', 'location', 'booth', 'equipment_item', 'package', 'product', 'template'];
select tenancy.grant_internals('tenancy.entity_types()');

-- The table of a kind of record.
create or replace function tenancy.table_of(entity_type text) returns name
  language sql immutable parallel safe
  return case entity_type when 'opportunity' then 'opportunities' else entity_type || 's' end;
select tenancy.grant_internals('tenancy.table_of(text)');

-- The kind of record that notes, files and tasks name, of a table; null where they cannot be about its rows.
create or replace function tenancy.kind_of(tab name) returns text
  language sql immutable parallel safe
  return (select k from unnest(tenancy.entity_types()) k where tenancy.table_of(k) = tab);
select tenancy.grant_internals('tenancy.kind_of(name)');

-- The record that a note, a file or a task is about exists in the same tenant.
create or replace function tenancy.check_entity() returns trigger
  language plpgsql
as $$
declare
  found_it boolean;
begin
  if new.entity_id is null then
    return new;
  end if;
  if new.entity_type <> all (tenancy.entity_types()) then
    perform tenancy.refuse(400, format('There is no kind of record called %s.', new.entity_type), null,
      'Kinds: ' || array_to_string(tenancy.entity_types(), ', ') || '.');
  end if;
  execute format('select exists (select from public.%I where tenant_id = $1 and id = $2)',
    tenancy.table_of(new.entity_type))
    into found_it using new.tenant_id, new.entity_id;
  if not found_it then
    raise exception 'There is no % with this id.', replace(new.entity_type, '_', ' ') using errcode = 'foreign_key_violation';
  end if;
  return new;
end
$$;
revoke execute on function tenancy.check_entity() from public;

-- Whether what is deleted now, a row of this table or with another, is archived: `archive_deleted` says so before.
create or replace function tenancy.is_archived(tab name) returns boolean
  language sql stable
  return (tab = any (tenancy.archived_kinds()) or pg_trigger_depth() > 1)
    and coalesce(current_setting('tenancy.archiving', true), '') = 'on';
select tenancy.grant_internals('tenancy.is_archived(name)');

-- A deleted record takes its notes with it and leaves its tasks without a record. Its files stay where it is archived: they come back
-- with it, or are deleted with the archive. Other records cannot be deleted before their files.
create or replace function tenancy.forget_entity() returns trigger
  language plpgsql
as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  if not tenancy.is_archived(tg_table_name) and exists (select from public.attachments a
      where a.tenant_id = old.tenant_id and a.entity_type = tg_argv[0] and a.entity_id = old.id) then
    perform tenancy.refuse(409, format('This %s has files.', replace(tg_argv[0], '_', ' ')), null, 'Delete its files first.');
  end if;
  delete from public.notes n where n.tenant_id = old.tenant_id and n.entity_type = tg_argv[0] and n.entity_id = old.id;
  update public.tasks t set entity_type = null, entity_id = null
    where t.tenant_id = old.tenant_id and t.entity_type = tg_argv[0] and t.entity_id = old.id;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.forget_entity() from public;

-- Refuses where the user may not attach a file to this record. The server calls it before it stores the file and adds its row.
create or replace function public.may_attach(entity_type text, entity_id uuid) returns void
  language plpgsql stable
as $$
declare
  tab name := tenancy.table_of(entity_type);
  seen boolean;
begin
  perform tenancy.require_role('owner', 'admin', 'manager', 'sales', 'staff');
  if entity_type is null or entity_type <> all (tenancy.entity_types()) then
    perform tenancy.refuse(400, format('There is no kind of record called %s.', left(entity_type, 40)), null,
      'Kinds: ' || array_to_string(tenancy.entity_types(), ', ') || '.');
  end if;
  execute format('select exists (select from public.%I where tenant_id = (select tenancy.current_tenant()) and id = $1)', tab)
    into seen using entity_id;
  if not seen then
    perform tenancy.refuse(409, format('There is no %s with this id.', replace(entity_type, '_', ' ')));
  end if;
end
$$;
select tenancy.expose(true, 'public.may_attach(text, uuid)');
