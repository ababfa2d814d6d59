import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { createTokens, tokenKeysOf } from '@/lib/secrets';
import { startServer } from '@/server';
import { administer } from '../support/postgres';
import { until } from '../support/until';
import { PASSWORD, startServing } from './serving';

const serving = await startServing();
const { url, tenantIds, application, server } = serving;
const cookie = await serving.cookieOf('a', 'owner@a.example');
const origin = url;

function ask(path: string, init: RequestInit = {}) {
  return fetch(`${url}${path}`, { ...init, headers: { cookie, origin, ...(init.headers ?? {}) } });
}
function post(path: string, body: string) {
  return ask(path, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

test('an unknown, a suspended and a half-made company are told apart by code and status', async () => {
  const tryAt = async (tenant: string) => {
    const body = JSON.stringify({ email: 'owner@b.example', password: PASSWORD });
    const response = await post(`/t/${tenant}/api/session`, body);
    return [response.status, (await response.json()).code];
  };
  assert.deepEqual(await tryAt('nosuch'), [404, 'tenant_unknown']);
  const token = (await (await serving.supabase('b', 'owner@b.example')).auth.getSession()).data.session
    ?.access_token;
  try {
    await application.tenants.setStatus(tenantIds.b, 'suspended');
    assert.deepEqual(await tryAt('b'), [403, 'tenant_suspended']);
    const authorization = `Bearer ${token}`;
    const read = await fetch(`${url}/rest/v1/accounts`, { headers: { authorization } });
    assert.deepEqual([read.status, (await read.json()).code], [403, 'tenant_suspended']);
    await application.tenants.setStatus(tenantIds.b, 'provisioning');
    assert.deepEqual(await tryAt('b'), [503, 'tenant_provisioning']);
  } finally {
    await application.tenants.setStatus(tenantIds.b, 'active');
  }
});

test('a token that is refused is refused in PostgREST’s codes', async () => {
  const asked = async (authorization?: string) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${url}/t/a/rest/v1/accounts`, { headers });
    const { code, message } = await response.json();
    return [response.status, code, message, response.headers.get('www-authenticate')];
  };
  const refused = (code: string, message: string) => [
    401,
    code,
    message,
    `Bearer error="invalid_token", error_description="${message}"`,
  ];
  const { users } = application;
  const user = await users.findByEmail(tenantIds.a, 'owner@a.example');
  assert.ok(user);
  const { id: userId, tenantId, role, tokenVersion } = user;
  const claims = { userId, tenantId, role, tokenVersion };
  const { tokens } = serving;
  const forger = createTokens(tokenKeysOf(randomBytes(32)));
  assert.deepEqual(await asked(), [401, 'PGRST302', 'Anonymous access is disabled', 'Bearer']);
  assert.deepEqual(await asked('Bearer a.b'), refused('PGRST301', 'Expected 3 parts in JWT; got 2'));
  assert.deepEqual(
    await asked(`Bearer ${await forger.signAccessToken(claims, 60)}`),
    refused('PGRST301', 'No suitable key or wrong key type'),
  );
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
  assert.deepEqual(
    await asked(`Bearer ${unsigned}`),
    refused('PGRST301', 'Wrong or unsupported encoding algorithm'),
  );
  assert.deepEqual(
    await asked('Bearer neither.header.nor-signature'),
    refused('PGRST301', 'JWT cryptographic operation failed'),
  );
  assert.deepEqual(
    await asked(`Bearer ${await tokens.signAccessToken(claims, -1)}`),
    refused('PGRST303', 'JWT expired'),
  );
  assert.deepEqual(
    await asked(`Bearer ${await tokens.signPurposeToken('refresh', userId, {}, 60)}`),
    refused('PGRST301', 'Wrong or unsupported encoding algorithm'),
  );
  const revoked = await tokens.signAccessToken({ ...claims, tokenVersion: tokenVersion - 1 }, 60);
  assert.deepEqual(await asked(`Bearer ${revoked}`), refused('PGRST303', 'The session has ended.'));
  const good = await tokens.signAccessToken(claims, 60);
  assert.equal((await asked(`Bearer ${good}`))[0], 200);
});

for (const [name, path, status] of [
  ['a malformed filter', '/t/a/rest/v1/accounts?name=nonsense.x', 400],
  ['an unknown column', '/t/a/rest/v1/accounts?nope=eq.1', 400],
  ['an unknown table', '/t/a/rest/v1/nope', 404],
  ['a value that is no uuid', '/t/a/rest/v1/accounts?id=eq.1', 400],
  ['unbalanced parentheses', '/t/a/rest/v1/accounts?or=(name.eq.a', 400],
  ['broken percent-encoding', '/t/a/rest/v1/accounts?name=eq.%E0%A4%A', 200],
  ['a path that climbs', '/t/a/rest/v1/..%2f..%2fetc%2fpasswd', 404],
] as const) {
  test(`${name} gets ${status} and says nothing of the inside`, async () => {
    const response = await ask(path);
    assert.equal(response.status, status);
    assert.doesNotMatch(await response.text(), /node_modules|postgresql:|at .*\.ts:/);
  });
}

test('a body that is no JSON, no object, or too large is refused', async () => {
  assert.equal((await post('/t/a/rest/v1/accounts', '{"name":')).status, 400);
  assert.equal((await post('/t/a/api/session', '[1')).status, 400);
  const wrong = await post('/t/a/api/session', '{"email":1}');
  assert.deepEqual([wrong.status, (await wrong.json()).code], [400, 'request_malformed']);
  assert.equal((await post('/t/a/rest/v1/accounts', `"${'x'.repeat(11 * 1024 * 1024)}"`)).status, 413);
});

test('a row that breaks a rule writes nothing of its batch', async () => {
  const rows = [{ name: 'Half written' }, { name: null }];
  assert.equal((await post('/t/a/rest/v1/accounts', JSON.stringify(rows))).status, 400);
  const { data } = await (await serving.supabase('a', 'owner@a.example'))
    .from('accounts')
    .select()
    .eq('name', 'Half written');
  assert.deepEqual(data, []);
});

test('SQL in every string is a string', async () => {
  const name = `'; drop table accounts; -- " \\ $1 \u0001`;
  assert.equal((await post('/t/a/rest/v1/accounts', JSON.stringify({ name }))).status, 201);
  const found = await ask(`/t/a/rest/v1/accounts?select=name&name=eq.${encodeURIComponent(name)}`);
  assert.deepEqual(await found.json(), [{ name }]);
  for (const hostile of ["a'--", 'a;b', 'a%00']) {
    const answer = await post(
      `/t/${hostile}/api/session`,
      JSON.stringify({ email: hostile, password: hostile }),
    );
    assert.ok(answer.status >= 400 && answer.status < 500, String(answer.status));
  }
});

test('two companies with one subdomain: the second is refused', async () => {
  const { provisionTenant } = await import('@/lib/data-sources');
  const again = { name: 'Another A', subdomain: 'a', dataSource: 'shared' };
  await assert.rejects(provisionTenant(serving, again), { code: 'subdomain_taken' });
});

test('bytes that are no HTTP, and a Host that is no host, leave the server up', async () => {
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.end('NONSENSE\r\n\r\n'));
    socket.on('data', (chunk) => resolve(String(chunk))).on('close', () => resolve(''));
  });
  assert.match(answer, /^HTTP\/1\.1 400/);
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'not a host[' };
    const sent = request({ host: '127.0.0.1', port: server.port, path: '/healthz', headers });
    sent
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  assert.equal(status, 400);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test('a port in use is a clear error', async () => {
  const { tokens } = serving;
  const options = { host: '127.0.0.1', port: server.port, logLevel: 'silent', webDirectory: '/nonexistent' };
  const parts = { application, operations: serving.operations, tokens, manager: serving.newManager() };
  await assert.rejects(startServer({ ...parts, ...options }), { code: 'port_in_use' });
});

test('health, readiness and metrics answer; every answer carries its id and the security headers', async () => {
  const health = await fetch(`${url}/healthz`, { headers: { 'x-request-id': 'from-the-balancer' } });
  assert.equal(health.headers.get('x-request-id'), 'from-the-balancer');
  assert.match(health.headers.get('content-security-policy') ?? '', /default-src 'self'/);
  assert.equal(health.headers.get('x-content-type-options'), 'nosniff');
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.match(await (await fetch(`${url}/metrics`)).text(), /marquee_http_request_seconds_bucket/);
});

test('a data source that is away is 503 for its tenants only, and comes back', async () => {
  const name = new URL(serving.dataSourceUrl).pathname.slice(1);
  const admin = new URL(serving.dataSourceUrl);
  admin.pathname = '/postgres';
  try {
    await administer(admin.toString(), `alter database ${name} allow_connections false`);
    await administer(
      admin.toString(),
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [name],
    );
    const away = await ask('/t/a/rest/v1/accounts');
    assert.ok(away.status === 503, `status ${away.status}`);
    assert.doesNotMatch(await away.text(), /postgresql:|127\.0\.0\.1|marquee_router/);
    assert.equal((await ask('/t/a/api/session')).status, 200);
  } finally {
    await administer(admin.toString(), `alter database ${name} allow_connections true`);
  }
  await until(
    async () => (await ask('/t/a/rest/v1/accounts')).status === 200,
    'the database to be used again',
  );
});
