-- Records the client's first view of a quote and its contract, or of a contract alone. For trusted server code, which has
-- checked the client's token.
create or replace function public.note_client_view(quote_id uuid default null, contract_id uuid default null) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform set_config('tenancy.by_link', 'on', true);
  update public.quotes q set status = 'viewed', viewed_at = now()
    where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id and q.status = 'sent';
  update public.contracts c set status = 'viewed', viewed_at = now()
    where c.tenant_id = (select tenancy.current_tenant()) and c.id = contract_id and c.status = 'sent';
end
$$;
select tenancy.expose(false, 'public.note_client_view(uuid, uuid)');

create or replace function public.decline_offer(quote_id uuid, reason text default null) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
begin
  perform set_config('tenancy.by_link', 'on', true);
  update public.quotes q set status = 'declined', decline_reason = nullif(btrim(reason), '')
    where q.tenant_id = (select tenancy.current_tenant()) and q.id = quote_id and q.status <> 'declined';
end
$$;
select tenancy.expose(false, 'public.decline_offer(uuid, text)');
