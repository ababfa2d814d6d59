-- Everything the schema cache is made of, as one row of JSON texts. $1: exposed schemas. $2: functions' settings to keep.
-- Runs with an empty search_path, so that every name outside pg_catalog comes out qualified.
with recursive
  exposed as (
    select oid, nspname from pg_namespace where nspname = any($1::text[])
  ),
  own_namespace as (
    select oid, nspname
    from pg_namespace
    where nspname not in ('pg_catalog', 'information_schema', 'pg_toast') and not pg_is_other_temp_schema(oid)
  ),
  domain_base (oid, base, depth) as (
    select oid, typbasetype, 1 from pg_type where typtype = 'd'
    union all
    select domain_base.oid, type.typbasetype, depth + 1
    from domain_base
    join pg_type type on type.oid = domain_base.base
    where type.typtype = 'd'
  ),
  base_type (oid, base) as (
    select distinct on (oid) oid, base from domain_base order by oid, depth desc
  ),
  relation as (
    select class.oid, class.relname, class.relkind, class.reltype, namespace.nspname, class.relispartition
    from pg_class class
    join own_namespace namespace on namespace.oid = class.relnamespace
    where class.relkind in ('r', 'v', 'm', 'f', 'p')
  ),
  exposed_relation as (
    select relation.* from relation where nspname = any($1::text[]) and not relispartition
  ),
  column_row as (
    select
      attribute.attrelid,
      json_agg(json_build_array(
        attribute.attname,
        description.description,
        not (attribute.attnotnull or type.typtype = 'd' and type.typnotnull),
        case
          when type.typtype = 'd' and base.typnamespace = 'pg_catalog'::regnamespace then format_type(base.oid, null)
          when type.typtype <> 'd' and type.typnamespace = 'pg_catalog'::regnamespace then format_type(attribute.atttypid, null)
          else format_type(attribute.atttypid, attribute.atttypmod)
        end,
        format_type(attribute.atttypid, attribute.atttypmod),
        information_schema._pg_char_max_length(
          case when type.typtype = 'd' then base.oid else type.oid end,
          case when type.typtype = 'd' then type.typtypmod else attribute.atttypmod end
        ),
        case
          when type.typtype = 'd' and definition.adbin is null then pg_get_expr(type.typdefaultbin, 0)
          when attribute.attidentity = 'd' then format('nextval(%L)', sequence.objid::regclass)
          when attribute.attgenerated <> '' then null
          else pg_get_expr(definition.adbin, definition.adrelid)
        end,
        attribute.attgenerated <> '' or attribute.attidentity = 'a',
        coalesce(
          (select json_agg(enumlabel order by enumsortorder) from pg_enum
            where enumtypid = coalesce(base.oid, type.oid)),
          '[]'
        )
      ) order by attribute.attnum) as columns
    from pg_attribute attribute
    join exposed_relation on exposed_relation.oid = attribute.attrelid
    join pg_type type on type.oid = attribute.atttypid
    left join base_type on base_type.oid = type.oid
    left join pg_type base on base.oid = base_type.base
    left join pg_attrdef definition on definition.adrelid = attribute.attrelid and definition.adnum = attribute.attnum
    left join pg_description description
      on description.objoid = attribute.attrelid and description.objsubid = attribute.attnum
      and description.classoid = 'pg_class'::regclass
    left join pg_depend sequence
      on attribute.attidentity <> '' and sequence.refclassid = 'pg_class'::regclass
      and sequence.refobjid = attribute.attrelid and sequence.refobjsubid = attribute.attnum and sequence.deptype = 'i'
    where attribute.attnum > 0 and not attribute.attisdropped
    group by attribute.attrelid
  ),
  table_row as (
    select json_agg(json_build_array(
      exposed_relation.oid::int8,
      nspname,
      relname,
      description.description,
      relkind in ('v', 'm'),
      case when relkind in ('v', 'f') then pg_relation_is_updatable(exposed_relation.oid::regclass, true)
        when relkind = 'm' then 0 else 28 end,
      coalesce(column_row.columns, '[]')
    )) as rows
    from exposed_relation
    left join column_row on column_row.attrelid = exposed_relation.oid
    left join pg_description description
      on description.objoid = exposed_relation.oid and description.objsubid = 0
      and description.classoid = 'pg_class'::regclass
  ),
  key_row as (
    select json_agg(json_build_array(
      conrelid::int8,
      contype = 'p',
      (
        select json_agg(json_build_array(attname, attnum) order by attname)
        from pg_attribute where attrelid = conrelid and attnum = any(conkey)
      )
    )) as rows
    from pg_constraint
    where contype in ('p', 'u') and connamespace in (select oid from own_namespace)
  ),
  foreign_key_row as (
    select json_agg(json_build_array(
      constraint_row.conname,
      constraint_row.conrelid::int8,
      origin.nspname,
      origin.relname,
      constraint_row.confrelid::int8,
      target.nspname,
      target.relname,
      (
        select json_agg(json_build_array(here.attname, here.attnum, there.attname, there.attnum) order by position)
        from unnest(constraint_row.conkey, constraint_row.confkey) with ordinality as pair (own, other, position)
        join pg_attribute here on here.attrelid = constraint_row.conrelid and here.attnum = own
        join pg_attribute there on there.attrelid = constraint_row.confrelid and there.attnum = other
      )
    ) order by constraint_row.conrelid, constraint_row.conname) as rows
    from pg_constraint constraint_row
    join relation origin on origin.oid = constraint_row.conrelid
    join relation target on target.oid = constraint_row.confrelid
    where constraint_row.contype = 'f' and constraint_row.conparentid = 0
  ),
  view_row as (
    select json_agg(json_build_array(
      relation.oid::int8,
      relation.nspname,
      relation.relname,
      (
        select json_agg(json_build_array(attnum, attname) order by attnum)
        from pg_attribute where attrelid = relation.oid and attnum > 0 and not attisdropped
      ),
      rewrite.ev_action::text
    )) as rows
    from relation
    join pg_rewrite rewrite on rewrite.ev_class = relation.oid and rewrite.ev_type = '1'
    where relation.relkind in ('v', 'm')
  ),
  callable as (
    select
      function.*,
      exposed.nspname,
      coalesce(
        (
          select json_agg(json_build_array(
            coalesce(function.proargnames[position], ''),
            argument::regtype::text,
            case argument
              when 'bit'::regtype then 'bit varying'
              when 'bit[]'::regtype then 'bit varying[]'
              when 'character'::regtype then 'character varying'
              when 'character[]'::regtype then 'character varying[]'
              else argument::regtype::text
            end,
            number <= function.pronargs - function.pronargdefaults,
            coalesce(mode, 'i') = 'v'
          ) order by number)
          from (
            select argument, mode, position, row_number() over (order by position) as number
            from unnest(coalesce(function.proallargtypes, function.proargtypes::oid[]), function.proargmodes)
              with ordinality as part (argument, mode, position)
            where coalesce(mode, 'i') in ('i', 'b', 'v')
          ) as parameter
        ),
        '[]'
      ) as parameters
    from pg_proc function
    join exposed on exposed.oid = function.pronamespace
    where function.prokind = 'f'
  ),
  routine_row as (
    select json_agg(json_build_array(
      callable.nspname,
      callable.proname,
      description.description,
      callable.parameters,
      callable.proretset,
      type.typtype = 'c' or coalesce(callable.proargmodes::text[] && '{t,b,o}', false),
      result_namespace.nspname,
      coalesce(composite.relname, type.typname),
      callable.provolatile,
      callable.provariadic > 0,
      (
        select split_part(split_part(setting, '=', 2), ',', 1)
        from unnest(callable.proconfig) setting
        where setting like 'default_transaction_isolation=%'
      ),
      coalesce(
        (
          select json_agg(json_build_array(split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1)))
          from unnest(callable.proconfig) setting
          where split_part(setting, '=', 1) = any($2::text[])
        ),
        '[]'
      )
    ) order by callable.oid) as rows
    from callable
    left join base_type on base_type.oid = callable.prorettype
    join pg_type type on type.oid = coalesce(base_type.base, callable.prorettype)
    join pg_namespace result_namespace on result_namespace.oid = type.typnamespace
    left join pg_class composite on composite.oid = type.typrelid and type.typrelid <> 0
    left join pg_description description
      on description.objoid = callable.oid and description.classoid = 'pg_proc'::regclass and description.objsubid = 0
    where type.oid <> 'trigger'::regtype
  ),
  computed_row as (
    select json_agg(json_build_array(
      function_namespace.nspname,
      function.proname,
      origin.nspname,
      origin.relname,
      target.nspname,
      target.relname,
      not function.proretset or function.prorows = 1
    )) as rows
    from pg_proc function
    join own_namespace function_namespace on function_namespace.oid = function.pronamespace
    join relation origin on origin.reltype = function.proargtypes[0]
    join relation target on target.reltype = function.prorettype
    where function.pronargs = 1
  ),
  representation_row as (
    select json_agg(json_build_array(
      castsource::regtype::text, casttarget::regtype::text, castfunc::regproc::text
    )) as rows
    from pg_cast
    join pg_type source on source.oid = castsource
    join pg_type target on target.oid = casttarget
    where castcontext = 'i' and castmethod = 'f' and has_function_privilege(castfunc, 'execute')
      and (
        source.typtype = 'd' and casttarget in ('json'::regtype, 'text'::regtype)
        or target.typtype = 'd' and castsource in ('json'::regtype, 'text'::regtype)
      )
  ),
  media_type_row as (
    select json_agg(lower(type.typname)) as rows
    from base_type
    join pg_type type on type.oid = base_type.oid
    where base_type.base = 'bytea'::regtype and (type.typname like '%/%')
  )
select
  table_row.rows,
  key_row.rows,
  foreign_key_row.rows,
  view_row.rows,
  routine_row.rows,
  computed_row.rows,
  representation_row.rows,
  media_type_row.rows,
  (
    select json_agg(json_build_array(nspname, obj_description(oid, 'pg_namespace')))
    from exposed
  ),
  (
    select json_agg(handler) from (
/* media type handlers */
    ) as handler
  ),
  exists (select from pg_proc where proname = 'st_asgeojson' and proargtypes[0] = 'record'::regtype)
from table_row, key_row, foreign_key_row, view_row, routine_row, computed_row, representation_row, media_type_row
