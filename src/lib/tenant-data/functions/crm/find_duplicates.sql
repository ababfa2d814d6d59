-- Groups of accounts or contacts that are probably the same: equal e-mail address, phone number or name.
create or replace function public.find_duplicates(kind text, max_results int default 50)
  returns table (reason text, value text, ids uuid[])
  language plpgsql stable
as $$
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  return query
    with named as (
      select a.id, a.created_at, a.email, a.phone, a.name from public.accounts a
        where kind = 'account' and a.tenant_id = tenancy.current_tenant() and a.deleted_at is null
      union all
      select c.id, c.created_at, c.email, c.phone, concat_ws(' ', c.first_name, c.last_name) from public.contacts c
        where kind = 'contact' and c.tenant_id = tenancy.current_tenant() and c.deleted_at is null
    ), alike as (
      select r.rank, r.reason, r.value, array_agg(n.id order by n.created_at, n.id) as ids
        from named n cross join lateral (values
          (1, 'email', n.email),
          (2, 'phone', case when length(tenancy.digits(n.phone)) >= 7 then tenancy.digits(n.phone) end),
          (3, 'name', lower(btrim(regexp_replace(n.name, '\s+', ' ', 'g'))))) as r (rank, reason, value)
        where r.value <> ''
        group by r.rank, r.reason, r.value
        having count(*) between 2 and 20
    )
    select best.reason, best.value, best.ids
      from (select distinct on (a.ids) a.* from alike a order by a.ids, a.rank) best
      order by best.rank, best.value
      limit least(greatest(max_results, 1), 200);
end
$$;
select tenancy.expose(true, 'public.find_duplicates(text, integer)');
