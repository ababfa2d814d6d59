-- Finds records by words of their names, numbers, addresses and phone numbers, the best first. Candidates are found among all
-- rows of the tenant and then read with the caller's own rights, so only what the caller may see is returned. A staff member's
-- own events and tasks are searched directly: among the candidates of the whole tenant they could be missing.
--   query        what the user typed; at least two characters
--   kinds        only these kinds; all when null
--   max_results  1 to 100
create or replace function public.search_records(query text, kinds text[] default null, max_results int default 20)
  returns table (kind text, id uuid, title text, subtitle text, score real)
  language plpgsql volatile
as $$
#variable_conflict use_column
declare
  tenant constant uuid := tenancy.current_tenant();
  wanted constant text := btrim(regexp_replace(tenancy.fold(left(query, 200)), '\s+', ' ', 'g'));
  literal constant text := replace(replace(replace(wanted, '\', '\\'), '%', '\%'), '_', '\_');
  parts constant text[] := string_to_array(literal, ' ');
  -- A phone number in any grouping.
  digits constant text := case when wanted ~ '^[0-9 ()+./-]+$' then tenancy.digits(wanted) end;
  results constant int := least(greatest(coalesce(max_results, 20), 1), 100);
  is_staff constant boolean := tenancy.current_user_role() is not distinct from 'staff';
  -- What staff may read besides their own events and tasks.
  asked constant text[] := case when is_staff then array(select s from unnest(array['location', 'booth', 'equipment_item']) s
    where kinds is null or s = any (kinds)) else kinds end;
  -- The pattern before a word in the first two passes.
  before constant text[] := array['% ', '%'];
  swaps constant text := tenancy.swaps_of(wanted);
  words text[];
  number text;
  swapped text;
  k tenancy.searched_kinds;
  visible text;
  found_kinds text[] := '{}';
  found_ids uuid[] := '{}';
  found_scores real[] := '{}';
begin
  if length(wanted) < 2 then
    return;
  end if;
  -- Passes: beginnings of words; anywhere in a text; with two neighbouring letters swapped; similar; less similar. A pass
  -- runs only if nothing was found yet; the second also if there are fewer than the results wanted.
  for pass in 1 .. 5 loop
    exit when cardinality(found_ids) >= case pass when 2 then results else 1 end;
    continue when pass > 1 and length(wanted) < 3 or pass > 2 and length(wanted) < 4 or pass = 3 and swaps is null;
    if pass >= 4 then
      perform set_config('pg_trgm.word_similarity_threshold', case pass when 4 then '0.6' else '0.4' end, true);
    end if;
    words := case when pass <= 2 then array[before[pass] || parts[1] || '%', before[pass] || coalesce(parts[2], '') || '%',
      before[pass] || array_to_string(parts[3:], before[pass]) || '%'] end;
    number := case when pass = 2 then '%' || digits || '%' end;
    swapped := case when pass = 3 then swaps end;
    select found_kinds || coalesce(array_agg(c.kind), '{}'), found_ids || coalesce(array_agg(c.id), '{}'),
        found_scores || coalesce(array_agg(c.score + (pass = 1)::int), '{}')
      into found_kinds, found_ids, found_scores
      from tenancy.company_candidates(asked, words, number, swapped, wanted, literal) c
      where c.id <> all (found_ids);
  end loop;

  -- A staff member's own events and tasks are few: all of them are scored.
  if is_staff and (kinds is null or kinds && array['event', 'task']) then
    execute (select 'select $1 || coalesce(array_agg(kind), ''{}''), $2 || coalesce(array_agg(id), ''{}''), $3 || coalesce(array_agg(score), ''{}'') '
        'from (select kind, id, ((text like $4 and text like $5 and text like $6)::int + word_similarity($7, text))::real as score from ('
        || string_agg(format('select %L as kind, t.id, %s as text from public.%I t where (%s)', s.kind,
          tenancy.search_text(s.searched_columns), s.tab, case s.kind
            when 'event' then 't.deleted_at is null and t.id in (select a.event_id from public.event_staff_assignments a where a.user_id = $8)'
            else 't.assigned_to = $8 or t.created_by = $8' end), ' union all ')
        || ') own) scored where score >= 0.4'
      from tenancy.searched_kinds s where s.kind in ('event', 'task') and (kinds is null or s.kind = any (kinds)))
      into found_kinds, found_ids, found_scores
      using found_kinds, found_ids, found_scores, '%' || parts[1] || '%', '%' || coalesce(parts[2], '') || '%',
        '%' || array_to_string(parts[3:], '%') || '%', wanted, tenancy.current_user_id();
  end if;

  for k in select s.* from tenancy.searched_kinds s where s.kind = any (found_kinds) loop
    visible := concat_ws(' union all ', visible, format(
      'select f.kind, t.id, %1$s as title, (%2$s)::text as subtitle, f.score from found f join public.%3$I t '
      'on f.kind = %4$L and t.tenant_id = $1 and t.id = f.id', k.title, k.subtitle, k.tab, k.kind));
  end loop;
  if visible is not null then
    return query execute
      'with found as (select * from unnest($2, $3, $4) as f (kind, id, score)) select * from (' || visible
        || ') v order by score desc, title, id limit $5'
      using tenant, found_kinds, found_ids, found_scores, results;
  end if;
end
$$;
select tenancy.expose(true, 'public.search_records(text, text[], integer)');

-- The operators of pg_trgm are found where the extension is.
do $path$
begin
  execute format('alter function public.search_records(text, text[], int) set search_path = pg_catalog, %s, pg_temp',
    (select extnamespace::regnamespace from pg_extension where extname = 'pg_trgm'));
end
$path$;
