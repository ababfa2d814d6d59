-- A publication that is made or dropped at once makes every session of every tenant plan all its statements again, all at the
-- same time. So tables come and go one by one, with pauses between.
drop function tenancy.publish_tenant(text, uuid);

create function tenancy.publish_table(publication text, tenant uuid, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  name text := publication;
begin
  perform tenancy.refuse_foreign_name(name);
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % holds no rows of tenants.', target using errcode = 'wrong_object_type';
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

create function tenancy.unpublish_table(publication text, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform tenancy.refuse_foreign_name(publication);
  execute format('alter publication %I drop table %s', publication, target);
end
$$;

revoke all on function tenancy.publish_table(text, uuid, regclass), tenancy.unpublish_table(text, regclass) from public;
grant execute on function tenancy.publish_table(text, uuid, regclass), tenancy.unpublish_table(text, regclass) to tenant_mover;
