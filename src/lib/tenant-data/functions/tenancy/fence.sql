-- The key of a tenant's advisory lock: shared in every statement of the tenant, exclusive while its fence changes.
create or replace function tenancy.lock_key(tenant uuid) returns bigint
  language sql immutable strict parallel safe
  return pg_catalog.uuid_hash_extended(tenant, 7302461);
revoke execute on function tenancy.lock_key(uuid) from public;
grant execute on function tenancy.lock_key(uuid)
  to tenant_mover;

-- Opens the fence: waits for the tenant's running statements to end, then admits statements of `epoch`. Not of an earlier epoch
-- than the fence has, and not while a move or a provisioning holds it.
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
    raise exception 'The fence of this tenant has a later epoch than %.', epoch using errcode = 'MQ001';
  end if;
end
$$;
revoke execute on function tenancy.open_fence(uuid, bigint) from public;
grant execute on function tenancy.open_fence(uuid, bigint)
  to tenant_mover;

-- Closes the fence: waits for the tenant's running statements to end, then admits none.
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
revoke execute on function tenancy.close_fence(uuid, text) from public;
grant execute on function tenancy.close_fence(uuid, text)
  to tenant_mover;

create or replace function tenancy.expect_read_committed() returns trigger
  language plpgsql
as $$
begin
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    perform tenancy.refuse_isolation();
  end if;
  return null;
end
$$;
revoke execute on function tenancy.expect_read_committed() from public;
