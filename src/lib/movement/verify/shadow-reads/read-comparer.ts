// Runs reads of one tenant at the source and target of its move, and compares the answers.

import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ObservedRead, repeatRead } from '@/lib/data-sources';
import { isConnectionGone } from '@/lib/failures';
import { formatLsn } from '@/lib/postgres';
import { sealKeyOf } from '@/lib/tenant-data';
import { endQuietly } from '@/lib/tenant-data/rows';
import type { Move } from '../../control/move';
import type { MoveStore } from '../../control/move-store';
import { connectMover } from '../../control/mover-connection';
import type { Endpoint } from '../../control/ports';
import { Marker } from '../../stream/marker';
import { alike, unchanged } from './answers';
import type { ShadowReadLabel, ShadowReadOutcome } from './findings';
import { translateRead } from './translate-read';

/** Statement timeout of a shadow read. */
const STATEMENT_MS = 2_000;
/** How long replication may take to pass the position at which the source was read. */
const CATCH_UP_MS = 10_000;
const ROUNDS = 3;
/** Larger answers are not compared. */
const MOST_BYTES = 2 << 20;

type Rows = Awaited<ReturnType<typeof repeatRead>>;

interface Side {
  tenantId: string;
  /** As the router's login, so that reads have the rights, plans and policies of the tenant's statements. */
  router: pg.Client;
  sealKey: Buffer | undefined;
  mover: pg.Client;
}

export class ReadComparer {
  private constructor(
    private readonly store: MoveStore,
    private readonly move: Move,
    private readonly source: Side,
    private readonly target: Side,
  ) {}

  /** @throws when a database cannot be reached or has no router's login */
  static async open(
    store: MoveStore,
    move: Move,
    endpoints: { source: Endpoint; target: Endpoint },
  ): Promise<ReadComparer> {
    const opened: pg.Client[] = [];
    const connect = async (url: string) => {
      const client = await connectMover({ url, moveId: move.id });
      opened.push(client);
      return client;
    };
    const side = async ({ routerUrl, url }: Endpoint, tenantId: string): Promise<Side> => {
      const router = await connect(routerUrl);
      await router.query(`set statement_timeout = ${STATEMENT_MS}`);
      return { tenantId, router, sealKey: sealKeyOf(routerUrl), mover: await connect(url) };
    };
    try {
      const source = await side(endpoints.source, move.fromTenantId);
      return new ReadComparer(store, move, source, await side(endpoints.target, move.toTenantId));
    } catch (error) {
      await Promise.all(opened.map(endQuietly));
      throw error;
    }
  }

  /**
   * Reads at both databases. Where the answers differ, reads again at positions that can be compared: the source, then the target once
   * replication has passed that position, then the source, whose answer must not have changed in between.
   *
   * @throws when the source refuses the read or a connection is lost: then there is no result
   */
  async compare(read: ObservedRead): Promise<ShadowReadOutcome> {
    const limited = /\b(limit|offset|fetch)\b/i.test(read.statement.text);
    const first = await this.#timed(() => this.#read(this.source, read));
    const second = await this.#timed(() => this.#readAtTarget(read));
    if ('code' in second.result)
      return this.#ifStillCatchingUp({ kind: 'refused', code: second.result.code });
    if (alike(first.result, second.result.rows, limited)) {
      return { kind: 'same', sourceMs: first.ms, targetMs: second.ms };
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await this.#read(this.source, read);
      if (!(await this.#caughtUp())) break;
      const repeated = await this.#readAtTarget(read);
      if ('code' in repeated) return this.#ifStillCatchingUp({ kind: 'refused', code: repeated.code });
      const after = await this.#read(this.source, read);
      if (!unchanged(before, after)) continue;
      if (alike(after, repeated.rows, limited))
        return { kind: 'same', sourceMs: first.ms, targetMs: second.ms };
      return this.#ifStillCatchingUp({ kind: 'different' });
    }
    return { kind: 'unsettled' };
  }

  async close(): Promise<void> {
    const { source, target } = this;
    await Promise.all([source.router, source.mover, target.router, target.mover].map(endQuietly));
  }

  #read({ router, sealKey, tenantId }: Side, read: ObservedRead): Promise<Rows> {
    return repeatRead(router, tenantId, read, { maxBytes: MOST_BYTES, sealKey });
  }

  async #readAtTarget(read: ObservedRead): Promise<{ rows: Rows } | { code: string }> {
    const [from, to] = [this.source.tenantId, this.target.tenantId];
    try {
      const rows = await this.#read(this.target, translateRead(read, from, to));
      return { rows: rows.map((row) => row.map((cell) => cell?.replaceAll(to, from) ?? null)) };
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code && !isConnectionGone(error)) {
        return { code: error.code };
      }
      throw error;
    }
  }

  /** Waits until the target has everything that the source has committed by now. @returns false when that takes too long */
  #caughtUp(): Promise<boolean> {
    return this.move.mode === 'change_log' ? this.#logIsEmpty() : this.#streamHasPassed();
  }

  async #streamHasPassed(): Promise<boolean> {
    const position = await new Marker().write(this.source.mover);
    return this.#until(async () => {
      const { rows: found } = await this.target.mover.query<{ passed: boolean }>(
        `select lsn >= $2::pg_lsn as passed from tenancy.move_progress where move_id = $1 and stream = 'forward'`,
        [this.move.id, formatLsn(position)],
      );
      return found[0]?.passed ?? false;
    });
  }

  async #logIsEmpty(): Promise<boolean> {
    const { rows } = await this.source.mover.query<{ seq: string | null }>(
      'select max(seq)::text as seq from tenancy.move_log where move_id = $1',
      [this.move.id],
    );
    return this.#until(async () => {
      const { rows: left } = await this.source.mover.query(
        'select from tenancy.move_log where move_id = $1 and seq <= $2 limit 1',
        [this.move.id, rows[0]?.seq ?? '0'],
      );
      return left.length === 0;
    });
  }

  async #until(condition: () => Promise<boolean>): Promise<boolean> {
    const until = performance.now() + CATCH_UP_MS;
    while (performance.now() < until) {
      if (await condition()) return true;
      await sleep(50);
    }
    return false;
  }

  /** After the cut-over the tenant writes at the target, and a difference means nothing. */
  async #ifStillCatchingUp(outcome: ShadowReadOutcome): Promise<ShadowReadOutcome> {
    const { step } = await this.store.get(this.move.id);
    return step === 'catching_up' ? outcome : { kind: 'unsettled' };
  }

  async #timed<T>(work: () => Promise<T>): Promise<{ result: T; ms: number }> {
    const began = performance.now();
    return { result: await work(), ms: performance.now() - began };
  }
}

/** How a read is recorded: without its text and values. */
export function labelOf({ role, statement }: Pick<ObservedRead, 'role' | 'statement'>): ShadowReadLabel {
  const tables = [...statement.text.matchAll(/\b(?:from|join)\s+(?:"?public"?\.)"?([a-z_]+)"?/gi)].map(
    ([, name = '']) => name,
  );
  return {
    statement: createHash('sha256').update(statement.text).digest('hex').slice(0, 16),
    role,
    tables: [...new Set(tables)].sort(),
  };
}
