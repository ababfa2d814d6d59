-- What happens when something is booked that is taken: setting `overlap_policy`. `refuse` refuses. `warn` lets the booking
-- through and says so on its row: `overbooked`. Such rows stand outside the exclusion constraints, which go on to keep all
-- others apart; the triggers see every row. When what was in the way goes, the row is an ordinary one again.
create or replace function tenancy.may_overbook() returns boolean
  language sql stable
  return coalesce(tenancy.setting('overlap_policy') #>> '{}' = 'warn', false);
select tenancy.grant_internals('tenancy.may_overbook()');

-- A booking that ends or moves may have been what others stood in the way of: their own triggers look again. A row that
-- somebody is changing now is left to them: they wait for this thing's lock and look after it.
create or replace function tenancy.ease_overbooking() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  execute format('update public.%1$I a set overbooked = a.overbooked where a.tenant_id = $1 and a.id in ('
      'select o.id from public.%1$I o where o.tenant_id = $1 and o.%2$I = $2 and o.overbooked and o.id <> $3 and o.per && $4 '
      'for no key update skip locked)', tg_table_name, tg_argv[0])
    using old.tenant_id, (to_jsonb(old) ->> tg_argv[0])::uuid, old.id, old.per;
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.ease_overbooking() from public;
