-- Writes the defaults of null into the row, so that equal places are equal values (constraint tenants_one_place).
create or replace function marquee.fill_defaults() returns trigger
  language plpgsql as $$
begin
  new.tenant_id_in_data_source := lower(coalesce(new.tenant_id_in_data_source, new.id::text));
  new.connection_pool_config := coalesce(new.connection_pool_config, '{}');
  return new;
end $$;

create or replace function marquee.protect_epoch() returns trigger
  language plpgsql as $$
begin
  raise exception 'The route epoch of tenant % cannot go back from % to %.', old.id, old.route_epoch, new.route_epoch
    using errcode = 'MQ011', hint = 'Read the tenant again and retry.';
end $$;

create or replace function marquee.keep_former_id() returns trigger
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
