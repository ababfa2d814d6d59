// A request belongs to one route: whatever changes while it is under way, it answers as if it had been made wholly before or wholly
// after. Routes are changed here between any two stages of requests, and the rows compared with a model.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { PostgrestClient } from '@supabase/postgrest-js';
import type { RequestStage } from '@/lib/data-sources/router';
import { type CutOverOptions, MovingTenant, type Place } from './moving-tenant';
import { POSTGRES_ONLY, READS, type Verb, type World, WRITES } from './verbs';

const tenant = await MovingTenant.create();
/** What happens at the next stage of this name. */
let interruption: { stage: RequestStage; happen: () => Promise<void> } | undefined;
const manager = tenant.newManager({
  async atStage(stage) {
    if (interruption?.stage !== stage) return;
    const { happen } = interruption;
    interruption = undefined;
    await happen();
  },
});
const clientOf = async (options?: { accessToken: string }) =>
  (await manager.getClientForTenant(tenant.id, !options, options)) as unknown as PostgrestClient;
const world: World = {
  manager,
  tenantId: tenant.id,
  client: await clientOf(),
  user: await clientOf({ accessToken: tenant.token }),
  async send({ method, path, query = '', type = 'application/json', body }) {
    const headers = { 'content-type': type };
    const answer = await manager.answer(
      tenant.id,
      { method, path, query, headers, body },
      { useServiceRole: true },
    );
    return { status: answer.status, body: Buffer.from(answer.body ?? '').toString() };
  },
  rows: new Map(),
};
for (let n = 0; n < 4; n += 1) await WRITES.insert?.(world, `account ${n}`);
const [account = ''] = world.rows.keys();
const { data: contact } = await world.client
  .from('contacts')
  .insert({ first_name: 'Ada' })
  .select('id')
  .single();
await world.client
  .from('contact_accounts')
  .insert({ contact_id: contact?.id, account_id: account, role: 'primary' });

/** The places other than where the tenant is take turns. */
let turn = 0;
function next(): Place {
  const others = tenant.places.filter((place) => place !== tenant.here);
  turn += 1;
  return others[(turn >> 1) % others.length] as Place;
}

async function expectModel(): Promise<void> {
  const here = await tenant.accountsIn(tenant.here);
  assert.deepEqual(here, Object.fromEntries(world.rows), `in ${tenant.here.name}`);
  for (const place of tenant.places) {
    if (place !== tenant.here) assert.deepEqual(await tenant.accountsIn(place), {}, `left in ${place.name}`);
  }
}

/** Runs a verb; where only PostgreSQL can do it, a project may refuse it, and then nothing has happened. */
async function run(verb: Verb, name: string, mayRefuse: boolean): Promise<void> {
  const from = tenant.here;
  try {
    await verb(world, name);
  } catch (error) {
    const atProject = from.engine === 'supabase' || tenant.here.engine === 'supabase';
    const refused = (error as { code?: string }).code === 'data_source_request_refused';
    if (!mayRefuse || !refused || !atProject) throw error;
  }
}

const STAGES: RequestStage[] = ['routed', 'identified', 'translated', 'entering'];
/** A route's change is heard of or not, the new fence is open at once or after a moment. */
const KINDS: CutOverOptions[] = [{}, { notify: true }, { closedMs: 10 }];
const VERBS = [
  ...Object.entries(READS).map((verb) => [...verb, false] as const),
  ...Object.entries(WRITES).map((verb) => [...verb, false] as const),
  ...Object.entries(POSTGRES_ONLY).map((verb) => [...verb, true] as const),
];

for (const [label, verb, mayRefuse] of VERBS) {
  test(`${label}: the tenant moves between any two stages`, async () => {
    for (const stage of STAGES) {
      const to = next();
      const options = KINDS[turn % KINDS.length];
      const way = `${tenant.here.name} → ${to.name} at ${stage} ${JSON.stringify(options)}`;
      interruption = { stage, happen: () => tenant.cutOver(to, options) };
      try {
        await run(verb, `${label} ${turn}`, mayRefuse);
        // A stage that this verb does not have.
        await interruption?.happen();
        interruption = undefined;
        await expectModel();
      } catch (error) {
        throw new Error(way, { cause: error });
      }
    }
  });
}

test('a fence that closes while a request is on its way lets it through when the move is over', async () => {
  for (const [label, verb, mayRefuse] of VERBS) {
    const to = next();
    let moving: Promise<void> | undefined;
    interruption = {
      stage: 'entering',
      async happen() {
        moving = tenant.cutOver(to, { closedMs: 30 });
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    };
    await run(verb, `${label} while it moves`, mayRefuse);
    await moving;
    interruption = undefined;
    await expectModel();
  }
});

test('a user’s token is verified where the tenant’s database needs it', async () => {
  const [shared, , project] = tenant.places as [Place, Place, Place];
  if (tenant.here !== project) await tenant.cutOver(project, { notify: true });
  const known = await clientOf({ accessToken: tenant.token.toUpperCase().replace('OWNER', 'owner') });
  assert.equal((await known.from('accounts').select('id')).error, null);
  await tenant.cutOver(shared);
  const { error, status } = await known.from('accounts').select('id');
  assert.equal(error?.code, 'access_token_invalid');
  assert.equal(status, 401);
});

test('a transaction that has begun ends in the place where it began, and is made once', async () => {
  const [shared, dedicated] = tenant.places as [Place, Place];
  if (tenant.here !== shared) await tenant.cutOver(shared);
  let moving: Promise<void> | undefined;
  let runs = 0;
  await manager.withTenantTransaction(tenant.id, async ({ query, tenantIdInDataSource }) => {
    runs += 1;
    assert.equal(tenantIdInDataSource, shared.id);
    moving = tenant.cutOver(dedicated);
    await query('update accounts set notes = $2 where tenant_id = $1', [tenant.id, 'in one place']);
  });
  await moving;
  for (const [id, [name]] of world.rows) world.rows.set(id, [name, 'in one place']);
  assert.equal(runs, 1);
  await expectModel();
});

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

test('clients at work while the tenant moves to and fro read and write what the model has', async () => {
  const seed = Number(process.env.MARQUEE_TEST_SEED ?? Date.now() % 1_000_000);
  const random = randomFrom(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const { client, user } = world;
  let moving = true;
  const work = async (worker: number) => {
    const own: string[] = [];
    const mine = (through: PostgrestClient) =>
      through.from('accounts').select('id').eq('tenant_id', tenant.id).eq('notes', `worker ${worker}`);
    for (let n = 0; moving; n += 1) {
      const kind = pick([
        'insert',
        'read',
        'read',
        'count',
        'update',
        'upsert',
        'delete',
        'execute',
        'transaction',
      ]);
      const through = pick([client, user]);
      const id = pick(own);
      const row = {
        id: randomUUID(),
        tenant_id: tenant.id,
        name: `${worker}.${n}`,
        notes: `worker ${worker}`,
      };
      const values = [row.id, tenant.id, row.name, row.notes];
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
          .in('tenant_id', [tenant.id])
          .eq('notes', row.notes);
        assert.equal(count, own.length);
      } else if (kind === 'update') {
        const query = through.from('accounts').update({ name: row.name }).eq('tenant_id', tenant.id);
        assert.deepEqual((await query.eq('id', id).select('id')).data, [{ id }]);
        world.rows.set(id, [row.name, row.notes]);
      } else if (kind === 'delete') {
        const query = through.from('accounts').delete({ count: 'exact' }).eq('tenant_id', tenant.id);
        assert.equal((await query.eq('id', id)).count, 1);
        own.splice(own.indexOf(id), 1);
        world.rows.delete(id);
      } else {
        const written =
          kind === 'execute'
            ? manager.execute(tenant.id, { text, values })
            : manager.withTenantTransaction(tenant.id, ({ query }) => query(text, values));
        await add(written).catch((error: { code?: string }) => {
          if (error.code !== 'data_source_request_refused') throw error;
        });
      }
    }
  };
  const working = Promise.all(Array.from({ length: 6 }, (_, worker) => work(worker)));
  working.catch(() => {});
  try {
    for (let n = 0; n < 16; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 40 * random()));
      const to = pick(tenant.places.filter((place) => place !== tenant.here));
      await tenant.cutOver(to, pick(KINDS));
    }
    moving = false;
    await working;
    await expectModel();
  } catch (error) {
    throw new Error(`MARQUEE_TEST_SEED=${seed}`, { cause: error });
  } finally {
    moving = false;
  }
});
