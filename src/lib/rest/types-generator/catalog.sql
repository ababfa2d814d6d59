-- All that the TypeScript type of a database says, of the schemas in $1, as one JSON value.
with wanted as (
  select oid, nspname as name from pg_catalog.pg_namespace where nspname = any($1)
),
relation as (
  select class.*, wanted.name as schema, class.relkind in ('r', 'p', 'f') as is_table
  from pg_catalog.pg_class class
  join wanted on wanted.oid = class.relnamespace
  where class.relkind in ('r', 'p', 'f', 'v', 'm') and not class.relispartition
),
routine as (
  select function.*, wanted.name as schema
  from pg_catalog.pg_proc function
  join wanted on wanted.oid = function.pronamespace
  where function.prokind = 'f' and function.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    -- what an extension brings is not the schema's own
    and not exists (
      select from pg_catalog.pg_depend
      where classid = 'pg_proc'::regclass and objid = function.oid and deptype = 'e'
    )
)
select json_build_object(
  'schemas', (select json_agg(name order by name) from wanted),
  'relations', (
    select coalesce(json_agg(json_build_object(
      'schema', relation.schema,
      'name', relation.relname,
      'isTable', relation.is_table,
      'insertable', pg_relation_is_updatable(relation.oid, true) & 8 > 0,
      'updatable', pg_relation_is_updatable(relation.oid, true) & 4 > 0,
      'columns', (
        select coalesce(json_agg(json_build_object(
          'name', attribute.attname,
          'type', attribute.atttypid::int8,
          'nullable', not (attribute.attnotnull or (type.typtype = 'd' and type.typnotnull)),
          'hasDefault', attribute.atthasdef or attribute.attidentity <> '' or type.typdefault is not null,
          'generated', attribute.attidentity = 'a' or attribute.attgenerated <> ''
        ) order by attribute.attname), '[]')
        from pg_catalog.pg_attribute attribute
        join pg_catalog.pg_type type on type.oid = attribute.atttypid
        where attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
      )
    ) order by relation.relname), '[]')
    from relation
  ),
  'functions', (
    select coalesce(json_agg(json_build_object(
      'schema', routine.schema,
      'name', routine.proname,
      'returns', routine.prorettype::int8,
      'returnsSet', routine.proretset,
      'rows', routine.prorows,
      'arguments', coalesce(arguments.list, '[]'),
      'outputs', coalesce(arguments.outputs, '[]')
    ) order by routine.proname, routine.pronargs, routine.oid), '[]')
    from routine
    cross join lateral (
      select
        json_agg(json_build_object('name', name, 'type', type::int8, 'optional', position > routine.pronargs - routine.pronargdefaults)
          order by ordinality) filter (where mode in ('i', 'b', 'v')) as list,
        json_agg(json_build_object('name', name, 'type', type::int8)
          order by name) filter (where mode in ('o', 'b', 't')) as outputs
      from (
        select
          coalesce(argument.name, '') as name,
          argument.type,
          coalesce(argument.mode, 'i') as mode,
          argument.ordinality,
          count(*) filter (where coalesce(argument.mode, 'i') in ('i', 'b', 'v')) over (order by argument.ordinality) as position
        from rows from (
          unnest(coalesce(routine.proallargtypes, routine.proargtypes::oid[])),
          unnest(routine.proargnames),
          unnest(routine.proargmodes)
        ) with ordinality as argument(type, name, mode, ordinality)
        where argument.type is not null
      ) as argument
    ) arguments
  ),
  'types', (
    select json_agg(json_build_object(
      'id', type.oid::int8,
      'schema', namespace.nspname,
      'name', type.typname,
      'kind', type.typtype,
      'element', case when type.typcategory = 'A' and type.typelem <> 0 then type.typelem::int8 end,
      'base', nullif(type.typbasetype, 0)::int8,
      'isRelation', coalesce(class.relkind <> 'c', false),
      'labels', (select json_agg(enumlabel order by enumsortorder) from pg_catalog.pg_enum where enumtypid = type.oid),
      'attributes', (
        select json_agg(json_build_object('name', attname, 'type', atttypid::int8) order by attname)
        from pg_catalog.pg_attribute
        where attrelid = class.oid and class.relkind = 'c' and attnum > 0 and not attisdropped
      )
    ) order by type.typname)
    from pg_catalog.pg_type type
    join pg_catalog.pg_namespace namespace on namespace.oid = type.typnamespace
    left join pg_catalog.pg_class class on class.oid = type.typrelid
    where namespace.nspname <> 'information_schema' and namespace.nspname not like 'pg\_toast%'
      and (class.relkind is null or class.relkind = 'c' or namespace.nspname = any($1))
  )
)::text as catalog
