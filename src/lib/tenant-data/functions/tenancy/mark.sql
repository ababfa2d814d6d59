-- Marks the transaction as that of one request of the tenant. A second transaction with the same mark waits for the first and is
-- refused where that has committed. For routers, before they enter the tenant: with the owner's rights, and only for the text that
-- the router sends itself and lets no one else send (MARK in session-cleaning.ts). Now and then it removes marks that are too old to
-- be looked up.
create or replace function tenancy.mark(tenant uuid, mark uuid) returns void
  language plpgsql volatile security definer
  set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
begin
  if current_query() <> 'select tenancy.mark($1, $2)' then
    perform tenancy.raise_unsealed();
  end if;
  insert into tenancy.request_marks (tenant_id, id) values (tenant, mark);
  if random() < 0.001 then
    delete from tenancy.request_marks where ctid = any (array(
      select ctid from tenancy.request_marks where made_at < now() - interval '1 hour' limit 5000 for update skip locked));
  end if;
end
$$;
revoke execute on function tenancy.mark(uuid, uuid) from public;
-- Routers of a database that had one host when they were admitted.
do $do$ declare login name; begin
  for login in select r.login from tenancy.router_keys r loop
    execute pg_catalog.format('grant execute on function tenancy.mark(uuid, uuid) to %I', login);
  end loop;
end $do$;
