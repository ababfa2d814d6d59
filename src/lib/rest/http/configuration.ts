// PostgREST's configuration names, from the environment and from the database, validated once.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { MarqueeError } from '@/lib/errors';
import { parseClaimPath } from '../authentication';

const boolean = z.string().transform((text, context) => {
  const letters = text.replace(/[^a-z]/gi, '').toLowerCase();
  if (letters === 'true' || letters === 'false') return letters === 'true';
  const number = Number(text);
  if (Number.isInteger(number)) return number > 0;
  context.addIssue({ code: 'custom', message: 'must be true or false' });
  return z.NEVER;
});
const flag = (byDefault: boolean) => boolean.optional().transform((value) => value ?? byDefault);
const integer = z.string().regex(/^\d+$/, 'must be a whole number').transform(Number);
const port = integer.refine((value) => value <= 65535, 'must be a port, 0 to 65535');
const count = (byDefault: number) => integer.optional().transform((value) => value ?? byDefault);
const list = z.string().transform((text) => text.split(',').map((item) => item.trim()));
const functionName = z.string().transform((text) => {
  const dot = text.indexOf('.');
  return dot < 0
    ? { schema: undefined, name: text }
    : { schema: text.slice(0, dot), name: text.slice(dot + 1) };
});
const origin = z.url('must be a URI such as https://example.com:8443/basePath');

const Settings = z.object({
  db_uri: z.string().default('postgresql://'),
  db_schemas: list
    .default(['public'])
    .refine(
      (schemas) => !schemas.includes('pg_catalog') && !schemas.includes('information_schema'),
      'must not have pg_catalog or information_schema in it',
    ),
  db_extra_search_path: list.default(['public']),
  db_anon_role: z.string().optional(),
  db_max_rows: integer.optional(),
  db_plan_enabled: flag(false),
  db_aggregates_enabled: flag(false),
  db_pre_request: functionName.optional(),
  db_root_spec: functionName.optional(),
  db_tx_end: z
    .enum(['commit', 'commit-allow-override', 'rollback', 'rollback-allow-override'])
    .default('commit'),
  db_pool: count(10),
  /** Seconds. */
  db_pool_acquisition_timeout: count(10),
  /** Seconds. */
  db_pool_max_lifetime: count(1800),
  /** Seconds. */
  db_pool_max_idletime: count(30),
  db_prepared_statements: flag(true),
  db_timezone_enabled: flag(true),
  db_hoisted_tx_settings: list.default([
    'statement_timeout',
    'plan_filter.statement_cost_limit',
    'default_transaction_isolation',
  ]),
  db_channel: z.string().default('pgrst'),
  db_channel_enabled: flag(true),
  db_config: flag(true),
  db_pre_config: functionName.optional(),
  jwt_secret: z.string().optional(),
  jwt_secret_is_base64: flag(false),
  jwt_aud: z
    .string()
    .refine((text) => !text.includes(':') || URL.canParse(text), 'must be a plain name or a valid URI')
    .optional(),
  jwt_role_claim_key: z.string().default('.role').transform(parseClaimPath),
  jwt_cache_max_entries: count(1000),
  client_error_verbosity: z.enum(['verbose', 'minimal']).default('verbose'),
  log_level: z.enum(['crit', 'error', 'warn', 'info', 'debug']).default('error'),
  openapi_mode: z.enum(['follow-privileges', 'ignore-privileges', 'disabled']).default('follow-privileges'),
  openapi_security_active: flag(false),
  openapi_server_proxy_uri: origin.optional(),
  server_host: z.string().default('!4'),
  server_port: port.default(3000),
  server_cors_allowed_origins: list.optional(),
  server_trace_header: z
    .string()
    .transform((name) => name.toLowerCase())
    .optional(),
  server_timing_enabled: flag(false),
  admin_server_host: z.string().optional(),
  admin_server_port: port.optional(),
});

type Setting = keyof typeof Settings.shape;
const NAMES = Object.keys(Settings.shape) as Setting[];

/** Old names still in use. */
const ALIASES: Record<string, Setting> = {
  db_schema: 'db_schemas',
  max_rows: 'db_max_rows',
  pre_request: 'db_pre_request',
  root_spec: 'db_root_spec',
  db_pool_timeout: 'db_pool_max_idletime',
  role_claim_key: 'jwt_role_claim_key',
  secret_is_base64: 'jwt_secret_is_base64',
};

/** What a database may set of itself: all that is not needed to reach it or to listen. */
export const DATABASE_SETTINGS: readonly string[] = NAMES.filter(
  (name) =>
    !/^(db_uri|db_pool|db_channel|db_config|server_host|server_port|admin_|log_|jwt_cache)/.test(name),
);

export type RestConfiguration = z.output<typeof Settings> & {
  /** `app.settings.*`, set in every transaction. */
  app_settings: readonly (readonly [name: string, value: string])[];
  /** The bytes of the secret, from its file or from base64; undefined where there is none. */
  secret: Uint8Array | undefined;
};

/**
 * Reads PostgREST's variables (`PGRST_DB_URI` …). What the database says of itself goes before the environment.
 *
 * @param databaseSettings names as in the database, `db_max_rows` …
 * @throws MarqueeError `rest_configuration_invalid` naming each variable, never its value
 */
export function readRestConfiguration(
  environment: NodeJS.ProcessEnv,
  databaseSettings: Readonly<Record<string, string>> = {},
): RestConfiguration {
  const given: Record<string, string> = {};
  const add = (name: string, value: string | undefined) => {
    if (value !== undefined && (value !== '' || name === 'db_extra_search_path')) given[name] = value;
  };
  for (const [alias, name] of Object.entries(ALIASES)) add(name, environment[variableName(alias)]);
  for (const name of NAMES) add(name, environment[variableName(name)]);
  for (const name of NAMES) add(name, databaseSettings[name]);

  const result = Settings.safeParse(given);
  if (!result.success) throw invalid(result.error.issues.map((issue) => problem(issue.path, issue.message)));
  const settings = result.data;
  if (given.db_extra_search_path === '') settings.db_extra_search_path = [];
  // Port 0 is any free one, so two of them do not collide.
  if (settings.admin_server_port && settings.admin_server_port === settings.server_port) {
    throw invalid(['PGRST_ADMIN_SERVER_PORT: cannot be the same as PGRST_SERVER_PORT']);
  }
  settings.db_uri = settings.db_uri.startsWith('@')
    ? readSecretFile(settings.db_uri, 'PGRST_DB_URI').trim()
    : settings.db_uri;
  return { ...settings, secret: secretBytes(settings), app_settings: appSettings(environment) };
}

function problem(path: readonly PropertyKey[], message: string): string {
  return `${variableName(String(path[0] ?? ''))}: ${message}`;
}

function variableName(name: string): string {
  return `PGRST_${name.toUpperCase()}`;
}

function invalid(problems: readonly string[]): MarqueeError {
  return new MarqueeError(
    'rest_configuration_invalid',
    `The configuration is not valid: ${problems.join('; ')}`,
    {
      hint: 'marquee rest --help lists the variables; the names and values are PostgREST’s.',
    },
  );
}

function secretBytes(settings: z.output<typeof Settings>): Uint8Array | undefined {
  const { jwt_secret: given } = settings;
  if (given === undefined) return undefined;
  const text = given.startsWith('@') ? readSecretFile(given, 'PGRST_JWT_SECRET').replace(/\n$/, '') : given;
  if (!settings.jwt_secret_is_base64) return Buffer.from(text);
  const base64 = text.trim().replaceAll('-', '+').replaceAll('_', '/').replaceAll('.', '=');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw invalid(['PGRST_JWT_SECRET: is not base64, although PGRST_JWT_SECRET_IS_BASE64 says so']);
  }
  return Buffer.from(base64, 'base64');
}

function readSecretFile(reference: string, variable: string): string {
  try {
    return readFileSync(reference.slice(1), 'utf8');
  } catch (cause) {
    throw new MarqueeError('rest_configuration_invalid', `${variable}: the file it names cannot be read.`, {
      hint: 'Check the path after @ and who may read the file.',
      cause,
    });
  }
}

function appSettings(environment: NodeJS.ProcessEnv): [string, string][] {
  const prefix = 'PGRST_APP_SETTINGS_';
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith(prefix) && value !== undefined)
    .map(([name, value]) => [`app.settings.${name.slice(prefix.length)}`, value ?? '']);
}
