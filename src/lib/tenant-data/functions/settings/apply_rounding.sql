-- Drafts and open deals follow a change of the rule: their lines are computed again, and their totals with them.
create or replace function tenancy.apply_rounding() returns trigger language plpgsql as $$
declare
  caller constant name := tenancy.act_for_tenant();
begin
  update public.quote_line_items l set quantity = quantity where l.tenant_id = new.tenant_id
    and l.quote_id in (select q.id from public.quotes q where q.tenant_id = new.tenant_id and q.status = 'draft');
  update public.invoice_line_items l set quantity = quantity where l.tenant_id = new.tenant_id
    and l.invoice_id in (select i.id from public.invoices i where i.tenant_id = new.tenant_id and i.status = 'draft');
  update public.opportunity_line_items l set quantity = quantity where l.tenant_id = new.tenant_id
    and l.opportunity_id in (select o.id from public.opportunities o where o.tenant_id = new.tenant_id and o.closed_at is null);
  perform tenancy.act_as(caller);
  return null;
end
$$;
revoke execute on function tenancy.apply_rounding() from public;
