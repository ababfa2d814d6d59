-- Search over everything a user may see, tolerant of typos. Under row-level security a trigram index is not used (its
-- operators are not leakproof), so candidates are found as `tenant_search`, of this tenant only, and then looked up with
-- the caller's own rights: what the caller may not see does not come back.

create extension if not exists btree_gin with schema extensions;

-- What is searched. One row a kind: its table, the columns whose words are found, and what a result shows.
create table tenancy.searched_kinds (
  kind text primary key,
  tab name not null,
  searched_columns name[] not null,
  title text not null,
  subtitle text not null
);
insert into tenancy.searched_kinds values
  ('account', 'accounts', '{name,email,phone}', 'name', 'email'),
  ('contact', 'contacts', '{first_name,last_name,email,phone}', 'concat_ws('' '', first_name, last_name)', 'email'),
  ('lead', 'leads', '{first_name,last_name,email,phone,company}', 'concat_ws('' '', first_name, last_name)', 'coalesce(company, email)'),
  ('opportunity', 'opportunities', '{name}', 'name', 'stage'),
  ('event', 'events', '{title,event_number,onsite_contact_name}', 'title', 'concat_ws('' · '', event_number, start_date)'),
  ('quote', 'quotes', '{quote_number}', 'quote_number', 'status'),
  ('invoice', 'invoices', '{invoice_number,purchase_order}', 'coalesce(invoice_number, ''Draft'')', 'status'),
  ('contract', 'contracts', '{title,contract_number,signer_name}', 'title', 'contract_number'),
  ('task', 'tasks', '{title}', 'title', 'status'),
  ('location', 'locations', '{name,address,city}', 'name', 'concat_ws('', '', address, city)'),
  ('booth', 'booths', '{name}', 'name', 'status'),
  ('equipment_item', 'equipment_items', '{name,asset_tag,serial_number,model}', 'name', 'asset_tag'),
  ('package', 'packages', '{name}', 'name', 'category'),
  ('product', 'products', '{name,sku}', 'name', 'sku');

-- The text that is searched, as an expression over the table's columns; the index has the same.
create function tenancy.search_text(searched_columns name[]) returns text
  language sql stable
  return (select 'lower(' || string_agg(format('coalesce(%I, '''')', c), ' || '' '' || ') || ')' from unnest(searched_columns) c);

do $indexes$
declare
  k tenancy.searched_kinds;
  trigrams constant text := (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm');
begin
  for k in select * from tenancy.searched_kinds loop
    execute format('create index %I on public.%I using gin (tenant_id, (%s) %s.gin_trgm_ops)',
      k.tab || '_search', k.tab, tenancy.search_text(k.searched_columns), trigrams);
    execute format('create policy tenant_search on public.%I for select to tenant_search using (true)', k.tab);
    execute format('grant select (tenant_id, id, %s) on public.%I to tenant_search',
      (select string_agg(quote_ident(c), ', ') from unnest(k.searched_columns) c), k.tab);
  end loop;
end
$indexes$;

-- Finds records by words of their names, numbers, addresses and phone numbers, the best first.
--   query        what somebody typed; at least two characters
--   kinds        only these kinds; all when null
--   max_results  1 to 100
create function public.search_records(query text, kinds text[] default null, max_results int default 20)
  returns table (kind text, id uuid, title text, subtitle text, score real)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  caller constant name := current_user;
  tenant constant uuid := tenancy.current_tenant();
  wanted constant text := lower(btrim(regexp_replace(left(query, 200), '\s+', ' ', 'g')));
  literal constant text := replace(replace(replace(wanted, '\', '\\'), '%', '\%'), '_', '\_');
  results constant int := least(greatest(coalesce(max_results, 20), 1), 100);
  -- Texts that contain the words; then texts like them, ever less. A pass that many records pass would take long to
  -- score, so a closer one comes first, and none scores more than 500 a kind. Fewer than three characters have no
  -- trigram of their own: only beginnings of words are found then.
  passes constant text[] := case when length(wanted) < 3 then '{"%1$s like $4 or %1$s like $5"}'::text[]
    else '{%1$s like $2,"$3 <%% %1$s","$3 <%% %1$s"}'::text[] end;
  likeness constant text[] := '{1,0.75,0.5}';
  k tenancy.searched_kinds;
  all_kinds tenancy.searched_kinds[];
  candidates text;
  visible text;
  found_kinds text[] := '{}';
  found_ids uuid[] := '{}';
  found_scores real[] := '{}';
begin
  select array_agg(s) into all_kinds from tenancy.searched_kinds s where kinds is null or s.kind = any (kinds);
  if length(wanted) < 2 or all_kinds is null then
    return;
  end if;

  perform set_config('role', 'tenant_search', true);
  for pass in 1 .. cardinality(passes) loop
    exit when cardinality(found_ids) >= results;
    perform set_config('pg_trgm.word_similarity_threshold', likeness[pass], true);
    candidates := null;
    foreach k in array all_kinds loop
      candidates := concat_ws(' union all ', candidates, format(
        -- Materialized: with the limit in view the planner would rather read the table until it has 500.
        '(with t as materialized (select id, %2$s as text from public.%3$I where tenant_id = $1 and (%4$s)) '
        'select %1$L::text as kind, id, text from t limit 500)',
        k.kind, tenancy.search_text(k.searched_columns), k.tab, format(passes[pass], tenancy.search_text(k.searched_columns))));
    end loop;
    execute 'select $6 || coalesce(array_agg(kind), ''{}''), $7 || coalesce(array_agg(id), ''{}''), $8 || coalesce(array_agg(score), ''{}'') '
        'from (select kind, id, ($9 + word_similarity($3, text) + similarity($3, text) / 10)::real as score from (' || candidates
        || ') c where id <> all ($7) order by 3 desc, id limit 400) best'
      into found_kinds, found_ids, found_scores
      using tenant, '%' || literal || '%', wanted, literal || '%', '% ' || literal || '%',
        found_kinds, found_ids, found_scores, case pass when 1 then 1 else 0 end;
  end loop;
  perform set_config('role', caller, true);

  foreach k in array all_kinds loop
    continue when k.kind <> all (found_kinds);
    visible := concat_ws(' union all ', visible, format(
      'select f.kind, t.id, %1$s as title, (%2$s)::text as subtitle, f.score from found f join public.%3$I t '
      'on f.kind = %4$L and t.tenant_id = $1 and t.id = f.id%5$s',
      k.title, k.subtitle, k.tab, k.kind,
      case when k.kind in ('account', 'contact', 'event') then ' and t.deleted_at is null' else '' end));
  end loop;
  if visible is not null then
    return query execute
      'with found as (select * from unnest($2, $3, $4) as f (kind, id, score)) select * from (' || visible
        || ') v order by score desc, title, id limit $5'
      using tenant, found_kinds, found_ids, found_scores, results;
  end if;
end
$$;

do $path$
begin
  -- The operators of pg_trgm are found where the extension is.
  execute format('alter function public.search_records(text, text[], int) set search_path = pg_catalog, %s, pg_temp',
    (select extnamespace::regnamespace from pg_extension where extname = 'pg_trgm'));
end
$path$;

grant select on tenancy.searched_kinds to authenticated, authenticated_manager, tenant_service;
select tenancy.grant_internals('tenancy.search_text(name[])');
grant execute on function tenancy.search_text(name[]) to tenant_search;
select tenancy.expose(true, 'public.search_records(text, text[], int)');
