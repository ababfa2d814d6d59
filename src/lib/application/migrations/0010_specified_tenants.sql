-- The specification's `tenants`: an insert of id, name and subdomain is a whole tenant. Its id in the data source is its own,
-- and it has no data source yet: its first use places it on the default one.

-- The trigger compares the column and has to be made anew when its type changes.
drop trigger announce_route_change on public.tenants;

alter table public.tenants
  alter column status set default 'active',
  alter column connection_pool_config drop not null,
  alter column tenant_id_in_data_source drop not null,
  alter column tenant_id_in_data_source type text using tenant_id_in_data_source::text,
  drop constraint tenants_active_has_data_source,
  -- All of a place or nothing of it.
  add constraint tenants_whole_place check (num_nulls(data_source_id, data_source_engine, data_source_url) in (0, 3)),
  -- `tenant_id` is a UUID in the tenant schema.
  add constraint tenants_id_in_data_source_is_uuid
    check (tenant_id_in_data_source ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$');

create trigger announce_route_change after update on public.tenants
  for each row when (
    (old.status, old.subdomain, old.data_source_id, old.data_source_engine, old.data_source_url, old.data_source_anon_key,
     old.data_source_service_key, old.data_source_region, old.data_source_replicas, old.connection_pool_config,
     old.tenant_id_in_data_source, old.required_region, old.route_epoch)
    is distinct from
    (new.status, new.subdomain, new.data_source_id, new.data_source_engine, new.data_source_url, new.data_source_anon_key,
     new.data_source_service_key, new.data_source_region, new.data_source_replicas, new.connection_pool_config,
     new.tenant_id_in_data_source, new.required_region, new.route_epoch)
  ) execute function marquee.announce_route();

-- What null means stands in the row, so that equal places are equal values (constraint tenants_one_place).
create function marquee.fill_defaults() returns trigger
  language plpgsql as $$
begin
  new.tenant_id_in_data_source := lower(coalesce(new.tenant_id_in_data_source, new.id::text));
  new.connection_pool_config := coalesce(new.connection_pool_config, '{}');
  return new;
end $$;

create trigger fill_defaults before insert or update of tenant_id_in_data_source, connection_pool_config on public.tenants
  for each row execute function marquee.fill_defaults();
