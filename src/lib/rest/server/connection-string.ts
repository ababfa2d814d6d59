// What libpq accepts as connection string, for `pg`.
import type pg from 'pg';
import { RestError } from '../errors';

const KEYWORDS: Record<string, 'host' | 'port' | 'user' | 'password' | 'database' | undefined> = {
  host: 'host',
  hostaddr: 'host',
  port: 'port',
  user: 'user',
  password: 'password',
  dbname: 'database',
};

/**
 * A URI (`postgresql://…`) or keywords (`host=/run/postgresql dbname=app`); what neither names comes from libpq's
 * variables (`PGHOST` …), which `pg` reads itself.
 *
 * @throws RestError `connection_string_invalid`, which does not repeat the string
 */
export function connectionConfig(text: string, applicationName: string): pg.ClientConfig {
  const common = { application_name: applicationName, keepAlive: true };
  if (/^postgres(ql)?:\/\/$/.test(text)) return common;
  if (/^postgres(ql)?:\/\//.test(text)) return { ...common, connectionString: uriWithHost(text) };
  const config: pg.ClientConfig = { ...common };
  const pattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))\s*/gy;
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    end = pattern.lastIndex;
    const value = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1');
    const name = KEYWORDS[match[1] ?? ''];
    if (name === 'port') config.port = Number(value);
    else if (name) config[name] = value;
    else if (match[1] === 'sslmode') config.ssl = sslOf(value);
    if (end === text.length) return config;
  }
  throw new RestError('connection_string_invalid', 'The database’s connection string cannot be read.', {
    hint: 'Write postgresql://user:password@host:5432/database or host=… dbname=….',
  });
}

function sslOf(mode: string): boolean | { rejectUnauthorized: boolean } {
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return false;
  return { rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full' };
}

/** A URI without host means the local socket to libpq; `URL` refuses it when it names a user or a port. */
function uriWithHost(text: string): string {
  return text.replace(/^(postgres(?:ql)?:\/\/[^/?@]*@)(?=[/?]|$)/, '$1localhost');
}
