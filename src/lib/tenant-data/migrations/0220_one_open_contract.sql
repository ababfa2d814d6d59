-- An event has one contract of its own that waits to be signed, and so has a deal before it is one. Those that go with a quote are
-- one a quote already.
alter table contracts no force row level security, disable trigger user;
update contracts c set status = 'void' from (
    select tenant_id, id, row_number() over (partition by tenant_id, coalesce(event_id, opportunity_id)
      order by status = 'draft', created_at desc, id) as place
    from contracts where coalesce(event_id, opportunity_id) is not null and quote_id is null and status in ('draft', 'sent', 'viewed')) d
  where c.tenant_id = d.tenant_id and c.id = d.id and d.place > 1;
alter table contracts enable trigger user, force row level security;
create unique index contracts_one_open on contracts (tenant_id, coalesce(event_id, opportunity_id))
  where quote_id is null and status in ('draft', 'sent', 'viewed');
