import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { after, test } from 'node:test';
import { startServer } from '@/server';
import { until } from '../../support/until';
import { PASSWORD, startServing } from '../serving';

const serving = await startServing();
const { url, tenantIds, application, operations, tokens } = serving;
const options = { application, operations, tokens, host: '127.0.0.1', port: 0, logLevel: 'silent' };
const webDirectory = '/nonexistent';
/** Another process of the same installation: what they share is the databases. */
const second = await startServer({ ...options, webDirectory, manager: serving.newManager() });
after(() => second.close());
const there = `http://127.0.0.1:${second.port}`;

const statusOf = async (base: string, cookie: string) =>
  (await fetch(`${base}/t/a/api/people`, { headers: { cookie } })).status;

/** Word of a change reaches other processes within moments. */
const untilStatus = (expected: number, ask: () => Promise<number>) =>
  until(async () => (await ask()) === expected, `status ${expected}`);

test('signing out ends that session at once, in every process, and no other', async () => {
  const mine = await serving.cookieOf('a', 'owner@a.example');
  const other = await serving.cookieOf('a', 'owner@a.example');
  assert.deepEqual([await statusOf(there, mine), await statusOf(there, other)], [200, 200]);
  const headers = { cookie: mine, origin: url };
  assert.equal((await fetch(`${url}/t/a/api/session`, { method: 'DELETE', headers })).status, 204);
  assert.equal(await statusOf(url, mine), 401, 'a cookie that was kept is of no use');
  await untilStatus(401, () => statusOf(there, mine));
  assert.deepEqual([await statusOf(url, other), await statusOf(there, other)], [200, 200]);
});

test('a demoted, disabled or removed user is one at once, in every process', async () => {
  const id = await serving.addUser(tenantIds.a, 'demoted@a.example', 'admin');
  const cookie = await serving.cookieOf('a', 'demoted@a.example');
  assert.deepEqual([await statusOf(url, cookie), await statusOf(there, cookie)], [200, 200]);
  // By another program: neither server is asked.
  await application.users.update(id, { role: 'viewer' });
  await untilStatus(401, () => statusOf(url, cookie));
  await untilStatus(401, () => statusOf(there, cookie));
});

test('sessions are listed and ended one by one', async () => {
  await serving.addUser(tenantIds.a, 'many@a.example', 'sales');
  const mine = await serving.cookieOf('a', 'many@a.example');
  const lost = await serving.cookieOf('a', 'many@a.example');
  const ask = (method: string, path: string, cookie = mine) =>
    fetch(`${url}/t/a/api/account/sessions${path}`, { method, headers: { cookie, origin: url } });
  const { sessions } = (await (await ask('GET', '')).json()) as {
    sessions: { id: string; current: boolean }[];
  };
  assert.deepEqual(sessions.map(({ current }) => current).sort(), [false, true]);
  const foreign = sessions.find(({ current }) => !current)?.id;
  const stranger = await serving.cookieOf('a', 'owner@a.example');
  assert.equal((await ask('DELETE', `/${foreign}`, stranger)).status, 404, 'one’s own only');
  assert.equal((await ask('DELETE', `/${foreign}`)).status, 204);
  assert.deepEqual([await statusOf(url, mine), await statusOf(url, lost)], [200, 401]);
  const third = await serving.cookieOf('a', 'many@a.example');
  assert.equal((await ask('DELETE', '')).status, 204);
  assert.deepEqual([await statusOf(url, mine), await statusOf(url, third)], [200, 401]);
});

test('a session ends after its idle and its absolute limit', async () => {
  for (const past of [
    "last_used_at = now() - interval '13 hours'",
    "expires_at = now() - interval '1 second'",
  ]) {
    const cookie = await serving.cookieOf('a', 'owner@a.example');
    const { sessionId } = await tokens.verifyAccessToken(cookie.slice(cookie.indexOf('=') + 1));
    await operations.pool.query(`update sessions set ${past} where id = $1`, [sessionId]);
    assert.equal(await statusOf(url, cookie), 401, past);
  }
});

test('a refresh token is good once; used again it ends the session, but not when two tabs ask at once', async () => {
  const ask = async (refresh_token: string) => {
    const response = await fetch(`${url}/t/a/auth/v1/token?grant_type=refresh_token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token }),
    });
    return { status: response.status, ...(await response.json()) } as Record<string, string> & {
      status: number;
    };
  };
  const client = await serving.supabase('a', 'owner@a.example');
  const first = (await client.auth.getSession()).data.session?.refresh_token ?? '';
  const [one, two] = await Promise.all([ask(first), ask(first)]);
  assert.deepEqual([one?.status, two?.status], [200, 200]);
  const next = await ask(one?.refresh_token ?? '');
  assert.equal(next.status, 200);
  assert.equal((await ask(first)).error_code, 'refresh_token_already_used', 'two tokens old');
  assert.equal(
    (await ask(next.refresh_token ?? '')).error_code,
    'refresh_token_not_found',
    'every holder of it',
  );
  const authorization = `Bearer ${next.access_token}`;
  assert.equal((await fetch(`${url}/rest/v1/accounts`, { headers: { authorization } })).status, 401);
});

test('a password that was given out must be changed before anything else', async () => {
  const id = await serving.addUser(tenantIds.a, 'given@a.example', 'sales');
  const { passwordHash } = (await application.users.findByEmail(tenantIds.a, 'given@a.example')) ?? {};
  await application.users.setPassword(id, passwordHash ?? '', undefined, true);
  const cookie = await serving.cookieOf('a', 'given@a.example');
  const headers = { cookie, origin: url, 'content-type': 'application/json' };
  const session = await (await fetch(`${url}/t/a/api/session`, { headers })).json();
  assert.equal(session.user.mustChangePassword, true);
  for (const path of ['/api/people', '/rest/v1/accounts', '/api/account/sessions']) {
    const refused = await fetch(`${url}/t/a${path}`, { headers });
    assert.deepEqual([refused.status, (await refused.json()).code], [403, 'password_change_required'], path);
  }
  const change = (password: string) =>
    fetch(`${url}/t/a/api/account/password`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ current: PASSWORD, password }),
    });
  assert.equal((await change(PASSWORD)).status, 422, 'the same is no change');
  const changed = await change('one of my own');
  assert.equal(changed.status, 204);
  assert.equal(await statusOf(url, changed.headers.getSetCookie()[0]?.split(';')[0] ?? ''), 200);
});

/** As a proxy or a client sends it, whose headers `fetch` would not let through. */
function send(port: number, path: string, headers: Record<string, string>, body?: object) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method: body ? 'POST' : 'GET', headers });
    sent.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    sent.on('error', reject).end(body && JSON.stringify(body));
  });
}

async function startProxied(proxyHeaders?: 'forwarded') {
  const proxied = await startServer({
    ...options,
    webDirectory,
    manager: serving.newManager(),
    publicUrl: 'https://crm.example',
    trustedProxies: ['loopback'],
    ...(proxyHeaders ? { proxyHeaders } : {}),
  });
  after(() => proxied.close());
  return proxied;
}

test('a trusted proxy says who the client is; anyone else’s word does not count', async () => {
  const proxied = await startProxied();
  const byStandard = await startProxied('forwarded');
  const guess = (port: number, client: number, headers: Record<string, string>) =>
    send(
      port,
      '/t/a/api/session',
      { 'content-type': 'application/json', ...headers },
      {
        email: `guess${client}@a.example`,
        password: 'wrong',
      },
    );
  const origin = 'https://crm.example';
  const from = (client: number) => ({
    origin,
    host: 'crm.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': `203.0.113.9, 198.51.100.${client}`,
  });
  const forty = await Promise.all(
    Array.from({ length: 45 }, (_, client) => guess(proxied.port, client, from(7))),
  );
  assert.ok(
    forty.some(({ status }) => status === 429),
    'one client is shut out',
  );
  assert.equal((await guess(proxied.port, 100, from(8))).status, 401, 'another is not');
  const standard = {
    ...{ origin, host: 'inner' },
    forwarded: 'for="[2001:db8::1]:4711", for=198.51.100.7;proto=https;host=crm.example',
  };
  assert.equal(
    (await guess(byStandard.port, 101, standard)).status,
    429,
    'RFC 7239 where the proxy writes that',
  );
  assert.equal((await guess(byStandard.port, 102, { ...standard, ...from(8) })).status, 429, 'and only that');
  // The second server trusts no proxy: the header is the client's own invention.
  const invented = { origin: there, 'x-forwarded-for': '198.51.100.99', 'x-forwarded-proto': 'https' };
  const body = { email: 'owner@a.example', password: PASSWORD };
  const headers = { 'content-type': 'application/json', ...invented };
  const plain = await send(second.port, '/t/a/api/session', headers, body);
  assert.doesNotMatch(String(plain.headers['set-cookie']), /Secure/);
  const secure = await send(proxied.port, '/t/a/api/session', { ...headers, ...from(9) }, body);
  assert.match(String(secure.headers['set-cookie']), /Secure/);
  // Browsers take cookies with these prefixes from this host only, so no other host can plant a session.
  const names = (answer: typeof secure) =>
    (answer.headers['set-cookie'] ?? []).map((cookie) => [
      cookie.split('=')[0],
      /Path=[^;]*/.exec(cookie)?.[0],
    ]);
  assert.deepEqual(names(secure), [
    ['__Secure-marquee_session', 'Path=/t/a'],
    ['__Secure-marquee_device', 'Path=/t/a'],
  ]);
  const onHost = { ...headers, ...from(9), host: 'a.crm.example', origin: 'https://a.crm.example' };
  const session = await send(proxied.port, '/api/session', onHost, body);
  assert.deepEqual(names(session), [
    ['__Host-marquee_session', 'Path=/'],
    ['__Host-marquee_device', 'Path=/'],
  ]);
  const [cookie = ''] = session.headers['set-cookie'] ?? [];
  assert.doesNotMatch(cookie, /Domain/i);
  const [, token] = /=([^;]+)/.exec(cookie) ?? [];
  const reads = (given: string) =>
    send(proxied.port, '/rest/v1/accounts', { ...onHost, cookie: given }).then(({ status }) => status);
  assert.equal(await reads(`__Host-marquee_session=${token}`), 200);
  for (const planted of ['marquee_session', '__Secure-marquee_session'])
    assert.equal(await reads(`${planted}=${token}`), 401, planted);
});

test('headers that the proxy does not write say nothing of the client', async () => {
  const id = await serving.addUser(tenantIds.a, 'proxied@a.example', 'sales');
  const { audit } = application;
  const signIn = { email: 'proxied@a.example', password: PASSWORD };
  const json = { 'content-type': 'application/json', host: 'crm.example', origin: 'https://crm.example' };
  for (const [server, written, planted] of [
    [
      await startProxied(),
      { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
      { forwarded: 'for=127.0.0.1;proto=http;host=evil.example' },
    ],
    [
      await startProxied('forwarded'),
      { forwarded: 'for=203.0.113.9;proto=https' },
      { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    ],
  ] as const) {
    const headers = { ...written, ...planted };
    assert.equal((await send(server.port, '/metrics', headers)).status, 404);
    assert.equal((await send(server.port, '/t/a/api/session', { ...json, ...headers }, signIn)).status, 200);
    const [signedIn] = await audit.list({ action: 'session.sign_in', entityId: id });
    assert.equal(signedIn?.address, '203.0.113.9');
  }
});

test('a Forwarded header that cannot be read says nothing of the client', async () => {
  const { port } = await startProxied('forwarded');
  const status = (forwarded: string) => send(port, '/metrics', { forwarded }).then((answer) => answer.status);
  for (const header of [
    'for=127.0.0.1, for=203.0.113.9',
    'for="127.0.0.1, for="203.0.113.9"',
    'for=127.0.0.1;by=", for=203.0.113.9',
    'by="a, for=127.0.0.1", for=203.0.113.9',
    'for=203.0.113.9, FOR=unknown',
    'for=127.0.0.1 for=203.0.113.9',
    'for=127.0.0.1, for="_hidden"',
  ]) {
    assert.equal(await status(header), 404, header);
  }
  for (const header of ['for=127.0.0.1', 'For="127.0.0.1:80" ; proto=https', ' for="[::1]:80";;by=_a, ']) {
    assert.equal(await status(header), 200, header);
  }
});

test('metrics are for this machine, or for a caller with the token', async () => {
  assert.equal((await fetch(`${url}/metrics`)).status, 200);
  const guarded = await startServer({
    ...options,
    webDirectory,
    manager: serving.newManager(),
    metricsToken: 'a token of the operator',
  });
  after(() => guarded.close());
  const ask = (authorization?: string) =>
    send(guarded.port, '/metrics', authorization ? { authorization } : {}).then(({ status }) => status);
  assert.deepEqual(
    [await ask(), await ask('Bearer wrong'), await ask('Bearer a token of the operator')],
    [404, 404, 200],
  );
});

test('sign-ins are recorded with their address, refused ones too', async () => {
  const id = await serving.addUser(tenantIds.a, 'recorded@a.example', 'sales');
  const signIn = (email: string, password: string) =>
    fetch(`${url}/t/a/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ email, password }),
    });
  assert.equal((await signIn('recorded@a.example', PASSWORD)).status, 200);
  assert.equal((await signIn('recorded@a.example', 'not-the-password')).status, 401);
  assert.equal((await signIn('unknown@a.example', 'not-the-password')).status, 401);
  const { audit } = application;
  const [accepted] = await audit.list({ action: 'session.sign_in', entityId: id });
  assert.deepEqual([accepted?.actor, accepted?.address], [`user:${id}`, '127.0.0.1']);
  const [unknown, refused] = await audit.list({ action: 'session.sign_in_refused', tenantId: tenantIds.a });
  assert.deepEqual([refused?.entityId, refused?.address], [id, '127.0.0.1']);
  assert.deepEqual([unknown?.entityId, unknown?.details?.email], [null, 'unknown@a.example']);
  assert.doesNotMatch(JSON.stringify([accepted, refused, unknown]), /not-the-password/);
});
