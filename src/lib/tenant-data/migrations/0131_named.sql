-- Rows by name in any spelling: what a file that is imported calls them. Names come in lower case, many at a time; one pass over
-- the company's rows finds them all, where a pattern for each would compare every row with every name.
create function public.named(kind text, names text[]) returns table (id uuid, name text)
  language plpgsql stable
as $$
begin
  if kind not in ('accounts', 'locations', 'event_types', 'equipment_types') then
    perform tenancy.refuse(400, format('%s are not found by name.', left(kind, 60)));
  end if;
  return query execute format(
    'select r.id, r.name from unnest($1) n join public.%I r on lower(r.name) = n where r.tenant_id = tenancy.current_tenant() %s',
    kind, case kind when 'accounts' then 'and r.deleted_at is null' else '' end) using names;
end
$$;
select tenancy.expose(true, 'public.named(text, text[])');
