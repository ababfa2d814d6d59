-- Cancels an event and settles its invoices, all or nothing.
--   invoices  {invoice id: 'void' or 'credit'}: what becomes of each; a credit takes the whole balance. Others stay as they are.
create or replace function public.cancel_event(event_id uuid, reason text default null, invoices jsonb default '{}') returns public.events
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  tenant constant uuid := tenancy.current_tenant();
  event public.events;
  settled record;
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  update public.events e set status = 'cancelled', cancel_reason = coalesce(nullif(btrim(reason), ''), e.cancel_reason)
    where e.tenant_id = tenant and e.id = event_id and e.deleted_at is null returning * into event;
  if event.id is null then
    perform tenancy.refuse(404, 'There is no event with this id.');
  end if;
  for settled in
    select c.key, c.value as how, i.id, i.balance from jsonb_each_text(invoices) c
      left join public.invoices i on i.tenant_id = tenant and i.id = c.key::uuid and i.event_id = event_id order by c.key
  loop
    if settled.id is null then
      perform tenancy.refuse(404, 'The event has no invoice with this id.');
    elsif settled.how = 'void' then
      update public.invoices i set status = 'void' where i.tenant_id = tenant and i.id = settled.id;
    elsif settled.how = 'credit' then
      perform public.credit_invoice(settled.id, settled.balance, coalesce(nullif(btrim(reason), ''), event.title));
    else
      perform tenancy.refuse(400, 'An invoice is voided or credited.');
    end if;
  end loop;
  return event;
end
$$;
select tenancy.expose(true, 'public.cancel_event(uuid, text, jsonb)');
