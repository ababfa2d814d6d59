import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignIn } from '@/lib/identity';
import { CookieBrowser } from '../../support/browser-fetch';
import { PASSWORD, startServing } from '../serving';

const serving = await startServing();
const { url, tenantIds, application, operations, tokens } = serving;

async function signedIn(at: string, email: string, code?: string) {
  const browser = new CookieBrowser();
  const ask = async (
    path: string,
    body?: unknown,
    method = body === undefined ? 'GET' : 'POST',
    where = at,
  ) => {
    const response = await browser.fetch(`${url}${where}/api${path}`, {
      method,
      headers: { origin: url, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  };
  if (email) assert.equal((await ask('/session', { email, password: PASSWORD, code })).status, 200);
  return { browser, ask };
}

async function operator(name: string, operatorRole: 'owner' | 'engineer' | 'support' | 'auditor') {
  const { id, code } = await serving.addOperator(`${name}@marquee.example`, operatorRole);
  return { id, ...(await signedIn('', `${name}@marquee.example`, code())) };
}

const REQUEST = { tenant: 'a', reason: 'Invoice 17 shows a wrong total', hours: 2 };
const helper = await operator('helper', 'support');
const owner = await signedIn('/t/a', 'owner@a.example');

async function allowed() {
  const { body: access } = await helper.ask('/operator/support-access', REQUEST);
  assert.equal((await owner.ask(`/support-access/${access.id}/answer`, { allow: true })).status, 200);
  return access.id as string;
}

async function begin(id: string, at = '/t/a') {
  const { status, body } = await helper.ask(`/operator/support-access/${id}/token`, {});
  const session = await signedIn(at, '');
  const begun = status === 200 ? (await session.ask('/session/support', body)).status : status;
  return { ...session, begun, token: body?.token as string };
}

test('only owners and support among the operators ask, auditors read, and people of companies do neither', async () => {
  const engineer = await operator('engineer', 'engineer');
  const auditor = await operator('auditor', 'auditor');
  const path = '/operator/support-access';
  const statuses = async (ask: typeof helper.ask) => [
    (await ask(path, REQUEST)).status,
    (await ask(path)).status,
  ];
  assert.deepEqual(await statuses(engineer.ask), [403, 403]);
  assert.deepEqual(await statuses(auditor.ask), [403, 200]);
  assert.deepEqual(await statuses(helper.ask), [201, 200]);
  assert.deepEqual(await statuses(owner.ask), [403, 403]);
});

test('nothing is seen before the company allows it; then what the role may, and every step is in its log', async () => {
  const { body: access } = await helper.ask('/operator/support-access', REQUEST);
  assert.equal((await begin(access.id)).begun, 404, 'not allowed yet');
  const b = await signedIn('/t/b', 'owner@b.example');
  assert.equal(
    (await b.ask(`/support-access/${access.id}/answer`, { allow: true })).status,
    404,
    'another company',
  );
  const viewer = await signedIn('/t/a', 'viewer@a.example');
  assert.equal((await viewer.ask(`/support-access/${access.id}/answer`, { allow: true })).status, 403);
  assert.equal((await owner.ask(`/support-access/${access.id}/answer`, { allow: true })).status, 200);

  const session = await begin(access.id);
  assert.equal(session.begun, 200);
  const who = (await session.ask('/session')).body;
  assert.deepEqual([who.user.id, who.user.role, who.tenant.subdomain], [helper.id, 'viewer', 'a']);
  const read = await session.browser.fetch(`${url}/t/a/rest/v1/accounts?select=tenant_id`);
  assert.deepEqual(
    new Set((await read.json()).map((row: { tenant_id: string }) => row.tenant_id)),
    new Set([tenantIds.a]),
  );
  const write = await session.browser.fetch(`${url}/t/a/rest/v1/accounts`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: '{"name":"By support"}',
  });
  assert.equal(write.status, 403);
  for (const path of ['/account/sessions', '/account/passkeys', '/keys', '/audit-log', '/support-access'])
    assert.equal((await session.ask(path)).status, 403, path);
  const change = { current: PASSWORD, password: 'a new phrase of mine' };
  assert.equal((await session.ask('/account/password', change)).status, 403, 'the operator’s own account');
  // The cookie and the token are of no use elsewhere, nor a second time.
  const again = await signedIn('/t/a', '');
  assert.equal((await again.ask('/session/support', { token: session.token })).status, 404);

  const { records } = (await owner.ask('/audit-log')).body;
  const steps = records.filter(({ entityId }: { entityId: string }) => entityId === access.id);
  assert.deepEqual(
    steps.map(({ action, actor }: Record<string, string>) => [action, actor]),
    [
      ['support_access.use', `user:${helper.id}`],
      ['support_access.allow', `user:${steps[1].actor.slice(5)}`],
      ['support_access.ask', `user:${helper.id}`],
    ],
  );
  assert.equal(steps[2].details.reason, REQUEST.reason);
  assert.equal(
    (await b.ask('/audit-log')).body.records.some((one: { entityId: string }) => one.entityId === access.id),
    false,
  );
});

test('an access for A begins no session at B', async () => {
  const id = await allowed();
  assert.equal((await begin(id, '/t/b')).begun, 404);
});

test('the company ends it at once, and it ends by itself', async () => {
  const [first, second] = [await allowed(), await allowed()];
  const [ended, running] = [await begin(first), await begin(second)];
  assert.deepEqual([ended.begun, running.begun], [200, 200]);
  assert.equal((await owner.ask(`/support-access/${first}`, undefined, 'DELETE')).status, 200);
  assert.equal((await ended.ask('/people')).status, 401);
  assert.equal((await running.ask('/people')).status, 200);

  // As if its hours had passed.
  await operations.pool.query(
    "update support_access set allowed_until = now() - interval '1 second' where id = $1",
    [second],
  );
  await operations.pool.query(
    "update sessions set expires_at = now() - interval '1 second' where support_access_id = $1",
    [second],
  );
  await application.announceUser(helper.id);
  assert.equal((await running.ask('/people')).status, 401);
  assert.equal((await begin(second)).begun, 404);
  await owner.ask('/support-access');
  const [expired] = await application.audit.list({ action: 'support_access.expire', tenantId: tenantIds.a });
  assert.deepEqual([expired?.entityId, expired?.actor], [second, 'system:support-access']);
});

test('an access that is ended while its session begins has no session', async () => {
  const id = await allowed();
  const { body } = await helper.ask(`/operator/support-access/${id}/token`, {});
  const signIn = new SignIn(application, operations, tokens);
  const { operator, access } = await signIn.support.begin(body.token, tenantIds.a, '127.0.0.1');
  assert.equal((await owner.ask(`/support-access/${id}`, undefined, 'DELETE')).status, 200);
  const { allowedUntil: until, role, tenantId } = access;
  const beginning = signIn.beginBrowserSession(operator, {
    ...{ method: 'support', secondFactor: true, support: { accessId: id, role, tenantId, until } },
  });
  await assert.rejects(beginning, { code: 'support_access_unknown' });
  const { rows } = await operations.pool.query('select from sessions where support_access_id = $1', [id]);
  assert.equal(rows.length, 0);
});

test('a refused request stays refused', async () => {
  const { body: access } = await helper.ask('/operator/support-access', REQUEST);
  assert.equal((await owner.ask(`/support-access/${access.id}/answer`, { allow: false })).status, 200);
  assert.equal((await owner.ask(`/support-access/${access.id}/answer`, { allow: true })).status, 404);
  assert.equal((await begin(access.id)).begun, 404);
});

test('an owner decides whether support asks, begins at once, or may not ask', async () => {
  const decide = (policy: string) => owner.ask('/support-access/policy', { policy }, 'PUT');
  const viewer = await signedIn('/t/a', 'viewer@a.example');
  assert.equal((await viewer.ask('/support-access/policy', { policy: 'refuse' }, 'PUT')).status, 403);
  assert.equal((await decide('refuse')).status, 204);
  const refused = await helper.ask('/operator/support-access', REQUEST);
  assert.deepEqual([refused.status, refused.body.code], [403, 'support_access_refused']);

  assert.equal((await decide('allow')).status, 204);
  const { body: access } = await helper.ask('/operator/support-access', REQUEST);
  assert.equal(access.state, 'open');
  assert.equal((await begin(access.id)).begun, 200);
  const { policy, accesses } = (await owner.ask('/support-access')).body;
  assert.deepEqual([policy, accesses[0].id, accesses[0].state], ['allow', access.id, 'open']);
  assert.ok(accesses[0].usedAt);
  assert.equal((await decide('ask')).status, 204);
  const [changed] = await application.audit.list({ action: 'tenants.update', tenantId: tenantIds.a });
  assert.deepEqual(
    [changed?.before, changed?.after],
    [{ support_policy: 'allow' }, { support_policy: 'ask' }],
  );
});

test('what support changes names the person, who sees how long it lasts, and ends it', async () => {
  const { body: access } = await helper.ask('/operator/support-access', { ...REQUEST, role: 'manager' });
  await owner.ask(`/support-access/${access.id}/answer`, { allow: true });
  const session = await begin(access.id);
  const who = (await session.ask('/session')).body;
  assert.ok(Date.parse(who.support.until) > Date.now());
  assert.equal((await owner.ask('/session')).body.support, null);
  const made = await session.browser.fetch(`${url}/t/a/rest/v1/accounts`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json', prefer: 'return=representation' },
    body: '{"name":"By support"}',
  });
  const [row] = (await made.json()) as { id: string; created_by: string }[];
  assert.equal(row?.created_by, helper.id);
  const { people, support } = (await owner.ask('/people')).body;
  assert.deepEqual(support, [{ id: helper.id, displayName: 'helper@marquee.example' }]);
  assert.equal(
    people.some(({ id }: { id: string }) => id === helper.id),
    false,
  );

  assert.equal((await session.ask('/session/support', undefined, 'DELETE')).status, 204);
  assert.equal((await session.ask('/people')).status, 401);
  assert.equal((await begin(access.id)).begun, 404);
  assert.equal((await owner.ask('/session/support', undefined, 'DELETE')).status, 404);
});

test('a support session neither becomes a session of its operator nor lasts longer', async () => {
  const { id, code } = await serving.addOperator('lasting@marquee.example', 'support');
  const lasting = await signedIn('', 'lasting@marquee.example', code());
  const { body: access } = await lasting.ask('/operator/support-access', REQUEST);
  assert.equal((await owner.ask(`/support-access/${access.id}/answer`, { allow: true })).status, 200);
  const { body: link } = await lasting.ask(`/operator/support-access/${access.id}/token`, {});
  const session = await signedIn('/t/a', '');
  assert.equal((await session.ask('/session/support', link)).status, 200);
  const sessions = async () => {
    const text = 'select id, method, expires_at from sessions where user_id = $1 order by created_at, id';
    return (await operations.pool.query(text, [id])).rows;
  };
  const before = await sessions();
  const { body: shown } = await session.ask('/session');
  const routes: [string, object][] = [
    ['/session/code', { code: code() }],
    ['/account/proof', { code: code() }],
    ['/account/password', { current: PASSWORD, password: 'a new phrase of mine' }],
    ['/account/second-factor/remove', { current: PASSWORD }],
    ['/account/passkeys/options', {}],
  ];
  for (const [path, body] of routes) assert.equal((await session.ask(path, body)).status, 403, path);
  const everywhere = '/session?everywhere=true';
  assert.equal((await session.ask(everywhere, undefined, 'DELETE')).status, 403, everywhere);
  assert.deepEqual(await sessions(), before);
  assert.deepEqual((await session.ask('/session')).body, shown);
  assert.equal((await lasting.ask('/session/code', { code: code() })).status, 403, 'it asks for no code');
});

test('a link is of no use once its operator may not support any more', async () => {
  const id = await allowed();
  const { body } = await helper.ask(`/operator/support-access/${id}/token`, {});
  await application.users.update(helper.id, { operatorRole: 'auditor' });
  const session = await signedIn('/t/a', '');
  assert.equal((await session.ask('/session/support', body)).status, 404);
});
