-- Gives a login of Marquee's servers what they need: it may change tenants and users, and read and add records of the audit log.
-- It owns nothing, so it can neither change records nor switch off what keeps and chains them. Called by the owner.
create or replace function marquee.grant_use(login name) returns void
  language plpgsql set search_path = pg_catalog as $$
declare
  table_name text;
begin
  execute format('grant usage on schema public, marquee to %I', login);
  execute format('grant select on marquee.migrations, marquee.function_files to %I', login);
  execute format('grant select, insert, update, delete on public.tenants, public.users to %I', login);
  execute format('revoke all on public.audit_log from %I', login);
  execute format('grant select, insert on public.audit_log to %I', login);
  foreach table_name in array array['tenants', 'users', 'audit_log'] loop
    execute format('drop policy if exists %I on public.%I', login, table_name);
    execute format('create policy %1$I on public.%2$I to %1$I using (true) with check (true)', login, table_name);
  end loop;
end $$;
