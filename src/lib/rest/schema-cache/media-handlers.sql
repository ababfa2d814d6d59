-- Media type handlers of the schemas in $1: a media type is a domain named like one ("text/html", "*/*").
with media_type as (
  select
    type.oid,
    type.typname,
    type.typnamespace,
    lower(type.typname) as name,
    case type.typname when '*/*' then 'application/octet-stream' else lower(type.typname) end as resolved
  from pg_catalog.pg_type type
  where type.typtype = 'd'
    and (type.typname = '*/*' or type.typname ~* '^[a-z0-9.-]+/[a-z0-9.+-]+$')
)
-- aggregates over a relation's rows, or over any rows
select
  function_schema.nspname::text as handler_schema,
  function.proname::text as handler_name,
  argument_schema.nspname::text as target_schema,
  argument.typname::text as target_name,
  media_type.name as media_type,
  media_type.resolved as resolved_media_type
from media_type
join pg_catalog.pg_proc function on function.prorettype = media_type.oid
join pg_catalog.pg_aggregate aggregate on aggregate.aggfnoid = function.oid
join pg_catalog.pg_namespace function_schema on function_schema.oid = function.pronamespace
join pg_catalog.pg_type argument on argument.oid = function.proargtypes[0]
join pg_catalog.pg_namespace argument_schema on argument_schema.oid = argument.typnamespace
where function.pronargs = 1
  and function_schema.nspname = any($1)
  and (
    argument.oid = 'pg_catalog.anyelement'::regtype
    or exists (
      select from pg_catalog.pg_class
      where pg_class.reltype = argument.oid and pg_class.relkind in ('r', 'v', 'm', 'f', 'p')
    )
  )
union all
-- functions that return a media type themselves
select
  type_schema.nspname::text,
  media_type.typname::text,
  function_schema.nspname::text,
  function.proname::text,
  media_type.name,
  media_type.resolved
from media_type
join pg_catalog.pg_proc function on function.prorettype = media_type.oid
join pg_catalog.pg_namespace function_schema on function_schema.oid = function.pronamespace
join pg_catalog.pg_namespace type_schema on type_schema.oid = media_type.typnamespace
where function.prokind = 'f'
  and not function.proretset
  and function_schema.nspname = any($1)
