-- A secret that was only encrypted anew is announced to no process: where the data are has not changed.
drop trigger announce_route_change on public.tenants;
create trigger announce_route_change after update on public.tenants
  for each row when (
    (old.status, old.subdomain, old.data_source_id, old.data_source_engine, marquee.fingerprint(old.data_source_url),
     marquee.fingerprint(old.data_source_anon_key), marquee.fingerprint(old.data_source_service_key), old.data_source_region,
     old.data_source_replicas, old.connection_pool_config, old.tenant_id_in_data_source, old.required_region, old.route_epoch)
    is distinct from
    (new.status, new.subdomain, new.data_source_id, new.data_source_engine, marquee.fingerprint(new.data_source_url),
     marquee.fingerprint(new.data_source_anon_key), marquee.fingerprint(new.data_source_service_key), new.data_source_region,
     new.data_source_replicas, new.connection_pool_config, new.tenant_id_in_data_source, new.required_region, new.route_epoch)
  ) execute function marquee.announce_route();
