// Many moves at once, each held at a point of its own, so that one fault meets moves at every point.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import type { Move, MoveCommand, MoveMode, MoveOptions, MovePoint, RunEnd } from '@/lib/movement';
import type { TenantDatabase } from '../lib/data-sources/tenant-database';
import { leftovers, NOTHING, type World, Writer } from '../lib/movement/world';
import { inTime, until } from '../support/until';
import type { MoverOrders } from './mover.program';

/** Every point of a move, in order. */
export const EVERY_POINT: MovePoint[] = [
  ...([
    'preflight',
    'record_fence',
    'hold_target_fence',
    'create_publication',
    'create_slot',
    'copy',
  ] as const),
  ...([
    'copied_range',
    'catch_up',
    'create_reverse_replication',
    'verify',
    'apply',
    'applied',
    'verified',
  ] as const),
  ...(['cut_over', 'close_fence', 'fence_closed', 'drained', 'verify_changed', 'record_decision'] as const),
  ...(['decide', 'decided', 'fence_opened', 'certificate', 'clean_up', 'reverse_replication'] as const),
  ...(['remove_rows', 'remove_fence'] as const),
];

/** Runs `work` for a few moves at a time, because each holds connections and locks. */
export async function inBatches<T>(
  all: readonly T[],
  size: number,
  work: (batch: readonly T[]) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < all.length; at += size) await work(all.slice(at, at + size));
}

/** A tenant with a writer at work, and its move. */
export interface FrozenMove {
  point: MovePoint;
  move: Move;
  tenant: string;
  toTenantId: string;
  writer: Writer;
}

/** A tenant with a writer and a move for each point. The moves cut over and complete by themselves; every other one goes to another id. */
export function prepareMoves(
  world: World,
  points: readonly MovePoint[],
  mode: MoveMode = 'logical',
  options: MoveOptions = {},
): Promise<FrozenMove[]> {
  const [source, target] = world.databases;
  return Promise.all(
    points.map(async (point, place) => {
      const tenant = await world.tenant(source, 12);
      const toTenantId = place % 2 === 0 ? tenant : randomUUID();
      const move = await world.start(tenant, target, {
        ...{ mode, toTenantId },
        options: {
          rangeRows: 4,
          autoCutOver: true,
          autoComplete: true,
          perServer: 100,
          pauseLimitMs: 60_000,
          load: false,
          ...options,
        },
      });
      const writer = new Writer(world.manager, tenant, { writers: 1, pauseMs: 80 });
      after(() => writer.stop());
      return {
        point,
        move,
        tenant,
        toTenantId,
        writer,
      };
    }),
  );
}

/** Runs moves in another process, which holds each at its point. Resolves when all are there. */
export async function runInProcess(
  world: World,
  frozen: readonly FrozenMove[],
): Promise<{ child: ChildProcess; ends: Map<string, string> }> {
  const orders: MoverOrders = {
    ...world.keys,
    moves: frozen.map(({ move, point }) => ({ id: move.id, point })),
  };
  const program = path.join(import.meta.dirname, 'mover.program.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(orders)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ends = new Map<string, string>();
  const missing = new Map(frozen.map(({ move, point }) => [move.id, point]));
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const { id, end } = JSON.parse(line) as { id: string; end?: string };
      if (end === undefined) missing.delete(id);
      else ends.set(id, end);
      if (end !== undefined && missing.has(id))
        reject(new Error(`${missing.get(id)} was not reached: ${end}`));
      if (missing.size === 0) resolve();
    });
    child.once('exit', () => reject(new Error(`The mover ended before ${[...missing.values()]}.`)));
  });
  return { child, ends };
}

/** Like `runInProcess`, but in this process. `go` releases all moves; `ended` resolves to how each run ended. */
export async function runHere(
  world: World,
  frozen: readonly FrozenMove[],
): Promise<{ go: () => void; ended: Promise<PromiseSettledResult<string>[]> }> {
  let go = () => {};
  const released = new Promise<void>((resolve) => {
    go = resolve;
  });
  const reached: Promise<void>[] = [];
  const runs = frozen.map(({ move, point }) => {
    let arrive = () => {};
    reached.push(
      new Promise((resolve) => {
        arrive = resolve;
      }),
    );
    let first = true;
    const hooks = async (at: MovePoint) => {
      if (at !== point || !first) return;
      first = false;
      arrive();
      await released;
    };
    const run = async (): Promise<string> => {
      try {
        return await world.run(move, hooks);
      } catch (error) {
        if (!first) throw error;
        return run();
      }
    };
    return run().finally(arrive);
  });
  // A run may fail while others are still on their way to their points.
  const ended = Promise.allSettled(runs);
  await Promise.all(reached);
  return { go, ended };
}

/** Records a command for all of them. */
export async function wantAll(
  world: World,
  frozen: readonly FrozenMove[],
  wanted: MoveCommand,
): Promise<void> {
  await Promise.all(frozen.map(({ move }) => world.store.want(move.id, wanted)));
}

/** Runs each move until its end, again after failures, as a worker would. */
export async function insistOn(
  world: World,
  frozen: readonly FrozenMove[],
  ...ends: RunEnd[]
): Promise<void> {
  await Promise.all(
    frozen.map(async ({ move, point }) => {
      const isAtEnd = async () => ends.includes(await inTime(world.run(move), `${point}: a run`));
      await until(isAtEnd, `${point}: ${ends}`, { limitMs: 180_000, everyMs: 250, retry: true });
    }),
  );
}

/** Checks that no write is lost or doubled, and that no object is left. */
export async function checkAll(
  world: World,
  frozen: readonly FrozenMove[],
  { isAt = 'to' as 'from' | 'to', mayFail = false } = {},
): Promise<void> {
  const [source, target] = world.databases;
  await Promise.all(frozen.map(({ writer }) => writer.stop()));
  for (const { point, move, tenant, toTenantId, writer } of frozen) {
    const [database, id, left, leftId]: [TenantDatabase, string, TenantDatabase, string] =
      isAt === 'to' ? [target, toTenantId, source, tenant] : [source, tenant, target, toTenantId];
    // Statements fail with `tenant_moving` where the move takes longer than they may wait.
    const errors = writer.errors.filter((error) => (error as { code?: string }).code !== 'tenant_moving');
    if (!mayFail) assert.deepEqual(errors, [], `${point}: errors`);
    assert.ok(writer.acknowledged.length > 0, `${point}: nothing was written`);
    assert.deepEqual(await writer.check(database, id), { lost: 0, doubled: 0 }, point);
    assert.deepEqual(await leftovers(left, move.id, leftId), NOTHING, point);
    const { rows: _, ...here } = await leftovers(database, move.id, id);
    const { rows: __, ...nothing } = NOTHING;
    assert.deepEqual(here, { ...nothing, fences: 1 }, point);
  }
}
