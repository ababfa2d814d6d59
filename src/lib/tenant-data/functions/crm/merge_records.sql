-- Foreign keys that point to a table, read from the catalogs so that none is missed.
create or replace function tenancy.references_to(target regclass) returns table (source name, pointer name)
  language sql stable
begin atomic
  select t.relname, a.attname
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class t on t.oid = c.conrelid
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) and a.attname <> 'tenant_id'
    where c.contype = 'f' and c.confrelid = target and a.attname <> 'merged_into_id'
    order by 1, 2;
end;
select tenancy.grant_internals('tenancy.references_to(regclass)');

-- Merges accounts or contacts into one of them. For owners, admins and managers, as deleting is. What it changes is archived, so that
-- it can be taken back for 30 days.
--   kind        'account' or 'contact'
--   survivor    the one that stays
--   duplicates  those merged into it, which stay behind marked as deleted
--   chosen      values for the one that stays, where theirs differ: {column: value}; what it lacks it takes from the others
--   preview     changes nothing
-- Answers {survivor, moved: {table: rows}, values: {column: value after the merge}, archived: id in the archive}. Refuses with 400, 403, 404.
create or replace function public.merge_records(
  kind text, survivor uuid, duplicates uuid[], chosen jsonb default '{}', preview boolean default false
) returns jsonb
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  tab constant name := kind || 's';
  kept_apart constant text[] :=
    '{tenant_id,id,created_at,updated_at,created_by,updated_by,version,deleted_at,merged_into_id,merged_at,phone_key}';
  caller name;
  everyone jsonb[];
  one jsonb;
  filled jsonb;
  columns text;
  link record;
  rows bigint;
  moved jsonb := '{}';
  freed uuid[];
  remarks text;
  images jsonb;
  pointers jsonb := '[]';
  found_rows jsonb;
  archived uuid;
  added uuid;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  if kind is null or kind not in ('account', 'contact') then
    perform tenancy.refuse(400, 'Accounts and contacts can be merged.', null, 'Set kind to account or contact.');
  elsif coalesce(cardinality(duplicates), 0) not between 1 and 20 or survivor = any (duplicates) then
    perform tenancy.refuse(400, format('Choose one to twenty other %s to merge into this one.', tab));
  end if;
  caller := tenancy.act_for_tenant();
  -- Locks in the order of ids, so that two merges cannot deadlock; the survivor comes first in `everyone`.
  execute format('select array_agg(x.row order by x.id <> $2, array_position($3, x.id)) from (select t.id, to_jsonb(t) as row '
      'from public.%I t where t.tenant_id = $1 and t.id = any ($3 || $2) and t.deleted_at is null order by t.id for update) x', tab)
    into everyone using tenant, survivor, duplicates;
  if cardinality(everyone) is distinct from 1 + (select count(distinct d)::int from unnest(duplicates) d) then
    perform tenancy.refuse(404, format('One of these %s no longer exists.', tab), null, 'Look for duplicates again.');
  end if;

  filled := '{}';
  foreach one in array everyone loop
    remarks := nullif(concat_ws(E'\n', remarks, nullif(one ->> 'notes', '')), '');
    filled := jsonb_strip_nulls(one - kept_apart) || filled;
  end loop;
  if exists (select from jsonb_object_keys(chosen) k where not (everyone[1] ? k) or k = any (kept_apart)) then
    perform tenancy.refuse(400, format('`chosen` names columns that %s do not have.', tab));
  end if;
  filled := filled || jsonb_build_object('notes', remarks) || chosen;
  -- An opt-out of any of them holds for the survivor.
  if kind = 'contact' then
    filled := filled || (select jsonb_build_object('email_opt_out', bool_or((e ->> 'email_opt_out')::boolean),
      'sms_opt_out', bool_or((e ->> 'sms_opt_out')::boolean)) from unnest(everyone) e);
  end if;

  if not preview then
    select string_agg(quote_ident(k), ', ' order by k) into columns from jsonb_object_keys(filled) k;
    execute format('update public.%1$I t set (%2$s) = row (%3$s) from jsonb_populate_record(null::public.%1$I, $1) v '
        'where t.tenant_id = $2 and t.id = $3', tab, columns,
        (select string_agg('v.' || quote_ident(k), ', ' order by k) from jsonb_object_keys(filled) k))
      using filled, tenant, survivor;
    select (select jsonb_agg(jsonb_build_object('table', tab, 'row', e) order by s.place) from unnest(everyone) with ordinality s (e, place))
        || coalesce(jsonb_agg(jsonb_build_object('table', 'contact_accounts', 'row', to_jsonb(l)) order by l.id), '[]')
      into images from public.contact_accounts l
      where l.tenant_id = tenant and case kind when 'account' then l.account_id else l.contact_id end = any (duplicates || survivor);
    perform set_config('tenancy.merging', 'on', true);
    -- Of two links between the same account and contact one stays, with the roles of both; it is primary if one of them was.
    execute format('with links as (select l.id, l.contact_id, l.role, l.other_roles, l.is_primary, row_number() over same as place, '
          'array_agg(l.role) over same_all || array(select unnest(x.other_roles) from public.contact_accounts x '
            'where x.tenant_id = $1 and x.%2$I = l.%2$I and x.%1$I = any ($3 || $2)) as roles '
        'from public.contact_accounts l where l.tenant_id = $1 and l.%1$I = any ($3 || $2) '
        'window same as (partition by l.%2$I order by l.%1$I <> $2, l.id), same_all as (partition by l.%2$I)), '
      'gone as (delete from public.contact_accounts d using links k where d.tenant_id = $1 and d.id = k.id and k.place > 1 '
        'returning d.contact_id, d.is_primary), '
      'kept as (update public.contact_accounts l set other_roles = array(select distinct r from unnest(k.roles) r where r <> l.role order by r) '
        'from links k where l.tenant_id = $1 and l.id = k.id and k.place = 1 and cardinality(k.roles) > 1 returning l.id) '
      'select coalesce(array_agg(contact_id) filter (where is_primary), ''{}'') from gone',
        kind || '_id', case kind when 'account' then 'contact_id' else 'account_id' end)
      into freed using tenant, survivor, duplicates;
    if kind = 'contact' then
      update public.contact_accounts set is_primary = false where tenant_id = tenant and contact_id = any (duplicates) and is_primary;
      freed := array[survivor];
    end if;
  end if;

  for link in
    select r.source, r.pointer, null::text as about from tenancy.references_to(('public.' || tab)::regclass) r
    union all
    select unnest('{attachments,notes,tasks}'::name[]), 'entity_id', kind
  loop
    if not preview and link.source <> 'contact_accounts' then
      execute format('select coalesce(jsonb_agg(jsonb_build_object(''table'', %1$L, ''id'', t.id, ''column'', %2$L, ''value'', t.%2$I)), ''[]'') '
          'from public.%1$I t where t.tenant_id = $1 and t.%2$I = any ($2)%3$s', link.source, link.pointer,
          ' and entity_type = ' || quote_literal(link.about))
        into found_rows using tenant, duplicates;
      pointers := pointers || found_rows;
    end if;
    execute case when preview
        then format('select count(*) from public.%1$I where tenant_id = $1 and %2$I = any ($3)%3$s', link.source, link.pointer,
          ' and entity_type = ' || quote_literal(link.about))
        else format('with changed as (update public.%1$I set %2$I = $2 where tenant_id = $1 and %2$I = any ($3)%3$s returning 1) '
          'select count(*) from changed', link.source, link.pointer, ' and entity_type = ' || quote_literal(link.about)) end
      into rows using tenant, survivor, duplicates;
    if rows > 0 then
      moved := jsonb_set(moved, array[link.source], to_jsonb(rows + coalesce((moved ->> link.source)::bigint, 0)));
    end if;
  end loop;

  if not preview then
    -- Each contact keeps a primary account.
    update public.contact_accounts l set is_primary = true
      where l.tenant_id = tenant and l.id in (
        select distinct on (x.contact_id) x.id from public.contact_accounts x
        where x.tenant_id = tenant and x.contact_id = any (freed)
          and not exists (select from public.contact_accounts p where p.tenant_id = tenant and p.contact_id = x.contact_id and p.is_primary)
        order by x.contact_id, x.created_at, x.id);
    execute format('update public.%I set deleted_at = now(), merged_into_id = $2, merged_at = now() where tenant_id = $1 and id = any ($3)', tab)
      using tenant, survivor, duplicates;
    perform set_config('tenancy.merging', '', true);
    -- Drafts take the tax status of the survivor.
    if kind = 'account' then
      update public.invoices set account_id = survivor where tenant_id = tenant and account_id = survivor and status = 'draft';
    end if;
    insert into public.notes (entity_type, entity_id, content)
      select kind, survivor, format('%s was merged into this one. Moved here: %s.',
        string_agg(concat_ws(', ', coalesce(e ->> 'name', concat_ws(' ', e ->> 'first_name', e ->> 'last_name')),
          e ->> 'email', e ->> 'phone'), '; '),
        coalesce((select string_agg(format('%s %s', m.value, replace(m.key, '_', ' ')), ', ') from jsonb_each_text(moved) m), 'nothing'))
      from unnest(everyone[2:]) e
      returning id into added;
    execute format('select to_jsonb(t) from public.%I t where t.tenant_id = $1 and t.id = $2', tab) into one using tenant, survivor;
    insert into tenancy.archive (tenant_id, reason, kind, record_id, title, rows, pointers)
      values (tenant, 'merged', tab, survivor,
        (select string_agg(tenancy.title_of(e), ' + ' order by s.place) from unnest(everyone) with ordinality s (e, place)),
        images || jsonb_build_object('after', (select jsonb_object_agg(k, one -> k) from jsonb_object_keys(filled) k)),
        pointers || jsonb_build_object('table', 'notes', 'id', added, 'column', null))
      returning id into archived;
  end if;
  perform tenancy.act_as(caller);
  return jsonb_build_object('survivor', survivor, 'moved', moved, 'values', filled, 'archived', archived);
end
$$;
select tenancy.expose(true, 'public.merge_records(text, uuid, uuid[], jsonb, boolean)');
