// What operators do on the console's pages: each once for several clicks, under the operator's own name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { startServing } from '../serving';
import { type Answer, ended, everyOperator, operatorServicesOf } from './operating';

const serving = await startServing({}, 30_000, async (installation) => ({
  operator: await operatorServicesOf(installation),
}));
const { application, operations, manager, tenantIds } = serving;
const { owner, engineer, support, auditor } = await everyOperator(serving);
const once = () => ({ 'idempotency-key': randomUUID() });
const codeOf = ({ body }: Answer<unknown>) => (body as { code?: string }).code;
const idOf = ({ body }: Answer<unknown>) => (body as { id?: string }).id;

test('the logins of a data source are replaced once for two operators, while its tenants are served', async () => {
  const source = await operations.dataSources.get('shared');
  const before = await operations.dataSources.credentials(source.id);
  const rotate = (asker: typeof owner, confirm = 'shared') =>
    asker('POST', '/data-sources/shared/logins/rotation', { confirm, login: 'router' }, once());
  assert.equal((await rotate(support)).status, 403);
  assert.equal(codeOf(await rotate(engineer, 'other')), 'confirmation_differs');
  const client = await operations.pool.connect();
  await client.query('begin; lock table source_logins in share row exclusive mode');
  const first = await rotate(engineer);
  const joined = await rotate(owner);
  await client.query('rollback');
  client.release();
  assert.equal(idOf(joined), idOf(first), 'the other operator joins');
  const rotated = await ended(engineer, first);
  assert.equal(rotated.state, 'done', JSON.stringify(rotated.error));
  assert.equal((rotated.result as { created: string[] }).created.length, 1);
  const after = await operations.dataSources.credentials(source.id);
  assert.notEqual(after.routerUrl, before.routerUrl);
  assert.equal(after.moverUrl, before.moverUrl);
  const served = await manager.getClientForTenant(tenantIds.a, true);
  const { data } = await served.from('accounts').select('id').throwOnError();
  assert.equal(data.length, 2);
  const [record] = await application.audit.list({ action: 'data_sources.rotate_logins' });
  assert.equal(record?.actor, `user:${engineer.id}`);
});

test('a data source shows its pool, its processes, and replicas that do not answer', async () => {
  const source = await operations.dataSources.get('shared');
  await operations.replicas.add(source.id, '127.0.0.1:1', 'eu-central-1');
  await operations.timelines.keep(source.id, { system: 'one', timeline: 3 });
  const { body } = await auditor<{
    pool: { idle: number; inUse: number; waiting: number };
    replicas: object[];
    failover: { timeline: number };
  }>('GET', '/data-sources/shared/operation');
  assert.equal(body.pool.waiting, 0);
  assert.deepEqual(body.replicas, [
    { host: '127.0.0.1:1', region: 'eu-central-1', state: 'unreachable', lagBytes: null },
  ]);
  assert.equal(body.failover.timeline, 3);
  await operations.replicas.remove(source.id, '127.0.0.1:1');
});

test('pruning only says what it would remove, unless it is told to remove it', async () => {
  for (let round = 0; round < 2; round++)
    assert.equal(
      (await ended(engineer, await engineer('POST', '/backups', { tenant: 'a' }, once()))).state,
      'done',
    );
  const prune = async (given: object) => {
    const task = await ended(
      engineer,
      await engineer('POST', '/backups/prune', { tenant: 'a', ...given }, once()),
    );
    assert.equal(task.state, 'done', JSON.stringify(task.error));
    const { body } = await auditor<{ backups: { state: string }[] }>('GET', '/backups?tenant=a');
    const states = body.backups.map(({ state }) => state).sort();
    return [(task.result as { removed: unknown[] }).removed.length, states];
  };
  assert.deepEqual(await prune({}), [1, ['complete', 'complete']]);
  assert.deepEqual(await prune({ plan: true }), [1, ['complete', 'complete']]);
  assert.deepEqual(await prune({ plan: false }), [1, ['complete', 'removed']]);
});

test('bills are corrected by an entry of the difference, and a month of any year shows its own', async () => {
  const bill = { source: 'shared', month: '2024-03', amount: '100.00', currency: 'USD' };
  assert.equal((await support('POST', '/cost/bills', bill, once())).status, 403);
  const entered = await engineer('POST', '/cost/bills', bill, once());
  assert.equal(entered.status, 201);
  const click = once();
  const correct = () =>
    engineer('POST', `/cost/bills/${idOf(entered)}/correction`, { amount: '80.00', note: 'Credit' }, click);
  const [first, again] = [await correct(), await correct()];
  assert.deepEqual([first.status, again.body], [201, first.body], 'two clicks, one entry');
  const { body } = await auditor<{ bills: Record<string, string>[] }>('GET', '/cost/bills?month=2024-03');
  assert.deepEqual(
    body.bills.map(({ amount, corrects, enteredByName }) => ({ amount, corrects, enteredByName })),
    [
      { amount: '100.00', corrects: null, enteredByName: 'engineer@marquee.example' },
      { amount: '-20.00', corrects: idOf(entered), enteredByName: 'engineer@marquee.example' },
    ],
  );
  const [record] = await application.audit.list({ action: 'usage.bill_corrected' });
  assert.equal(record?.actor, `user:${engineer.id}`);
  const months = await auditor<{ months: { month: string; total: string }[] }>(
    'GET',
    '/cost/months?month=2024-12',
  );
  assert.deepEqual(
    months.body.months.map(({ month, total }) => ({ month, total })),
    [{ month: '2024-03', total: '80.00' }],
  );
});

test('a tenant’s budget is set, shown beside what it cost, and removed', async () => {
  const path = '/cost/tenants/a';
  assert.equal((await support('PUT', `${path}/budget`, { amount: '50', currency: 'USD' })).status, 403);
  assert.equal((await engineer('PUT', `${path}/budget`, { amount: '50', currency: 'USD' })).status, 204);
  const budgetOf = async () =>
    (await auditor<{ budget: Record<string, string> | null }>('GET', path)).body.budget;
  assert.deepEqual(await budgetOf(), {
    ...{ amount: '50.00', spent: '0.00', currency: 'USD', share: 0, level: 'ok' },
  });
  assert.equal((await engineer('DELETE', `${path}/budget`)).status, 204);
  assert.equal(await budgetOf(), null);
  const records = await application.audit.list({ action: 'usage.budget_set' });
  assert.deepEqual(
    records.map(({ actor }) => actor),
    [`user:${engineer.id}`, `user:${engineer.id}`],
  );
});

test('statements are shown by their whole time, or by the time of a call', async () => {
  const day = new Date().toISOString().slice(0, 10);
  const { id: place } = await operations.dataSources.get('shared');
  for (const [fingerprint, calls, us] of [
    ['often', 1_000, 9_000_000],
    ['slow', 1, 2_000_000],
  ])
    await operations.pool.query(
      `insert into usage_statements (tenant_id, place, day, fingerprint, statement, calls, query_us, rows)
       values ($1, $2, $3, $4, 'select ?', $5, $6, 0)`,
      [tenantIds.b, place, day, fingerprint, calls, us],
    );
  const first = async (order: string) => {
    const { body } = await auditor<{ statements: { fingerprint: string }[] }>(
      'GET',
      `/usage/${tenantIds.b}/statements?order=${order}`,
    );
    return body.statements[0]?.fingerprint;
  };
  assert.deepEqual([await first('time'), await first('slowest')], ['often', 'slow']);
});

test('a company’s requests are accepted once with the step they start, or refused with a reason', async () => {
  const { customerRequests } = operations;
  const asked = { tenantId: tenantIds.a, note: 'For our auditor', requestedBy: randomUUID() };
  const wish = await customerRequests.create({ ...asked, kind: 'export' });
  const { body } = await auditor<{ requests: Record<string, string>[] }>('GET', '/requests');
  assert.deepEqual(
    body.requests.map(({ id, tenant, kind, note }) => ({ id, tenant, kind, note })),
    [{ id: wish.id, tenant: 'a', kind: 'export', note: 'For our auditor' }],
  );
  const attention = await auditor<{ items: { part: string; place: string }[] }>('GET', '/attention');
  assert.ok(attention.body.items.some(({ part }) => part === 'requests'));

  const accept = (asker: typeof owner, id: string, given: object = {}) =>
    asker('POST', `/requests/${id}/acceptance`, given, once());
  assert.equal((await accept(support, wish.id)).status, 403);
  assert.equal((await accept(engineer, wish.id)).status, 403, 'owners give data out');
  const made = await ended(owner, await accept(owner, wish.id, { answer: 'On its way' }));
  assert.equal(made.state, 'done', JSON.stringify(made.error));
  const exports = await owner<{ exports: { id: string }[] }>('GET', '/tenants/a/exports');
  assert.equal(exports.body.exports[0]?.id, made.result?.export);
  const [answered] = await customerRequests.list({ tenantId: tenantIds.a });
  assert.deepEqual(
    [answered?.state, answered?.answer, answered?.answeredBy],
    ['done', 'On its way', `user:${owner.id}`],
  );
  assert.equal(codeOf(await accept(owner, wish.id)), 'customer_request_unknown', 'answered already');

  const database = { url: 'postgresql://owner:secret-of-theirs@127.0.0.1:1/theirs' };
  const place = await customerRequests.create({ ...asked, kind: 'own_database', region: null, database });
  const failed = await ended(engineer, await accept(engineer, place.id, { name: 'theirs' }));
  assert.equal(failed.state, 'failed');
  assert.ok(!JSON.stringify(failed).includes('secret-of-theirs'));
  assert.equal((await customerRequests.find(place.id)).state, 'open', 'it stays open');
  const click = once();
  const refuse = () =>
    engineer<{ answer: string }>('POST', `/requests/${place.id}/refusal`, { reason: 'Not reachable' }, click);
  const [first, again] = [await refuse(), await refuse()];
  assert.deepEqual([first.status, first.body.answer, again.body], [200, 'Not reachable', first.body]);
  const records = await application.audit.list({ action: 'customer_requests.answer' });
  assert.deepEqual(
    records.map(({ actor }) => actor),
    [`user:${engineer.id}`, `user:${owner.id}`],
  );
});
