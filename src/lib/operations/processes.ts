import { hostname } from 'node:os';
import type pg from 'pg';
import { operationsFailure } from './errors';
import { startOf } from './running';

/** One running process of Marquee. */
export interface ProcessRow {
  id: string;
  role: string;
  host: string;
  pid: number;
  /** Connections it holds, by server (`host:port`). */
  connections: Record<string, number>;
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
  /** Called when the number of peers has changed: shares of budgets change with it. */
  onPeers?: (peers: number) => void;
  /** Default 5,000 ms. */
  heartbeatMs?: number;
}

/** A process that was not seen for so long is taken for dead. */
const DEAD_AFTER_SECONDS = 30;

/** The processes that are alive. What all may open together is divided by their number. */
export class Processes {
  constructor(private readonly pool: pg.Pool) {}

  /** Announces this process, and keeps doing so until it leaves. */
  async join(options: JoinOptions): Promise<Membership> {
    const { role, connections = () => ({}), onPeers, heartbeatMs = 5_000 } = options;
    const id = crypto.randomUUID();
    let peers = 1;
    const beat = async () => {
      const counted = await this.#beat(id, role, connections());
      if (counted === peers) return;
      peers = counted;
      onPeers?.(peers);
    };
    await this.#forgetKilled();
    await beat();
    // While the database is away the last count holds.
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

  /** Those that are alive, oldest first. */
  async list(): Promise<ProcessRow[]> {
    const { rows } = await this.pool.query<ProcessRow & object>(
      `select id, role, host, pid, connections, started_at "startedAt", seen_at "seenAt" from processes
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
      const isGone = pid === process.pid ? earlier : (await startOf(pid)) === undefined;
      if (isGone) await this.pool.query('delete from processes where id = $1', [id]);
    }
  }

  async #beat(id: string, role: string, connections: Record<string, number>): Promise<number> {
    try {
      await this.pool.query('delete from processes where seen_at < now() - make_interval(secs => $1)', [
        DEAD_AFTER_SECONDS,
      ]);
      await this.pool.query(
        `insert into processes (id, role, host, pid, connections) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set seen_at = now(), connections = excluded.connections`,
        [id, role, hostname(), process.pid, JSON.stringify(connections)],
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
