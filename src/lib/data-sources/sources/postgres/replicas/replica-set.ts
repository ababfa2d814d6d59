// The replicas of one data source. Decides which of them may answer a read with a given maximum age, and ensures that age.
import { isDeepStrictEqual } from 'node:util';
import type { TenantReplica } from '@/lib/application';
import {
  formatLsn,
  formatPostgresUrl,
  parsePostgresUrl,
  type ServerState,
  type Statement,
} from '@/lib/postgres';
import { ROUTER_SETTINGS } from '@/lib/tenant-data';
import { pause } from '@/lib/time';
import type { ConnectionBudget } from '../../../admission/connection-budget';
import { connect, serverOf } from '../../../pool/connect';
import type { Route } from '../../../routing/route';
import { Sessions, type SessionsOptions } from '../sessions';
import { clock, Positions } from './positions';
import type { ReadToken } from './read-token';
import { type Asked, ServerProbe } from './server-probe';

/** The requirements of a read for the replica that answers it. */
export interface ReplicaWish {
  /** The answer includes at least everything that was committed this long before the request, ms. */
  readonly maxLagMs: number;
  /** The answer includes at least everything that was committed before this token was issued. */
  readonly token?: ReadToken | undefined;
  /** The answer includes every write of the tenant that this process has acknowledged or learned of. */
  readonly afterWrites?: boolean | undefined;
  /** Called with the server that has answered. */
  readonly served?: ((by: ServedBy) => void) | undefined;
}

export interface ServedBy {
  /** Undefined if the primary answered. */
  replica: { id: string; region: string | null } | undefined;
  /** The answer includes everything that was committed before this time. */
  asOf: Date;
}

export interface ReplicaSetOptions extends SessionsOptions {
  readReplicas(tenantId: string): Promise<readonly TenantReplica[]>;
  budgetOf(server: string): Promise<ConnectionBudget>;
  /** When this process last acknowledged or learned of a write of the tenant, by `clock`. */
  lastWrite(tenantId: string): number | undefined;
  /** The region of this process. Replicas there are preferred. */
  region: string | undefined;
}

/** A replica that may answer, and a statement to run before the read, in the same transaction. */
export interface Chosen {
  sessions: Sessions;
  before: Statement;
  by: ServedBy;
  /** Notes that a read failed because of the replica's server. */
  failed(error: unknown): void;
}

interface Replica extends TenantReplica {
  sessions: Sessions;
  probe: ServerProbe;
  /** The last position that the replica has reported, and when. */
  claim?: { position: bigint; until: number };
  /** Whether the replica has reported a position that no replica of the primary can have. */
  isRefuted: boolean;
}

/** The stored URL of the source, and its stored replicas. */
interface Given {
  url: string;
  replicas: readonly TenantReplica[];
}

/** How long a server's answer is used, ms. */
const FRESH_MS = 250;
/** How long a read waits for a replica to replay the writes that it must see, ms. */
const CATCH_UP_MS = 300;
const CATCH_UP_PAUSE_MS = 20;
const CONNECT_MS = 1_000;

export class ReplicaSet {
  readonly #positions = new Positions();
  readonly #primary: ServerProbe;
  #timeline: number | undefined;
  #replicas: Promise<Replica[]> | undefined;
  /** The stored values that the replicas were made from. */
  #known: Given | undefined;
  /** The routes for which the replicas were compared with the stored ones. */
  readonly #compared = new WeakMap<Route, Promise<void>>();
  #usedAt = 0;

  constructor(private readonly options: ReplicaSetOptions) {
    this.#primary = new ServerProbe(() => this.#connect(this.#known?.url ?? this.options.url));
  }

  /** Whether the source has replicas. */
  async hasAny(route: Route): Promise<boolean> {
    return (await this.#all(route)).length > 0;
  }

  /**
   * The position of the primary's log now, for a read token.
   *
   * @returns undefined if the primary does not answer
   */
  async position(): Promise<bigint | undefined> {
    this.#usedAt = performance.now();
    const { state } = await this.#primary.since(clock());
    return state?.standby === false ? state.position : undefined;
  }

  /** The nearest replica that may answer; undefined if the primary has to. */
  async choose(route: Route, wish: ReplicaWish, signal?: AbortSignal): Promise<Chosen | undefined> {
    this.#usedAt = performance.now();
    const replicas = await this.#all(route);
    if (replicas.length === 0) return undefined;
    // The changes that a token of an earlier epoch names were here before the fence was opened at this epoch.
    const token = wish.token?.epoch === BigInt(route.epoch) ? wish.token.lsn : 0n;
    const written = (wish.afterWrites && this.options.lastWrite(route.tenantId)) || 0;
    const asked = clock();
    let since = Math.max(asked - Math.min(FRESH_MS, wish.maxLagMs), token > 0n ? asked : written);
    for (;;) {
      const [primary, ...said] = await Promise.all(
        [this.#primary, ...replicas.map(({ probe }) => probe)].map((probe) => probe.since(since)),
      );
      this.#learn(primary, replicas);
      const usable = replicas.flatMap((replica, index) => {
        const state = this.#usable(replica, said[index], primary?.state);
        const held = state && this.#positions.heldBy(state.position);
        if (!held || asked - held.at > wish.maxLagMs) return [];
        return [{ replica, held, isEnough: state.position >= token && held.at > written }];
      });
      const [best] = usable
        .filter(({ isEnough }) => isEnough)
        .sort((one, other) => this.#rank(one.replica) - this.#rank(other.replica));
      if (best) return chosen(best.replica, best.held, token);
      if (usable.length === 0 || clock() - asked > CATCH_UP_MS || signal?.aborted) return undefined;
      await pause(CATCH_UP_PAUSE_MS);
      since = clock();
    }
  }

  /**
   * Call when the replicas or the login may have changed: reads them again, and closes the connections if they have.
   *
   * @param tenantId of a tenant that lives there
   */
  async reread(tenantId: string): Promise<void> {
    const former = this.#replicas;
    await former;
    const given = former && (await this.#given(tenantId).catch(() => undefined));
    if (!given || this.#replicas !== former || isDeepStrictEqual(given, this.#known)) return;
    // Statements that still run there are not waited for.
    this.close().catch(() => {});
  }

  /** Closes connections that were idle for at least this time, ms. */
  closeIdleFor(idleMs: number): void {
    const isIdle = performance.now() - this.#usedAt > idleMs;
    if (isIdle) void this.#primary.close();
    void this.#replicas?.then((replicas) => {
      for (const { sessions, probe } of replicas) {
        sessions.closeIdleFor(idleMs);
        if (isIdle) void probe.close();
      }
    });
  }

  async close(): Promise<void> {
    const former = this.#replicas;
    this.#replicas = undefined;
    await Promise.all([this.#primary.close(), former?.then(closeAll)]);
  }

  #learn(primary: Asked | undefined, replicas: readonly Replica[]): void {
    if (!primary?.state || primary.state.standby) return;
    const { at, state } = primary;
    if (state.timeline !== this.#timeline) this.#positions.clear();
    this.#timeline = state.timeline;
    this.#positions.add({ at, lsn: state.position });
    for (const replica of replicas) {
      const { claim } = replica;
      if (claim && at >= claim.until) replica.isRefuted = claim.position > state.position;
    }
  }

  /** The state of a replica, if it is a replica of the known primary. */
  #usable(
    replica: Replica,
    said: Asked | undefined,
    primary: ServerState | undefined,
  ): ServerState | undefined {
    const state = said?.state;
    if (!state) return undefined;
    replica.claim = { position: state.position, until: clock() };
    const isOfCluster = !state.system || !primary?.system || state.system === primary.system;
    // A replica on an earlier timeline follows a replaced primary, or has not noticed yet that it follows another one.
    const isOnTimeline =
      state.timeline === undefined || this.#timeline === undefined || state.timeline === this.#timeline;
    return state.standby && isOfCluster && isOnTimeline && !replica.isRefuted ? state : undefined;
  }

  /** Rank of a replica: those in this process's region come first, then those with less to do. */
  #rank({ region, sessions }: Replica): number {
    const isFar = this.options.region !== undefined && region !== this.options.region;
    return (isFar ? 1_000_000 : 0) + sessions.pool.statistics.inUse + sessions.pool.statistics.waiting;
  }

  async #all(route: Route): Promise<Replica[]> {
    // Each change of a tenant makes a new `Route` object. So an object that is not known here may mean that the replicas have changed.
    const compared = this.#compared.get(route) ?? this.reread(route.tenantId);
    this.#compared.set(route, compared);
    await compared;
    // If the directory cannot be read, the primary answers this request, and the next one tries again.
    this.#replicas ??= this.#read(route.tenantId).catch(() => {
      this.#replicas = undefined;
      return [];
    });
    return this.#replicas;
  }

  async #read(tenantId: string): Promise<Replica[]> {
    const { url: source, replicas } = await this.#given(tenantId);
    this.#known = { url: source, replicas };
    return Promise.all(
      replicas.map(async (replica) => {
        const url = urlOfReplica(replica.url, source);
        const readUrl = async (tenant: string) =>
          urlOfReplica(replica.url, await this.options.readUrl(tenant));
        const budget = await this.options.budgetOf(serverOf(url));
        return {
          ...replica,
          sessions: new Sessions({ ...this.options, url, readUrl, budget, isReplica: true }),
          probe: new ServerProbe(() => this.#connect(url)),
          isRefuted: false,
        };
      }),
    );
  }

  async #given(tenantId: string): Promise<Given> {
    const { readUrl, readReplicas } = this.options;
    await readUrl(tenantId);
    const replicas = await readReplicas(tenantId);
    // `readUrl` fails if the tenant has moved meanwhile. Then the replicas may be those of another source.
    return { url: await readUrl(tenantId), replicas };
  }

  #connect(url: string) {
    return connect({
      ...{ url, name: this.options.id, timeoutMs: CONNECT_MS, applicationName: 'marquee replica watch' },
      settings: ROUTER_SETTINGS,
    });
  }
}

function chosen(
  { id, region, sessions, probe }: Replica,
  held: { at: number; lsn: bigint },
  token: bigint,
): Chosen {
  const least = held.lsn > token ? held.lsn : token;
  return {
    sessions,
    before: {
      name: 'marquee_replayed',
      text: 'select tenancy.expect_replayed($1)',
      values: [formatLsn(least)],
    },
    by: { replica: { id, region }, asOf: new Date(held.at) },
    failed: (error) => probe.suspect(error),
  };
}

/** The complete URL of a replica. If it has no login, login, database and parameters are those of the source's URL, since replicas have the same logins. */
export function urlOfReplica(replica: string, source: string): string {
  const [own, of] = [parsePostgresUrl(replica), parsePostgresUrl(source)];
  if (!own || own.user || !of) return replica;
  return formatPostgresUrl({ ...of, hosts: own.hosts });
}

async function closeAll(replicas: readonly Replica[]): Promise<void> {
  await Promise.all(replicas.flatMap(({ sessions, probe }) => [sessions.close(), probe.close()]));
}
