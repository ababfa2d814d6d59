-- Groups of accounts or contacts that are probably the same: equal email address, phone number or name, or names close in spelling.
-- Each rule is one pass over the tenant's records that groups them by a key, so the time grows with their number, not with its square.
-- Records are only read and sorted once they share a key with another.
create or replace function public.find_duplicates(kind text, max_results int default 50)
  returns table (reason text, value text, ids uuid[])
  language plpgsql stable set work_mem = '64MB'
as $$
begin
  perform tenancy.require_role('owner', 'admin', 'manager');
  return query
    with named as materialized (
      select a.id, a.created_at, a.email::text, a.phone_key as phone, a.name, tenancy.spelling(a.name) as spelled from public.accounts a
        where kind = 'account' and a.tenant_id = (select tenancy.current_tenant()) and a.deleted_at is null
      union all
      select c.id, c.created_at, c.email::text, c.phone_key, x.name, tenancy.spelling(x.name)
        from public.contacts c cross join lateral (select concat_ws(' ', c.first_name, c.last_name) as name) x
        where kind = 'contact' and c.tenant_id = (select tenancy.current_tenant()) and c.deleted_at is null
    ), keyed as materialized (
      select n.id, r.rank, hashtextextended(r.key, r.rank) as hash
        from named n cross join lateral (values (1, n.email), (2, n.phone), (3, n.spelled)) as r (rank, key)
        where r.key <> ''
    ), alike as (
      select k.rank, (array['email', 'phone', 'name'])[k.rank] as reason,
          min(case k.rank when 1 then n.email when 2 then n.phone else lower(btrim(regexp_replace(n.name, '\s+', ' ', 'g'))) end) as value,
          array_agg(n.id order by n.created_at, n.id) as ids
        from (select g.rank, g.hash from keyed g group by g.rank, g.hash having count(*) between 2 and 20) shared
        join keyed k on k.hash = shared.hash and k.rank = shared.rank join named n on n.id = k.id
        group by k.rank, k.hash
    ), spellings as materialized (
      select row_number() over () as number, n.spelled, array_agg(n.id) as ids from named n
        where length(n.spelled) between 6 and 60 group by n.spelled having count(*) <= 20
    ), variants as materialized (
      -- Two texts that differ by one letter (one more, one less, another one, two swapped) are equal when the right letter of each is
      -- left out. Digits are never left out: “Suite 1” and “Suite 2” are two. Of equal neighbours one is enough.
      select s.number, v.key from spellings s cross join lateral (
          select hashtextextended(s.spelled, 0) as key
          union all
          select hashtextextended(left(s.spelled, i - 1) || substr(s.spelled, i + 1), 0) from generate_series(1, length(s.spelled)) i
            where substr(s.spelled, i, 1) !~ '\d' and (i = 1 or substr(s.spelled, i, 1) <> substr(s.spelled, i - 1, 1))
        ) v
    ), near as (
      select distinct x.numbers from (
        select array_agg(distinct v.number order by v.number) as numbers
          from (select g.key from variants g group by g.key having count(*) between 2 and 20) shared
          join variants v on v.key = shared.key group by v.key) x
      where cardinality(x.numbers) > 1
    ), similar_ones as (
      select array_agg(n.id order by n.created_at, n.id) as ids, string_agg(distinct n.name, ' · ') as value
        from near cross join lateral unnest(near.numbers) m (number)
        join spellings s on s.number = m.number cross join lateral unnest(s.ids) i (id) join named n on n.id = i.id
        group by near.numbers having count(*) <= 20
    ), member as (
      select m.id, a.ids from alike a cross join lateral unnest(a.ids) m (id)
    ), found as (
      select a.* from alike a
      union all
      select 4, 'similar', s.value, s.ids from similar_ones s
        where not exists (select from member m where m.id = s.ids[1] and m.ids @> s.ids)
    )
    select best.reason, best.value, best.ids
      from (select distinct on (f.ids) f.* from found f order by f.ids, f.rank) best
      order by best.rank, best.value
      limit least(greatest(max_results, 1), 200);
end
$$;
select tenancy.expose(true, 'public.find_duplicates(text, integer)');

-- A name for comparison: its words in the order of the alphabet, lower case, without accents, punctuation, titles and legal forms.
-- “Smith, Anna” and “Anna Smith” have one spelling.
create or replace function tenancy.spelling(name text) returns text
  language sql immutable parallel safe
  return (select string_agg(w, ' ' order by w) from string_to_table(regexp_replace(tenancy.fold(name), '[^[:alnum:]]+', ' ', 'g'), ' ') w
    where w not in ('', 'mr', 'mrs', 'ms', 'dr', 'prof', 'herr', 'frau', 'the', 'and', 'und', 'inc', 'llc', 'ltd', 'co', 'corp', 'gmbh', 'ag', 'kg'));
select tenancy.grant_internals('tenancy.spelling(text)');
