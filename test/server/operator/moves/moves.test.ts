// Moves of tenants over the operator's API: plan, confirmation, live state, what two operators do at once, certificate, verification, roles.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { provisionDataSource } from '@/lib/data-sources';
import { moveDependencies, startMoveWorker, startVerifications } from '@/lib/movement';
import { createTestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { PASSWORD, startServing } from '../../serving';

const serving = await startServing();
const { url, application, operations, tenantIds } = serving;
await provisionDataSource(operations, {
  ...{ name: 'other', kind: 'shared' as const, networks: 'any' as const },
  adminUrl: await createTestDatabase('other', 'tenant_data'),
});
const moves = moveDependencies({ application, operations });
const worker = startMoveWorker(moves);
await startVerifications(moves, operations.jobs);
after(async () => {
  await worker.close();
  await operations.jobs.stop();
});

interface Shown {
  id: string;
  step: string;
  wanted: string;
  commands: string[];
  isSettled: boolean;
  pauseLimitMs: number;
  progress: { verifiedAt?: string; pauseMs?: number };
  error: { code: string } | null;
  events: { step: string; command: string | null; by: string | null }[];
  tables: { table: string; rows: number; done: number; ranges: number }[];
  verification: { state: string; result: { rows: number; differences: unknown[] } | null } | null;
}

async function signIn(name: string, role: 'engineer' | 'support'): Promise<string> {
  const email = `${name}@marquee.example`;
  const { code } = await serving.addOperator(email, role);
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD, code: code() }),
  });
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

let [ada, bob, sue] = ['', '', ''];
before(async () => {
  [ada, bob, sue] = [
    await signIn('ada', 'engineer'),
    await signIn('bob', 'engineer'),
    await signIn('sue', 'support'),
  ];
});

async function call<T = Shown & { code?: string; title?: string; hint?: string }>(
  cookie: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  const response = await fetch(`${url}/api/operator/${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { cookie, origin: url, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as T };
}

/** Reads until it is as wanted. @returns what was read */
function reaches<T>(read: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  const wanted = async () => {
    const value = await read();
    return isSo(value) && { value };
  };
  return until(wanted, String(isSo), { everyMs: 100 }).then(({ value }) => value);
}

const shown = async (id: string) => (await call(ada, `moves/${id}`)).body;
const isReady = ({ step, progress, error }: Shown) => {
  assert.equal(error, null);
  return step === 'catching_up' && progress.verifiedAt !== undefined;
};

test('a tenant is planned, moved, verified, certified and taken back', async () => {
  const plan = await call<{ isPossible: boolean; from: string; rows: number; mode: string }>(
    ada,
    'moves/plan',
    {
      ...{ tenant: 'a', to: 'other' },
    },
  );
  assert.equal(plan.status, 200);
  assert.deepEqual([plan.body.isPossible, plan.body.from], [true, 'shared']);
  assert.notEqual(plan.body.mode, 'offline');
  assert.ok(plan.body.rows >= 3);

  const mistyped = await call(ada, 'moves', { tenant: 'a', to: 'other', confirm: 'b' });
  assert.deepEqual([mistyped.status, mistyped.body.code], [422, 'confirmation_differs']);
  const started = await call(ada, 'moves', { tenant: 'a', to: 'other', confirm: 'a' });
  assert.equal(started.status, 201);
  const { id } = started.body;
  const again = await call(bob, 'moves', { tenant: 'a', to: 'other', confirm: 'a' });
  assert.equal(again.body.code, 'move_already_under_way');
  const told = 'The tenant is being moved already: ada@marquee.example began it.';
  assert.equal(again.body.title, told);
  const planned = await call(bob, 'moves/plan', { tenant: 'a', to: 'other' });
  assert.deepEqual([planned.status, planned.body.title], [409, told]);
  assert.match(
    again.body.hint ?? '',
    /marquee move status/,
    'operators read the message that is meant for them',
  );

  const ready = await reaches(() => shown(id), isReady);
  assert.ok(ready.isSettled);
  assert.equal(ready.pauseLimitMs, 2_000);
  assert.ok(
    ready.tables.some(
      ({ table, rows, done, ranges }) => table === 'accounts' && rows === 2 && done === ranges,
    ),
  );
  assert.deepEqual(ready.commands, ['pause', 'cut_over', 'abort']);

  assert.equal((await call(ada, `moves/${id}/verification`, {})).status, 202);
  const verified = await reaches(
    () => shown(id),
    ({ verification }) => verification?.state === 'done',
  );
  assert.equal(verified.verification?.result?.differences.length, 0);

  // Bob pauses; Ada, who saw it run, is told so instead of cutting over.
  assert.equal(
    (await call(bob, `moves/${id}/commands`, { command: 'pause', seen: 'run' })).body.wanted,
    'pause',
  );
  const late = await call(ada, `moves/${id}/commands`, { command: 'cut_over', seen: 'run', confirm: 'a' });
  assert.deepEqual([late.status, late.body.code], [409, 'move_changed_meanwhile']);
  assert.equal(late.body.title, 'bob@marquee.example gave the command “pause” for this move meanwhile.');
  const paused = await shown(id);
  assert.deepEqual(
    paused.events.filter(({ command }) => command).map(({ command, by }) => [command, by]),
    [['pause', 'bob@marquee.example']],
  );
  const go = await call(ada, `moves/${id}/commands`, { command: 'cut_over', seen: 'pause', confirm: 'a' });
  assert.equal(go.body.wanted, 'cut_over');
  const over = await reaches(
    () => shown(id),
    ({ step, error, progress }) => {
      assert.equal(error, null);
      // Written a moment after the step.
      return step === 'reverse_replication' && progress.pauseMs !== undefined;
    },
  );
  assert.ok((over.progress.pauseMs ?? -1) >= 0);
  await reaches(
    () => fetch(`${url}/api/operator/moves/${id}/certificate`, { headers: { cookie: ada } }),
    (response) => response.status === 200,
  );
  const certificate = await call<{ certificate: { rows: number }; signature: string }>(
    ada,
    `moves/${id}/certificate`,
  );
  assert.match(certificate.body.signature, /^ed25519:/);
  assert.equal(
    (await application.tenants.get(tenantIds.a)).dataSourceId,
    (await operations.dataSources.get('other')).id,
  );

  const { wanted } = await shown(id);
  const unconfirmed = await call(ada, `moves/${id}/commands`, { command: 'rollback', seen: wanted });
  assert.equal(unconfirmed.body.code, 'confirmation_differs');
  await call(ada, `moves/${id}/commands`, { command: 'rollback', seen: wanted, confirm: 'a' });
  const back = await reaches(
    () => shown(id),
    ({ step }) => step === 'rolled_back',
  );
  assert.deepEqual(back.commands, []);
  assert.equal((await call(ada, `moves/${id}/verification`, {})).body.code, 'move_not_possible');
  const past = await call<{ pauses: { moves: number; toThisSource: boolean } }>(ada, 'moves/plan', {
    ...{ tenant: 'a', to: 'other' },
  });
  assert.deepEqual([past.body.pauses.moves, past.body.pauses.toThisSource], [1, true]);
  const list = await call<{ moves: { id: string; tenant: string; requestedBy: string }[] }>(
    ada,
    'moves?tenant=a',
  );
  assert.deepEqual(
    list.body.moves.map((one) => [one.id, one.tenant, one.requestedBy]),
    [[id, 'a', 'ada@marquee.example']],
  );
  const records = await application.audit.list({ tenantId: tenantIds.a, action: 'tenants.move_commanded' });
  assert.ok(records.every(({ actor }) => /^user:/.test(actor)));
});

test('a move that is aborted elsewhere says so to everyone; roles and companies are kept out', async () => {
  const { body } = await call(ada, 'moves', { tenant: 'b', to: 'other', confirm: 'b' });
  await reaches(() => shown(body.id), isReady);
  await call(bob, `moves/${body.id}/commands`, { command: 'abort', seen: 'run', confirm: 'b' });
  await reaches(
    () => shown(body.id),
    ({ step }) => step === 'aborted',
  );
  const late = await call(ada, `moves/${body.id}/commands`, {
    command: 'cut_over',
    seen: 'abort',
    confirm: 'b',
  });
  assert.deepEqual([late.status, late.body.code], [409, 'move_not_possible']);

  assert.equal((await call(sue, `moves/${body.id}`)).status, 200);
  const refused = await call(sue, 'moves', { tenant: 'b', to: 'other', confirm: 'b' });
  assert.deepEqual([refused.status, refused.body.code], [403, 'operator_role_insufficient']);
  const company = await serving.cookieOf('a', 'owner@a.example');
  const response = await fetch(`${url}/t/a/api/operator/moves`, { headers: { cookie: company } });
  assert.equal(response.status, 403);
  assert.equal((await call(ada, 'moves/00000000-0000-4000-8000-000000000000')).body.code, 'move_unknown');
  assert.equal((await call(ada, 'moves/plan', { tenant: 'none', to: 'other' })).status, 404);
});

test('a plan towards a database that cannot be reached says whose it is', async () => {
  const away = 'postgres://marquee:secret@127.0.0.1:1/away';
  await operations.dataSources.create({
    ...{ name: 'away', kind: 'shared', adminUrl: away, routerUrl: away, moverUrl: away },
  });
  const { status, body } = await call(ada, 'moves/plan', { tenant: 'a', to: 'away' });
  assert.deepEqual([status, body.code], [503, 'data_source_unreachable']);
  assert.equal(body.title, 'The database of away cannot be reached (ECONNREFUSED).');
});

test('a rollout is planned, started by its target’s name, paused by one operator and seen by the other', async () => {
  const wish = { from: ['shared'], to: 'other', samples: ['b'], percents: [100], atOnce: 1, soakSeconds: 0 };
  const plan = await call<{ waves: { name: string; tenants: string[] }[] }>(ada, 'rollouts/plan', wish);
  assert.deepEqual(
    plan.body.waves.map(({ tenants }) => tenants),
    [['b'], ['a']],
  );
  assert.equal(
    (await call(ada, 'rollouts', { ...wish, confirm: 'shared' })).body.code,
    'confirmation_differs',
  );
  interface Rolled {
    id: string;
    step: string;
    wanted: string;
    commands: string[];
    tenants: { tenant: string; wave: number; move: Shown | null }[];
    code?: string;
    title?: string;
  }
  const { body, status } = await call<Rolled>(ada, 'rollouts', { ...wish, confirm: 'other' });
  assert.equal(status, 201);
  await call(bob, `rollouts/${body.id}/commands`, { command: 'pause', seen: 'run' });
  const late = await call<Rolled>(ada, `rollouts/${body.id}/commands`, { command: 'pause', seen: 'run' });
  assert.deepEqual([late.status, late.body.code], [409, 'rollout_not_possible']);
  assert.equal(late.body.title, 'bob@marquee.example gave the command “pause” for this rollout meanwhile.');
  const command = { command: 'rollback', seen: 'pause', confirm: 'other' };
  await call<Rolled>(ada, `rollouts/${body.id}/commands`, command);
  const ended = await reaches(
    async () => (await call<Rolled>(ada, `rollouts/${body.id}`)).body,
    ({ step }) => step === 'rolled_back',
  );
  assert.deepEqual(ended.commands, []);
  assert.deepEqual(
    ended.tenants.map(({ tenant, wave }) => [tenant, wave]),
    [
      ['b', 0],
      ['a', 1],
    ],
  );
});
