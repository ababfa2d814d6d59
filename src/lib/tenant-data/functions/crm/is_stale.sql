-- Computed column: whether an open deal has not changed for longer than the tenant's limit.
create or replace function public.is_stale(opportunities) returns boolean
  language sql stable
  return coalesce(tenancy.stage($1.stage) ->> 'kind' = 'open'
    and greatest($1.stage_changed_at, $1.updated_at) < now() - make_interval(
      days => coalesce((tenancy.setting('pipeline') ->> 'stale_after_days')::int, 21)), false);
select tenancy.expose(true, 'public.is_stale(public.opportunities)');
