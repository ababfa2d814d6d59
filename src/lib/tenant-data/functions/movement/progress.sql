-- Advances the position of a stream from one value to the next, in the transaction that applies the changes. Fails where the
-- position differs: another process has taken the move over.
create or replace function tenancy.advance_move(move uuid, stream_name text, from_lsn pg_lsn, to_lsn pg_lsn) returns void
  language plpgsql volatile
as $$
begin
  update tenancy.move_progress p set lsn = to_lsn, updated_at = pg_catalog.clock_timestamp()
    where p.move_id = move and p.stream = stream_name and p.lsn = from_lsn;
  if not found then
    raise exception 'Another process has taken over this move.' using errcode = 'MQ021';
  end if;
end
$$;
revoke execute on function tenancy.advance_move(uuid, text, pg_lsn, pg_lsn) from public;
grant execute on function tenancy.advance_move(uuid, text, pg_lsn, pg_lsn)
  to tenant_mover;

-- Milliseconds that a little work and a short sleep take: a busy server is late with both.
create or replace function tenancy.probe_ms() returns double precision
  language plpgsql volatile
as $$
declare
  began timestamptz := pg_catalog.clock_timestamp();
begin
  perform pg_catalog.count(*) from pg_catalog.generate_series(1, 5000);
  perform pg_catalog.pg_sleep(0.001);
  return extract(epoch from pg_catalog.clock_timestamp() - began) * 1000;
end
$$;
revoke execute on function tenancy.probe_ms() from public;
grant execute on function tenancy.probe_ms()
  to tenant_mover;
