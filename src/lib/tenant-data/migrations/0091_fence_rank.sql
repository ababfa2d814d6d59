-- A mover that was only stopped or cut off, and that another has taken over from, may wake up at any time. What it then
-- still does must do nothing. See "Who comes late" in src/lib/movement/README.md.

-- Who held the fence last, also after it was opened: `move <id>#<attempt>`.
alter table tenancy.fence add column holder text;

-- Whether `one` is a later attempt at the move of `other`.
create function tenancy.outranks(one text, other text) returns boolean
  language sql immutable
  return coalesce(
    pg_catalog.split_part(one, '#', 1) = pg_catalog.split_part(other, '#', 1)
      and pg_catalog.split_part(one, '#', 2)::int > pg_catalog.split_part(other, '#', 2)::int, false);

create function tenancy.raise_taken_over() returns void
  language plpgsql
as $$
begin
  raise exception 'Another process has taken this move over.' using errcode = 'MQ021';
end
$$;

-- As before; an earlier attempt than the fence has seen holds nothing any more.
create or replace function tenancy.hold_fence(tenant uuid, holder text) returns bigint
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  held bigint;
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence as f (tenant_id, epoch, state, reason, holder) values (tenant, 0, 'closed', holder, holder)
    on conflict (tenant_id) do update
      set state = 'closed', reason = excluded.reason, holder = excluded.holder, changed_at = pg_catalog.clock_timestamp()
      where not tenancy.outranks(f.holder, excluded.holder)
    returning f.epoch into held;
  if held is null then
    perform tenancy.raise_taken_over();
  end if;
  return held;
end
$$;

-- Whoever takes a move over says so first: without a lock, so that nobody at an open home has to wait.
-- Returns whether the fence is closed in the name of the same move, and so is to be held again.
create function tenancy.claim_fence(tenant uuid, holder text) returns boolean
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  fence tenancy.fence;
begin
  update tenancy.fence f set holder = holder
    where f.tenant_id = tenant and not tenancy.outranks(f.holder, holder) returning f.* into fence;
  if fence.tenant_id is null and exists (select from tenancy.fence f where f.tenant_id = tenant) then
    perform tenancy.raise_taken_over();
  end if;
  return coalesce(fence.state = 'closed'
    and pg_catalog.split_part(fence.reason, '#', 1) = pg_catalog.split_part(holder, '#', 1), false);
end
$$;

-- What a transaction of the mover begins with that writes to a home without comparing positions. The shared lock makes
-- whoever holds the fence next wait for its end.
create function tenancy.assert_held(tenant uuid, holder text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock_shared(tenancy.lock_key(tenant));
  if not exists (select from tenancy.fence f
      where f.tenant_id = tenant and f.state = 'closed' and f.reason = holder) then
    perform tenancy.raise_taken_over();
  end if;
end
$$;

-- A row whose key was changed is a row less under the old key.
create or replace function tenancy.note_change() returns trigger
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

revoke execute on function tenancy.outranks(text, text), tenancy.raise_taken_over(), tenancy.claim_fence(uuid, text),
  tenancy.assert_held(uuid, text) from public;
grant execute on function tenancy.outranks(text, text), tenancy.raise_taken_over(), tenancy.claim_fence(uuid, text),
  tenancy.assert_held(uuid, text) to tenant_mover;
