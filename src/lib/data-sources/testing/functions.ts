// Functions with which SQL of a tenant, or a call over the API, could reach beyond the tenant's rows.
import { type ConnectionCheck, failed, passed, warning } from './check';
import { ENTERED_ROLES } from './facts';

interface Reachable {
  /** As `dblink(text,text)`. */
  signature: string;
  /** Why it is dangerous, in words. */
  why: string;
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
    coalesce((select json_agg(json_build_object('signature', f.signature, 'why', f.why, 'over_api', f.over_api) order by f.signature)
      from (
        select c.oid::regprocedure::text as signature, c.nspname = 'public' as over_api,
          case
            when c.extname in ('dblink', 'http', 'pg_net', 'aws_s3', 'aws_lambda', 'plproxy') then 'opens connections (' || c.extname || ')'
            when c.nspname = 'pg_catalog' and c.proname ~ '^(lo_(import|export)|pg_(read|write|ls|stat)_(binary_)?(file|dir|logdir|waldir))'
              then 'reads or writes files of the server'
            when not c.lanpltrusted and c.lanname not in ('internal', 'c') then 'is written in ' || c.lanname
            when c.prosecdef and c.nspname = 'public' and (select rolsuper or rolbypassrls from pg_catalog.pg_roles where oid = c.proowner)
              then 'runs with the rights of a role that sees every tenant'
          end as why
        from callable c
      ) f where f.why is not null), '[]') as reachable`;

/** How many are named; there may be hundreds of an extension. */
const NAMED = 5;

export function reachableFunctionsCheck({ reachable }: FunctionFacts): ConnectionCheck {
  if (reachable.length === 0) {
    return passed('reachable_functions', 'Tenants can call no function that reaches beyond the database.');
  }
  const overApi = reachable.filter(({ over_api: over }) => over);
  const listed = overApi.length > 0 ? overApi : reachable;
  const names = listed.slice(0, NAMED).map(({ signature, why }) => `${signature} ${why}`);
  const more = listed.length > NAMED ? ` and ${listed.length - NAMED} more` : '';
  const hint =
    'Revoke them: revoke execute on function … from public (of an extension: alter extension … set schema to one that only its users may use).';
  if (overApi.length > 0) {
    return failed(
      'reachable_functions',
      'data_source_functions_reachable',
      `Users of a tenant can call, over the API: ${names.join(', ')}${more}.`,
      hint,
    );
  }
  return warning(
    'reachable_functions',
    'functions_reachable',
    `SQL that developers run for a tenant can call: ${names.join(', ')}${more}.`,
    hint,
  );
}

export function sharedFunctionsCheck({ shared }: FunctionFacts): ConnectionCheck {
  if (shared.length === 0) {
    return passed(
      'shared_functions',
      'SQL of one tenant cannot take advisory locks or send notifications of others.',
    );
  }
  const named = ['pg_advisory_xact_lock', 'lo_create', 'pg_notify'].filter((name) => shared.includes(name));
  const names = named.length > 0 ? named : shared.slice(0, NAMED);
  const more = shared.length > names.length ? ` and ${shared.length - names.length} more` : '';
  return warning(
    'shared_functions',
    'functions_shared',
    `SQL that developers run for one tenant can call ${names.join(', ')}${more}: it can hold advisory locks of other tenants until the statement times out.`,
    'Only a superuser can revoke these functions, and only from PUBLIC. Keep tenants whose developers run SQL on a database that Marquee owns, or on one database each.',
  );
}
