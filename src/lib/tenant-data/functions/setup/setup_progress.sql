-- How far a new company is set up, as its records and settings say. Sample records do not count.
--   {"company", "booth", "tax", "texts", "payment": boolean, "quote": boolean, "next": {"entity", "id"} | null, "samples": int}
-- `quote`: one was sent. `next`: the lead, opportunity or draft quote that is furthest on the way to a sent quote.
create or replace function public.setup_progress() returns jsonb
  language plpgsql stable
as $$
declare
  tenant constant uuid := tenancy.current_tenant();
  samples constant uuid[] := array(select s.record_id from public.sample_records s where s.tenant_id = tenant);
  company constant jsonb := tenancy.setting('company');
begin
  perform tenancy.require_role('owner', 'admin');
  return jsonb_build_object(
    'company', coalesce(company ->> 'name', '') <> '' and coalesce(company ->> 'email', '') <> ''
      and coalesce(jsonb_array_length(company -> 'lines'), 0) > 0,
    'booth', exists (select from public.booths b where b.tenant_id = tenant and b.status <> 'retired' and b.id <> all (samples))
      and exists (select from public.packages p where p.tenant_id = tenant and p.is_active and p.id <> all (samples)),
    -- A stored value is a decision, also the one for no tax.
    'tax', tenancy.setting('tax') is not null,
    'texts', (select count(distinct t.type) = 2 from public.templates t
      where t.tenant_id = tenant and t.is_active and t.type in ('contract', 'email')),
    'payment', coalesce(tenancy.setting('payment_instructions') #>> '{}', '') <> ''
      or exists (select from public.user_integrations i where i.tenant_id = tenant and i.provider = 'stripe' and i.status = 'connected'),
    'quote', exists (select from public.quotes q where q.tenant_id = tenant and q.sent_at is not null and q.id <> all (samples)),
    'next', coalesce(
      (select jsonb_build_object('entity', 'quotes', 'id', q.id) from public.quotes q
        where q.tenant_id = tenant and q.status = 'draft' and q.id <> all (samples) order by q.created_at desc limit 1),
      (select jsonb_build_object('entity', 'opportunities', 'id', o.id) from public.opportunities o
        where o.tenant_id = tenant and o.closed_at is null and o.id <> all (samples) order by o.created_at desc limit 1),
      (select jsonb_build_object('entity', 'leads', 'id', l.id) from public.leads l
        where l.tenant_id = tenant and l.status in ('new', 'contacted', 'qualified') and l.id <> all (samples)
        order by l.created_at desc limit 1)),
    'samples', cardinality(samples));
end
$$;
select tenancy.expose(true, 'public.setup_progress()');
