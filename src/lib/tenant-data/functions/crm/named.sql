-- Rows by name in any spelling: what a file that is imported calls them. Names come in lower case, many at a time. They are looked up
-- in a hash table that does not depend on what is known of the table's size: right after rows came in nothing is, and a join would
-- compare each name with each row.
create or replace function public.named(kind text, names text[]) returns table (id uuid, name text)
  language plpgsql stable
as $$
begin
  if kind not in ('accounts', 'locations', 'event_types', 'equipment_types') then
    perform tenancy.refuse(400, format('%s are not found by name.', left(kind, 60)));
  end if;
  return query execute format(
    'select r.id, r.name from public.%I r where r.tenant_id = tenancy.current_tenant() and lower(r.name) = any ($1) %s',
    kind, case kind when 'accounts' then 'and r.deleted_at is null' else '' end) using names;
end
$$;
select tenancy.expose(true, 'public.named(text, text[])');
