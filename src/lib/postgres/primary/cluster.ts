// The servers of one URL with several hosts: which of them is the primary now, and which standby can answer reads meanwhile. Marquee
// follows a failover that others make (Patroni, pg_auto_failover, a managed service); it promotes nothing.
import type pg from 'pg';
import { classify, connectionLost } from '@/lib/failures';
import { nameOfServer, type PostgresHost, parsePostgresUrl, urlAt } from '../address/postgres-url';
import { tenantDataConfig } from '../client';
import { PostgresError } from '../errors';
import { HostWatch } from './host-watch';
import {
  conditions,
  describe,
  type HostCondition,
  isOf,
  isSamePrimary,
  judge,
  type Known,
  mayWrite,
  type Observed,
  type Primary,
  rolesOf,
} from './judge';
import { readServerState } from './server-state';

/** Between two questions to a host: while a primary is known, and while there is none. */
const PAUSE_MS = { known: 500, none: 100 };
/** A cluster that nothing has asked for so long is watched no further, ms. */
const IDLE_MS = 60_000;

/** The latest timeline that a cluster was seen on. */
export interface SeenTimeline {
  timeline: number;
  /** The cluster's identifier; undefined where the login may not read it. */
  system: string | undefined;
}

/** Called when the primary is known, is another one, or is not known any more; and when another host takes or loses a part. */
export type PrimaryListener = (primary: Primary | undefined) => void;

export class Cluster {
  readonly #observed: Observed[];
  #known: Known = { timeline: 0, system: undefined };
  readonly #listeners = new Set<PrimaryListener>();
  #watches: HostWatch[] = [];
  #primary: Primary | undefined;
  /** What each host was when the listeners were called last. */
  #roles = '';
  #usedAt = 0;
  /** Connections that are open. */
  #ties = 0;
  #changed = Promise.withResolvers<void>();

  private constructor(
    hosts: readonly PostgresHost[],
    private readonly server: string,
    private readonly configAt: (host: PostgresHost) => pg.ClientConfig,
  ) {
    this.#observed = hosts.map((host) => ({ host, asked: false, state: undefined, error: undefined }));
  }

  static readonly #all = new Map<string, Cluster>();
  /** What other processes have seen, by server. */
  static readonly #seen = new Map<string, SeenTimeline>();

  /**
   * No server of this URL's cluster is written to that is on an earlier timeline than another process has seen, whichever login is used.
   * Where its servers say that they are another cluster, this is not held against them.
   */
  static expect(url: string, seen: SeenTimeline): void {
    const parsed = parsePostgresUrl(url);
    if (!parsed || parsed.hosts.length < 2) return;
    Cluster.#seen.set(nameOfServer(parsed), seen);
    for (const cluster of Cluster.#all.values()) cluster.#judge();
  }

  /**
   * The cluster of a URL with several hosts; undefined for a URL with one. Each login has its own: what a wrong password finds out
   * must not count for others.
   *
   * @param isTenantData TLS and addresses are as the URL says, see `tenantDataConfig`
   */
  static of(url: string, isTenantData: boolean): Cluster | undefined {
    const key = `${isTenantData} ${url}`;
    const known = Cluster.#all.get(key);
    if (known) return known;
    const parsed = parsePostgresUrl(url);
    if (!parsed || parsed.hosts.length < 2) return undefined;
    const configAt = (host: PostgresHost) =>
      isTenantData ? tenantDataConfig(parsed, host) : { connectionString: urlAt(url, host) };
    const cluster = new Cluster(parsed.hosts, nameOfServer(parsed), configAt);
    Cluster.#all.set(key, cluster);
    return cluster;
  }

  /** The primary, if it is known and answers. */
  get primary(): Primary | undefined {
    return this.#primary;
  }

  /** The greatest timeline seen. */
  get timeline(): number {
    return this.#known.timeline;
  }

  /** The cluster and the greatest timeline that it was seen on; undefined before that is known. */
  get seen(): SeenTimeline | undefined {
    const { timeline, system } = this.#known;
    return timeline > 0 ? { timeline, system } : undefined;
  }

  /** The standbys that answer, where there is no primary to read from. None while it is still being found out whether there is one. */
  get standbys(): PostgresHost[] {
    if (this.#primary || this.#observed.some(({ asked, doubted }) => !asked || doubted)) return [];
    return this.#observed
      .filter(({ state }) => state?.standby && isOf(this.#known.system, state))
      .map(({ host }) => host);
  }

  /** Whether a server may be there that reads can be sent to: no more can be said while hosts are still asked. */
  get mayBeRead(): boolean {
    return this.#observed.some(
      ({ asked, doubted, state }) =>
        !asked || doubted || (state && (state.standby || mayWrite(state, this.#known))),
    );
  }

  /** Each host and what is known of it, for the operator. */
  conditions(): HostCondition[] {
    return conditions(this.#observed, this.#known);
  }

  describe(): string {
    return describe(this.#observed, this.#known);
  }

  onChange(listener: PrimaryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Ties a connection to the server that it leads to: it is destroyed when another one becomes the primary, and when this one is known to
   * be replaced. One that does not answer for a moment may go on. The hosts are watched as long as such a connection is open.
   */
  tie(client: pg.Client, primary: Primary): void {
    this.#tieWhile(client, (now) => (now ? isSamePrimary(now, primary) : !this.#isReplaced(primary.host)));
  }

  /** Ties a connection to a standby: it is destroyed when that does not answer any more. Where it was promoted, what runs may end. */
  tieToStandby(client: pg.Client, host: PostgresHost): void {
    this.#tieWhile(client, () => this.isThere(host));
  }

  /** Whether a host answered when it was asked last. */
  isThere(host: PostgresHost): boolean {
    return this.#of(host)?.state !== undefined;
  }

  #tieWhile(client: pg.Client, holds: (primary: Primary | undefined) => boolean): void {
    this.#ties += 1;
    const leave = this.onChange((now) => {
      if (!holds(now))
        client.connection.stream.destroy(connectionLost('Another server has taken its place.'));
    });
    client.once('end', () => {
      this.#ties -= 1;
      leave();
    });
  }

  /**
   * The primary, once there is one.
   *
   * @throws PostgresError `primary_unknown` where there is none in time; what the servers said where all that answer refuse the login
   */
  async find(timeoutMs: number): Promise<Primary> {
    this.use();
    const until = performance.now() + timeoutMs;
    while (!this.#primary) {
      const refused = this.#refusedLogin();
      if (refused) throw refused;
      const left = until - performance.now();
      if (left <= 0) throw this.#unknown();
      await within(this.#changed.promise, Math.min(left, 100));
    }
    return this.#primary;
  }

  /** Watches the hosts from now on, until the cluster was not used for a minute. */
  use(): void {
    this.#usedAt = performance.now();
    if (this.#watches.length > 0) return;
    this.#watches = this.#observed.map(
      (observed) =>
        new HostWatch({
          host: observed.host,
          config: this.configAt,
          pauseMs: () => this.#pauseMs(),
          said: (state, error) => {
            Object.assign(observed, { asked: true, doubted: false, state, error });
            this.#judge();
          },
        }),
    );
  }

  /** A connection to a host failed: it is asked at once whether it is still there. */
  suspect(host: PostgresHost): void {
    const observed = this.#of(host);
    if (!observed) return;
    if (observed.state) {
      observed.state = undefined;
      observed.doubted = true;
      observed.error = connectionLost('A connection failed.');
      this.#judge();
    }
    this.#watches[this.#observed.indexOf(observed)]?.hurry();
  }

  #of(host: PostgresHost): Observed | undefined {
    return this.#observed.find((one) => one.host === host);
  }

  /** It answers, and is no primary any more. */
  #isReplaced(host: PostgresHost): boolean {
    const state = this.#of(host)?.state;
    return state !== undefined && !mayWrite(state, this.#known);
  }

  /**
   * Expects that a session that was just opened leads to a server that may be written to.
   *
   * @throws PostgresError `primary_unknown`
   */
  async expectPrimary(client: pg.ClientBase, { host }: Primary): Promise<void> {
    const state = await readServerState(client);
    if (mayWrite(state, this.#known)) return;
    this.suspect(host);
    throw this.#unknown();
  }

  #pauseMs(): number {
    if (performance.now() - this.#usedAt > IDLE_MS && this.#ties === 0) this.#rest();
    return this.#primary ? PAUSE_MS.known : PAUSE_MS.none;
  }

  /** Nothing uses the cluster: what is known of its hosts would grow old. Its timeline stays known, and those who hold the cluster use it again. */
  #rest(): void {
    for (const watch of this.#watches.splice(0)) void watch.close();
    for (const observed of this.#observed)
      Object.assign(observed, { asked: false, doubted: false, state: undefined, error: undefined });
    this.#primary = undefined;
  }

  #judge(): void {
    this.#learn();
    const { primary, known } = judge(this.#observed, this.#known, this.#primary);
    this.#known = known;
    const roles = rolesOf(this.#observed, known);
    if (primary === this.#primary && roles === this.#roles) return;
    this.#primary = primary;
    this.#roles = roles;
    const changed = this.#changed;
    this.#changed = Promise.withResolvers();
    for (const listener of [...this.#listeners]) listener(primary);
    changed.resolve();
  }

  /** What another process has seen of the same cluster. */
  #learn(): void {
    const seen = Cluster.#seen.get(this.server);
    if (!seen || seen.timeline <= this.#known.timeline) return;
    const isSame = this.#observed.some(({ state }) => state && isOf(seen.system, state));
    if (isSame) this.#known = { ...this.#known, timeline: seen.timeline };
  }

  /** A wrong password is no failover: waiting does not help. */
  #refusedLogin(): unknown {
    if (!this.#observed.every(({ asked, state }) => asked && !state)) return undefined;
    return this.#observed.find(({ error }) => classify(error).kind === 'sign-in-refused')?.error;
  }

  #unknown(): PostgresError {
    return new PostgresError('primary_unknown', `No host can be written to: ${this.describe()}.`);
  }
}

/**
 * Opens a connection at the primary of a tenant data database's URL; of a URL with one host, there. When another server becomes the primary the connection
 * is destroyed, and what runs on it fails like any statement whose connection was lost.
 *
 * @param timeoutMs for finding a primary and opening the connection
 * @param open is given the URL with the one host to connect to, and may be called again for another one
 * @throws PostgresError `primary_unknown`; what `open` throws where waiting for another primary does not help
 */
export async function openAtPrimary<Client extends pg.Client>(
  url: string,
  timeoutMs: number,
  open: (url: string) => Promise<Client>,
): Promise<Client> {
  const cluster = Cluster.of(url, true);
  if (!cluster) return open(url);
  const until = performance.now() + timeoutMs;
  for (;;) {
    const primary = await cluster.find(until - performance.now());
    try {
      return await openAt(cluster, primary, () => open(urlAt(url, primary.host)));
    } catch (error) {
      if (!isWorthAnother(error) || performance.now() >= until) throw error;
      cluster.suspect(primary.host);
    }
  }
}

/**
 * Opens a connection at a standby, which is destroyed when the standby does not answer any more. An attempt ends then, too.
 *
 * @throws what `open` throws
 */
export async function openAtStandby<Client extends pg.Client>(
  cluster: Cluster,
  host: PostgresHost,
  open: () => Promise<Client>,
): Promise<Client> {
  const client = await whileStanding(cluster, () => cluster.isThere(host), open());
  cluster.tieToStandby(client, host);
  return client;
}

/** An attempt is given up when the primary is lost meanwhile: a server that hangs would hold it until its time is over. */
async function openAt<Client extends pg.Client>(
  cluster: Cluster,
  primary: Primary,
  open: () => Promise<Client>,
): Promise<Client> {
  const opening = (async () => {
    const opened = await open();
    await cluster.expectPrimary(opened, primary).catch((error: unknown) => {
      opened.connection.stream.destroy();
      throw error;
    });
    return opened;
  })();
  const client = await whileStanding(cluster, () => isSamePrimary(cluster.primary, primary), opening);
  cluster.tie(client, primary);
  return client;
}

async function whileStanding<Client extends pg.Client>(
  cluster: Cluster,
  stands: () => boolean,
  opening: Promise<Client>,
): Promise<Client> {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  const leave = cluster.onChange(() => {
    if (!stands()) lost.reject(connectionLost('The server was lost.'));
  });
  try {
    return await Promise.race([opening, lost.promise]);
  } catch (error) {
    opening.then((late) => late.connection.stream.destroy()).catch(() => {});
    throw error;
  } finally {
    leave();
  }
}

/** Whether another attempt may find a primary: the server cannot be reached, or is no longer the primary. */
function isWorthAnother(error: unknown): boolean {
  const causes = [error, error instanceof Error ? error.cause : undefined];
  return causes.some((one) => classify(one).session === 'gone' || isPrimaryUnknown(one));
}

export function isPrimaryUnknown(error: unknown): boolean {
  return error instanceof PostgresError && error.code === 'primary_unknown';
}

async function within(promise: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
