-- Tables that a customer has added beside ours are moved too: their keys, and the sequences that number their rows.

-- As before; columns that the key's index only includes are no part of the key.
create or replace function tenancy.keep_change_log(name text, move uuid, tenant uuid, target regclass) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  key text;
begin
  perform tenancy.refuse_foreign_name(name);
  if target not in (select tenancy.movable_tables()) then
    raise exception 'Table % holds no rows of tenants.', target using errcode = 'wrong_object_type';
  end if;
  if exists (select from pg_trigger where tgrelid = target and tgname = name) then
    return;
  end if;
  select string_agg(quote_literal(a.attname), ', ' order by place) into key
    from pg_index i, unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
    join pg_attribute a on a.attnum = k.attnum
    where i.indrelid = target and i.indisprimary and place <= i.indnkeyatts
      and a.attrelid = target and a.attname <> 'tenant_id';
  execute format('create trigger %I after insert or update on %s for each row when (new.tenant_id = %L and not tenancy.copying()) '
    'execute function tenancy.note_change(%L, %s)', name, target, tenant, move, key);
  execute format('create trigger %I after delete on %s for each row when (old.tenant_id = %L and not tenancy.copying()) '
    'execute function tenancy.note_change(%L, %s)', name || '_d', target, tenant, move, key);
end
$$;

-- The sequences that give rows of tenants' tables a number: identities, and what columns' defaults name.
create function tenancy.numbering() returns table (of_table regclass, of_column name, sequence regclass)
  language sql stable
as $$
  select d.refobjid::regclass, a.attname, s.oid::regclass
    from pg_catalog.pg_class s
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where s.relkind = 'S' and d.refobjid in (select tenancy.movable_tables())
  union
  select f.adrelid::regclass, a.attname, s.oid::regclass
    from pg_catalog.pg_attrdef f
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = f.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'
    join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
    where f.adrelid in (select tenancy.movable_tables())
$$;

-- How far each of them has come; without those that have given no number yet.
create function tenancy.numbering_reached() returns table (of_table regclass, of_column name, reached bigint)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  numbered record;
  called boolean;
begin
  for numbered in select n.* from tenancy.numbering() n loop
    execute format('select last_value, is_called from %s', numbered.sequence) into reached, called;
    if called then
      of_table := numbered.of_table;
      of_column := numbered.of_column;
      return next;
    end if;
  end loop;
end
$$;

-- Brings the sequence of a column at least as far. Whoever takes a number meanwhile waits, since one that was set back would give
-- numbers twice. ALTER SEQUENCE takes the lock, and changes nothing.
create function tenancy.continue_numbering(target regclass, target_column name, reached bigint) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  numbered record;
  now_at bigint;
  called boolean;
begin
  for numbered in
    select n.sequence, s.seqincrement from tenancy.numbering() n join pg_sequence s on s.seqrelid = n.sequence
      where n.of_table = target and n.of_column = target_column
  loop
    execute format('select last_value, is_called from %s', numbered.sequence) into now_at, called;
    continue when called and sign(numbered.seqincrement) * (reached - now_at) <= 0;
    execute format('alter sequence %s increment by %s', numbered.sequence, numbered.seqincrement);
    execute format('select last_value, is_called from %s', numbered.sequence) into now_at, called;
    if not called or sign(numbered.seqincrement) * (reached - now_at) > 0 then
      perform setval(numbered.sequence, reached);
    end if;
  end loop;
end
$$;

revoke execute on function tenancy.numbering(), tenancy.numbering_reached(),
  tenancy.continue_numbering(regclass, name, bigint) from public;
grant execute on function tenancy.numbering(), tenancy.numbering_reached(),
  tenancy.continue_numbering(regclass, name, bigint) to tenant_mover;
