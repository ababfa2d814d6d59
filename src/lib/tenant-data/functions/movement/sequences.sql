-- Sequences that number rows of tenants' tables: of identity columns, also those of a partitioned table, and those that column
-- defaults name.
create or replace function tenancy.sequences() returns table (of_table regclass, of_column name, sequence regclass)
  language sql stable
as $$
  select d.refobjid::regclass, a.attname, s.oid::regclass
    from pg_catalog.pg_class s
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where s.relkind = 'S' and (d.refobjid in (select tenancy.movable_tables())
      or exists (select from pg_catalog.pg_partition_tree(d.refobjid) p where p.isleaf and p.relid in (select tenancy.movable_tables())))
  union
  select f.adrelid::regclass, a.attname, s.oid::regclass
    from pg_catalog.pg_attrdef f
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::regclass and d.objid = f.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class s on s.oid = d.refobjid and s.relkind = 'S'
    join pg_catalog.pg_attribute a on a.attrelid = f.adrelid and a.attnum = f.adnum
    where f.adrelid in (select tenancy.movable_tables())
$$;
revoke execute on function tenancy.sequences() from public;
grant execute on function tenancy.sequences()
  to tenant_mover;

-- The last value of each sequence; without those that were never used.
create or replace function tenancy.sequences_reached() returns table (of_table regclass, of_column name, reached bigint)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  numbered record;
  called boolean;
begin
  for numbered in select n.* from tenancy.sequences() n loop
    execute format('select last_value, is_called from %s', numbered.sequence) into reached, called;
    if called then
      of_table := numbered.of_table;
      of_column := numbered.of_column;
      return next;
    end if;
  end loop;
end
$$;
revoke execute on function tenancy.sequences_reached() from public;
grant execute on function tenancy.sequences_reached()
  to tenant_mover;

-- Advances the sequence of a column to at least this value. ALTER SEQUENCE takes a lock that makes nextval() wait, and changes
-- nothing else: a sequence that was set back would give numbers twice.
create or replace function tenancy.continue_sequence(target regclass, target_column name, reached bigint) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  numbered record;
  now_at bigint;
  called boolean;
begin
  for numbered in
    select n.sequence, s.seqincrement from tenancy.sequences() n join pg_sequence s on s.seqrelid = n.sequence
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
revoke execute on function tenancy.continue_sequence(regclass, name, bigint) from public;
grant execute on function tenancy.continue_sequence(regclass, name, bigint)
  to tenant_mover;
