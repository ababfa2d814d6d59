-- The records that imported rows may be about: those with one of these values in a column.
--   kind  a table that can be imported
--   by    the column: email, phone, name, event_number, asset_tag or serial_number
--   keys  values in lower case; phone numbers as `phone_keys` answers them
create or replace function public.matching_records(kind text, by text, keys text[])
  returns table (key text, id uuid, name text, email text)
  language plpgsql stable
as $$
begin
  if (kind, by) not in (('accounts', 'email'), ('accounts', 'phone'), ('accounts', 'name'), ('contacts', 'email'), ('contacts', 'phone'),
      ('leads', 'email'), ('leads', 'phone'), ('events', 'event_number'), ('equipment_items', 'asset_tag'),
      ('equipment_items', 'serial_number')) then
    perform tenancy.refuse(400, format('%s cannot be found by %s.', left(kind, 60), left(by, 60)));
  end if;
  return query execute format('select k.key, r.id, tenancy.title_of(to_jsonb(r)), to_jsonb(r) ->> ''email'' from public.%I r '
      'cross join lateral (select %s as key) k where r.tenant_id = (select tenancy.current_tenant()) and %2$s = any ($1) %s order by r.created_at, r.id',
    kind, case by when 'phone' then 'r.phone_key' when 'email' then 'r.email' else format('lower(r.%I)', by) end,
    case when kind in ('accounts', 'contacts', 'events') then 'and r.deleted_at is null' else '' end) using keys;
end
$$;
select tenancy.expose(true, 'public.matching_records(text, text, text[])');
