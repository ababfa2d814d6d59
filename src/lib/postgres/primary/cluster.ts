// The servers of a URL with several hosts: which one is the primary now, and which standbys can answer reads while there is none. Marquee
// follows failovers that others perform (Patroni, pg_auto_failover, a managed service); it promotes no server itself.
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

/** Pause between two questions to a host, ms: while a primary is known, and while there is none. */
const PAUSE_MS = { known: 500, none: 100 };
/** A cluster that was not used for this long is no longer watched, ms. */
const IDLE_MS = 60_000;

/** The latest timeline that a cluster was seen on. */
export interface SeenTimeline {
  timeline: number;
  /** The cluster's identifier; undefined if the login may not read it. */
  system: string | undefined;
}

/** Called when the primary becomes known, changes or is lost, and when the role of any host changes. */
export type PrimaryListener = (primary: Primary | undefined) => void;

export class Cluster {
  readonly #observed: Observed[];
  #known: Known = { timeline: 0, system: undefined };
  readonly #listeners = new Set<PrimaryListener>();
  #watches: HostWatch[] = [];
  #primary: Primary | undefined;
  /** The roles of the hosts when the listeners were called last. */
  #roles = '';
  #usedAt = 0;
  /** Number of open connections. */
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
  /** The timelines that other processes have seen, by server. */
  static readonly #seen = new Map<string, SeenTimeline>();

  /**
   * From now on, no server of this URL's cluster is written to, by any login, if it is on an earlier timeline than another process has seen.
   * This does not apply if the servers belong to another cluster.
   */
  static expect(url: string, seen: SeenTimeline): void {
    const parsed = parsePostgresUrl(url);
    if (!parsed || parsed.hosts.length < 2) return;
    Cluster.#seen.set(nameOfServer(parsed), seen);
    for (const cluster of Cluster.#all.values()) cluster.#judge();
  }

  /**
   * The cluster of a URL with several hosts; undefined for a URL with one. Each login has an object of its own, since what is observed with
   * a wrong password must not affect other logins.
   *
   * @param isTenantData whether TLS and addresses are those of the URL alone, see `tenantDataConfig`
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

  /** The latest timeline seen. */
  get timeline(): number {
    return this.#known.timeline;
  }

  /** The cluster and the latest timeline that it was seen on; undefined until that is known. */
  get seen(): SeenTimeline | undefined {
    const { timeline, system } = this.#known;
    return timeline > 0 ? { timeline, system } : undefined;
  }

  /** The standbys that answer, if there is no primary. None until it is known whether there is a primary. */
  get standbys(): PostgresHost[] {
    if (this.#primary || this.#observed.some(({ asked, doubted }) => !asked || doubted)) return [];
    return this.#observed
      .filter(({ state }) => state?.standby && isOf(this.#known.system, state))
      .map(({ host }) => host);
  }

  /** Whether there is a server to read from. Also true as long as not every host was asked. */
  get mayBeRead(): boolean {
    return this.#observed.some(
      ({ asked, doubted, state }) =>
        !asked || doubted || (state && (state.standby || mayWrite(state, this.#known))),
    );
  }

  /** The condition of each host, for the operator. */
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
   * Ties a connection to its server. It is destroyed when another server becomes the primary, or when its server is known to be replaced. If
   * the server only pauses, the connection stays. The hosts are watched as long as such a connection is open.
   */
  tie(client: pg.Client, primary: Primary): void {
    this.#tieWhile(client, (now) => (now ? isSamePrimary(now, primary) : !this.#isReplaced(primary.host)));
  }

  /** Ties a connection to a standby. It is destroyed when the standby no longer answers. If the standby is promoted, running statements may finish. */
  tieToStandby(client: pg.Client, host: PostgresHost): void {
    this.#tieWhile(client, () => this.isThere(host));
  }

  /** Whether a host answered the last question. */
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
   * Waits for the primary.
   *
   * @throws PostgresError `primary_unknown` if there is none in time; the servers' error if all that answer refuse the login
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

  /** Watches the hosts, until the cluster was not used for a minute. */
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

  /** A connection to a host failed, so the host is asked immediately. */
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

  /** Whether the server answers and is no longer the primary. */
  #isReplaced(host: PostgresHost): boolean {
    const state = this.#of(host)?.state;
    return state !== undefined && !mayWrite(state, this.#known);
  }

  /**
   * Checks that a newly opened session leads to a server that may be written to.
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

  /** Stops watching an unused cluster and forgets the states of its hosts. Its timeline stays known. The next use watches again. */
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

  /** Adopts the timeline that another process has seen of the same cluster. */
  #learn(): void {
    const seen = Cluster.#seen.get(this.server);
    if (!seen || seen.timeline <= this.#known.timeline) return;
    const isSame = this.#observed.some(({ state }) => state && isOf(seen.system, state));
    if (isSame) this.#known = { ...this.#known, timeline: seen.timeline };
  }

  /** The error if the login is refused. Waiting does not help then, since it is no failover. */
  #refusedLogin(): unknown {
    if (!this.#observed.every(({ asked, state }) => asked && !state)) return undefined;
    return this.#observed.find(({ error }) => classify(error).kind === 'sign-in-refused')?.error;
  }

  #unknown(): PostgresError {
    return new PostgresError('primary_unknown', `No host can be written to: ${this.describe()}.`);
  }
}

async function within(promise: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
