import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, startMarquee } from './running-server';

const marquee = await startMarquee();

function post(place: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const url = `${marquee.address(place)}${path}`;
  return fetch(url, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${marquee.port}`, ...headers },
  });
}

async function signIn(place: string, email: string): Promise<string> {
  const response = await post(place, '/api/session', { email, password: PASSWORD });
  assert.equal(response.status, 200);
  const cookie = response.headers.get('set-cookie') ?? '';
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Lax/);
  assert.match(cookie, new RegExp(`Path=/t/${place}`));
  return cookie.split(';')[0] ?? '';
}

test('a person signs in, is known, reads, and signs out', async () => {
  const cookie = await signIn('a', 'owner@a.example');
  const known = await fetch(`${marquee.address('a')}/api/session`, { headers: { cookie } });
  const body = (await known.json()) as { user: { role: string }; tenant: { name: string } };
  assert.deepEqual([body.user.role, body.tenant.name], ['owner', 'Company a']);
  const read = await fetch(`${marquee.address('a')}/rest/v1/accounts?select=id`, { headers: { cookie } });
  assert.deepEqual([read.status, await read.json()], [200, []]);
  const elsewhere = await fetch(`${marquee.address('b')}/rest/v1/accounts`, { headers: { cookie } });
  assert.equal(elsewhere.status, 401);
});

test('a wrong password, an unknown person and another company’s person get one answer', async () => {
  const answers = await Promise.all(
    [
      { email: 'owner@a.example', password: 'wrong' },
      { email: 'nobody@a.example', password: PASSWORD },
      { email: 'owner@b.example', password: PASSWORD },
    ].map(async (body) => {
      const response = await post('a', '/api/session', body);
      const { code, title } = (await response.json()) as Record<string, string>;
      return [response.status, code, title].join();
    }),
  );
  assert.equal(new Set(answers).size, 1);
  assert.match(answers[0] ?? '', /^401,sign_in_refused/);
});

test('what another site sends with the cookie changes nothing', async () => {
  const cookie = await signIn('a', 'owner@a.example');
  const body = { name: 'Planted' };
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site', origin: '' },
  ];
  for (const headers of foreign) {
    const response = await post('a', '/rest/v1/accounts', body, { cookie, ...headers });
    assert.equal(response.status, 403);
  }
  const allowed = await post('a', '/rest/v1/accounts', body, { cookie });
  assert.equal(allowed.status, 201);
});

test('signing out everywhere ends every session at once', async () => {
  const [one, two] = [await signIn('b', 'owner@b.example'), await signIn('b', 'owner@b.example')];
  const out = await fetch(`${marquee.address('b')}/api/session?everywhere=true`, {
    method: 'DELETE',
    headers: { cookie: one, origin: `http://127.0.0.1:${marquee.port}` },
  });
  assert.equal(out.status, 204);
  const after = await fetch(`${marquee.address('b')}/api/session`, { headers: { cookie: two } });
  assert.equal(after.status, 401);
});

test('bad requests get an answer that says what is wrong, and the server stays up', async () => {
  const expectations: [path: string, body: unknown, status: number, code: string][] = [
    ['/api/session', '{"email":', 400, 'request_malformed'],
    ['/api/session', { email: 1 }, 400, 'request_malformed'],
    ['/api/nowhere', {}, 404, 'not_found'],
    ['/api/session', 'x'.repeat(11 * 1024 * 1024), 413, 'body_too_large'],
  ];
  for (const [path, body, status, code] of expectations) {
    const response = await post('a', path, body);
    const problem = (await response.json()) as { code: string; request_id: string };
    assert.deepEqual([response.status, problem.code], [status, code]);
    assert.equal(response.headers.get('x-request-id'), problem.request_id);
  }
  const unknown = await post('zz', '/api/session', { email: 'a@b.c', password: 'x' });
  assert.equal(unknown.status, 404);
  assert.equal((await fetch(`http://127.0.0.1:${marquee.port}/readyz`)).status, 200);
  const metrics = await (await fetch(`http://127.0.0.1:${marquee.port}/metrics`)).text();
  assert.match(metrics, /marquee_http_request_seconds_count/);
});

test('a suspended company is refused', async () => {
  const { application, b } = marquee;
  await application.tenants.setStatus(b.id, 'suspended');
  const response = await post('b', '/api/session', { email: 'sales@b.example', password: PASSWORD });
  assert.equal(response.status, 403);
  await application.tenants.setStatus(b.id, 'active');
});
