import { hostname } from 'node:os';
import type pg from 'pg';
import type { SecretBox } from '@/lib/secrets';
import { operationsFailure } from './errors';
import { processStart } from './process-start';

/** One running process of Marquee. */
export interface ProcessRow {
  id: string;
  role: string;
  host: string;
  pid: number;
  /** Connections it holds, by server (`host:port`). */
  connections: Record<string, number>;
  /** The key that it encrypts with, and the beginnings of the ids of those it decrypts with. */
  keys: { wraps?: string; opens?: string[] };
  /** The version of the tenant schema that it knows; null if the process has not reported it. */
  schemaVersion: number | null;
  startedAt: Date;
  seenAt: Date;
}

export interface Membership {
  id: string;
  /** Processes of this role that are alive, this one included; as of the last heartbeat. */
  readonly peers: number;
  /** Leaves at once; a process that is killed is left out after 30 s. */
  leave(): Promise<void>;
}

export interface JoinOptions {
  /** `server`, `worker`, … */
  role: string;
  /** What it holds at the moment, for the operator to see. */
  connections?: () => Record<string, number>;
  /** The version of the tenant schema that this program knows. */
  schemaVersion?: number;
  /** Called when the number of peers has changed: shares of budgets change with it. */
  onPeers?: (peers: number) => void;
  /** Default 5,000 ms. */
  heartbeatMs?: number;
}

/** A process without a heartbeat for this long counts as dead. */
const DEAD_AFTER_SECONDS = 30;

/** The processes that are alive. What all may open together is divided by their number. */
export class Processes {
  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: SecretBox['keys'],
  ) {}

  /** Announces this process, and keeps doing so until it leaves. */
  async join(options: JoinOptions): Promise<Membership> {
    const { role, connections = () => ({}), schemaVersion, onPeers, heartbeatMs = 5_000 } = options;
    const id = crypto.randomUUID();
    let peers = 1;
    const beat = async () => {
      const counted = await this.#beat(id, role, connections(), schemaVersion);
      if (counted === peers) return;
      peers = counted;
      onPeers?.(peers);
    };
    await this.#forgetKilled();
    await beat();
    // While the database cannot be reached, the last count is used.
    let beating: Promise<void> | undefined;
    const timer = setInterval(() => {
      // One at a time: a late one would announce a process that has left.
      beating ??= beat()
        .catch(() => {})
        .finally(() => {
          beating = undefined;
        });
    }, heartbeatMs).unref();
    return {
      id,
      get peers() {
        return peers;
      },
      leave: async () => {
        clearInterval(timer);
        await beating;
        await this.pool.query('delete from processes where id = $1', [id]).catch((error: unknown) => {
          throw operationsFailure(error);
        });
      },
    };
  }

  /** Running processes, oldest first. */
  async list(): Promise<ProcessRow[]> {
    const { rows } = await this.pool.query<ProcessRow & object>(
      `select id, role, host, pid, connections, keys, schema_version "schemaVersion",
         started_at "startedAt", seen_at "seenAt" from processes
       where seen_at > now() - make_interval(secs => $1) order by started_at, id`,
      [DEAD_AFTER_SECONDS],
    );
    return rows;
  }

  /** Deletes processes of this machine that have ended, so that their successors need not wait for what they held. */
  async #forgetKilled(): Promise<void> {
    const { rows } = await this.pool.query<{ id: string; pid: number; earlier: boolean }>(
      `select id, pid, started_at < now() - make_interval(secs => $2) as earlier from processes where host = $1`,
      [hostname(), process.uptime()],
    );
    for (const { id, pid, earlier } of rows) {
      // Our own number may have been an earlier process's.
      const isGone = pid === process.pid ? earlier : (await processStart(pid)) === undefined;
      if (isGone) await this.pool.query('delete from processes where id = $1', [id]);
    }
  }

  async #beat(
    id: string,
    role: string,
    connections: Record<string, number>,
    schemaVersion: number | undefined,
  ): Promise<number> {
    try {
      await this.pool.query('delete from processes where seen_at < now() - make_interval(secs => $1)', [
        DEAD_AFTER_SECONDS,
      ]);
      await this.pool.query(
        `insert into processes (id, role, host, pid, connections, keys, schema_version) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (id) do update set seen_at = now(), connections = excluded.connections`,
        [
          id,
          role,
          hostname(),
          process.pid,
          JSON.stringify(connections),
          JSON.stringify(this.keys),
          schemaVersion,
        ],
      );
      const { rows } = await this.pool.query<{ peers: number }>(
        'select count(*)::int peers from processes where role = $1',
        [role],
      );
      return rows[0]?.peers ?? 1;
    } catch (error) {
      throw operationsFailure(error);
    }
  }
}
