// The operator's routes do what the commands do, under the operator's own name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { verifyProofText } from '@/lib/application';
import { startServing } from '../serving';
import { ended, everyOperator, operatorServicesOf, type Sent } from './operating';

const sent: Sent[] = [];
const serving = await startServing({}, 30_000, async (installation) => ({
  operator: await operatorServicesOf(installation, sent),
}));
const { application, operations, tenantIds } = serving;
const { owner, engineer, support, auditor } = await everyOperator(serving);
const nothing = {};

async function actorsOf(action: string): Promise<string[]> {
  return (await application.audit.list({ action })).map(({ actor }) => actor);
}

test('a backup is made once for a key, drilled, and restored as a new tenant and in place', async () => {
  const key = { 'idempotency-key': randomUUID() };
  const begun = await engineer('POST', '/backups', { tenant: 'a' }, key);
  const again = await engineer('POST', '/backups', { tenant: 'a' }, key);
  assert.deepEqual(again.body, begun.body, 'the same task');
  const made = await ended(engineer, begun);
  assert.equal(made.state, 'done', JSON.stringify(made.error));
  const id = String(made.result?.backup);
  assert.deepEqual(await actorsOf('backups.created'), [`user:${engineer.id}`]);

  const one = await auditor<{ manifest: { tables: { name: string; rows: number }[] } }>(
    'GET',
    `/backups/${id}`,
  );
  assert.equal(one.body.manifest.tables.find(({ name }) => name === 'accounts')?.rows, 2);
  assert.equal((await ended(engineer, await engineer('POST', `/backups/${id}/verify`))).state, 'done');
  const drill = await ended(engineer, await engineer('POST', '/backups/drills', { tenant: 'a' }));
  assert.deepEqual([drill.state, drill.result], ['done', { drilled: 1, failed: [] }]);
  const { body } = await support<{ rows: { subdomain: string; lastProvenAt: string | null }[] }>(
    'GET',
    '/backups/tenants',
  );
  const proven = Object.fromEntries(body.rows.map((row) => [row.subdomain, row.lastProvenAt !== null]));
  assert.deepEqual(proven, { a: true, b: false });

  const [{ data_source: madeAt } = { data_source: '' }] = (
    await operations.pool.query<{ data_source: string }>('select data_source from backups where id = $1', [
      id,
    ])
  ).rows;
  const { moverUrl } = await operations.dataSources.credentials(madeAt);
  await operations.dataSources.setCredentials(madeAt, { moverUrl: 'postgres://m:x@127.0.0.1:1/away' });
  const refused = await ended(engineer, await engineer('POST', `/backups/${id}/drill`));
  assert.deepEqual([refused.state, refused.error?.code], ['failed', 'parts_failed']);
  const [why] = (refused.result?.failed ?? []) as { error: { message: string } }[];
  assert.equal(why?.error.message, 'The database of shared cannot be reached (ECONNREFUSED).');
  await operations.dataSources.setCredentials(madeAt, { moverUrl });

  const asNewTenant = { how: 'as_new_tenant', subdomain: 'a-before' };
  const restored = await ended(engineer, await engineer('POST', `/backups/${id}/restore`, asNewTenant));
  assert.equal(restored.state, 'done', JSON.stringify(restored.error));
  assert.equal((await application.tenants.findBySubdomain('a-before'))?.status, 'suspended');

  const inPlace = (confirm: string) =>
    engineer<{ code: string }>('POST', `/backups/${id}/restore`, { how: 'in_place', confirm });
  assert.equal((await inPlace('b')).body.code, 'confirmation_differs');
  await operations.pool.query(
    "update sessions set proved_at = now() - interval '1 hour' where user_id = $1",
    [engineer.id],
  );
  await application.announceUser(engineer.id);
  assert.equal((await inPlace('a')).body.code, 'confirmation_required', 'a recent proof');
  await operations.pool.query('update sessions set proved_at = now() where user_id = $1', [engineer.id]);
  await application.announceUser(engineer.id);
  const back = await ended(engineer, await inPlace('a'));
  assert.equal(back.state, 'done', JSON.stringify(back.error));
  assert.ok(back.result?.safetyBackup, 'what was there is backed up first');
});

test('a legal hold is an owner’s, and is released by the typed name', async () => {
  assert.equal((await engineer('PUT', '/backups/holds/b', { reason: 'Case 7' })).status, 403);
  assert.equal((await owner('PUT', '/backups/holds/b', { reason: 'Case 7' })).status, 204);
  const { body } = await auditor<{ holds: object[] }>('GET', '/backups/holds');
  const [hold] = body.holds as Record<string, string>[];
  assert.deepEqual(
    [hold?.tenantId, hold?.reason, hold?.placedByName],
    [tenantIds.b, 'Case 7', 'owner@marquee.example'],
  );
  assert.equal((await owner('DELETE', '/backups/holds/b?confirm=a')).status, 422);
  assert.equal((await owner('DELETE', '/backups/holds/b?confirm=b')).status, 204);
});

test('the log is verified and signed, and a record proved for those without the database', async () => {
  const signed = await auditor<{ isNew: boolean }>('POST', '/audit/checkpoints');
  assert.deepEqual([signed.status, signed.body.isNew], [201, true]);
  const verified = await ended(auditor, await auditor('POST', '/audit/verify'));
  assert.deepEqual([verified.state, verified.result?.problems], ['done', 0]);
  const { body } = await auditor<{ records: { id: string; actor: string; actorName: string }[] }>(
    'GET',
    '/audit?who=owner@marquee.example&action=backups.hold_placed&tenant=b',
  );
  const [record] = body.records;
  assert.deepEqual([body.records.length, record?.actor], [1, `user:${owner.id}`]);
  const proved = await ended(auditor, await auditor('POST', `/audit/${record?.id}/proof`));
  const { verifiers } = await (await operatorServicesOf(serving)).checkpoints.keys();
  const { proof } = verifyProofText(JSON.stringify(proved.result?.proof), verifiers);
  assert.equal(proof.record.id, record?.id);
  const seen = await support<{ result: unknown }>('GET', `/tasks/${proved.id}`);
  assert.deepEqual([seen.status, seen.body.result], [200, null], 'support does not read the log');
  assert.equal(
    (await auditor<{ records: object[] }>('GET', '/audit?who=unknown@x.example')).body.records.length,
    0,
  );
});

test('keys are rotated, each change under the operator’s name', async () => {
  const rotated = await ended(engineer, await engineer('POST', '/keys/secrets/rotate'));
  assert.deepEqual([rotated.state, rotated.result?.problems], ['done', []]);
  const made = await engineer<{ id: string; state: string }>('POST', '/keys/tokens/rotate', {
    leadSeconds: 0,
  });
  assert.deepEqual([made.status, made.body.state], [201, 'signs']);
  const revoke = await engineer<{ code: string }>('POST', `/keys/tokens/${made.body.id}/revoke`, {
    confirm: made.body.id,
  });
  assert.equal(revoke.body.code, 'token_key_in_use');
  assert.equal((await engineer('POST', '/keys/secrets/retire', { key: 'x', confirm: 'x' })).status, 403);
  const { body } = await support<{ keys: object[] }>('GET', '/keys/tokens');
  assert.equal(body.keys.length >= 2, true);
  const key = { 'idempotency-key': randomUUID() };
  const next = await engineer<{ id: string }>('POST', '/keys/signing/checkpoints/rotate', undefined, key);
  const again = await engineer('POST', '/keys/signing/checkpoints/rotate', undefined, key);
  assert.deepEqual([next.status, again.body], [201, next.body], 'one key for one click');
  assert.equal((await support('POST', '/keys/signing/checkpoints/rotate')).status, 403);
  const signing = await support<{ keys: { id: string; purpose: string; state: string }[] }>(
    'GET',
    '/keys/signing',
  );
  const [latest] = signing.body.keys.filter(({ purpose }) => purpose === 'checkpoints');
  assert.deepEqual([latest?.id, latest?.state], [next.body.id, 'signs']);
  const sealed = await ended(engineer, await engineer('POST', '/keys/seals/rotate', { sources: ['shared'] }));
  assert.equal(sealed.state, 'done', JSON.stringify(sealed.error));
  assert.equal((await actorsOf('data_sources.rotate_logins'))[0], `user:${engineer.id}`);
  const sources = ['nowhere', 'shared'];
  const { state, result, error } = await ended(
    engineer,
    await engineer('POST', '/keys/seals/rotate', { sources }),
  );
  const of = (name: string) =>
    ((result?.[name] ?? []) as { dataSource: string }[]).map((one) => one.dataSource);
  assert.deepEqual([state, of('rotated'), of('failed')], ['failed', ['shared'], ['nowhere']]);
  assert.deepEqual([error?.code, error?.message], ['parts_failed', 'Failed: 1 of 2.']);
});

test('a schema rollout is planned, started, halted and cancelled by name', async () => {
  const plan = await engineer<{ sources: { source: string }[] }>('POST', '/schema-rollouts/plan', nothing);
  assert.deepEqual(
    plan.body.sources.map(({ source }) => source),
    ['shared'],
  );
  const none = await engineer<{ rollout: null }>('POST', '/schema-rollouts', nothing);
  assert.deepEqual([none.status, none.body.rollout], [201, null], 'nothing is pending');
  const cancel = await engineer<{ code: string }>('POST', '/schema-rollouts/open/cancel', nothing);
  assert.equal(cancel.body.code, 'schema_rollout_unknown');
  const drift = await engineer<{ differences: object[] }>('GET', '/schema-rollouts/drift/shared');
  assert.deepEqual([drift.status, drift.body.differences], [200, []]);
  const accepted = await engineer('POST', '/schema-rollouts/drift/shared/accept', { confirm: 'shared' });
  assert.equal(accepted.status, 204, JSON.stringify(accepted.body));
  assert.deepEqual(
    await actorsOf('schema_drift.accept'),
    [`user:${engineer.id}`],
    'though the library was not told who',
  );
});

test('alerts are tested and acknowledged, rules changed and reset, thresholds set', async () => {
  assert.deepEqual((await engineer('POST', '/alerts/test')).body, {
    results: [{ channel: 'log', problem: null }],
  });
  assert.match(sent[0]?.title ?? '', /^A test by user:/);
  const { body } = await support<{ rules: { name: string; severity: string }[] }>('GET', '/alerts/rules');
  const [rule] = body.rules;
  assert.ok(rule);
  const set = await engineer('PUT', `/alerts/rules/${rule.name}`, { severity: 'notice' });
  assert.equal(set.status, 200, JSON.stringify(set.body));
  assert.equal((await engineer('DELETE', `/alerts/rules/${rule.name}`)).status, 204);
  const value = { value: 9 };
  assert.equal((await support('PUT', '/health-thresholds/connections_left', value)).status, 403);
  const after = await engineer<{ thresholds: { name: string; value: number }[] }>(
    'PUT',
    '/health-thresholds/connections_left',
    value,
  );
  assert.equal(after.body.thresholds.find(({ name }) => name === 'connections_left')?.value, 9);
  assert.deepEqual(await actorsOf('health_thresholds.update'), [`user:${engineer.id}`]);
  const change = (to: object) =>
    engineer<{ code?: string }>('PUT', '/health-thresholds/connections_left', to);
  const late = await change({ value: 4, expected: 5 });
  assert.deepEqual([late.status, late.body.code], [409, 'health_threshold_changed'], 'another has set 9');
  assert.equal((await change({ value: null, expected: 9 })).status, 200);
  assert.equal((await change({ value: 6, expected: 5 })).status, 200, 'the default was in force');
});

test('what an operator has done shows at once in what needs attention', async () => {
  const { rows } = await operations.pool.query<{ id: string }>(
    `insert into alerts (rule, severity, cause, title) values ('rule', 'critical', 'attention', 'Seen') returning id`,
  );
  const subjects = async () => {
    const { body } = await auditor<{ items: { subject: string }[] }>('GET', '/attention?part=alerts');
    return body.items.map(({ subject }) => subject);
  };
  const id = String(rows[0]?.id);
  await engineer('POST', '/alerts/test');
  assert.ok((await subjects()).includes(id.slice(0, 8)));
  assert.equal((await engineer('POST', `/alerts/${id}/acknowledge`, { note: '' })).status, 204);
  assert.ok(!(await subjects()).includes(id.slice(0, 8)));
});

test('operators are added, changed and removed by owners; a role counts from the next request', async () => {
  const person = { email: 'new@marquee.example', name: 'New', role: 'support' };
  assert.equal((await engineer('POST', '/operators', person)).status, 403);
  const key = { 'idempotency-key': randomUUID() };
  const added = await owner<{ operator: { id: string }; password: string }>(
    'POST',
    '/operators',
    person,
    key,
  );
  const again = await owner('POST', '/operators', person, key);
  assert.deepEqual([added.status, again.body], [201, added.body]);
  const { id } = added.body.operator;
  assert.equal((await owner('PATCH', `/operators/${id}`, { role: 'auditor' })).status, 200);
  assert.equal((await owner('DELETE', `/operators/${id}?confirm=else`)).status, 422);
  assert.equal((await owner('DELETE', `/operators/${id}?confirm=new@marquee.example`)).status, 204);
  assert.deepEqual(await actorsOf('users.delete'), [`user:${owner.id}`]);
  assert.equal((await support('GET', '/operators')).status, 403);
});

test('a request for support access is made once for a key, and ended by who asked', async () => {
  const request = { tenant: 'a', reason: 'Invoice 17 shows a wrong total', hours: 1 };
  const key = { 'idempotency-key': randomUUID() };
  const asked = await support<{ id: string }>('POST', '/support-access', request, key);
  const again = await support<{ id: string }>('POST', '/support-access', request, key);
  assert.deepEqual([asked.status, again.body.id], [201, asked.body.id]);
  assert.equal((await application.audit.list({ action: 'support_access.ask' })).length, 1);
  const other = await support<{ code: string }>('POST', '/support-access', { ...request, hours: 2 }, key);
  assert.equal(other.body.code, 'key_reused');
  assert.equal((await support('DELETE', `/support-access/${asked.body.id}`)).status, 200);
});

test('a task whose process has ended is interrupted, not running for ever', async () => {
  const { rows } = await operations.pool.query<{ id: string }>(
    `insert into operator_tasks (kind, title, requested_by, alive_at) values ('backups.drill', 'x', 'y', now() - interval '1 minute')
     returning id`,
  );
  assert.equal((await auditor<{ state: string }>('GET', `/tasks/${rows[0]?.id}`)).body.state, 'interrupted');
});

test('two operators who change one budget do not overwrite each other’s', async () => {
  const path = '/cost/tenants/a/budget';
  const budget = (amount: string) => ({ amount, currency: 'USD' });
  const set = async (amount: string, expected?: object | null) => {
    const { status, body } = await engineer<{ code?: string } | undefined>('PUT', path, {
      ...budget(amount),
      expected,
    });
    return status === 204 ? 'set' : body?.code;
  };
  assert.equal(await set('50', null), 'set');
  assert.equal(await set('60', null), 'budget_changed', 'another has set one meanwhile');
  assert.equal(await set('60', budget('50.00')), 'set');
  assert.equal(await set('70', budget('50')), 'budget_changed');
  assert.equal(await set('70', { amount: '60', currency: 'EUR' }), 'budget_changed');
  assert.equal((await engineer('DELETE', `${path}?amount=50&currency=USD`)).status, 409);
  for (const half of ['amount=70', 'currency=USD'])
    assert.equal((await engineer('DELETE', `${path}?${half}`)).status, 400, 'half of what was seen');
  assert.equal(await set('80'), 'set', 'programs that have not read it replace it');
  assert.equal((await engineer('DELETE', `${path}?amount=80&currency=USD`)).status, 204);
  assert.equal(await set('90', budget('80')), 'budget_changed', 'another has removed it');
  assert.equal((await engineer('DELETE', path)).status, 204, 'there is none');
});

test('alerts are read page by page, also past those that were acknowledged meanwhile', async () => {
  const { pool } = operations;
  await pool.query(
    `insert into alerts (rule, severity, cause, title, detail, raised_at)
     select 'paged', 'notice', n::text, 'Alert ' || n, '{}', now() + make_interval(days => 1, secs => n / 2) from generate_series(1, 7) n`,
  );
  type Page = { alerts: { id: string; rule: string; title: string }[] };
  const read = async (before?: string) =>
    (await auditor<Page>('GET', `/alerts?limit=3${before ? `&before=${before}` : ''}`)).body.alerts;
  const first = await read();
  const end = first.at(-1)?.id;
  await pool.query('update alerts set acknowledged_at = now(), acknowledged_by = $2 where id = $1', [
    end,
    'test',
  ]);
  const second = await read(end);
  const third = await read(second.at(-1)?.id);
  const shown = [...first, ...second, ...third].filter(({ rule }) => rule === 'paged');
  assert.equal(new Set(shown.map(({ title }) => title)).size, 7);
  assert.equal(shown.length, 7);
  assert.equal((await auditor('GET', `/alerts?before=${randomUUID()}`)).status, 404);
  await pool.query("delete from alerts where rule = 'paged'");
});

test('a data source that nothing needs is removed, by its name', async () => {
  const url = 'postgresql://marquee:secret@127.0.0.1:1/spare';
  await operations.dataSources.create({
    ...{ name: 'spare', kind: 'shared', adminUrl: url, routerUrl: url, moverUrl: url },
  });
  const remove = (ask: typeof owner, source: string, confirm = source) =>
    ask<{ code?: string; title?: string }>('DELETE', `/data-sources/${source}?confirm=${confirm}`);
  assert.equal((await remove(support, 'spare')).status, 403);
  assert.equal((await remove(engineer, 'spare', 'other')).body.code, 'confirmation_differs');
  const needed = await remove(engineer, 'shared');
  assert.deepEqual([needed.status, needed.body.code], [409, 'data_source_in_use']);
  assert.match(needed.body.title ?? '', /tenants have their data there: .*a.*newest backup/);
  assert.equal((await remove(engineer, 'spare')).status, 204);
  assert.equal((await auditor('GET', '/data-sources/spare')).status, 404);
});

test('many small alerts hide no critical one of what needs attention', async () => {
  await operations.pool.query(
    `insert into alerts (rule, severity, cause, title, raised_at)
     select 'flood', case n when 0 then 'critical' else 'notice' end, n::text, 'Flood ' || n, now() + make_interval(secs => n)
     from generate_series(0, 250) n`,
  );
  const { body } = await auditor<{ items: { detail: string }[]; parts: { name: string; summary: string }[] }>(
    'GET',
    '/attention?part=alerts',
  );
  assert.ok(body.items.some(({ detail }) => detail === 'Flood 0'));
  assert.match(body.parts.find(({ name }) => name === 'alerts')?.summary ?? '', /critical.*25\d notice/);
  await operations.pool.query("delete from alerts where rule = 'flood'");
});
