-- A fence belongs to the move, or to the provisioning, that reserved its id here or claimed it at its epoch. Without that proof
-- nothing is closed, opened, removed or written. See "An id belongs to one tenant" in src/lib/movement/README.md.

-- Whether two holders are attempts at one move (`move <id>#<attempt>`) or at setting up one tenant (`tenant <id>#1`).
create function tenancy.same_owner(one text, other text) returns boolean
  language sql immutable
  return coalesce(pg_catalog.split_part(one, '#', 1) = pg_catalog.split_part(other, '#', 1), false);

create function tenancy.raise_taken_id(why text) returns void
  language plpgsql
as $$
begin
  raise exception 'This id is taken in this database: %.', why
    using errcode = 'MQ022', hint = 'Choose another id here.';
end
$$;

-- Closes the fence in the name of its owner (also one that is closed already) and returns its epoch. Waits for the tenant's
-- running statements; `lock_timeout` limits the wait.
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

-- Reserves an id for a tenant that is to come here: there must be neither a fence nor a row under it. A fence that is the
-- holder's already is held again. `with_rows`: its rows may be there already.
create function tenancy.reserve_fence(tenant uuid, holder text, with_rows boolean default false) returns void
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

-- Takes a fence over from earlier attempts of the same move; where the tenant lives (`epoch` is not null), also from whoever had
-- it before, if it is open at that epoch. Without a lock, so that nobody at an open fence has to wait.
-- Returns whether the fence is closed in the name of the same move, and so is to be held again.
drop function tenancy.claim_fence(uuid, text);
create function tenancy.claim_fence(tenant uuid, holder text, epoch bigint) returns boolean
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

-- As before, but not while a move or a provisioning holds the fence.
create or replace function tenancy.open_fence(tenant uuid, epoch bigint) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence as f (tenant_id, epoch, state) values (tenant, epoch, 'open')
    on conflict (tenant_id) do update
      set epoch = excluded.epoch, state = 'open', reason = null, changed_at = pg_catalog.clock_timestamp()
      where f.epoch <= excluded.epoch and (f.state = 'open' or f.reason is distinct from f.holder);
  if not found then
    if exists (select from tenancy.fence f where f.tenant_id = tenant and f.epoch <= epoch) then
      perform tenancy.raise_taken_id('its fence is held');
    end if;
    raise exception 'The fence of this tenant stands at a later epoch than %.', epoch using errcode = 'MQ001';
  end if;
end
$$;

create or replace function tenancy.close_fence(tenant uuid, reason text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform pg_catalog.pg_advisory_xact_lock(tenancy.lock_key(tenant));
  insert into tenancy.fence as f (tenant_id, epoch, state, reason) values (tenant, 0, 'closed', reason)
    on conflict (tenant_id) do update
      set state = 'closed', reason = excluded.reason, changed_at = pg_catalog.clock_timestamp()
      where f.state = 'open' or f.reason is distinct from f.holder;
  if not found then
    perform tenancy.raise_taken_id('its fence is held');
  end if;
end
$$;

revoke execute on function tenancy.same_owner(text, text), tenancy.raise_taken_id(text),
  tenancy.reserve_fence(uuid, text, boolean), tenancy.claim_fence(uuid, text, bigint) from public;
grant execute on function tenancy.same_owner(text, text), tenancy.raise_taken_id(text),
  tenancy.reserve_fence(uuid, text, boolean), tenancy.claim_fence(uuid, text, bigint) to tenant_mover;
