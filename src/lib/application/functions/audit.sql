-- A row as the audit log may hold it: secrets as fingerprints.
create or replace function marquee.without_secrets(entity text, row_data jsonb) returns jsonb
  language plpgsql immutable as $$
declare
  column_name text;
  secret_columns text[] := case entity
    when 'tenants' then array['data_source_url', 'data_source_anon_key', 'data_source_service_key', 'single_sign_on_secret']
    else array['password_hash', 'totp_secret']
  end;
begin
  foreach column_name in array secret_columns loop
    row_data := jsonb_set(row_data, array[column_name], coalesce(to_jsonb(marquee.fingerprint(row_data ->> column_name)), 'null'));
  end loop;
  if entity = 'tenants' then
    row_data := jsonb_set(row_data, '{data_source_replicas}', coalesce((
      select jsonb_agg(replica || jsonb_build_object('url', marquee.fingerprint(replica ->> 'url')) order by position)
      from jsonb_array_elements(row_data -> 'data_source_replicas') with ordinality as each (replica, position)
    ), '[]'));
  else
    row_data := jsonb_set(row_data, '{recovery_code_hashes}', to_jsonb(jsonb_array_length(row_data -> 'recovery_code_hashes')));
  end if;
  return row_data - 'updated_at';
end $$;

-- Records a change: whole rows of inserts and deletes, else the columns that differ.
create or replace function marquee.audit() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  old_row jsonb := case when tg_op <> 'INSERT' then marquee.without_secrets(tg_table_name, to_jsonb(old)) end;
  new_row jsonb := case when tg_op <> 'DELETE' then marquee.without_secrets(tg_table_name, to_jsonb(new)) end;
  subject jsonb := coalesce(new_row, old_row);
  changed text[];
  beside jsonb := coalesce(nullif(current_setting('marquee.beside', true), ''), '{}')::jsonb;
begin
  if tg_op = 'UPDATE' then
    select array_agg(key) into changed
    from jsonb_each(new_row) where value is distinct from old_row -> key;
    -- A secret that was only encrypted anew has not changed, but the row was read and written.
    if changed is null then
      if to_jsonb(old) - 'updated_at' = to_jsonb(new) - 'updated_at' then
        return null;
      end if;
      changed := array['id'];
    end if;
    select jsonb_object_agg(key, value) into old_row from jsonb_each(old_row) where key = any (changed);
    select jsonb_object_agg(key, value) into new_row from jsonb_each(new_row) where key = any (changed);
    if tg_table_name = 'tenants' and beside -> 'before' is distinct from beside -> 'after' then
      old_row := old_row || coalesce(beside -> 'before', '{}');
      new_row := new_row || coalesce(beside -> 'after', '{}');
    end if;
  end if;
  insert into public.audit_log (tenant_id, actor, request_id, address, action, entity, entity_id, before, after)
  values (
    case tg_table_name when 'tenants' then subject ->> 'id' else subject ->> 'tenant_id' end::uuid,
    coalesce(nullif(current_setting('marquee.actor', true), ''), 'database:' || session_user),
    nullif(current_setting('marquee.request_id', true), ''),
    nullif(current_setting('marquee.address', true), ''),
    tg_table_name || '.' || lower(tg_op),
    tg_table_name,
    subject ->> 'id',
    old_row,
    new_row
  );
  return null;
end $$;

create or replace function marquee.refuse_history_change() returns trigger
  language plpgsql as $$
begin
  -- The owner may delete what was archived; see audit-chain/archive.ts. Whether it was is found by marquee audit verify.
  if tg_op = 'DELETE' and current_setting('marquee.archiving', true) = 'on'
    and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'member') then
    return null;
  end if;
  raise exception 'The audit log is append-only: % is refused.', lower(tg_op)
    using errcode = 'MQ010', hint = 'Correct a mistake by a further record.';
end $$;
