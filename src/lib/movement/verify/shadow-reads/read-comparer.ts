// Runs reads of one tenant at both homes of its move, and says whether they answer alike.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ObservedRead, repeatRead } from '@/lib/data-sources';
import { isConnectionGone } from '@/lib/failures';
import { sealKeyOf } from '@/lib/tenant-data';
import type { Move, MoveStore } from '../../control/move-store';
import { connectMover, endQuietly } from '../../control/mover-connection';
import type { Home } from '../../control/ports';
import { MARKER } from '../../stream/change-stream';
import { alike, unchanged } from './answers';
import type { DarkReadLabel, DarkReadOutcome } from './findings';

/** A statement may take so long at either home. */
const STATEMENT_MS = 2_000;
/** How long the stream may take to come to where the old home was read. */
const SETTLE_MS = 10_000;
const ROUNDS = 3;
/** A larger answer is not compared. */
const MOST_BYTES = 2 << 20;

type Rows = Awaited<ReturnType<typeof repeatRead>>;

interface Place {
  tenantId: string;
  /** The router's login: reads run with the rights, plans and policies that they will have. */
  router: pg.Client;
  sealKey: Buffer | undefined;
  mover: pg.Client;
}

export class ReadComparer {
  private constructor(
    private readonly store: MoveStore,
    private readonly move: Move,
    private readonly from: Place,
    private readonly to: Place,
  ) {}

  /** @throws when a home cannot be reached or has no login for routers */
  static async open(store: MoveStore, move: Move, homes: { from: Home; to: Home }): Promise<ReadComparer> {
    const opened: pg.Client[] = [];
    const connect = async (url: string) => {
      const client = await connectMover({ url, moveId: move.id });
      opened.push(client);
      return client;
    };
    const place = async ({ routerUrl, url }: Home, tenantId: string): Promise<Place> => {
      const router = await connect(routerUrl);
      await router.query(`set statement_timeout = ${STATEMENT_MS}`);
      return { tenantId, router, sealKey: sealKeyOf(routerUrl), mover: await connect(url) };
    };
    try {
      const from = await place(homes.from, move.fromTenantId);
      return new ReadComparer(store, move, from, await place(homes.to, move.toTenantId));
    } catch (error) {
      await Promise.all(opened.map(endQuietly));
      throw error;
    }
  }

  /**
   * Reads at both homes. Where they differ, they are read again at positions that can be compared: the old home, then the
   * new one once it has everything the old one had, then the old one, which must not have changed in between.
   *
   * @throws what the old home refused, or a home that is gone: nothing can be said then
   */
  async compare(read: ObservedRead): Promise<DarkReadOutcome> {
    const cut = /\b(limit|offset|fetch)\b/i.test(read.statement.text);
    const first = await this.#timed(() => this.#read(this.from, read));
    const second = await this.#timed(() => this.#readThere(read));
    if ('code' in second.result) return this.#stillFollowing({ kind: 'refused', code: second.result.code });
    if (alike(first.result, second.result.rows, cut)) {
      return { kind: 'same', oldMs: first.ms, newMs: second.ms };
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await this.#read(this.from, read);
      if (!(await this.#settled())) break;
      const there = await this.#readThere(read);
      if ('code' in there) return this.#stillFollowing({ kind: 'refused', code: there.code });
      const after = await this.#read(this.from, read);
      if (!unchanged(before, after)) continue;
      if (alike(after, there.rows, cut)) return { kind: 'same', oldMs: first.ms, newMs: second.ms };
      return this.#stillFollowing({ kind: 'different' });
    }
    return { kind: 'unsettled' };
  }

  async close(): Promise<void> {
    const { from, to } = this;
    await Promise.all([from.router, from.mover, to.router, to.mover].map(endQuietly));
  }

  #read({ router, sealKey, tenantId }: Place, read: ObservedRead): Promise<Rows> {
    return repeatRead(router, tenantId, read, { maxBytes: MOST_BYTES, sealKey });
  }

  /** The tenant's id may be another there. */
  async #readThere(read: ObservedRead): Promise<{ rows: Rows } | { code: string }> {
    const [here, there] = [this.from.tenantId, this.to.tenantId];
    const translate = <T>(value: T) =>
      typeof value === 'string' ? (value.replaceAll(here, there) as T & string) : value;
    const translated: ObservedRead =
      here === there
        ? read
        : {
            ...read,
            claims: translate(read.claims),
            statement: { ...read.statement, values: read.statement.values.map(translate) },
          };
    try {
      const rows = await this.#read(this.to, translated);
      if (here === there) return { rows };
      return { rows: rows.map((row) => row.map((cell) => cell?.replaceAll(there, here) ?? null)) };
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code && !isConnectionGone(error)) {
        return { code: error.code };
      }
      throw error;
    }
  }

  /** The new home has everything that the old one has committed by now. */
  #settled(): Promise<boolean> {
    return this.move.mode === 'change_log' ? this.#logIsDone() : this.#streamHasCome();
  }

  async #streamHasCome(): Promise<boolean> {
    const { rows } = await this.from.mover.query<{ lsn: string }>(
      `select pg_logical_emit_message(true, '${MARKER}', $1)::text as lsn`,
      [randomUUID()],
    );
    return this.#until(async () => {
      const { rows: found } = await this.to.mover.query<{ there: boolean }>(
        `select lsn >= $2::pg_lsn as there from tenancy.move_progress where move_id = $1 and stream = 'out'`,
        [this.move.id, rows[0]?.lsn],
      );
      return found[0]?.there ?? false;
    });
  }

  async #logIsDone(): Promise<boolean> {
    const { rows } = await this.from.mover.query<{ seq: string | null }>(
      'select max(seq)::text as seq from tenancy.move_log where move_id = $1',
      [this.move.id],
    );
    return this.#until(async () => {
      const { rows: left } = await this.from.mover.query(
        'select from tenancy.move_log where move_id = $1 and seq <= $2 limit 1',
        [this.move.id, rows[0]?.seq ?? '0'],
      );
      return left.length === 0;
    });
  }

  async #until(there: () => Promise<boolean>): Promise<boolean> {
    const until = performance.now() + SETTLE_MS;
    while (performance.now() < until) {
      if (await there()) return true;
      await sleep(50);
    }
    return false;
  }

  /** After the cut-over the new home is written to by others, and nothing follows from a difference. */
  async #stillFollowing(outcome: DarkReadOutcome): Promise<DarkReadOutcome> {
    const { step } = await this.store.get(this.move.id);
    return step === 'catching_up' ? outcome : { kind: 'unsettled' };
  }

  async #timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
    const began = performance.now();
    return { result: await work(), ms: performance.now() - began };
  }
}

/** How a read is spoken of: never by its text or values. */
export function labelOf({ role, statement }: Pick<ObservedRead, 'role' | 'statement'>): DarkReadLabel {
  const tables = [...statement.text.matchAll(/\b(?:from|join)\s+(?:"?public"?\.)"?([a-z_]+)"?/gi)].map(
    ([, name = '']) => name,
  );
  return {
    statement: createHash('sha256').update(statement.text).digest('hex').slice(0, 16),
    role,
    tables: [...new Set(tables)].sort(),
  };
}
