// The configuration as the console shows it: never a secret, and where each variable is set.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { type Configuration, stateDirectory, VARIABLES } from '@/lib/configuration';
import type { ShownSetting } from '@/server/operator';

const SECRET = /KEY|SECRET|TOKEN$|PASSWORD|ROLE_ID|BUCKETS?$/;
/** Names of keys rather than keys. */
const PUBLIC = ['AWS_KMS_KEY_ARN', 'KEY_PROVIDER', 'VAULT_TRANSIT_KEY', 'VAULT_KUBERNETES_TOKEN_FILE'];

/**
 * What holds in this process.
 *
 * @param configuration what was read of the environment
 * @param effective what holds instead of it: options of the command, and defaults that depend on others
 * @param environment of this process
 */
export function shownSettings(
  configuration: Configuration,
  effective: Partial<Configuration> = {},
  environment: NodeJS.ProcessEnv = process.env,
): ShownSetting[] {
  const file = path.join(stateDirectory(), 'environment');
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  return VARIABLES.map((name) => {
    const key = name as keyof Configuration;
    const value = effective[key] ?? configuration[key];
    const isSecret = SECRET.test(name) && !PUBLIC.includes(name);
    const isGiven = Boolean(environment[name] || kept[name]);
    // What `npm start` keeps, it also gives its own process.
    const differs = effective[key] !== undefined && effective[key] !== configuration[key];
    const from =
      differs && configuration[key] !== undefined
        ? ('command_line' as const)
        : !isGiven
          ? ('default' as const)
          : kept[name] && (!environment[name] || environment[name] === kept[name])
            ? ('start' as const)
            : ('environment' as const);
    if (value === undefined) return { name, value: null, isSecret, from: 'unset' };
    return { name, value: isSecret ? null : shown(value), isSecret, from };
  });
}

/** Text of a value; a URL without credentials, and of a webhook only its origin: its path may be one. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(shown).join('\n');
  if (typeof value === 'object' && value !== null) {
    const parts = Object.entries(value).filter(([, part]) => part !== undefined);
    return parts.map(([name, part]) => `${name}: ${shown(part)}`).join('\n');
  }
  if (typeof value !== 'string') return String(value);
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? URL.parse(value) : null;
  if (!url) return /^[a-z][a-z0-9+.-]*:\/\/.*@/i.test(value) ? '…' : value;
  url.username = '';
  url.password = '';
  url.search = '';
  return /^https?:$/.test(url.protocol) && url.pathname !== '/' ? `${url.origin}/…` : url.toString();
}
