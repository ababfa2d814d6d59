-- Recorded changes that became visible after the snapshot `known` and not after `until`, both of the database `here`; without `known`
-- those since `since`. Of another database, as after a move, all count as visible.
create or replace function tenancy.visible_changes(here text, known pg_snapshot, until pg_snapshot, since timestamptz)
  returns setof tenancy.realtime_changes
  language sql stable
as $$
  select r.* from tenancy.realtime_changes r
    where r.tenant_id = (select tenancy.current_tenant())
      and case when known is null then r.at > since else r.origin = here and not pg_visible_in_snapshot(r.xid::text::xid8, known) end
      and (r.origin <> here or pg_visible_in_snapshot(r.xid::text::xid8, until))
$$;
select tenancy.grant_internals('tenancy.visible_changes(text, pg_snapshot, pg_snapshot, timestamp with time zone)');
