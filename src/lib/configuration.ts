import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { MarqueeError } from './errors';

const optionalText = z.string().min(1).optional();
const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://')
  .optional();

const Environment = z.object({
  NEXT_PUBLIC_SUPABASE_URL: optionalText,
  NEXT_PUBLIC_SUPABASE_ANON_KEY: optionalText,
  SUPABASE_SERVICE_ROLE_KEY: optionalText,
  DEFAULT_TENANT_DATA_URL: optionalText,
  DEFAULT_TENANT_DATA_ANON_KEY: optionalText,
  DEFAULT_TENANT_DATA_SERVICE_KEY: optionalText,
  ENCRYPTION_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 32 bytes as 64 hexadecimal digits (openssl rand -hex 32)')
    .optional(),
  APPLICATION_DATABASE_URL: postgresUrl,
  OPERATIONS_DATABASE_URL: postgresUrl,
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: optionalText,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  SMTP_URL: optionalText,
  PUBLIC_URL: optionalText,
});

export type Configuration = z.infer<typeof Environment>;

/** Where `npm start` keeps embedded databases, the key and the environment of the running instance. */
export function stateDirectory(): string {
  return path.resolve(process.env.MARQUEE_STATE_DIRECTORY ?? '.marquee');
}

/**
 * Reads and validates the configuration: the process environment first, then what `npm start` wrote to
 * `.marquee/environment`, so that any script of the checkout reaches the running instance.
 *
 * @throws MarqueeError `configuration_invalid` naming each variable, never its value
 */
export function readConfiguration(environment: NodeJS.ProcessEnv = process.env): Configuration {
  const file = path.join(stateDirectory(), 'environment');
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const given = Object.fromEntries(
    Object.entries({ ...kept, ...environment }).filter(([, value]) => value !== ''),
  );
  const result = Environment.safeParse(given);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new MarqueeError('configuration_invalid', `The environment is not valid: ${problems.join('; ')}`, {
    hint: 'See .env.example for every variable and its form.',
  });
}
