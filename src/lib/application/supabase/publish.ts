// The statements of this room as functions that a Supabase project's REST API offers to its service key. Each runs one statement with the
// rights of its caller: what can be done is a closed list, and nothing gains a right by it.
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { SchemaFiles } from '@/lib/migrations';
import { AUDIT } from '../audit';
import { ARCHIVES, CHECKPOINTS, POSITIONS, PROTECTION } from '../audit-chain';
import { PASSKEYS } from '../passkeys';
import { SECRETS } from '../secret-stores';
import { SINGLE_SIGN_ONS } from '../single-sign-on';
import type { Statement } from '../statements';
import { TENANTS } from '../tenant-statements';
import { USERS } from '../user-statements';
import { CHANGES } from './polling';

/** The role of a project's service key. */
const SERVICE_ROLE = 'service_role';
/** Roles of a project's other keys and of its users. */
const OTHERS = ['anon', 'authenticated'];

const PUBLISHED: readonly Statement[] = [
  ...[
    TENANTS,
    USERS,
    PASSKEYS,
    SINGLE_SIGN_ONS,
    AUDIT,
    POSITIONS,
    CHECKPOINTS,
    PROTECTION,
    CHANGES,
    ARCHIVES,
  ].flatMap((one) => Object.values<Statement>(one)),
  ...SECRETS,
];

/** The function of a statement, in schema `public`: a project offers no other by default. */
export function functionOf({ name }: Statement): string {
  return `marquee_${name}`;
}

/** Says of which version a project is. */
export const VERSION_FUNCTION = 'marquee_version';

/** SQL that makes the functions of this version, removes those of others, and grants their use to the service key only. */
export function publishScript(files: SchemaFiles): string {
  const others = OTHERS.join(', ');
  return [
    `do $$ begin
  if to_regrole('${SERVICE_ROLE}') is null then
    raise exception 'This is no database of a Supabase project: it has no role ${SERVICE_ROLE}.';
  end if;
end $$;`,
    `select marquee.grant_use('${SERVICE_ROLE}');`,
    `revoke all on public.tenants, public.users, public.audit_log from ${others};`,
    forEachFunction('drop function %s'),
    ...PUBLISHED.map(definition),
    `create function public.${VERSION_FUNCTION}() returns text language sql stable set search_path = pg_catalog
  return '${publishedVersion(files)}';`,
    forEachFunction(`revoke all on function %s from public, ${others}`),
    forEachFunction(`grant execute on function %s to ${SERVICE_ROLE}`),
    // PostgREST reads the schema again.
    "notify pgrst, 'reload schema';",
  ].join('\n');
}

/** Changes with any of the statements, and with the schema. */
export function publishedVersion({ functions, migrations }: SchemaFiles): string {
  const texts = [...PUBLISHED.map(definition), ...[...functions, ...migrations].map(({ text }) => text)];
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 16);
}

/** @param statement with `%s` for a published function */
function forEachFunction(statement: string): string {
  return `do $$
declare
  one regprocedure;
begin
  for one in select oid from pg_proc where pronamespace = 'public'::regnamespace and proname like 'marquee\\_%' loop
    execute format('${statement}', one);
  end loop;
end $$;`;
}

/** All rows in one value: a project cuts answers of many rows at a number of its own. */
function definition(statement: Statement): string {
  const text = statement.text.replace(/\$(\d+)(?!\d)(?!::)/g, (parameter) => {
    throw new Error(`${statement.name}: ${parameter} has no type.`);
  });
  return `create function public.${functionOf(statement)}(given text[], author jsonb) returns jsonb
  language plpgsql set search_path = public, pg_catalog as ${pg.escapeLiteral(`
declare
  answer jsonb;
begin
  perform set_config('marquee.' || key, value, true) from jsonb_each_text(author)
  where key in ('actor', 'request_id', 'address', 'beside');
  with answered as (
    ${text.replace(/\$(\d+)/g, 'given[$1]')}
  )
  select coalesce(jsonb_agg(to_jsonb(answered)), '[]') into answer from answered;
  return answer;
end `)};`;
}
