// Several clients read and write while their tenant is cut over again and again.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { PostgrestClient } from '@supabase/postgrest-js';
import type { CutOverOptions, MovingTenant } from './moving-tenant';
import type { World } from './verbs';

/** A route's change is heard of or not, the new fence is open at once or after a moment. */
export const KINDS: CutOverOptions[] = [{}, { notify: true }, { closedMs: 10 }];

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const BY_REQUEST = ['insert', 'read', 'read', 'count', 'update', 'upsert', 'delete'] as const;
const IN_PROCESS = ['execute', 'transaction'] as const;

export interface Chance {
  /** From 0 to 1. */
  random(): number;
  pick<T>(list: readonly T[]): T;
}

/**
 * Each answer must be what the model has; each acknowledged write goes into it.
 *
 * @param happen what goes on meanwhile; the clients stop when it is over
 * @param options.inProcess whether SQL is among what clients do. Default true
 * @param options.pauseMs after each request of a client. Default none
 */
export async function workWhile(
  world: World,
  happen: (chance: Chance) => Promise<unknown>,
  { inProcess = true, pauseMs }: { inProcess?: boolean; pauseMs?: number } = {},
): Promise<void> {
  const kinds = inProcess ? [...BY_REQUEST, ...IN_PROCESS] : BY_REQUEST;
  const seed = Number(process.env.MARQUEE_TEST_SEED ?? Date.now() % 1_000_000);
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const { client, user, manager, tenantId } = world;
  let moving = true;
  const work = async (worker: number) => {
    const own: string[] = [];
    const mine = (through: PostgrestClient) =>
      through.from('accounts').select('id').eq('tenant_id', tenantId).eq('notes', `worker ${worker}`);
    for (let n = 0; moving; n += 1) {
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const kind = pick(kinds);
      const through = pick([client, user]);
      const id = pick(own);
      const row = {
        id: randomUUID(),
        tenant_id: tenantId,
        name: `${worker}.${n}`,
        notes: `worker ${worker}`,
      };
      const values = [row.id, tenantId, row.name, row.notes];
      const text = 'insert into accounts (id, tenant_id, name, notes) values ($1, $2, $3, $4)';
      const add = async (adding: PromiseLike<unknown>) => {
        const answer = (await adding) as { error?: unknown };
        assert.equal(answer?.error ?? null, null);
        own.push(row.id);
        world.rows.set(row.id, [row.name, row.notes]);
      };
      if (kind === 'insert' || !id) await add(through.from('accounts').insert(row));
      else if (kind === 'upsert')
        await add(through.from('accounts').upsert(row, { onConflict: 'tenant_id,id' }));
      else if (kind === 'read') {
        const { data, error } = await mine(through);
        assert.equal(error, null);
        assert.deepEqual(data?.map((found) => found.id).sort(), [...own].sort());
      } else if (kind === 'count') {
        const { count } = await client
          .from('accounts')
          .select('*', { count: 'exact', head: true })
          .in('tenant_id', [tenantId])
          .eq('notes', row.notes);
        assert.equal(count, own.length);
      } else if (kind === 'update') {
        const query = through.from('accounts').update({ name: row.name }).eq('tenant_id', tenantId);
        assert.deepEqual((await query.eq('id', id).select('id')).data, [{ id }]);
        world.rows.set(id, [row.name, row.notes]);
      } else if (kind === 'delete') {
        const query = through.from('accounts').delete({ count: 'exact' }).eq('tenant_id', tenantId);
        assert.equal((await query.eq('id', id)).count, 1);
        own.splice(own.indexOf(id), 1);
        world.rows.delete(id);
      } else {
        const written =
          kind === 'execute'
            ? manager.execute(tenantId, { text, values })
            : manager.withTenantTransaction(tenantId, ({ query }) => query(text, values));
        await add(written).catch((error: { code?: string }) => {
          if (error.code !== 'data_source_request_refused') throw error;
        });
      }
    }
  };
  const working = Promise.all(Array.from({ length: 6 }, (_, worker) => work(worker)));
  working.catch(() => {});
  try {
    await happen({ random, pick });
    moving = false;
    await working;
  } catch (error) {
    throw new Error(`MARQUEE_TEST_SEED=${seed}`, { cause: error });
  } finally {
    moving = false;
  }
}

/** Cuts a tenant over again and again, somewhere else each time. */
export function cutOvers(tenant: MovingTenant, times = 16): (chance: Chance) => Promise<void> {
  return async ({ random, pick }) => {
    for (let n = 0; n < times; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40 * random()));
      const to = pick(tenant.places.filter((place) => place !== tenant.here));
      await tenant.cutOver(to, pick(KINDS));
    }
  };
}
