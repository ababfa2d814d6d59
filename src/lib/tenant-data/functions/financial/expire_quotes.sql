-- Expires quotes that were not accepted in time. Called by a job each night. Returns how many.
create or replace function public.expire_quotes() returns int
  language plpgsql volatile
as $$
declare
  expired int;
begin
  update public.quotes set status = 'expired'
    where tenant_id = (select tenancy.current_tenant()) and status in ('sent', 'viewed') and valid_until < (select tenancy.today());
  get diagnostics expired = row_count;
  return expired;
end
$$;
select tenancy.expose(false, 'public.expire_quotes()');
