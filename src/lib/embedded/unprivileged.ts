// PostgreSQL refuses to run as root, and initdb refuses a user without a name. So both may run as another user than this process. That user
// must be able to reach the programs and the data directory, and cannot below /root, whose mode is 0700.
import { execFile, spawnSync } from 'node:child_process';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError } from './errors';

/** `nobody` on Debian, Alpine and Fedora. */
const UNPRIVILEGED = { uid: 65534, gid: 65534 };

export interface Identity {
  uid: number;
  gid: number;
}

/** The user that PostgreSQL runs as and its files must belong to; undefined if this process is not root, so that PostgreSQL runs as the same user. */
export function unprivilegedUser(): Identity | undefined {
  return process.getuid?.() === 0 ? UNPRIVILEGED : undefined;
}

/** `initdb` and `postgres` in one directory. */
export interface Programs {
  initdb: string;
  postgres: string;
}

const runnable = new Map<string, Promise<Programs>>();

/**
 * Finds PostgreSQL's programs where `user` can run them: in their own place, or else in a copy that is made once and kept. A capability to
 * pass through directories would not help: initdb looks for postgres by `access(2)`, which ignores the capabilities of users other than
 * root.
 *
 * @throws EmbeddedError `embedded_unreachable`
 */
export function runnableBy(user: Identity, programs: Programs): Promise<Programs> {
  const known = runnable.get(programs.postgres) ?? findRunnable(user, programs);
  runnable.set(programs.postgres, known);
  known.catch(() => runnable.delete(programs.postgres));
  return known;
}

async function findRunnable(user: Identity, programs: Programs): Promise<Programs> {
  const reason = await whyNot(user, programs.postgres);
  if (reason === undefined) return programs;
  const installation = path.resolve(path.dirname(programs.postgres), '..');
  const { version } = JSON.parse(await readFile(path.resolve(installation, '..', 'package.json'), 'utf8'));
  for (const parent of new Set(['/var/cache', tmpdir(), '/tmp', '/dev/shm'])) {
    const copy = path.join(parent, 'marquee', `postgresql-${version}-${process.arch}`);
    const [postgres = '', initdb = ''] = [programs.postgres, programs.initdb].map((program) =>
      path.join(copy, 'bin', path.basename(program)),
    );
    const usable = async () => (await isOurs(copy)) && (await whyNot(user, postgres)) === undefined;
    if (await usable()) return { postgres, initdb };
    if ((await copyFor(installation, copy).catch(() => false)) && (await usable()))
      return { postgres, initdb };
  }
  throw new EmbeddedError(
    'embedded_unreachable',
    `PostgreSQL does not run as root, and as user ${user.uid} its programs cannot be run: ${reason}`,
    {
      hint: 'Make /var/cache a directory that root may write and every user may enter, or run Marquee as another user.',
    },
  );
}

/** The reason why a program of PostgreSQL does not run as a user; undefined if it does. */
async function whyNot(user: Identity, program: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(program, ['--version'], { ...user, cwd: '/' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether only root can write to a directory and its parent: below /tmp any user could have created them. */
async function isOurs(directory: string): Promise<boolean> {
  const both = [path.dirname(directory), directory].map((one) => lstat(one).catch(() => undefined));
  return (await Promise.all(both)).every(
    (one) => one?.isDirectory() && one.uid === 0 && (one.mode & 0o022) === 0,
  );
}

/** Copies an installation so that every user can read it. If two processes do so at once, the later one drops its copy. */
async function copyFor(installation: string, copy: string): Promise<boolean> {
  const parent = path.dirname(copy);
  await mkdir(parent, { recursive: true });
  if ((await lstat(parent)).uid !== 0) return false;
  await chmod(parent, 0o755);
  const pending = `${copy}.${process.pid}`;
  try {
    await cp(installation, pending, { recursive: true, verbatimSymlinks: true });
    await chmod(pending, 0o755);
    for (const entry of await readdir(pending, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue;
      const file = path.join(entry.parentPath, entry.name);
      await chmod(file, entry.isDirectory() || (await lstat(file)).mode & 0o100 ? 0o755 : 0o644);
    }
    await rename(pending, copy).catch(() => {});
  } finally {
    await rm(pending, { recursive: true, force: true });
  }
  return true;
}

/**
 * If this process's user has no name (as in `docker run --user 12345`), wraps the command so that it runs in a user namespace where the user
 * has one. The files that it writes still belong to this process's user. Only initdb requires a name.
 *
 * @throws EmbeddedError `embedded_user_unnamed`
 */
export async function withName(command: string, args: string[]): Promise<[command: string, args: string[]]> {
  if (unprivilegedUser() || hasName()) return [command, args];
  const named = await anyNamedUser();
  const map = [`--map-user=${named?.uid}`, `--map-group=${named?.gid}`];
  if (named && spawnSync('unshare', ['--user', ...map, 'true'], { stdio: 'ignore' }).status === 0)
    return ['unshare', ['--user', ...map, command, ...args]];
  throw new EmbeddedError(
    'embedded_user_unnamed',
    `PostgreSQL’s initdb refuses to run as user ${process.getuid?.()}, which has no name in /etc/passwd.`,
    {
      hint: 'Give it one (a line in /etc/passwd), run as a user that has one, or as root; or set APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL and DEFAULT_TENANT_DATA_URL to use your own databases.',
    },
  );
}

function hasName(): boolean {
  try {
    return Boolean(userInfo().username);
  } catch {
    return false;
  }
}

async function anyNamedUser(): Promise<Identity | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  const users = lines.map((line) => line.split(':').slice(2, 4).map(Number));
  const [uid, gid] = users.find(([id]) => id) ?? [];
  return uid && gid !== undefined ? { uid, gid } : undefined;
}
