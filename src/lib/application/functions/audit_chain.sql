-- The hash chain of the audit log: docs/audit-log.md describes the encoding, so that others can recompute it.

-- The leaf hash of a record as RFC 6962 has it: SHA-256 of a zero byte and the record. Each column is its text in UTF-8 after
-- four bytes of length, null is the length -1: array_send() writes the elements so, after a header of 20 bytes.
create or replace function marquee.audit_leaf(
  id bigint, occurred_at timestamptz, tenant_id uuid, actor text, request_id text, action text, entity text, entity_id text,
  before jsonb, after jsonb, details jsonb, address text
) returns bytea
  language plpgsql stable set search_path = pg_catalog as $$
begin
  return sha256('\x00'::bytea || substring(array_send(array[
    convert_to(id::text, 'UTF8'),
    convert_to((extract(epoch from occurred_at) * 1000000)::bigint::text, 'UTF8'),
    convert_to(tenant_id::text, 'UTF8'), convert_to(actor, 'UTF8'), convert_to(request_id, 'UTF8'), convert_to(action, 'UTF8'),
    convert_to(entity, 'UTF8'), convert_to(entity_id, 'UTF8'), convert_to(before::text, 'UTF8'), convert_to(after::text, 'UTF8'),
    convert_to(details::text, 'UTF8'), convert_to(address, 'UTF8')
  ]) from 21));
end $$;

-- What ties a record to all before it. @param previous the chain hash of the record before, 32 zero bytes before the first
create or replace function marquee.audit_chain(previous bytea, leaf bytea) returns bytea
  language sql immutable parallel safe
  return sha256('\x02'::bytea || previous || leaf);

-- Gives a new record its id, time and hashes. The lock is held until the transaction ends, so that the next writer sees this
-- record: ids have no gaps, and their order is the order of the chain. What a caller gave for these columns is not used.
create or replace function marquee.chain_audit_record() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  head record;
begin
  perform pg_advisory_xact_lock(4611686018428);
  select id, chain_hash into head from public.audit_log order by id desc limit 1;
  new.id := coalesce(head.id, 0) + 1;
  new.occurred_at := clock_timestamp();
  new.leaf_hash := marquee.audit_leaf(
    new.id, new.occurred_at, new.tenant_id, new.actor, new.request_id, new.action, new.entity, new.entity_id,
    new.before, new.after, new.details, new.address
  );
  new.chain_hash := marquee.audit_chain(coalesce(head.chain_hash, decode(repeat('00', 32), 'hex')), new.leaf_hash);
  return new;
end $$;

-- Adds a signed checkpoint of the records up to this one, unless another record was added meanwhile.
create or replace function marquee.append_checkpoint(last_id bigint, author text, checkpoint jsonb) returns boolean
  language plpgsql set search_path = pg_catalog as $$
begin
  perform pg_advisory_xact_lock(4611686018428);
  if last_id <> (select id from public.audit_log order by id desc limit 1) then
    return false;
  end if;
  insert into public.audit_log (actor, action, entity, details) values (author, 'audit.checkpoint', 'audit_log', checkpoint);
  return true;
end $$;
