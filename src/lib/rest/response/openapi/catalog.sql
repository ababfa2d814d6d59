-- All that the root document says of schema $1, as one JSON value.
-- $2: only what the current role may use.
select json_build_object(
  'description', (
    select obj_description(oid, 'pg_namespace') from pg_catalog.pg_namespace where nspname = $1
  ),
  'tables', (
    select coalesce(json_agg(json_build_object(
      'name', relation.relname,
      'description', obj_description(relation.oid, 'pg_class'),
      'writable', relation.relkind in ('r', 'p')
        or (relation.relkind in ('v', 'f') and pg_relation_is_updatable(relation.oid, true) & 28 > 0),
      'columns', (
        select coalesce(json_agg(json_build_object(
          'name', attribute.attname,
          'description', col_description(relation.oid, attribute.attnum),
          'nullable', not (attribute.attnotnull or (type.typtype = 'd' and type.typnotnull)),
          'type', case
            when base.typnamespace = 'pg_catalog'::regnamespace then format_type(base.oid, null)
            when pg_type_is_visible(type.oid) then quote_ident(type_schema.nspname) || '.'
              || format_type(attribute.atttypid, attribute.atttypmod)
            else format_type(attribute.atttypid, attribute.atttypmod)
          end,
          'maxLength', information_schema._pg_char_max_length(
            information_schema._pg_truetypid(attribute.*, type.*),
            information_schema._pg_truetypmod(attribute.*, type.*)
          ),
          'default', case
            when type.typbasetype <> 0 and column_default.adbin is null then pg_get_expr(type.typdefaultbin, 0)
            when attribute.attgenerated <> '' then null
            else pg_get_expr(column_default.adbin, column_default.adrelid)
          end,
          'enum', (
            select json_agg(enumlabel order by enumsortorder) from pg_catalog.pg_enum where enumtypid = base.oid
          )
        ) order by attribute.attnum), '[]')
        from pg_catalog.pg_attribute attribute
        join pg_catalog.pg_type type on type.oid = attribute.atttypid
        join pg_catalog.pg_namespace type_schema on type_schema.oid = type.typnamespace
        -- the type below a domain (of domains: the innermost), or the type itself
        join lateral (
          with recursive below as (
            select type.oid, type.typtype, type.typbasetype, type.typnamespace
            union all
            select inner_type.oid, inner_type.typtype, inner_type.typbasetype, inner_type.typnamespace
            from below join pg_catalog.pg_type inner_type on inner_type.oid = below.typbasetype
            where below.typtype = 'd'
          )
          select oid, typnamespace from below where typtype <> 'd'
        ) base on true
        left join pg_catalog.pg_attrdef column_default
          on column_default.adrelid = relation.oid and column_default.adnum = attribute.attnum
        where attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
      )
    ) order by relation.relname), '[]')
    from pg_catalog.pg_class relation
    where relation.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
      and relation.relkind in ('r', 'v', 'm', 'f', 'p')
      and not relation.relispartition
      and (
        not $2
        or pg_has_role(relation.relowner, 'USAGE')
        or has_table_privilege(relation.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        or has_any_column_privilege(relation.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
      )
  ),
  'functions', (
    select coalesce(json_agg(json_build_object(
      'name', function.proname,
      'description', obj_description(function.oid, 'pg_proc'),
      'volatile', function.provolatile = 'v',
      'parameters', coalesce(parameters.list, '[]')
    ) order by function.proname, function.pronargs), '[]')
    from pg_catalog.pg_proc function
    cross join lateral (
      select
        json_agg(json_build_object(
          'name', coalesce(name, ''),
          'type', type::regtype::text,
          'required', position <= function.pronargs - function.pronargdefaults,
          'variadic', mode = 'v'
        ) order by position) as list,
        count(*) filter (where name = '') as unnamed,
        bool_and(type::regtype in ('bytea', 'json', 'jsonb', 'text', 'xml')) as representable
      from (
        select
          coalesce(argument.name, '') as name,
          argument.type,
          coalesce(argument.mode, 'i') as mode,
          row_number() over (order by argument.ordinality) as position
        from rows from (
          unnest(coalesce(function.proallargtypes, function.proargtypes::oid[])),
          unnest(function.proargnames),
          unnest(function.proargmodes)
        ) with ordinality as argument(type, name, mode, ordinality)
        where coalesce(argument.mode, 'i') in ('i', 'b', 'v') and argument.type is not null
      ) as arguments
    ) parameters
    where function.pronamespace = (select oid from pg_catalog.pg_namespace where nspname = $1)
      and function.prokind = 'f'
      and function.prorettype <> 'trigger'::regtype
      and (parameters.unnamed = 0 or (function.pronargs = 1 and parameters.representable))
      and (not $2 or has_function_privilege(function.oid, 'execute'))
  )
)::text
