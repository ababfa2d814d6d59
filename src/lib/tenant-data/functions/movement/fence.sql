-- Whether two holders are attempts at one move (`move <id>#<attempt>`) or at setting up one tenant (`tenant <id>#1`).
create or replace function tenancy.same_owner(one text, other text) returns boolean
  language sql immutable
  return coalesce(pg_catalog.split_part(one, '#', 1) = pg_catalog.split_part(other, '#', 1), false);
revoke execute on function tenancy.same_owner(text, text) from public;
grant execute on function tenancy.same_owner(text, text)
  to tenant_mover;

-- Whether `one` is a later attempt at the move of `other`.
create or replace function tenancy.outranks(one text, other text) returns boolean
  language sql immutable
  return coalesce(
    pg_catalog.split_part(one, '#', 1) = pg_catalog.split_part(other, '#', 1)
      and pg_catalog.split_part(one, '#', 2)::int > pg_catalog.split_part(other, '#', 2)::int, false);
revoke execute on function tenancy.outranks(text, text) from public;
grant execute on function tenancy.outranks(text, text)
  to tenant_mover;

create or replace function tenancy.raise_taken_over() returns void
  language plpgsql
as $$
begin
  raise exception 'Another process has taken over this move.' using errcode = 'MQ021';
end
$$;
revoke execute on function tenancy.raise_taken_over() from public;
grant execute on function tenancy.raise_taken_over()
  to tenant_mover;

create or replace function tenancy.raise_taken_id(why text) returns void
  language plpgsql
as $$
begin
  raise exception 'This id is taken in this database: %.', why
    using errcode = 'MQ022', hint = 'Choose another id here.';
end
$$;
revoke execute on function tenancy.raise_taken_id(text) from public;
grant execute on function tenancy.raise_taken_id(text)
  to tenant_mover;

-- Reserves an id for a tenant that is to come to this database: there must be neither a fence nor a row under it. A fence that
-- is the holder's already is held again. `with_rows`: its rows may be there already.
create or replace function tenancy.reserve_fence(tenant uuid, holder text, with_rows boolean default false) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  target regclass;
  occupied boolean;
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence (tenant_id, epoch, state, reason, holder) values (tenant, 0, 'closed', holder, holder)
    on conflict do nothing;
  if not found then
    perform tenancy.hold_fence(tenant, holder);
    return;
  end if;
  if with_rows then
    return;
  end if;
  for target in select tenancy.movable_tables() loop
    execute pg_catalog.format('select exists (select from %s where tenant_id = $1)', target) into occupied using tenant;
    if occupied then
      perform tenancy.raise_taken_id(pg_catalog.format('there are rows in %s that no fence belongs to', target));
    end if;
  end loop;
end
$$;
revoke execute on function tenancy.reserve_fence(uuid, text, boolean) from public;
grant execute on function tenancy.reserve_fence(uuid, text, boolean)
  to tenant_mover;

-- Takes a fence over from an earlier attempt at the same move; where the tenant lives (`epoch` is not null) also from any other
-- owner, if it is open at that epoch. Takes no lock, so that statements at an open fence do not wait.
-- Returns whether the fence is closed for the same move, and so has to be held again.
create or replace function tenancy.claim_fence(tenant uuid, holder text, epoch bigint) returns boolean
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  fence tenancy.fence;
begin
  update tenancy.fence f set holder = holder
    where f.tenant_id = tenant and not tenancy.outranks(f.holder, holder)
      and (tenancy.same_owner(f.holder, holder) or f.state = 'open' and f.epoch = epoch)
    returning f.* into fence;
  if fence.tenant_id is null
    and exists (select from tenancy.fence f where f.tenant_id = tenant and tenancy.same_owner(f.holder, holder)) then
    perform tenancy.raise_taken_over();
  end if;
  return coalesce(fence.state = 'closed' and tenancy.same_owner(fence.reason, holder), false);
end
$$;
revoke execute on function tenancy.claim_fence(uuid, text, bigint) from public;
grant execute on function tenancy.claim_fence(uuid, text, bigint)
  to tenant_mover;

-- Closes the fence for its owner, also one that is closed already, and returns its epoch. Waits for the tenant's running
-- statements to end; `lock_timeout` limits the wait.
create or replace function tenancy.hold_fence(tenant uuid, holder text) returns bigint
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  held bigint;
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  update tenancy.fence f
    set state = 'closed', reason = holder, holder = holder, changed_at = pg_catalog.clock_timestamp()
    where f.tenant_id = tenant and tenancy.same_owner(f.holder, holder) and not tenancy.outranks(f.holder, holder)
    returning f.epoch into held;
  if held is null then
    if exists (select from tenancy.fence f where f.tenant_id = tenant and tenancy.same_owner(f.holder, holder)) then
      perform tenancy.raise_taken_over();
    end if;
    perform tenancy.raise_taken_id('another owner has its fence');
  end if;
  return held;
end
$$;
revoke execute on function tenancy.hold_fence(uuid, text) from public;
grant execute on function tenancy.hold_fence(uuid, text)
  to tenant_mover;

-- Begins a transaction of the mover that writes rows without comparing stream positions: fails where the holder has lost the
-- fence. The shared lock makes the next holder wait for the transaction to end.
create or replace function tenancy.assert_held(tenant uuid, holder text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    perform tenancy.refuse_isolation();
  end if;
  perform pg_catalog.pg_advisory_xact_lock_shared(tenancy.lock_key(tenant));
  if not exists (select from tenancy.fence f
      where f.tenant_id = tenant and f.state = 'closed' and f.reason = holder) then
    perform tenancy.raise_taken_over();
  end if;
end
$$;
revoke execute on function tenancy.assert_held(uuid, text) from public;
grant execute on function tenancy.assert_held(uuid, text)
  to tenant_mover;

-- Opens the fence at an epoch if the holder still holds it; returns false where another does or it is open.
create or replace function tenancy.release_fence(tenant uuid, epoch bigint, holder text) returns boolean
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
revoke execute on function tenancy.release_fence(uuid, bigint, text) from public;
grant execute on function tenancy.release_fence(uuid, bigint, text)
  to tenant_mover;

-- Removes the fence of a tenant that has left this database, if the holder still holds it.
create or replace function tenancy.remove_fence(tenant uuid, holder text) returns boolean
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  delete from tenancy.fence f where f.tenant_id = tenant and f.state = 'closed' and f.reason = holder;
  return found;
end
$$;
revoke execute on function tenancy.remove_fence(uuid, text) from public;
grant execute on function tenancy.remove_fence(uuid, text)
  to tenant_mover;
