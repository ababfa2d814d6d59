// Debian's PgBouncer, which CI installs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { connect } from '@/lib/data-sources/pool/connect';
import { freePort } from '@/lib/embedded';
import { until } from '../../../support/until';

export const BINARY = '/usr/sbin/pgbouncer';
/** Why tests with it are skipped. */
export const reason = existsSync(BINARY) ? false : 'pgbouncer is not installed (apt-get install pgbouncer)';

/**
 * PgBouncer in front of a database's server, ended after the test file.
 *
 * @param others URLs of other logins to let in
 * @returns the router's URL through it
 */
export async function startPooler(
  routerUrl: string,
  mode = 'transaction',
  more = '',
  others: string[] = [],
): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-pgbouncer-'));
  after(() => rm(directory, { recursive: true, force: true }));
  await chmod(directory, 0o755);
  const { hostname, port } = new URL(routerUrl);
  const listening = await freePort();
  const users = path.join(directory, 'users.txt');
  const configuration = path.join(directory, 'pgbouncer.ini');
  const logins = [routerUrl, ...others].map((one) => new URL(one));
  await writeFile(users, logins.map(({ username, password }) => `"${username}" "${password}"\n`).join(''));
  await writeFile(
    configuration,
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listening}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = ${mode === 'session' ? 4 : 2}
${more}
`,
  );
  const asUser = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const pooler = spawn(BINARY, [configuration], { stdio: 'ignore', ...asUser });
  after(() => pooler.kill('SIGKILL'));
  const url = new URL(routerUrl);
  url.port = String(listening);
  const open = () => connect({ url: url.toString(), name: 'pooler', timeoutMs: 10_000 });
  const client = await until(open, 'PgBouncer to start', { retry: true });
  await client.end();
  return url.toString();
}
