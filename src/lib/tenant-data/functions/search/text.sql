-- Text for comparison: lower case, without accents. ASCII takes the short way, since every row is folded when it is indexed and
-- again as a candidate.
create or replace function tenancy.fold(given text) returns text
  language plpgsql immutable strict parallel safe
as $$
begin
  if octet_length(given) = length(given) then
    return lower(given);
  end if;
  -- Letters that have no base letter in Unicode's decomposition.
  return replace(replace(replace(replace(replace(replace(regexp_replace(normalize(lower(given), nfd), '[\u0300-\u036f]+', '', 'g'),
    'ß', 'ss'), 'ø', 'o'), 'ł', 'l'), 'đ', 'd'), 'ı', 'i'), 'æ', 'ae');
end
$$;
revoke execute on function tenancy.fold(text) from public;
grant execute on function tenancy.fold(text)
  to tenant_user, tenant_mover, tenant_search, tenant_service;

-- The searched text as an expression over a table's columns; the index has the same expression. It begins with a space, so that
-- the beginning of the first word matches like any other. A phone number occurs a second time as digits.
create or replace function tenancy.search_text(searched_columns name[]) returns text
  language sql stable
  return (select 'tenancy.fold('''' || ' || string_agg(format(''' '' || coalesce(%I, '''')', c)
      || case c when 'phone' then format(' || '' '' || coalesce(regexp_replace(%I, ''\D'', '''', ''g''), '''')', c) else '' end,
    ' || ') || ')' from unnest(searched_columns) c);
revoke execute on function tenancy.search_text(name[]) from public;
grant execute on function tenancy.search_text(name[])
  to tenant_user, tenant_mover, tenant_search, tenant_service;

-- A regular expression that matches the words with two neighbouring letters swapped; null where there are too few letters to be
-- meaningful, or too many.
create or replace function tenancy.swaps_of(wanted text) returns text
  language sql immutable
  return case when length(wanted) between 4 and 40 and wanted !~ '[^[:alnum:] ]' then (
    select string_agg(variant, '|') from (
      select overlay(wanted placing substr(wanted, i + 1, 1) || substr(wanted, i, 1) from i for 2) as variant
        from generate_series(1, length(wanted) - 1) i
        where substr(wanted, i, 1) <> substr(wanted, i + 1, 1) and substr(wanted, i, 2) !~ ' ') v) end;
select tenancy.grant_internals('tenancy.swaps_of(text)');
