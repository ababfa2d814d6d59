-- Computed column, by the days left: critical, high, medium or low; null when the event is further away, over or cancelled.
create or replace function public.priority(events) returns text
  language plpgsql stable
as $$
declare
  windows jsonb;
  days int;
begin
  if $1.start_date is null or $1.status in ('cancelled', 'completed') then
    return null;
  end if;
  days := $1.start_date - tenancy.today_once();
  if days < 0 then
    return null;
  end if;
  windows := tenancy.setting_once('priority_windows', '{"critical": 2, "high": 7, "medium": 14, "low": 30}');
  return case when days <= (windows ->> 'critical')::int then 'critical'
    when days <= (windows ->> 'high')::int then 'high'
    when days <= (windows ->> 'medium')::int then 'medium'
    when days <= (windows ->> 'low')::int then 'low' end;
end
$$;
select tenancy.expose(true, 'public.priority(public.events)');
