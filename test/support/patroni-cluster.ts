// A Patroni cluster of three with etcd, as Debian packages them: PostgreSQL servers that elect their primary themselves. All that
// a node says and hears goes over proxies, so that it can be cut off as by a network.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BINARIES = '/usr/lib/postgresql/15/bin';
const PATRONI = '/usr/bin/patroni';
const ETCD = '/usr/bin/etcd';

/** Why no cluster can be made on this machine; undefined where one can. */
export const NO_PATRONI =
  [PATRONI, ETCD, `${BINARIES}/postgres`].find((file) => !existsSync(file)) &&
  'patroni, etcd-server and postgresql-15 are not installed';

export interface PatroniCluster {
  readonly nodes: readonly PatroniNode[];
  /** Addresses of all nodes as a URL has them. */
  readonly hosts: string;
  /** Addresses of the nodes’ REST APIs. */
  readonly apis: string;
  /** A superuser's URL of all nodes. */
  url(database?: string): string;
  /** The node that Patroni says is the leader. */
  leader(): Promise<PatroniNode>;
  /** Resolves when there is a leader and every node follows it, `synchronous` where one does so synchronously. */
  settled(timeoutMs?: number): Promise<void>;
  switchover(): Promise<void>;
  stop(): Promise<void>;
}

export class PatroniNode {
  #patroni: ChildProcess | undefined;
  #stopped: number[] = [];

  constructor(
    readonly name: string,
    readonly directory: string,
    readonly postgres: Way,
    readonly api: Way,
    readonly etcd: Way,
  ) {}

  get host(): string {
    return `127.0.0.1:${this.postgres.port}`;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.api.port}`;
  }

  start(): void {
    const log = path.join(this.directory, '..', `${this.name}.log`);
    this.#patroni = unprivileged(PATRONI, [path.join(this.directory, '..', `${this.name}.json`)], log);
  }

  /** `kill -9` of every process of the server; its Patroni goes on. */
  async killPostgres(): Promise<void> {
    for (const pid of [await this.#postmaster(), ...(await this.#children())]) signal(pid, 'SIGKILL');
  }

  /** Server and Patroni stand still, as on a machine that hangs. */
  async freeze(): Promise<void> {
    const pids = [this.#patroni?.pid ?? 0, await this.#postmaster(), ...(await this.#children())];
    this.#stopped = pids;
    for (const pid of pids) signal(pid, 'SIGSTOP');
  }

  /** After a moment that was shorter than the leader's time to live. */
  thaw(): void {
    for (const pid of this.#stopped.splice(0).reverse()) signal(pid, 'SIGCONT');
  }

  /** After another node has become the leader: the server goes on, and Patroni begins anew. */
  async wake(): Promise<void> {
    await this.killPatroni();
    this.thaw();
    this.start();
  }

  /**
   * The server goes on as if it were the primary.
   *
   * Patroni is killed rather than suspended. Version 3 that was suspended between reading the leader's key and renewing it
   * takes the key from the new leader when it goes on, and the cluster then has no primary until a person mends it.
   */
  async killPatroni(): Promise<void> {
    const patroni = this.#patroni;
    if (!patroni || patroni.exitCode !== null || patroni.signalCode !== null) return;
    const gone = once(patroni, 'exit');
    signal(patroni.pid ?? 0, 'SIGKILL');
    await gone;
    this.#stopped = this.#stopped.filter((pid) => pid !== patroni.pid);
  }

  /** Nothing goes in or out any more; nothing is closed or refused. @param clients whether clients are cut off too */
  partition(clients = true): void {
    this.etcd.cut();
    this.api.cut();
    if (clients) this.postgres.cut();
  }

  heal(): void {
    for (const way of [this.etcd, this.api, this.postgres]) way.heal();
  }

  async stop(): Promise<void> {
    await this.killPatroni();
    this.thaw();
    this.heal();
    const pids = [await this.#postmaster(), ...(await this.#children())];
    for (const pid of pids) signal(pid, 'SIGKILL');
    for (const way of [this.etcd, this.api, this.postgres]) way.close();
  }

  async #postmaster(): Promise<number> {
    const text = await readFile(path.join(this.directory, 'postmaster.pid'), 'utf8').catch(() => '');
    return Number(text.split('\n')[0]);
  }

  async #children(): Promise<number[]> {
    const pid = await this.#postmaster();
    if (!pid) return [];
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
    return text.split(' ').filter(Boolean).map(Number);
  }
}

/** @returns a cluster that has settled. The caller stops it */
export async function startPatroniCluster(): Promise<PatroniCluster> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-patroni-'));
  await chmod(directory, 0o777);
  const etcdPort = await freePort();
  const etcd = unprivileged(
    ETCD,
    [
      ...['--name', 'e', '--data-dir', path.join(directory, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', `http://127.0.0.1:${etcdPort}`],
      ...['--advertise-client-urls', `http://127.0.0.1:${etcdPort}`],
      ...['--listen-peer-urls', `http://127.0.0.1:${await freePort()}`],
      ...['--heartbeat-interval', '50', '--election-timeout', '500'],
    ],
    path.join(directory, 'etcd.log'),
  );
  const nodes: PatroniNode[] = [];
  for (const name of ['n1', 'n2', 'n3']) nodes.push(await configure(directory, name, etcdPort));
  for (const node of nodes) node.start();
  const cluster: PatroniCluster = {
    nodes,
    hosts: nodes.map(({ host }) => host).join(','),
    apis: nodes.map(({ apiUrl }) => apiUrl).join(','),
    url: (database = 'postgres') =>
      `postgresql://postgres:secret@${nodes.map(({ host }) => host).join(',')}/${database}`,
    async leader() {
      const leader = (await members(nodes)).find(({ role }) => role === 'leader');
      const node = nodes.find(({ name }) => name === leader?.name);
      if (!node) throw new Error('The cluster has no leader.');
      return node;
    },
    async settled(timeoutMs = 60_000) {
      const until = performance.now() + timeoutMs;
      for (;;) {
        const found = await members(nodes);
        const timelines = new Set(found.map(({ timeline }) => timeline));
        const roles = found.map(({ role }) => role).sort();
        const isRunning = found.every(({ state }) => state === 'running' || state === 'streaming');
        if (roles.join() === 'leader,replica,sync_standby' && isRunning && timelines.size === 1) return;
        if (performance.now() > until) {
          throw new Error(`The cluster has not settled: ${JSON.stringify(found)}; see ${directory}`);
        }
        await sleep(100);
      }
    },
    async switchover() {
      const found = await members(nodes);
      const [leader, candidate] = ['leader', 'sync_standby'].map(
        (role) => found.find((member) => member.role === role)?.name,
      );
      const { apiUrl } = await cluster.leader();
      const answer = await fetch(`${apiUrl}/switchover`, {
        method: 'POST',
        body: JSON.stringify({ leader, candidate }),
        signal: AbortSignal.timeout(30_000),
      });
      if (!answer.ok) throw new Error(`Patroni refused the switchover: ${await answer.text()}`);
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      signal(etcd.pid ?? 0, 'SIGKILL');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await cluster.settled();
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}

interface Member {
  name: string;
  role: string;
  state: string;
  timeline?: number;
}

/** As the first node that answers sees them. */
async function members(nodes: readonly PatroniNode[]): Promise<Member[]> {
  for (const { apiUrl } of nodes) {
    try {
      const answer = await fetch(`${apiUrl}/cluster`, { signal: AbortSignal.timeout(500) });
      return ((await answer.json()) as { members: Member[] }).members;
    } catch {
      // Another one may answer.
    }
  }
  return [];
}

async function configure(directory: string, name: string, etcdPort: number): Promise<PatroniNode> {
  const data = path.join(directory, name);
  const [port, apiPort] = [await freePort(), await freePort()];
  const node = new PatroniNode(
    name,
    data,
    await openWay(port),
    await openWay(apiPort),
    await openWay(etcdPort),
  );
  const user = (username: string) => ({ username, password: 'secret' });
  const settings = {
    scope: 'marquee',
    name,
    restapi: { listen: `127.0.0.1:${apiPort}`, connect_address: `127.0.0.1:${node.api.port}` },
    // Otherwise it would find etcd’s own address, past the proxy.
    etcd3: { host: `127.0.0.1:${node.etcd.port}`, use_proxies: true },
    bootstrap: {
      dcs: {
        // Long enough that a busy machine does not fail over by itself.
        ttl: 12,
        loop_wait: 1,
        retry_timeout: 5,
        maximum_lag_on_failover: 1_048_576,
        synchronous_mode: true,
        primary_start_timeout: 0,
        master_start_timeout: 0,
        postgresql: {
          use_pg_rewind: true,
          parameters: {
            max_connections: 200,
            shared_buffers: '64MB',
            wal_log_hints: 'on',
            fsync: 'off',
            wal_keep_size: '256MB',
            max_wal_senders: 20,
            max_replication_slots: 20,
            wal_level: 'logical',
          },
        },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${node.postgres.port}`,
      data_dir: data,
      bin_dir: BINARIES,
      pgpass: path.join(directory, `${name}.pgpass`),
      authentication: {
        superuser: user('postgres'),
        replication: user('replicator'),
        rewind: user('rewinder'),
      },
      pg_hba: [
        'local all all trust',
        'host all all 127.0.0.1/32 scram-sha-256',
        'host replication all 127.0.0.1/32 scram-sha-256',
      ],
      parameters: { unix_socket_directories: directory },
    },
  };
  // YAML is a superset of JSON.
  await writeFile(path.join(directory, `${name}.json`), JSON.stringify(settings), { mode: 0o644 });
  return node;
}

/** A way to a port of this machine that can be cut. */
interface Way {
  readonly port: number;
  cut(): void;
  heal(): void;
  close(): void;
}

async function openWay(to: number): Promise<Way> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const carry = (from: Socket, onto: Socket) => {
    sockets.add(from);
    from.setNoDelay(true);
    if (isCut) from.pause();
    from.on('data', (chunk) => (isCut ? from.pause() : onto.write(chunk)));
    from.on('error', () => onto.destroy());
    // A network that is cut carries no end of a connection either.
    from.on('close', () => {
      sockets.delete(from);
      if (!isCut) onto.destroy();
    });
  };
  const server: Server = createServer((socket) => {
    if (isCut) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.pause();
      return;
    }
    const onward = connect({ host: '127.0.0.1', port: to });
    carry(socket, onward);
    carry(onward, socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
    },
    heal() {
      if (!isCut) return;
      isCut = false;
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged(program: string, args: string[], log: string): ChildProcess {
  const command = `exec "$0" "$@" >>'${log}' 2>&1`;
  const [file, first] =
    userInfo().uid === 0
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--init-groups', 'sh']]
      : ['sh', []];
  return spawn(file as string, [...(first as string[]), '-c', command, program, ...args], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: '/tmp' },
    cwd: '/tmp',
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  if (!pid) return;
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
