// A request belongs to one route: whatever changes while it is under way, it answers as if it had been made wholly before or wholly
// after. Routes are changed here between any two stages of requests, and the rows compared with a model.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgrestClient } from '@supabase/postgrest-js';
import type { AttemptStage } from '@/lib/data-sources/routing/stage';
import { cutOvers, KINDS, workWhile } from './at-work';
import { MovingTenant, type Place } from './moving-tenant';
import { POSTGRES_ONLY, READS, type Verb, type World, WRITES } from './verbs';

const tenant = await MovingTenant.create();
/** What happens at the next stage of this name. */
let interruption: { stage: AttemptStage; happen: () => Promise<void> } | undefined;
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

const expectModel = () => tenant.expectOnly(world.rows);

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

const STAGES: AttemptStage[] = ['routed', 'identified', 'entering'];
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
  // The stale route is of a database that refuses the token; the tenant is where it is good.
  await tenant.cutOver(project);
  assert.equal((await known.from('accounts').select('id')).error, null);
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

test('clients at work while the tenant moves to and fro read and write what the model has', async () => {
  await workWhile(world, cutOvers(tenant));
  await expectModel();
});
