-- Logs the key of a changed row. A changed key logs both: the row has gone under the old one.
create or replace function tenancy.log_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into tenancy.move_log (move_id, table_name, key)
    select distinct tg_argv[0]::uuid, tg_relid::regclass::text,
      (select array_agg(changed ->> tg_argv[place] order by place) from generate_series(1, tg_nargs - 1) place)
    from unnest(array[case when tg_op <> 'DELETE' then to_jsonb(new) end,
                      case when tg_op <> 'INSERT' then to_jsonb(old) end]) as changed
    where changed is not null;
  return null;
end
$$;
revoke execute on function tenancy.log_change() from public;

-- Logs that all rows of a table are gone: an entry without a key.
create or replace function tenancy.log_truncation() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into tenancy.move_log (move_id, table_name, key) values (tg_argv[0]::uuid, tg_relid::regclass::text, '{}');
  return null;
end
$$;
revoke execute on function tenancy.log_truncation() from public;

-- Makes the triggers that log the keys of a tenant's changed rows of one table. One table at a time: making a trigger waits for
-- transactions that write to the table, and later ones queue behind it. Columns that the key's index only includes are no part
-- of the key.
create or replace function tenancy.keep_change_log(name text, move uuid, tenant uuid, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  key text;
begin
  perform tenancy.refuse_foreign_name(name);
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % does not hold tenants'' rows.', target using errcode = 'wrong_object_type';
  end if;
  if exists (select from pg_trigger where tgrelid = target and tgname = name) then
    return;
  end if;
  select string_agg(quote_literal(a.attname), ', ' order by place) into key
    from pg_index i, unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
    join pg_attribute a on a.attnum = k.attnum
    where i.indrelid = target and i.indisprimary and place <= i.indnkeyatts
      and a.attrelid = target and a.attname <> 'tenant_id';
  execute format('create trigger %I after insert or update on %s for each row when (new.tenant_id = %L and not tenancy.copying()) '
    'execute function tenancy.log_change(%L, %s)', name, target, tenant, move, key);
  execute format('create trigger %I after delete on %s for each row when (old.tenant_id = %L and not tenancy.copying()) '
    'execute function tenancy.log_change(%L, %s)', name || '_d', target, tenant, move, key);
  execute format('create trigger %I after truncate on %s for each statement execute function tenancy.log_truncation(%L)',
    name || '_t', target, move);
end
$$;
revoke execute on function tenancy.keep_change_log(text, uuid, uuid, regclass) from public;
grant execute on function tenancy.keep_change_log(text, uuid, uuid, regclass)
  to tenant_mover;

create or replace function tenancy.drop_change_log(name text, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(name);
  execute format('drop trigger if exists %I on %s', name, target);
  execute format('drop trigger if exists %I on %s', name || '_d', target);
  execute format('drop trigger if exists %I on %s', name || '_t', target);
end
$$;
revoke execute on function tenancy.drop_change_log(text, regclass) from public;
grant execute on function tenancy.drop_change_log(text, regclass)
  to tenant_mover;
