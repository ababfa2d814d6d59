-- Takes a merge back: the records that were merged live again, and what was moved from them points to them again unless it was moved
-- on since. A value of the record that stayed is restored unless it was changed since.
-- Answers what was kept as it is now, in words.
create or replace function tenancy.undo_merge(entry tenancy.archive) returns text[]
  language plpgsql volatile
as $$
declare
  remarks text[] := '{}';
  images constant jsonb[] := array(select r -> 'row' from jsonb_array_elements(entry.rows) with ordinality s (r, place)
    where r ->> 'table' = entry.kind order by place);
  links constant jsonb[] := array(select r -> 'row' from jsonb_array_elements(entry.rows) r where r ->> 'table' = 'contact_accounts');
  after constant jsonb := (select r -> 'after' from jsonb_array_elements(entry.rows) r where r ? 'after');
  now_is jsonb;
  image jsonb;
  pointer jsonb;
  link jsonb;
  same text[];
  changed text[];
begin
  execute format('select to_jsonb(t) from public.%I t where t.tenant_id = $1 and t.id = $2 for update', entry.kind)
    into now_is using entry.tenant_id, entry.record_id;
  if now_is is null or now_is ->> 'deleted_at' is not null then
    perform tenancy.refuse(409, 'The record that the others were merged into was deleted or merged itself.', null, 'Restore it first.');
  end if;
  perform set_config('tenancy.merging', 'on', true);
  foreach image in array images[2:] loop
    execute format('update public.%I set deleted_at = null, merged_into_id = null, merged_at = null '
        'where tenant_id = $1 and id = $2 and merged_into_id = $3', entry.kind)
      using entry.tenant_id, (image ->> 'id')::uuid, entry.record_id;
  end loop;
  for pointer in select p from jsonb_array_elements(entry.pointers) p loop
    if pointer ->> 'column' is null then
      delete from public.notes where tenant_id = entry.tenant_id and id = (pointer ->> 'id')::uuid;
    else
      begin
        execute format('update public.%I set %2$I = $1 where tenant_id = $2 and id = $3 and %2$I = $4', pointer ->> 'table', pointer ->> 'column')
          using (pointer ->> 'value')::uuid, entry.tenant_id, (pointer ->> 'id')::uuid, entry.record_id;
      exception when others then
        remarks := remarks || format('%s: %s', replace(pointer ->> 'table', '_', ' '), sqlerrm);
      end;
    end if;
  end loop;
  -- Links as they were; those made since stay.
  delete from public.contact_accounts l where l.tenant_id = entry.tenant_id
    and l.id in (select (x ->> 'id')::uuid from unnest(links) x);
  foreach link in array links loop
    begin
      if (link ->> 'is_primary')::boolean then
        update public.contact_accounts l set is_primary = false
          where l.tenant_id = entry.tenant_id and l.contact_id = (link ->> 'contact_id')::uuid and l.is_primary;
      end if;
      -- As it was, its stamps too.
      perform set_config('tenancy.restoring', entry.id::text, true);
      perform tenancy.insert_archived('contact_accounts', link);
      perform set_config('tenancy.restoring', '', true);
    exception when integrity_constraint_violation then
      remarks := remarks || format('contact accounts: %s', sqlerrm);
    end;
  end loop;
  perform set_config('tenancy.merging', '', true);
  select array_agg(k order by k) filter (where now_is -> k = v), array_agg(k order by k) filter (where now_is -> k <> v)
    into same, changed from jsonb_each(after) a (k, v) where v is distinct from images[1] -> k;
  if same is not null then
    execute format('update public.%1$I t set (%2$s) = row (%3$s) from jsonb_populate_record(null::public.%1$I, $1) v '
        'where t.tenant_id = $2 and t.id = $3', entry.kind,
        (select string_agg(quote_ident(k), ', ') from unnest(same) k),
        (select string_agg('v.' || quote_ident(k), ', ') from unnest(same) k))
      using images[1], entry.tenant_id, entry.record_id;
  end if;
  -- Drafts take the tax status of their account again.
  if entry.kind = 'accounts' then
    update public.invoices i set account_id = i.account_id where i.tenant_id = entry.tenant_id and i.status = 'draft'
      and i.account_id in (select (x ->> 'id')::uuid from unnest(images) x);
  end if;
  return remarks || array(select format('%s was changed since and stays', replace(c, '_', ' ')) from unnest(changed) c);
end
$$;
select tenancy.grant_internals('tenancy.undo_merge(tenancy.archive)');
