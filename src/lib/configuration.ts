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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const webUrl = z.url({ protocol: /^https?$/, error: 'must begin with https://' });

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
  OPERATIONS_DATABASE_URL: postgresUrl,
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: optionalText,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SMTP_URL: optionalText,
  MAIL_FROM: z.email().default('mail@marquee.invalid'),
  MAIL_BOUNCE_DOMAIN: z.hostname().optional(),
  MAIL_REPORT_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64')
    .optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((proxy) => proxy.trim()))
    .default([]),
  ALLOWED_REDIRECTS: z
    .string()
    .transform((text) => text.split(',').map((address) => address.trim()))
    .pipe(z.array(z.url('must be addresses, separated by commas')))
    .default([]),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  TEST_PAYMENTS: z.enum(['on', 'off']).optional(),
  FILES_BUCKET_URL: z.url().optional(),
  FILES_REGION: optionalText,
  FILES_ACCESS_KEY_ID: optionalText,
  FILES_SECRET_ACCESS_KEY: optionalText,
  FILES_BUCKETS: z.string().transform(parseJson).pipe(z.array(bucket)).optional(),
  GOOGLE_CLIENT_ID: optionalText,
  GOOGLE_CLIENT_SECRET: optionalText,
  QUICKBOOKS_CLIENT_ID: optionalText,
  QUICKBOOKS_CLIENT_SECRET: optionalText,
  PREVIOUS_ENCRYPTION_KEYS: z
    .string()
    .transform((text) => text.split(',').map((key) => key.trim()))
    .pipe(z.array(encryptionKey))
    .optional(),
  KEY_PROVIDER: z.enum(['local', 'aws-kms', 'vault-transit', 'supabase-vault']).default('local'),
  AWS_KMS_KEY_ARN: optionalText,
  AWS_REGION: optionalText,
  AWS_ACCESS_KEY_ID: optionalText,
  AWS_SECRET_ACCESS_KEY: optionalText,
  AWS_SESSION_TOKEN: optionalText,
  VAULT_ADDR: optionalText,
  VAULT_TOKEN: optionalText,
  VAULT_NAMESPACE: optionalText,
  VAULT_TRANSIT_KEY: optionalText,
  VAULT_TRANSIT_MOUNT: optionalText,
  SUPABASE_VAULT_SECRET: z.string().min(1).default('marquee_encryption_key'),
});

export type Configuration = z.infer<typeof Environment>;

/** Every variable that is read, for `.env.example` to be complete. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

/** Variables of our own that are no part of the configuration; the tests have some beside them. */
const OTHERS = ['MARQUEE_STATE_DIRECTORY', 'MARQUEE_CHECKOUT', 'MARQUEE_DEBUG', 'MARQUEE_URL'];
const OF_TESTS = /^MARQUEE_(TEST|E2E)_/;

/** What to say of each variable that begins with MARQUEE_ and that nothing reads, with the name that may be meant. */
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
  if (result.success && problems.length === 0) return result.data;
  throw new StartError('configuration_invalid', `The environment is not valid: ${problems.join('; ')}`, {
    hint: 'See .env.example for every variable and its form.',
  });
}

/**
 * What `openSecrets` needs, from the variables of the chosen key provider.
 *
 * @throws StartError `configuration_invalid` naming the variables that are missing
 */
export function secretSettings(configuration: Configuration) {
  const required = <Name extends keyof Configuration>(...names: Name[]): Record<Name, string> => {
    const missing = names.filter((name) => typeof configuration[name] !== 'string');
    if (missing.length > 0) {
      throw new StartError('configuration_invalid', `The environment lacks ${missing.join(', ')}.`, {
        hint: `KEY_PROVIDER is ${configuration.KEY_PROVIDER}; see .env.example for what it needs.`,
      });
    }
    return configuration as Record<Name, string>;
  };
  const base = {
    encryptionKey: required('ENCRYPTION_KEY').ENCRYPTION_KEY,
    previousEncryptionKeys: configuration.PREVIOUS_ENCRYPTION_KEYS ?? [],
  };
  switch (configuration.KEY_PROVIDER) {
    case 'local':
      return { ...base, keyProvider: { kind: 'local' as const } };
    case 'aws-kms': {
      const given = required('AWS_KMS_KEY_ARN', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY');
      const { AWS_SESSION_TOKEN: sessionToken } = configuration;
      return {
        ...base,
        keyProvider: {
          kind: 'aws-kms' as const,
          keyArn: given.AWS_KMS_KEY_ARN,
          region: given.AWS_REGION,
          accessKeyId: given.AWS_ACCESS_KEY_ID,
          secretAccessKey: given.AWS_SECRET_ACCESS_KEY,
          ...(sessionToken && { sessionToken }),
        },
      };
    }
    case 'vault-transit': {
      const given = required('VAULT_ADDR', 'VAULT_TOKEN', 'VAULT_TRANSIT_KEY');
      const { VAULT_NAMESPACE: namespace, VAULT_TRANSIT_MOUNT: mount } = configuration;
      return {
        ...base,
        keyProvider: {
          kind: 'vault-transit' as const,
          address: given.VAULT_ADDR,
          token: given.VAULT_TOKEN,
          key: given.VAULT_TRANSIT_KEY,
          ...(namespace && { namespace }),
          ...(mount && { mount }),
        },
      };
    }
    case 'supabase-vault': {
      const databaseUrl = required('APPLICATION_DATABASE_URL').APPLICATION_DATABASE_URL;
      const name = configuration.SUPABASE_VAULT_SECRET;
      return { ...base, keyProvider: { kind: 'supabase-vault' as const, databaseUrl, name } };
    }
  }
}
