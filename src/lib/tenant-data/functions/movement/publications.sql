-- Refuses names that no move gives: these functions run with the rights of the tables' owner.
create or replace function tenancy.refuse_foreign_name(name text) returns void
  language plpgsql immutable
as $$
begin
  if name is null or name !~ '^marquee_move_[0-9a-f]{32}_(forward|reverse)$' then
    raise exception 'This is not the name of an object of a move: %.', name using errcode = 'MQ020';
  end if;
end
$$;
revoke execute on function tenancy.refuse_foreign_name(text) from public;

create or replace function tenancy.publish_table(publication text, tenant uuid, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  name text := publication;
begin
  perform tenancy.refuse_foreign_name(name);
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % does not hold tenants'' rows.', target using errcode = 'wrong_object_type';
  end if;
  if not exists (select from pg_publication p where p.pubname = name) then
    execute format('create publication %I', name);
  end if;
  if not exists (select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
                 where p.pubname = name and r.prrelid = target) then
    execute format('alter publication %I add table %s where (tenant_id = %L)', name, target, tenant);
  end if;
end
$$;
revoke execute on function tenancy.publish_table(text, uuid, regclass) from public;
grant execute on function tenancy.publish_table(text, uuid, regclass)
  to tenant_mover;

create or replace function tenancy.unpublish_table(publication text, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(publication);
  execute format('alter publication %I drop table %s', publication, target);
end
$$;
revoke execute on function tenancy.unpublish_table(text, regclass) from public;
grant execute on function tenancy.unpublish_table(text, regclass)
  to tenant_mover;

create or replace function tenancy.unpublish_tenant(publication text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(publication);
  execute format('drop publication if exists %I', publication);
end
$$;
revoke execute on function tenancy.unpublish_tenant(text) from public;
grant execute on function tenancy.unpublish_tenant(text)
  to tenant_mover;
