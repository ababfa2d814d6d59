-- Clients' links to an invoice, by the hash of their secret part. Each mail may carry one of its own; all of them open the invoice.
-- For trusted server code.
create or replace function public.link_invoice(invoice_id uuid, token_hash text) returns void
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  status text;
begin
  select i.status into status from public.invoices i where i.tenant_id = (select tenancy.current_tenant()) and i.id = invoice_id;
  if status is null or status = 'draft' then
    perform tenancy.refuse(409, 'Only an issued invoice has a link.', null, 'Issue the invoice first.');
  end if;
  insert into tenancy.invoice_links (tenant_id, token_hash, invoice_id) values (tenancy.current_tenant(), token_hash, invoice_id);
end
$$;
select tenancy.expose(false, 'public.link_invoice(uuid, text)');

-- The invoice of a link; null where there is none. With `seen`: records that the client has seen it.
create or replace function public.linked_invoice(token_hash text, seen boolean default false) returns uuid
  language plpgsql volatile
as $$
#variable_conflict use_variable
declare
  found_id uuid;
begin
  select l.invoice_id into found_id from tenancy.invoice_links l
    where l.tenant_id = (select tenancy.current_tenant()) and l.token_hash = token_hash;
  if seen and found_id is not null then
    perform set_config('tenancy.by_link', 'on', true);
    update public.invoices i set viewed_at = now()
      where i.tenant_id = (select tenancy.current_tenant()) and i.id = found_id and i.viewed_at is null;
  end if;
  return found_id;
end
$$;
select tenancy.expose(false, 'public.linked_invoice(text, boolean)');
