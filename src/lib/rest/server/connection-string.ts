// What libpq accepts as connection string, for `pg`.
import type pg from 'pg';
import { formatPostgresUrl, type PostgresHost } from '@/lib/postgres';
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
 * variables (`PGHOST` …), which `pg` reads itself. Either may name several hosts, of which one is the primary.
 *
 * @throws RestError `connection_string_invalid`, which does not repeat the string
 */
export function connectionConfig(text: string, applicationName: string): pg.ClientConfig {
  const common = { application_name: applicationName, keepAlive: true };
  if (/^postgres(ql)?:\/\/$/.test(text)) return common;
  if (/^postgres(ql)?:\/\//.test(text)) return { ...common, connectionString: uriWithHost(text) };
  const config: pg.ClientConfig = { ...common };
  let [ports, sslmode] = ['', ''];
  const pattern = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))\s*/gy;
  let end = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    end = pattern.lastIndex;
    const value = (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1');
    const name = KEYWORDS[match[1] ?? ''];
    if (name === 'port') ports = value;
    else if (name) config[name] = value;
    else if (match[1] === 'sslmode') sslmode = value;
    if (end < text.length) continue;
    const hosts = severalHosts(config.host, ports);
    if (hosts) return { ...common, connectionString: urlOf(config, hosts, sslmode) };
    if (ports) config.port = Number(ports);
    return sslmode ? { ...config, ssl: sslOf(sslmode) } : config;
  }
  throw new RestError('connection_string_invalid', 'The database’s connection string cannot be read.', {
    hint: 'Write postgresql://user:password@host:5432/database or host=… dbname=….',
  });
}

/** As many ports as hosts, or one for all. */
function severalHosts(host: string | undefined, ports: string): PostgresHost[] | undefined {
  const hosts = host?.split(',') ?? [];
  if (hosts.length < 2) return undefined;
  const each = ports.split(',');
  return hosts.map((one, place) => ({
    host: one || 'localhost',
    port: Number((each.length === 1 ? each[0] : each[place]) || 5432),
  }));
}

function urlOf(
  { user = '', password, database = '' }: pg.ClientConfig,
  hosts: PostgresHost[],
  sslmode: string,
): string {
  const parameters = new URLSearchParams(sslmode ? { sslmode } : {});
  return formatPostgresUrl({ ...{ user, password: String(password ?? ''), database }, hosts, parameters });
}

function sslOf(mode: string): boolean | { rejectUnauthorized: boolean } {
  if (mode === 'disable' || mode === 'allow' || mode === 'prefer') return false;
  return { rejectUnauthorized: mode === 'verify-ca' || mode === 'verify-full' };
}

/** A URI without host means the local socket to libpq; `URL` refuses it when it names a user or a port. */
function uriWithHost(text: string): string {
  return text.replace(/^(postgres(?:ql)?:\/\/[^/?@]*@)(?=[/?]|$)/, '$1localhost');
}
