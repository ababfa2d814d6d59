-- Computed column: whether an open deal has not changed for longer than the tenant's limit.
create or replace function public.is_stale(opportunities) returns boolean
  language sql stable
  return coalesce(greatest($1.stage_changed_at, $1.updated_at) < now() - make_interval(
      days => coalesce((tenancy.setting_once('pipeline') ->> 'stale_after_days')::int, 21))
    and jsonb_path_exists(tenancy.setting_once('pipeline'), '$.stages[*] ? (@.key == $key && @.kind == "open")',
      jsonb_build_object('key', $1.stage)), false);
select tenancy.expose(true, 'public.is_stale(public.opportunities)');
