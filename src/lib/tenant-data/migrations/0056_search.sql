-- Search, faster and closer: letters without their accents, beginnings of words first, phone numbers by their digits,
-- letters that changed places. Its statements are fixed, so that a connection plans them once.

-- How text is compared: lower case, without accents. Most text is ASCII, and cheap: an index's rows are folded when they
-- are written and again when they are candidates.
create function tenancy.fold(given text) returns text
  language plpgsql immutable strict parallel safe
as $$
begin
  if octet_length(given) = length(given) then
    return lower(given);
  end if;
  -- Letters that are no letter with a mark.
  return replace(replace(replace(replace(replace(replace(regexp_replace(normalize(lower(given), nfd), '[\u0300-\u036f]+', '', 'g'),
    'ß', 'ss'), 'ø', 'o'), 'ł', 'l'), 'đ', 'd'), 'ı', 'i'), 'æ', 'ae');
end
$$;

-- As before; begins with a space, so that every word's beginning is found alike. A phone number comes a second time as digits.
create or replace function tenancy.search_text(searched_columns name[]) returns text
  language sql stable
  return (select 'tenancy.fold('''' || ' || string_agg(format(''' '' || coalesce(%I, '''')', c)
      || case c when 'phone' then format(' || '' '' || coalesce(regexp_replace(%I, ''\D'', '''', ''g''), '''')', c) else '' end,
    ' || ') || ')' from unnest(searched_columns) c);

select tenancy.grant_internals('tenancy.fold(text)');
grant execute on function tenancy.fold(text) to tenant_search;

do $search$
declare
  k tenancy.searched_kinds;
  trigrams constant text := (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm');
  literal text;
  like_it text;
  swapped text;
  -- None scores more candidates of a kind than this.
  most constant int := 300;
begin
  for k in select * from tenancy.searched_kinds loop
    execute format('drop index public.%I', k.tab || '_search');
    execute format('create index %I on public.%I using gin (tenant_id, (%s) %s.gin_trgm_ops)',
      k.tab || '_search', k.tab, tenancy.search_text(k.searched_columns), trigrams);
    if k.kind in ('account', 'contact', 'event') then
      execute format('grant select (deleted_at) on public.%I to tenant_search', k.tab);
    end if;
    declare
      rows_of constant text := format('(select %L::text as kind, id, %s as text from public.%I where tenant_id = tenant%s and ',
        k.kind, tenancy.search_text(k.searched_columns), k.tab,
        case when k.kind in ('account', 'contact', 'event') then ' and deleted_at is null' else '' end);
      text_of constant text := tenancy.search_text(k.searched_columns);
    begin
      literal := concat_ws(' union all ', literal, format('%1$s (%2$s like words[1] and %2$s like words[2] and %2$s like words[3]'
        ' or %2$s like digits) and (kinds is null or %3$L = any (kinds)) limit %4$s)', rows_of, text_of, k.kind, most));
      like_it := concat_ws(' union all ', like_it, format('%1$s wanted <%% %2$s and (kinds is null or %3$L = any (kinds)) limit %4$s)',
        rows_of, text_of, k.kind, most));
      swapped := concat_ws(' union all ', swapped, format('%1$s %2$s ~ swaps and (kinds is null or %3$L = any (kinds)) limit %4$s)',
        rows_of, text_of, k.kind, most));
    end;
  end loop;

  -- Records whose text matches, the best 100 first; the role that asks has set how alike is alike. Exactly one of words,
  -- swaps and wanted says how: three LIKE patterns that must all match, a regular expression, or something like it.
  execute format($create$
    create function tenancy.search_candidates(tenant uuid, kinds text[], words text[], digits text, swaps text, wanted text,
      whole text) returns table (kind text, id uuid, score real)
      language plpgsql stable
      set search_path = pg_catalog, %1$s, pg_temp set plan_cache_mode = force_generic_plan
      set enable_seqscan = off set enable_indexscan = off
    as $body$
    #variable_conflict use_column
    begin
      if words is not null then
        -- What the text begins with comes before what another word of it is, whole words before beginnings, short before long.
        return query select c.kind, c.id, (1 + (c.text like ' ' || whole || '%%')::int
            + (c.text || ' ' like '%% ' || whole || ' %%')::int * 0.5 + 1.0 / (10 + length(c.text)))::real as points
          from (%2$s) c order by points desc, c.id limit 100;
      elsif swaps is not null then
        return query select c.kind, c.id, (0.9 + similarity(whole, c.text) / 10)::real as points
          from (%3$s) c order by points desc, c.id limit 100;
      else
        return query select c.kind, c.id, (word_similarity(wanted, c.text) * 0.8 + similarity(wanted, c.text) / 10)::real as points
          from (%4$s) c order by points desc, c.id limit 100;
      end if;
    end
    $body$
  $create$, trigrams, literal, swapped, like_it);
end
$search$;
revoke execute on function tenancy.search_candidates(uuid, text[], text[], text, text, text, text) from public;
grant execute on function tenancy.search_candidates(uuid, text[], text[], text, text, text, text)
  to authenticated, authenticated_manager, tenant_service, tenant_search;

-- The same with the rights of `tenant_search`, which reads every tenant's search keys: for the tenant in the context, and none
-- that the caller names. Nobody signs in as that role or becomes it, so this is the only way to what it reads.
create function tenancy.company_candidates(kinds text[], words text[], digits text, swaps text, wanted text, whole text)
  returns table (kind text, id uuid, score real)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select c.kind, c.id, c.score
    from tenancy.search_candidates(tenancy.current_tenant(), kinds, words, digits, swaps, wanted, whole) c;
end;
select tenancy.grant_internals('tenancy.company_candidates(text[], text[], text, text, text, text)');

do $owner$
begin
  grant create on schema tenancy to tenant_search;
  begin
    alter function tenancy.company_candidates(text[], text[], text, text, text, text) owner to tenant_search;
  exception when insufficient_privilege then
    -- A role that makes roles may admit itself to one that it made.
    execute format('grant tenant_search to %I', current_user);
    alter function tenancy.company_candidates(text[], text[], text, text, text, text) owner to tenant_search;
  end;
  revoke create on schema tenancy from tenant_search;
end
$owner$;

-- The words with any two neighbouring letters changed, as one regular expression; null where there are too few letters to
-- be sure, or too many to try.
create function tenancy.swaps_of(wanted text) returns text
  language sql immutable
  return case when length(wanted) between 4 and 40 and wanted !~ '[^[:alnum:] ]' then (
    select string_agg(variant, '|') from (
      select overlay(wanted placing substr(wanted, i + 1, 1) || substr(wanted, i, 1) from i for 2) as variant
        from generate_series(1, length(wanted) - 1) i
        where substr(wanted, i, 1) <> substr(wanted, i + 1, 1) and substr(wanted, i, 2) !~ ' ') v) end;

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
  -- A phone number, however it is grouped.
  digits constant text := case when wanted ~ '^[0-9 ()+./-]+$' then tenancy.digits(wanted) end;
  results constant int := least(greatest(coalesce(max_results, 20), 1), 100);
  is_staff constant boolean := tenancy.current_user_role() is not distinct from 'staff';
  -- Of the rest staff read nothing.
  asked constant text[] := case when is_staff then array(select s from unnest(array['event', 'task', 'location', 'booth', 'equipment_item']) s
    where kinds is null or s = any (kinds)) else kinds end;
  -- What stands before a word in the first two passes.
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
  -- Beginnings of words; anywhere in a text; with letters that changed places; ever less alike. The next only while
  -- nothing is found, and anywhere also while little is.
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
    -- Staff see few records: of the candidates of the whole company theirs would be lost, so they are looked for directly.
    select found_kinds || coalesce(array_agg(c.kind), '{}'), found_ids || coalesce(array_agg(c.id), '{}'),
        found_scores || coalesce(array_agg(c.score + (pass = 1)::int), '{}')
      into found_kinds, found_ids, found_scores
      from (select * from tenancy.search_candidates(tenant, asked, words, number, swapped, wanted, literal) where is_staff
            union all
            select * from tenancy.company_candidates(asked, words, number, swapped, wanted, literal) where not is_staff) c
      where c.id <> all (found_ids);
  end loop;

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

select tenancy.grant_internals('tenancy.swaps_of(text)');
