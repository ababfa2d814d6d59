import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { StartError } from './failures';

const optionalText = z.string().min(1).optional();
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
  .optional();

const encryptionKey = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'must be 32 bytes as 64 hexadecimal digits (openssl rand -hex 32)');

const bucket = z.strictObject({
  bucketUrl: z.url(),
  region: z.string().min(1),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
});

const lockedBucket = bucket.extend({ retainDays: z.int().min(1).max(36_500) });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const webUrl = z.url({ protocol: /^https?$/, error: 'must begin with https://' });

const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64');

/** Five fields of a cron expression. */
const CRON = /^\S+( \S+){4}$/;

const Environment = z.object({
  NEXT_PUBLIC_SUPABASE_URL: webUrl.optional(),
  NEXT_PUBLIC_SUPABASE_ANON_KEY: optionalText,
  SUPABASE_SERVICE_ROLE_KEY: optionalText,
  DEFAULT_TENANT_DATA_URL: z
    .string()
    .regex(
      /^(postgres(ql)?|https?):\/\//,
      'must begin with postgresql:// or, for a Supabase project, https://',
    )
    .optional(),
  DEFAULT_TENANT_DATA_ANON_KEY: optionalText,
  DEFAULT_TENANT_DATA_SERVICE_KEY: optionalText,
  ENCRYPTION_KEY: encryptionKey.optional(),
  APPLICATION_DATABASE_URL: postgresUrl,
  APPLICATION_DATABASE_OWNER_URL: postgresUrl,
  OPERATIONS_DATABASE_URL: postgresUrl,
  /** The region that this process runs in. */
  MARQUEE_REGION: optionalText,
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: optionalText,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SMTP_URL: optionalText,
  MAIL_FROM: z.email().default('mail@marquee.invalid'),
  MAIL_BOUNCE_DOMAIN: z.hostname().optional(),
  MAIL_REPORT_SECRET: webhookSecret.optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((proxy) => proxy.trim()))
    .default([]),
  PROXY_HEADERS: z.enum(['x-forwarded', 'forwarded']).default('x-forwarded'),
  ALLOWED_REDIRECTS: z
    .string()
    .transform((text) => text.split(',').map((address) => address.trim()))
    .pipe(z.array(z.url('must be addresses, separated by commas')))
    .default([]),
  IDENTITY_PROVIDER_NETWORKS: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .default([]),
  CUSTOMER_DATABASE_NETWORKS: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .default([]),
  OPERATOR_SIGN_IN: z.enum(['required', 'optional']).default('optional'),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  TEST_PAYMENTS: z.enum(['on', 'off']).optional(),
  FILES_BUCKET_URL: z.url().optional(),
  FILES_REGION: optionalText,
  FILES_ACCESS_KEY_ID: optionalText,
  FILES_SECRET_ACCESS_KEY: optionalText,
  FILES_BUCKETS: z.string().transform(parseJson).pipe(z.array(bucket)).optional(),
  FILES_DIRECTORY: optionalText,
  BACKUP_URL: optionalText,
  BACKUP_AT: z.string().regex(CRON, 'must be a cron expression of five fields').default('0 2 * * *'),
  BACKUP_DRILLS_AT: z.string().regex(CRON, 'must be a cron expression of five fields').default('0 4 * * *'),
  BACKUP_DRILL_DAYS: z.coerce.number().int().min(1).max(31).default(7),
  BACKUP_DRILL_SOURCE: optionalText,
  BACKUP_KEEP: z
    .string()
    .regex(/^\d{1,4},\d{1,4},\d{1,4}$/, 'must be numbers of days, weeks and months, such as 7,5,12')
    .transform((text) => {
      const [daily = 0, weekly = 0, monthly = 0] = text.split(',').map(Number);
      return { daily, weekly, monthly };
    })
    .prefault('7,5,12'),
  GOOGLE_CLIENT_ID: optionalText,
  GOOGLE_CLIENT_SECRET: optionalText,
  QUICKBOOKS_CLIENT_ID: optionalText,
  QUICKBOOKS_CLIENT_SECRET: optionalText,
  AUDIT_CHECKPOINT_FILE: optionalText,
  AUDIT_CHECKPOINT_SYSLOG: z
    .string()
    .regex(/^(udp|tcp):\/\/[^/]+$/, 'must be udp://host:port or tcp://host:port')
    .optional(),
  AUDIT_CHECKPOINT_BUCKET: z.string().transform(parseJson).pipe(lockedBucket).optional(),
  AUDIT_CHECKPOINT_ORIGIN: z
    .string()
    .regex(/^[^\s+]+$/, 'must have no white space and no plus sign')
    .optional(),
  ALERT_WEBHOOK_URL: webUrl.optional(),
  ALERT_WEBHOOK_SECRET: webhookSecret.optional(),
  ALERT_MAIL_TO: z
    .string()
    .transform((text) => text.split(',').map((address) => address.trim()))
    .pipe(z.array(z.email('must be email addresses, separated by commas')))
    .optional(),
  NEXT_ENCRYPTION_KEY: encryptionKey.optional(),
  PREVIOUS_ENCRYPTION_KEYS: z
    .string()
    .transform((text) => text.split(',').map((key) => key.trim()))
    .pipe(z.array(encryptionKey))
    .optional(),
  KEY_PROVIDER: z.enum(['local', 'aws-kms', 'vault-transit', 'supabase-vault']).default('local'),
  AWS_KMS_KEY_ARN: z
    .string()
    .regex(
      /^arn:[^:]+:kms:[^:]+:\d*:.+$/,
      'must be the ARN of a key, such as arn:aws:kms:eu-central-1:111122223333:key/<id>',
    )
    .optional(),
  VAULT_ADDR: optionalText,
  VAULT_AUTH: z.enum(['token', 'approle', 'kubernetes']).default('token'),
  VAULT_AUTH_MOUNT: optionalText,
  VAULT_TOKEN: optionalText,
  VAULT_ROLE_ID: optionalText,
  VAULT_SECRET_ID: optionalText,
  VAULT_KUBERNETES_ROLE: optionalText,
  VAULT_KUBERNETES_TOKEN_FILE: optionalText,
  VAULT_NAMESPACE: optionalText,
  VAULT_TRANSIT_KEY: optionalText,
  VAULT_TRANSIT_MOUNT: optionalText,
  SUPABASE_VAULT_SECRET: optionalText,
});

export type Configuration = z.infer<typeof Environment>;

/** Every variable that is read, for `.env.example` to be complete. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

/** Variables of Marquee's that are not part of the configuration, in addition to those of the tests. */
const OTHERS = ['MARQUEE_STATE_DIRECTORY', 'MARQUEE_CHECKOUT', 'MARQUEE_DEBUG', 'MARQUEE_URL'];
const OF_TESTS = /^MARQUEE_(TEST|E2E)_/;

/** A warning for each variable that begins with MARQUEE_ and is not known, with the name that may be meant. */
export function unknownVariables(environment: NodeJS.ProcessEnv = process.env): string[] {
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('MARQUEE_') && !OTHERS.includes(name) && !OF_TESTS.test(name),
  );
  return unknown.map((name) => {
    const plain = name.slice('MARQUEE_'.length);
    const distances = [
      ...OTHERS.map((known) => [known, distance(name, known)] as const),
      ...VARIABLES.map((known) => [known, distance(plain, known)] as const),
    ];
    const [nearest = '', far = 0] = distances.sort(([, a], [, b]) => a - b)[0] ?? [];
    const meant = far <= Math.max(2, nearest.length / 3) ? ` Do you mean ${nearest}?` : '';
    return `${name} is set, but Marquee reads no such variable.${meant}`;
  });
}

/** Letters to insert, remove or exchange to make one word of the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const exchanged = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/**
 * Where `marquee start` keeps embedded databases, the key and the environment of the running instance:
 * MARQUEE_STATE_DIRECTORY, else `.marquee` of the checkout a program was started from, else of the current directory.
 */
export function stateDirectory(): string {
  const { MARQUEE_STATE_DIRECTORY, MARQUEE_CHECKOUT = '' } = process.env;
  return path.resolve(MARQUEE_STATE_DIRECTORY || path.join(MARQUEE_CHECKOUT, '.marquee'));
}

/**
 * Reads and validates the configuration: the process environment first, then what `npm start` wrote to
 * `.marquee/environment`, so that any script of the checkout reaches the running instance.
 *
 * @throws StartError `configuration_invalid` naming each variable, never its value
 */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const file = path.join(stateDirectory(), 'environment');
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const given = Object.fromEntries(
    Object.entries({ ...kept, ...environment }).filter(([, value]) => value !== ''),
  );
  const result = Environment.safeParse(given);
  const problems = (result.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (/^http/.test(given.DEFAULT_TENANT_DATA_URL ?? '') && !given.DEFAULT_TENANT_DATA_SERVICE_KEY) {
    problems.push(
      'DEFAULT_TENANT_DATA_SERVICE_KEY: is needed, since DEFAULT_TENANT_DATA_URL is a Supabase project',
    );
  }
  if (given.ALERT_WEBHOOK_URL && !given.ALERT_WEBHOOK_SECRET) {
    problems.push('ALERT_WEBHOOK_SECRET: is needed, since ALERT_WEBHOOK_URL is set');
  }
  if (result.success && problems.length === 0) return result.data;
  throw new StartError('configuration_invalid', `The environment is not valid: ${problems.join('; ')}`, {
    hint: 'See .env.example for every variable and its form.',
  });
}

/**
 * Where the application database is: APPLICATION_DATABASE_URL, else the Supabase project of the specification's variables, whose processes
 * notify each other over the operations database. Undefined where neither is set.
 */
export function applicationPlace({
  APPLICATION_DATABASE_URL: url,
  NEXT_PUBLIC_SUPABASE_URL: projectUrl,
  SUPABASE_SERVICE_ROLE_KEY: serviceKey,
  OPERATIONS_DATABASE_URL: notificationsUrl,
}: Configuration) {
  if (url) return { url };
  return projectUrl && serviceKey
    ? { project: { url: projectUrl, serviceKey }, notificationsUrl }
    : undefined;
}

/**
 * What `openSecrets` needs: the chosen key provider, and every other one whose variables are set, so that it decrypts what is under its keys.
 *
 * @throws StartError `configuration_invalid` naming the variables that are missing
 */
export function secretSettings(configuration: Configuration) {
  const {
    KEY_PROVIDER: keyProvider,
    NEXT_ENCRYPTION_KEY: next,
    PREVIOUS_ENCRYPTION_KEYS: previous,
  } = configuration;
  const required = <Name extends keyof Configuration>(...names: Name[]): Record<Name, string> => {
    const missing = names.filter((name) => typeof configuration[name] !== 'string');
    if (missing.length > 0) {
      throw new StartError('configuration_invalid', `The environment lacks ${missing.join(', ')}.`, {
        hint: `KEY_PROVIDER is ${keyProvider}; see .env.example for what each provider needs.`,
      });
    }
    return configuration as Record<Name, string>;
  };
  const isUsed = (kind: typeof keyProvider, name: keyof Configuration) =>
    keyProvider === kind || configuration[name] !== undefined;
  return {
    encryptionKey: required('ENCRYPTION_KEY').ENCRYPTION_KEY,
    otherEncryptionKeys: [...(next ? [next] : []), ...(previous ?? [])],
    keyProvider,
    ...(isUsed('aws-kms', 'AWS_KMS_KEY_ARN')
      ? { awsKms: { keyArn: required('AWS_KMS_KEY_ARN').AWS_KMS_KEY_ARN } }
      : {}),
    ...(isUsed('vault-transit', 'VAULT_TRANSIT_KEY')
      ? { vaultTransit: vaultSettings(configuration, required) }
      : {}),
    ...(isUsed('supabase-vault', 'SUPABASE_VAULT_SECRET')
      ? {
          supabaseVault: {
            databaseUrl: required('APPLICATION_DATABASE_URL').APPLICATION_DATABASE_URL,
            name: configuration.SUPABASE_VAULT_SECRET ?? 'marquee_encryption_key',
          },
        }
      : {}),
  };
}

type Required = <Name extends keyof Configuration>(...names: Name[]) => Record<Name, string>;

function vaultSettings(configuration: Configuration, required: Required) {
  const { VAULT_ADDR: address, VAULT_TRANSIT_KEY: key } = required('VAULT_ADDR', 'VAULT_TRANSIT_KEY');
  const { VAULT_NAMESPACE: namespace, VAULT_TRANSIT_MOUNT: mount } = configuration;
  return {
    address,
    key,
    ...(namespace && { namespace }),
    ...(mount && { mount }),
    signIn: vaultSignIn(configuration, required),
  };
}

function vaultSignIn(configuration: Configuration, required: Required) {
  const {
    VAULT_AUTH: method,
    VAULT_AUTH_MOUNT: mount,
    VAULT_KUBERNETES_TOKEN_FILE: tokenFile,
  } = configuration;
  switch (method) {
    case 'token':
      return { method, token: required('VAULT_TOKEN').VAULT_TOKEN };
    case 'approle': {
      const { VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId } = required(
        'VAULT_ROLE_ID',
        'VAULT_SECRET_ID',
      );
      return { method, roleId, secretId, ...(mount && { mount }) };
    }
    case 'kubernetes': {
      const { VAULT_KUBERNETES_ROLE: role } = required('VAULT_KUBERNETES_ROLE');
      return { method, role, ...(tokenFile && { tokenFile }), ...(mount && { mount }) };
    }
  }
}
