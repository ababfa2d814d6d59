-- What happens in the same transaction as a change: time stamps, the audit record, the word to the routers.

create function marquee.touch() returns trigger
  language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

create trigger touch before update on public.tenants
  for each row when (old.* is distinct from new.*) execute function marquee.touch();
create trigger touch before update on public.users
  for each row when (old.* is distinct from new.*) execute function marquee.touch();

-- A row as the audit log may hold it: secrets as fingerprints.
create function marquee.without_secrets(entity text, row_data jsonb) returns jsonb
  language plpgsql immutable as $$
declare
  column_name text;
  secret_columns text[] := case entity
    when 'tenants' then array['data_source_url', 'data_source_anon_key', 'data_source_service_key']
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

-- Before and after of a change: whole rows where one is missing, else the columns that differ.
create function marquee.audit() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  old_row jsonb := case when tg_op <> 'INSERT' then marquee.without_secrets(tg_table_name, to_jsonb(old)) end;
  new_row jsonb := case when tg_op <> 'DELETE' then marquee.without_secrets(tg_table_name, to_jsonb(new)) end;
  subject jsonb := coalesce(new_row, old_row);
  changed text[];
begin
  if tg_op = 'UPDATE' then
    select array_agg(key) into changed
    from jsonb_each(new_row) where value is distinct from old_row -> key;
    -- A secret encrypted anew is no change of the secret, but someone had it in their hands.
    if changed is null then
      if to_jsonb(old) - 'updated_at' = to_jsonb(new) - 'updated_at' then
        return null;
      end if;
      changed := array['id'];
    end if;
    select jsonb_object_agg(key, value) into old_row from jsonb_each(old_row) where key = any (changed);
    select jsonb_object_agg(key, value) into new_row from jsonb_each(new_row) where key = any (changed);
  end if;
  insert into public.audit_log (tenant_id, actor, request_id, action, entity, entity_id, before, after)
  values (
    case tg_table_name when 'tenants' then subject ->> 'id' else subject ->> 'tenant_id' end::uuid,
    coalesce(nullif(current_setting('marquee.actor', true), ''), 'database:' || session_user),
    nullif(current_setting('marquee.request_id', true), ''),
    tg_table_name || '.' || lower(tg_op),
    tg_table_name,
    subject ->> 'id',
    old_row,
    new_row
  );
  return null;
end $$;

create trigger audit after insert or update or delete on public.tenants
  for each row execute function marquee.audit();
create trigger audit after insert or update or delete on public.users
  for each row execute function marquee.audit();

create function marquee.refuse_history_change() returns trigger
  language plpgsql as $$
begin
  raise exception 'The audit log is append-only: % is refused.', lower(tg_op)
    using errcode = 'MQ010', hint = 'Correct a mistake by a further record.';
end $$;

create trigger append_only before update or delete or truncate on public.audit_log
  for each statement execute function marquee.refuse_history_change();

-- Also where session_replication_role would switch ordinary triggers off.
alter table public.tenants enable always trigger audit;
alter table public.users enable always trigger audit;
alter table public.audit_log enable always trigger append_only;

create function marquee.protect_epoch() returns trigger
  language plpgsql as $$
begin
  raise exception 'The route epoch of tenant % cannot go back from % to %.', old.id, old.route_epoch, new.route_epoch
    using errcode = 'MQ011', hint = 'Read the tenant again and retry.';
end $$;

create trigger protect_epoch before update of route_epoch on public.tenants
  for each row when (new.route_epoch < old.route_epoch) execute function marquee.protect_epoch();

-- Delivered when the change commits, to every process that listens (see listen.ts).
create function marquee.announce_route() returns trigger
  language plpgsql as $$
begin
  perform pg_notify('marquee_routes', coalesce(new.id, old.id) || ':' || coalesce(new.route_epoch, old.route_epoch));
  return null;
end $$;

create trigger announce_route after insert or delete on public.tenants
  for each row execute function marquee.announce_route();

create trigger announce_route_change after update on public.tenants
  for each row when (
    (old.status, old.subdomain, old.data_source_id, old.data_source_engine, old.data_source_url, old.data_source_anon_key,
     old.data_source_service_key, old.data_source_region, old.data_source_replicas, old.connection_pool_config,
     old.tenant_id_in_data_source, old.required_region, old.route_epoch)
    is distinct from
    (new.status, new.subdomain, new.data_source_id, new.data_source_engine, new.data_source_url, new.data_source_anon_key,
     new.data_source_service_key, new.data_source_region, new.data_source_replicas, new.connection_pool_config,
     new.tenant_id_in_data_source, new.required_region, new.route_epoch)
  ) execute function marquee.announce_route();
