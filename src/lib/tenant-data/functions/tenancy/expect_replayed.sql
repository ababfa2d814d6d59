-- Before a statement that a replica answers, in its transaction: refuses it where this server is no standby, or has not replayed the
-- primary's log up to `minimum`. What comes after it sees at least what was committed before that position.
create or replace function tenancy.expect_replayed(minimum pg_lsn) returns void
  language plpgsql volatile
as $$
begin
  if not pg_catalog.pg_is_in_recovery() then
    raise exception 'This server is not a standby.' using errcode = 'MQ006';
  end if;
  if not coalesce(pg_catalog.pg_last_wal_replay_lsn() >= minimum, false) then
    raise exception 'This standby has replayed up to %, not to %.', pg_catalog.pg_last_wal_replay_lsn(), minimum
      using errcode = 'MQ006', hint = 'Ask the primary, or wait.';
  end if;
end
$$;
revoke execute on function tenancy.expect_replayed(pg_lsn) from public;
-- Routers whose rights were granted without it.
do $do$ declare login name; begin
  for login in select r.login from tenancy.router_keys r loop
    execute pg_catalog.format('grant execute on function tenancy.expect_replayed(pg_lsn) to %I', login);
  end loop;
end $do$;
