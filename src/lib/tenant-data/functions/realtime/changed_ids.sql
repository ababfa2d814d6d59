-- Rows whose changes became visible after the snapshot `seen`, by table and by the screen that changed them: their ids, or null
-- where there are more than `most`. Snapshots and `since` as in `changed_rows`; without either there are no changes, only the snapshot to
-- begin with.
create or replace function public.changed_ids(origin text default null, seen text default null, since timestamptz default null,
    most int default 50)
  returns jsonb
  language plpgsql stable
as $$
declare
  here constant text := tenancy.realtime_origin();
  known constant pg_snapshot := case when changed_ids.origin = here then seen::pg_snapshot end;
  until constant pg_snapshot := pg_current_snapshot();
  found jsonb;
begin
  select coalesce(jsonb_agg(jsonb_build_object('table', c.table_name, 'screen', c.screen, 'ids', c.ids)), '[]') into found
    from (
      select r.table_name, r.screen,
          case when count(distinct r.row_id) <= most then jsonb_agg(distinct r.row_id) end as ids
        from tenancy.visible_changes(here, known, until, since) r
        group by r.table_name, r.screen
    ) c;
  return jsonb_build_object('origin', here, 'seen', until::text, 'now', clock_timestamp(), 'changes', found);
end
$$;
select tenancy.expose(false, 'public.changed_ids(text, text, timestamp with time zone, integer)');
