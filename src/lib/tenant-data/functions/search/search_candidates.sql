-- The statements of a search are made here from `tenancy.searched_kinds` and fixed, so that a connection plans them once. Where
-- its rows change, change this file too, so that it is applied again.
-- needs tenancy.search_text()
do $search$
declare
  k tenancy.searched_kinds;
  trigrams constant text := (select extnamespace::regnamespace::text from pg_extension where extname = 'pg_trgm');
  literal text;
  like_it text;
  swapped text;
  -- At most so many candidates of a kind are scored.
  most constant int := 300;
begin
  for k in select * from tenancy.searched_kinds loop
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

  -- The best 100 records whose text matches. Exactly one of words, swaps and wanted is given: three LIKE patterns that must
  -- all match, a regular expression, or a text to resemble (by pg_trgm.word_similarity_threshold).
  execute format($create$
    create or replace function tenancy.search_candidates(tenant uuid, kinds text[], words text[], digits text, swaps text, wanted text,
      whole text) returns table (kind text, id uuid, score real)
      language plpgsql stable
      set search_path = pg_catalog, %1$s, pg_temp set plan_cache_mode = force_generic_plan
      set enable_seqscan = off set enable_indexscan = off
    as $body$
    #variable_conflict use_column
    begin
      if words is not null then
        -- Matches at the beginning of the text score higher than inside it, whole words higher than beginnings of
        -- words, short texts higher than long ones.
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
  to tenant_user, tenant_service, tenant_search;

-- The same with the rights of `tenant_search`, which may read every tenant's search keys: only for the tenant in the context.
-- No login is or becomes that role, so this is the only way to what it reads. Needed because under row-level security a trigram
-- index is not used (its operators are not leakproof).
create or replace function tenancy.company_candidates(kinds text[], words text[], digits text, swaps text, wanted text, whole text)
  returns table (kind text, id uuid, score real)
  language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
  select c.kind, c.id, c.score
    from tenancy.search_candidates(tenancy.current_tenant(), kinds, words, digits, swaps, wanted, whole) c;
end;
select tenancy.grant_internals('tenancy.company_candidates(text[], text[], text, text, text, text)');

-- The rows of a list that match what was typed: every word occurs in the searched text, a word of one or two letters at the
-- beginning of a word; or a phone number's digits do. At most 5,000.
create or replace function tenancy.matching_ids(tenant uuid, of_kind text, words text, digits text) returns uuid[]
  language plpgsql stable set enable_seqscan = off set enable_indexscan = off
as $$
declare
  k constant tenancy.searched_kinds := (select s from tenancy.searched_kinds s where s.kind = of_kind);
  text_of constant text := tenancy.search_text(k.searched_columns);
  matching text;
  found uuid[];
begin
  select string_agg(format('%s like %L', text_of,
      case when length(w) < 3 then '% ' else '%' end || regexp_replace(w, '([\\%_])', '\\\1', 'g') || '%'), ' and ')
    into matching
    from (select w from regexp_split_to_table(tenancy.fold(left(words, 200)), '\s+') w where w <> '' limit 8) typed;
  execute format('select array(select id from public.%I where tenant_id = $1 and (%s) limit 5000)', k.tab,
    concat_ws(' or ', matching, case when digits <> '' then format('%s like %L', text_of, '%' || digits || '%') end))
    into found using tenant;
  return found;
end
$$;
revoke execute on function tenancy.matching_ids(uuid, text, text, text) from public;
grant execute on function tenancy.matching_ids(uuid, text, text, text) to tenant_search;

create or replace function tenancy.company_matches(of_kind text, words text, digits text) returns uuid[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  return tenancy.matching_ids(tenancy.current_tenant(), of_kind, words, digits);
select tenancy.grant_internals('tenancy.company_matches(text, text, text)');

do $owner$
declare
  own regprocedure;
begin
  grant create on schema tenancy to tenant_search;
  foreach own in array array['tenancy.company_candidates(text[], text[], text, text, text, text)',
      'tenancy.company_matches(text, text, text)']::regprocedure[] loop
    begin
      execute format('alter function %s owner to tenant_search', own);
    exception when insufficient_privilege then
      -- An owner with CREATEROLE may grant itself a role that it made.
      execute format('grant tenant_search to %I', current_user);
      execute format('alter function %s owner to tenant_search', own);
    end;
  end loop;
  revoke create on schema tenancy from tenant_search;
end
$owner$;
