-- The oldest outbox events. They stay until `delete_outbox_events`: delivered at least once.
create or replace function public.outbox_events(most int) returns table (id uuid, type text, rows jsonb, occurred_at timestamptz)
  language sql stable
begin atomic
  select o.id, o.type, o.rows, o.occurred_at from tenancy.outbox o
    where o.tenant_id = (select tenancy.current_tenant()) order by o.occurred_at, o.id limit most;
end;
select tenancy.expose(false, 'public.outbox_events(integer)');

create or replace function public.delete_outbox_events(ids uuid[]) returns void
  language sql volatile
begin atomic
  delete from tenancy.outbox o where o.tenant_id = (select tenancy.current_tenant()) and o.id = any (ids);
end;
select tenancy.expose(false, 'public.delete_outbox_events(uuid[])');
