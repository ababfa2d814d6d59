-- The ids that a tenant had in data sources before, oldest first; its id here is not among them. Whoever read a row before a move may still name the tenant by
-- the id in that row; routers translate it.
alter table public.tenants add column former_ids_in_data_source text[] not null default '{}';

create function marquee.keep_former_id() returns trigger
  language plpgsql as $$
begin
  if new.tenant_id_in_data_source is distinct from old.tenant_id_in_data_source then
    new.former_ids_in_data_source := (
      select coalesce(array_agg(former order by position), '{}')
      from unnest(array_remove(old.former_ids_in_data_source, old.tenant_id_in_data_source::text)
        || old.tenant_id_in_data_source::text) with ordinality as ids (former, position)
      where former not in (new.id::text, new.tenant_id_in_data_source::text));
  end if;
  return new;
end $$;

create trigger keep_former_id before update on public.tenants
  for each row execute function marquee.keep_former_id();
