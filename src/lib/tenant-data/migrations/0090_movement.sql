-- What moving a tenant needs in the database it leaves and in the one it comes to. See src/lib/movement/README.md.

-- How far a stream into this database has come: written in the transaction that applies what it says.
create table tenancy.move_progress (
  move_id uuid not null,
  stream text not null,
  lsn pg_lsn not null,
  updated_at timestamptz not null default pg_catalog.now(),
  primary key (move_id, stream)
);
grant select, insert, update, delete on tenancy.move_progress to tenant_mover;

-- A compare-and-set: a mover that was only slow, and that another has taken over from, applies nothing any more.
create function tenancy.advance_move(move uuid, stream_name text, from_lsn pg_lsn, to_lsn pg_lsn) returns void
  language plpgsql volatile
as $$
begin
  update tenancy.move_progress p set lsn = to_lsn, updated_at = pg_catalog.clock_timestamp()
    where p.move_id = move and p.stream = stream_name and p.lsn = from_lsn;
  if not found then
    raise exception 'Another process has taken this move over.' using errcode = 'MQ021';
  end if;
end
$$;

-- Keys of rows changed while a tenant is moved from a database without logical decoding.
create table tenancy.move_log (
  move_id uuid not null,
  seq bigint generated always as identity,
  table_name text not null,
  key text[] not null,
  primary key (move_id, seq)
);
grant select, delete on tenancy.move_log to tenant_mover;

-- Tables that hold a tenant's rows: their primary key begins with tenant_id.
create function tenancy.movable_tables() returns setof regclass
  language sql stable
as $$
  select c.oid::regclass
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] and a.attname = 'tenant_id'
    where n.nspname = 'public' and c.relkind = 'r'
    order by c.relname
$$;

-- Closes the fence in the name of a holder (also one that is closed already) and returns its epoch. Waits for the
-- tenant's running statements; `lock_timeout` limits the wait.
create function tenancy.hold_fence(tenant uuid, holder text) returns bigint
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  held bigint;
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence as f (tenant_id, epoch, state, reason) values (tenant, 0, 'closed', holder)
    on conflict (tenant_id) do update
      set state = 'closed', reason = excluded.reason, changed_at = pg_catalog.clock_timestamp()
    returning f.epoch into held;
  return held;
end
$$;

-- Opens the fence at an epoch if the holder still holds it; false where somebody else does or it is open.
create function tenancy.release_fence(tenant uuid, epoch bigint, holder text) returns boolean
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  update tenancy.fence f
    set epoch = epoch, state = 'open', reason = null, changed_at = pg_catalog.clock_timestamp()
    where f.tenant_id = tenant and f.state = 'closed' and f.reason = holder and f.epoch <= epoch;
  return found;
end
$$;

-- Forgets a tenant that does not live here any more, if the holder still holds its fence.
create function tenancy.remove_fence(tenant uuid, holder text) returns boolean
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  delete from tenancy.fence f where f.tenant_id = tenant and f.state = 'closed' and f.reason = holder;
  return found;
end
$$;

-- Only names that moves give: these functions act as the owner of the tables.
create function tenancy.refuse_foreign_name(name text) returns void
  language plpgsql immutable
as $$
begin
  if name is null or name !~ '^marquee_move_[0-9a-f]{32}_(out|back)$' then
    raise exception 'This is not the name of a move''s object: %.', name using errcode = 'MQ020';
  end if;
end
$$;

-- A publication of one tenant's rows. The owner makes it, since the mover owns no table.
create function tenancy.publish_tenant(publication text, tenant uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(publication);
  if exists (select from pg_publication where pubname = publication) then
    return;
  end if;
  execute format('create publication %I for table %s', publication,
    (select string_agg(format('%s where (tenant_id = %L)', t, tenant), ', ') from tenancy.movable_tables() t));
end
$$;

create function tenancy.unpublish_tenant(publication text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(publication);
  execute format('drop publication if exists %I', publication);
end
$$;

-- Arguments of the trigger: the move, then the columns of the key without tenant_id. What a move itself writes is no
-- news to it: the triggers say so in their conditions, which are the writer's and not the owner's.
create function tenancy.note_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  changed jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  insert into tenancy.move_log (move_id, table_name, key)
    select tg_argv[0]::uuid, tg_relid::regclass::text,
      array_agg(changed ->> tg_argv[place] order by place) from generate_series(1, tg_nargs - 1) place;
  return null;
end
$$;

-- Table by table, since each waits for those who write to it while everybody else waits behind.
create function tenancy.keep_change_log(name text, move uuid, tenant uuid, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  key text;
begin
  perform tenancy.refuse_foreign_name(name);
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % holds no rows of tenants.', target using errcode = 'wrong_object_type';
  end if;
  if exists (select from pg_trigger where tgrelid = target and tgname = name) then
    return;
  end if;
  select string_agg(quote_literal(a.attname), ', ' order by place) into key
    from pg_index i, unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
    join pg_attribute a on a.attnum = k.attnum
    where i.indrelid = target and i.indisprimary and a.attrelid = target and a.attname <> 'tenant_id';
  execute format('create trigger %I after insert or update on %s for each row when (new.tenant_id = %L and not tenancy.copying()) '
    'execute function tenancy.note_change(%L, %s)', name, target, tenant, move, key);
  execute format('create trigger %I after delete on %s for each row when (old.tenant_id = %L and not tenancy.copying()) '
    'execute function tenancy.note_change(%L, %s)', name || '_d', target, tenant, move, key);
end
$$;

create function tenancy.drop_change_log(name text, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(name);
  execute format('drop trigger if exists %I on %s', name, target);
  execute format('drop trigger if exists %I on %s', name || '_d', target);
end
$$;

-- The planner's statistics: autovacuum brings them within a minute, and plans made before that are kept by sessions.
create function tenancy.analyze_table(target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % holds no rows of tenants.', target using errcode = 'wrong_object_type';
  end if;
  execute format('analyze (skip_locked) %s', target);
end
$$;

revoke execute on all functions in schema tenancy from public;
grant execute on function tenancy.movable_tables(), tenancy.analyze_table(regclass), tenancy.hold_fence(uuid, text),
  tenancy.release_fence(uuid, bigint, text), tenancy.remove_fence(uuid, text),
  tenancy.advance_move(uuid, text, pg_lsn, pg_lsn), tenancy.publish_tenant(text, uuid), tenancy.unpublish_tenant(text),
  tenancy.keep_change_log(text, uuid, uuid, regclass), tenancy.drop_change_log(text, regclass)
  to tenant_mover;
