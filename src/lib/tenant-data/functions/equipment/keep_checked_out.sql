-- What is checked out is away, and its booking says with whom: it is not deleted, also not with its date, event or deal, and no user
-- gives it another status, thing or date by hand.
-- Trigger argument: the column of what is booked.
create or replace function tenancy.keep_checked_out() returns trigger language plpgsql as $$
begin
  perform tenancy.refuse_checked_out((to_jsonb(old) ->> tg_argv[0])::uuid);
  return new;
end
$$;
revoke execute on function tenancy.keep_checked_out() from public;

-- An event is neither deleted nor hidden while something is out for it.
create or replace function tenancy.keep_event_checked_out() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
  away uuid;
begin
  select a.thing into away from (
    select b.booth_id as thing from public.booth_assignments b
      where b.tenant_id = old.tenant_id and b.event_id = old.id and b.status = 'checked_out'
    union all select e.equipment_item_id from public.equipment_assignments e
      where e.tenant_id = old.tenant_id and e.event_id = old.id and e.status = 'checked_out') a limit 1;
  if found then
    perform tenancy.refuse_checked_out(away);
  end if;
  perform tenancy.act_as(caller);
  return case tg_op when 'DELETE' then old else new end;
end
$$;
revoke execute on function tenancy.keep_event_checked_out() from public;

-- Refuses because a booth or a piece of equipment is out. The message says what to do: answers about many records have no hint.
create or replace function tenancy.refuse_checked_out(thing uuid) returns void
  language plpgsql volatile
as $$
begin
  perform tenancy.act_for_tenant();
  perform tenancy.refuse(409, format('%s is checked out: check it in, or undo the check-out, first.', (
    select b.name from public.booths b where b.tenant_id = (select tenancy.current_tenant()) and b.id = thing
    union all select i.name from public.equipment_items i where i.tenant_id = (select tenancy.current_tenant()) and i.id = thing)));
end
$$;
select tenancy.grant_internals('tenancy.refuse_checked_out(uuid)');
