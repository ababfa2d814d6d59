// PostgREST's configuration names, from a file, from the environment and from the database, validated once.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { RestError } from '../errors';
import { parseClaimPath } from './authentication';

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
const publicUri = z
  .string()
  .refine(
    (text) => /^https?:\/\/[^/]/i.test(text) && URL.canParse(text),
    'Malformed proxy uri, a correct example: https://example.com:8443/basePath',
  );
const choice = <T extends string>(values: readonly [T, ...T[]], what: string) =>
  z.enum(values, `Invalid ${what}. Check your configuration.`);
const LEAST_MODE = 0o600;
const MOST_MODE = 0o777;
const fileMode = (setting: string) =>
  z
    .string()
    .regex(/^[0-7]+$/, `Invalid ${setting}: not an octal`)
    .transform((text) => Number.parseInt(text, 8))
    .refine(
      (mode) => mode >= LEAST_MODE && mode <= MOST_MODE,
      `Invalid ${setting}: needs to be between 600 and 777`,
    );
const claimPath = z.string().transform((text, context) => {
  try {
    return parseClaimPath(text);
  } catch {
    context.addIssue({ code: 'custom', message: `failed to parse role-claim-key value (${text})` });
    return z.NEVER;
  }
});
const FORBIDDEN_SCHEMAS = ['pg_catalog', 'information_schema'];

const Settings = z.object({
  db_uri: z.string().default('postgresql://'),
  db_schemas: list.default(['public']).superRefine((schemas, context) => {
    const forbidden = FORBIDDEN_SCHEMAS.find((schema) => schemas.includes(schema));
    if (forbidden) context.addIssue(`db-schemas does not allow schema: '${forbidden}'`);
  }),
  db_extra_search_path: list.default(['public']),
  db_anon_role: z.string().optional(),
  db_max_rows: integer.optional(),
  db_plan_enabled: flag(false),
  db_aggregates_enabled: flag(false),
  db_pre_request: functionName.optional(),
  db_root_spec: functionName.optional(),
  db_tx_end: choice(
    ['commit', 'commit-allow-override', 'rollback', 'rollback-allow-override'],
    'transaction termination',
  ).default('commit'),
  db_pool: count(10),
  /** Seconds. */
  db_pool_acquisition_timeout: count(10),
  /** Seconds. */
  db_pool_max_lifetime: count(1800),
  /** Seconds. */
  db_pool_max_idletime: count(30),
  /** False: the process ends when it loses its database, instead of connecting again. */
  db_pool_automatic_recovery: flag(true),
  db_prepared_statements: flag(true),
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
    .refine((text) => !text.includes(':') || URL.canParse(text), 'jwt-aud should be a string or a valid URI')
    .optional(),
  jwt_role_claim_key: claimPath.prefault('$.role'),
  jwt_cache_max_entries: count(1000),
  client_error_verbosity: choice(['verbose', 'minimal'], 'client-error-verbosity').default('verbose'),
  log_level: choice(['crit', 'error', 'warn', 'info', 'debug'], 'logging level').default('error'),
  /** Log the SQL of what is logged of requests. */
  log_query: flag(false),
  openapi_mode: choice(['follow-privileges', 'ignore-privileges', 'disabled'], 'openapi-mode').default(
    'follow-privileges',
  ),
  openapi_security_active: flag(false),
  openapi_server_proxy_uri: publicUri.optional(),
  server_host: z.string().default('!4'),
  server_port: port.default(3000),
  server_cors_allowed_origins: list.optional(),
  server_trace_header: z.string().optional(),
  server_timing_enabled: flag(false),
  /** Goes before host and port. */
  server_unix_socket: z.string().optional(),
  server_unix_socket_mode: fileMode('server-unix-socket-mode').prefault('660'),
  /** Several processes may listen on one port (SO_REUSEPORT). */
  server_reuseport: flag(false),
  admin_server_host: z.string().optional(),
  admin_server_port: port.optional(),
  /** Goes before host and port. */
  admin_server_unix_socket: z.string().optional(),
  admin_server_unix_socket_mode: fileMode('admin-server-unix-socket-mode').prefault('660'),
  url_use_legacy_target_names: flag(true),
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
    !/^(db_uri|db_pool|db_channel|db_config|server_host|server_port|server_unix|server_reuseport|admin_|log_)/.test(
      name,
    ),
);

export type RestConfiguration = z.output<typeof Settings> & {
  /** `app.settings.*`, set in every transaction. */
  app_settings: readonly (readonly [name: string, value: string])[];
  /** The bytes of the secret, from its file or from base64; undefined where there is none. */
  secret: Uint8Array | undefined;
};

/**
 * Reads PostgREST's settings. What the database says of itself goes before the environment, that before the file.
 *
 * @param databaseSettings names as in the database, `db_max_rows` …
 * @param fileSettings names as in a configuration file, `db-max-rows`, `app.settings.colour` …
 * @throws RestError `rest_configuration_invalid` naming each variable, never its value
 */
export function readRestConfiguration(
  environment: NodeJS.ProcessEnv,
  databaseSettings: Readonly<Record<string, string>> = {},
  fileSettings: Readonly<Record<string, string>> = {},
): RestConfiguration {
  const given: Record<string, string> = {};
  const add = (name: string, called: string) => {
    const value =
      databaseSettings[called] ?? environment[variableName(called)] ?? fileSettings[settingName(called)];
    if (value !== undefined && (value !== '' || name === 'db_extra_search_path')) given[name] = value;
  };
  for (const [alias, name] of Object.entries(ALIASES)) add(name, alias);
  for (const name of NAMES) add(name, name);

  const result = Settings.safeParse(given);
  if (!result.success) throw invalid(result.error.issues.map((issue) => problem(issue.path, issue.message)));
  const settings = result.data;
  if (given.db_extra_search_path === '') settings.db_extra_search_path = [];
  // Port 0 is any free one, so two of them do not collide.
  if (settings.admin_server_port && settings.admin_server_port === settings.server_port) {
    throw invalid(['PGRST_ADMIN_SERVER_PORT: admin-server-port cannot be the same as server-port']);
  }
  settings.db_uri = settings.db_uri.startsWith('@')
    ? readSecretFile(settings.db_uri, 'PGRST_DB_URI').trim()
    : settings.db_uri;
  return { ...settings, secret: secretBytes(settings), app_settings: appSettings(environment, fileSettings) };
}

function problem(path: readonly PropertyKey[], message: string): string {
  return `${variableName(String(path[0] ?? ''))}: ${message}`;
}

function variableName(name: string): string {
  return `PGRST_${name.toUpperCase()}`;
}

/** As it is called in a file: `db-uri`. */
export function settingName(name: string): string {
  return name.replaceAll('_', '-');
}

function invalid(problems: readonly string[]): RestError {
  return new RestError(
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
    throw new RestError('rest_configuration_invalid', `${variable}: the file it names cannot be read.`, {
      hint: 'Check the path after @ and who may read the file.',
      cause,
    });
  }
}

const APP_SETTINGS = 'app.settings.';
const APP_SETTINGS_VARIABLES = 'PGRST_APP_SETTINGS_';

function appSettings(
  environment: NodeJS.ProcessEnv,
  fileSettings: Readonly<Record<string, string>>,
): [string, string][] {
  const settings = new Map(Object.entries(fileSettings).filter(([name]) => name.startsWith(APP_SETTINGS)));
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.startsWith(APP_SETTINGS_VARIABLES)) continue;
    settings.set(APP_SETTINGS + name.slice(APP_SETTINGS_VARIABLES.length), value);
  }
  return [...settings];
}
