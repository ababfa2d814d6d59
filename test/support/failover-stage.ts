// A tenant on a Patroni cluster, served by Marquee under load while its primary fails; and the account of every write.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { TenantCredentials, TenantPlacement } from '@/lib/application';
import { DataSourceManager } from '@/lib/data-sources/manager';
import {
  admitLoginStatements,
  createLoginStatements,
  generateLogins,
  loginUrl,
} from '@/lib/data-sources/provisioning/logins';
import { Cluster, openAtPrimary } from '@/lib/postgres';
import { migrateTenantData } from '@/lib/tenant-data';
import { type PatroniCluster, type PatroniNode, startPatroniCluster } from './patroni-cluster';
import { until } from './until';

export type Fault = 'kill' | 'stop' | 'partition' | 'switchover';
export const FAULTS: readonly Fault[] = ['kill', 'stop', 'partition', 'switchover'];

/** What became of the writes and reads of some rounds. */
export interface Account {
  rounds: number;
  /** From the new primary's first write by another client to Marquee's first write there, ms, one for each round. */
  own: number[];
  /** From the fault to Marquee's first write at the new primary, ms. */
  pauses: number[];
  acknowledged: number;
  /** Acknowledged and not there. */
  lost: number;
  /** There more than once. */
  doubled: number;
  /** Answered as not done, and there all the same. */
  misreported: number;
  /** Writes without a known outcome. */
  unknown: number;
  /** Known to be done, without their answer. */
  answerLost: number;
  refused: Record<string, number>;
  reads: number;
  readsRefused: Record<string, number>;
  falseFailovers: number;
}

type Outcome = 'acknowledged' | 'answer lost' | 'unknown' | 'refused';

export class FailoverStage {
  readonly account: Account = {
    ...{ rounds: 0, own: [], pauses: [], acknowledged: 0, lost: 0, doubled: 0, misreported: 0, unknown: 0 },
    ...{ answerLost: 0, refused: {}, reads: 0, readsRefused: {}, falseFailovers: 0 },
  };
  readonly #outcomes = new Map<string, Outcome>();
  /** When the first write was acknowledged on each timeline, `performance.now()`. */
  readonly #firstOn = new Map<number, number>();
  #timeline = 1;
  #stopping = false;
  #load: Promise<void>[] = [];
  readonly #primaries: string[] = [];

  private constructor(
    readonly cluster: PatroniCluster,
    readonly manager: DataSourceManager,
    readonly tenantId: string,
    readonly routerUrl: string,
    private readonly adminUrl: string,
  ) {
    Cluster.of(routerUrl, true)?.onChange((primary) => {
      if (!primary) return;
      const name = `${primary.host.host}:${primary.host.port}`;
      if (this.#primaries.at(-1) !== name) this.#primaries.push(name);
    });
  }

  static async open(given?: PatroniCluster): Promise<FailoverStage> {
    const cluster = given ?? (await startPatroniCluster());
    await query(cluster.url(), 'create database tenants');
    const adminUrl = cluster.url('tenants');
    const logins = generateLogins();
    const admin = await connectTo(adminUrl);
    for (const statement of createLoginStatements(logins)) await admin.query(statement);
    await migrateTenantData(admin);
    for (const statement of admitLoginStatements(logins)) await admin.query(statement);
    const [tenantId, dataSourceId] = [randomUUID(), randomUUID()];
    await admin.query('select tenancy.open_fence($1, 1)', [tenantId]);
    await admin.query('create table observed (at timestamptz)');
    await admin.end();
    const routerUrl = loginUrl(adminUrl, logins.router);
    const manager = new DataSourceManager(async () => ({
      directory: {
        placement: async () =>
          ({
            ...{ tenantId, status: 'active', dataSourceId, engine: 'postgresql', epoch: '1' },
            ...{ tenantIdInDataSource: tenantId, connectionPoolConfig: {} },
          }) as TenantPlacement,
        credentials: async () =>
          ({
            ...{ dataSourceId, engine: 'postgresql', url: routerUrl, anonKey: null, serviceKey: null },
          }) as TenantCredentials,
        listen: async () => ({ close: async () => {} }),
      },
      verifyAccessToken: async () => {
        throw new Error('No token is used here.');
      },
    }));
    return new FailoverStage(cluster, manager, tenantId, routerUrl, adminUrl);
  }

  /** Begins to write and read until `close`. */
  async start({ writers = 6, transactions = 2, readers = 2 } = {}): Promise<void> {
    const loop = async (work: () => Promise<void>) => {
      while (!this.#stopping) {
        await work();
        await sleep(2);
      }
    };
    const times = (count: number, work: () => Promise<void>) =>
      Array.from({ length: count }, () => loop(work));
    this.#load = [
      ...times(writers, () => this.#write((token) => this.#insert(token))),
      ...times(transactions, () => this.#write((token) => this.#insertInTransaction(token))),
      ...times(readers, () => this.#read()),
    ];
    await until(() => this.#firstOn.size > 0, 'a first write', { everyMs: 5 });
  }

  /** One failover: the fault, Marquee's first write at the new primary, the cluster whole again. */
  async round(fault: Fault): Promise<void> {
    const old = await this.cluster.leader();
    this.#timeline = await this.#timelineNow();
    const observer = new Observer(this.cluster, old);
    const at = performance.now();
    await this.#cause(fault, old);
    const accepting = await observer.accepting;
    const timeline = this.#timeline + 1;
    await until(() => this.#firstOn.has(timeline), `a write on timeline ${timeline}`, { everyMs: 5 });
    const first = this.#firstOn.get(timeline) ?? 0;
    this.account.rounds += 1;
    this.account.own.push(Math.max(0, first - accepting));
    this.account.pauses.push(first - at);
    if (fault === 'stop') await old.wake();
    old.heal();
    await this.cluster.settled();
    // A failover more than those that were made would have come by now.
    const expected = this.account.rounds + 1;
    this.account.falseFailovers = Math.max(0, this.#primaries.length - expected);
  }

  /** The primary hangs for a moment, and nothing takes its place. */
  async hiccup(ms = 2_000): Promise<void> {
    const leader = await this.cluster.leader();
    const before = this.#primaries.length;
    await leader.freeze();
    await sleep(ms);
    leader.thaw();
    await this.cluster.settled();
    this.account.falseFailovers += this.#primaries.length - before;
  }

  /** The primary's Patroni dies, so that the server is replaced and goes on as a primary. @returns the new timeline */
  async patroniDies(leader: PatroniNode): Promise<number> {
    this.#timeline = await this.#timelineNow();
    const timeline = this.#timeline + 1;
    await leader.killPatroni();
    await until(() => this.#firstOn.has(timeline), `a write on timeline ${timeline}`, { everyMs: 5 });
    this.account.rounds += 1;
    return timeline;
  }

  /** Writes one row. @returns the timeline it was written on */
  insert(): Promise<number> {
    return this.#insert(randomUUID());
  }

  /** Stops the load and counts what is there. */
  async count(): Promise<Account> {
    this.#stopping = true;
    await Promise.all(this.#load);
    const { rows } = await query(
      this.adminUrl,
      'select website as token, count(*)::int as n from accounts where tenant_id = $1 and website is not null group by 1',
      [this.tenantId],
    );
    const found = new Map(rows.map(({ token, n }) => [String(token), Number(n)]));
    const { account } = this;
    for (const [token, outcome] of this.#outcomes) {
      const n = found.get(token) ?? 0;
      if (n > 1) account.doubled += 1;
      if (n === 0 && (outcome === 'acknowledged' || outcome === 'answer lost')) account.lost += 1;
      if (n > 0 && outcome === 'refused') account.misreported += 1;
      if (outcome === 'acknowledged') account.acknowledged += 1;
      if (outcome === 'answer lost') account.answerLost += 1;
      if (outcome === 'unknown') account.unknown += 1;
    }
    return account;
  }

  async close(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#load);
    await this.manager.close();
    await this.cluster.stop();
  }

  async #cause(fault: Fault, leader: PatroniNode): Promise<void> {
    if (fault === 'kill') await leader.killPostgres();
    else if (fault === 'stop') await leader.freeze();
    else if (fault === 'partition') leader.partition();
    else await this.cluster.switchover();
  }

  async #timelineNow(): Promise<number> {
    const { rows } = await query(this.adminUrl, `select ${TIMELINE} as timeline`);
    return Number(rows[0]?.timeline);
  }

  async #write(insert: (token: string) => Promise<number>): Promise<void> {
    const token = randomUUID();
    try {
      const timeline = await insert(token);
      this.#outcomes.set(token, 'acknowledged');
      if (!this.#firstOn.has(timeline)) this.#firstOn.set(timeline, performance.now());
    } catch (error) {
      const { code = 'none' } = error as { code?: string };
      this.#outcomes.set(
        token,
        code === 'outcome_unknown' ? 'unknown' : code === 'change_made' ? 'answer lost' : 'refused',
      );
      if (code !== 'outcome_unknown' && code !== 'change_made') count(this.account.refused, code);
    }
  }

  async #insert(token: string): Promise<number> {
    const [row] = await this.manager.execute(this.tenantId, {
      name: 'stage_insert',
      text: `insert into accounts (name, website) values ('Written', $1) returning ${TIMELINE}`,
      values: [token],
    });
    return Number(row?.[0]);
  }

  #insertInTransaction(token: string): Promise<number> {
    return this.manager.withTenantTransaction(this.tenantId, async (transaction) => {
      const { rows } = await transaction.query(
        `insert into accounts (name, website) values ('Transaction', $1) returning ${TIMELINE} as timeline`,
        [token],
      );
      return Number(rows[0]?.timeline);
    });
  }

  async #read(): Promise<void> {
    try {
      const statement = { name: 'stage_read', text: 'select name from accounts limit 3', values: [] };
      await this.manager.execute(this.tenantId, statement, { readOnly: true });
      this.account.reads += 1;
    } catch (error) {
      count(this.account.readsRefused, (error as { code?: string }).code ?? String(error));
    }
  }
}

const TIMELINE = "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int";

/** Another client that tries to write to each of the other nodes by itself, as often as it can. */
class Observer {
  /** When the first of its writes was acknowledged, `performance.now()`. */
  readonly accepting: Promise<number>;
  #done = false;

  constructor(cluster: PatroniCluster, old: PatroniNode) {
    const others = cluster.nodes.filter((node) => node !== old);
    this.accepting = Promise.race(others.map((node) => this.#watch(node)));
  }

  async #watch(node: PatroniNode): Promise<number> {
    let client: pg.Client | undefined;
    while (!this.#done) {
      try {
        client ??= await connectTo(`postgresql://postgres:secret@${node.host}/tenants`);
        await client.query('insert into observed values (now())');
        this.#done = true;
      } catch {
        if (!(await client?.query('select 1').catch(() => undefined))) client = undefined;
        await sleep(5);
      }
    }
    await client?.end();
    return performance.now();
  }
}

export async function connectTo(url: string): Promise<pg.Client> {
  return openAtPrimary(url, 30_000, async (at) => {
    const client = new pg.Client({ connectionString: at });
    client.on('error', () => {});
    await client.connect();
    return client;
  });
}

export async function query(url: string, text: string, values?: unknown[]): Promise<pg.QueryResult> {
  const client = await connectTo(url);
  try {
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
