-- For the job that runs each night: what nobody accepted in time. Returns how many.
create or replace function public.expire_quotes() returns int
  language plpgsql volatile
as $$
declare
  expired int;
begin
  update public.quotes set status = 'expired'
    where tenant_id = tenancy.current_tenant() and status in ('sent', 'viewed') and valid_until < tenancy.today();
  get diagnostics expired = row_count;
  return expired;
end
$$;
select tenancy.expose(false, 'public.expire_quotes()');
