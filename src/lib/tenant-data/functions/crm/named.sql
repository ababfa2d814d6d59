-- Finds rows by name regardless of case, many names at a time, for imports. `names` are in lower case. A hash lookup, whose
-- cost does not depend on statistics: right after an import there are none, and a join would compare each name with each row.
create or replace function public.named(kind text, names text[]) returns table (id uuid, name text)
  language plpgsql stable
as $$
begin
  if kind not in ('accounts', 'locations', 'event_types', 'equipment_types') then
    perform tenancy.refuse(400, format('%s cannot be found by name.', left(kind, 60)));
  end if;
  return query execute format(
    'select r.id, r.name from public.%I r where r.tenant_id = (select tenancy.current_tenant()) and lower(r.name) = any ($1) %s',
    kind, case kind when 'accounts' then 'and r.deleted_at is null' else '' end) using names;
end
$$;
select tenancy.expose(true, 'public.named(text, text[])');
