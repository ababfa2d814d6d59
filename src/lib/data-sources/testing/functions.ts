// Functions with which SQL of a tenant, or a call over the API, could reach beyond the tenant's rows.
import { type ConnectionCheck, failed, passed, warning } from './check';
import { ENTERED_ROLES } from './facts';
import { sayPart } from './words';

interface Reachable {
  /** As `dblink(text,text)`. */
  signature: string;
  /** Why it is dangerous. */
  why: 'opens_connections' | 'reads_files' | 'untrusted_language' | 'rights_of_all';
  /** Its extension, or else its language. */
  of: string;
  /** In the schema that the API serves. */
  over_api: boolean;
}

export interface FunctionFacts {
  /** PostgreSQL's own that hold locks or send messages across tenants. */
  shared: string[];
  reachable: Reachable[];
}

/**
 * Extensions whose functions open connections or files. Functions in languages that are not trusted can do anything that the server's
 * process can. One of a role that bypasses policies, with that role's rights (security definer), reads every tenant.
 */
export const FUNCTIONS = `
  with acting as (
    select oid from pg_catalog.pg_roles where rolname in (${ENTERED_ROLES})
  ), callable as (
    select p.oid, p.proname, p.prosecdef, p.proowner, n.nspname, l.lanname, l.lanpltrusted, x.extname
    from pg_catalog.pg_proc p
      join pg_catalog.pg_namespace n on n.oid = p.pronamespace
      join pg_catalog.pg_language l on l.oid = p.prolang
      left join pg_catalog.pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
      left join pg_catalog.pg_extension x on d.refclassid = 'pg_extension'::regclass and x.oid = d.refobjid
    where n.nspname not in ('tenancy', 'information_schema')
      and (pg_catalog.has_function_privilege('public', p.oid, 'execute')
        or exists (select from acting a where pg_catalog.has_function_privilege(a.oid, p.oid, 'execute')))
      and (pg_catalog.has_schema_privilege('public', n.oid, 'usage')
        or exists (select from acting a where pg_catalog.has_schema_privilege(a.oid, n.oid, 'usage')))
  )
  select
    array(select distinct proname::text from callable where nspname = 'pg_catalog'
      and (proname ~ '^pg_(try_)?advisory_(xact_)?lock' or proname ~ '^lo_' or proname in ('loread', 'lowrite', 'pg_notify',
        'pg_logical_emit_message')) order by 1) as shared,
    coalesce((select json_agg(json_build_object('signature', f.signature, 'why', f.why, 'of', f.of, 'over_api', f.over_api) order by f.signature)
      from (
        select c.oid::regprocedure::text as signature, c.nspname = 'public' as over_api, coalesce(c.extname, c.lanname) as of,
          case
            when c.extname in ('dblink', 'http', 'pg_net', 'aws_s3', 'aws_lambda', 'plproxy') then 'opens_connections'
            when c.nspname = 'pg_catalog' and c.proname ~ '^(lo_(import|export)|pg_(read|write|ls|stat)_(binary_)?(file|dir|logdir|waldir))'
              then 'reads_files'
            when not c.lanpltrusted and c.lanname not in ('internal', 'c') then 'untrusted_language'
            when c.prosecdef and c.nspname = 'public' and (select rolsuper or rolbypassrls from pg_catalog.pg_roles where oid = c.proowner)
              then 'rights_of_all'
          end as why
        from callable c
      ) f where f.why is not null), '[]') as reachable`;

/** How many are named; there may be hundreds of an extension. */
const NAMED = 5;

export function reachableFunctionsCheck({ reachable }: FunctionFacts): ConnectionCheck {
  if (reachable.length === 0) return passed('reachable_functions', 'no_function_reaches');
  const overApi = reachable.filter(({ over_api: over }) => over);
  const listed = overApi.length > 0 ? overApi : reachable;
  const functions = [
    ...listed.slice(0, NAMED).map(({ signature, why, of }) => sayPart(why, { function: signature, of })),
    ...(listed.length > NAMED ? [sayPart('more', { count: listed.length - NAMED })] : []),
  ];
  if (overApi.length > 0) {
    return failed(
      'reachable_functions',
      'data_source_functions_reachable',
      'functions_over_api',
      'functions',
      { functions },
    );
  }
  return warning('reachable_functions', 'functions_reachable', 'functions_by_sql', 'functions', {
    functions,
  });
}

export function sharedFunctionsCheck({ shared }: FunctionFacts): ConnectionCheck {
  if (shared.length === 0) return passed('shared_functions', 'nothing_shared');
  const named = ['pg_advisory_xact_lock', 'lo_create', 'pg_notify'].filter((name) => shared.includes(name));
  const names = named.length > 0 ? named : shared.slice(0, NAMED);
  const count = shared.length - names.length;
  return warning(
    'shared_functions',
    'functions_shared',
    count > 0 ? 'functions_shared_and_more' : 'functions_shared',
    'functions_shared',
    { functions: names.join(', '), count },
  );
}
