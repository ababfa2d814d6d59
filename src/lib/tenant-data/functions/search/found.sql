-- The rows of one table that match what was typed into a list's or a picker's search box, as far as the caller may read them.
-- They are found by the search index: a condition on the columns would read the whole table, since row-level security keeps
-- text operators from indexes.
-- needs tenancy.company_matches()
do $found$
declare
  k tenancy.searched_kinds;
  one regprocedure;
begin
  for k in select s.* from tenancy.searched_kinds s where s.kind not in ('contract', 'booth', 'package', 'product') loop
    execute format($create$
      create or replace function public.found_%1$s(words text) returns setof public.%1$I language sql stable
      as 'select t.* from public.%1$I t where t.tenant_id = (select tenancy.current_tenant())
        and t.id = any ((select tenancy.company_matches(''%2$s'', words, %3$s))::uuid[])'
    $create$, k.tab, k.kind, case when 'phone' = any (k.searched_columns)
      then 'case when words ~ ''''^[0-9 ()+./-]{4,}$'''' then tenancy.phone_key(words) end' else 'null' end);
    one := format('public.found_%s(text)', k.tab)::regprocedure;
    perform tenancy.expose(true, one);
  end loop;
end
$found$;
