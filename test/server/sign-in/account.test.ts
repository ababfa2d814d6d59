import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hashRaw } from '@node-rs/argon2';
import { TOTP } from 'otpauth';
import { administer } from '../../support/postgres';
import { PASSWORD, startServing } from '../serving';

const serving = await startServing();
const { url, tenantIds, application } = serving;

function countBy(values: number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function signIn(tenant: string, body: unknown, headers: Record<string, string> = { origin: url }) {
  return fetch(`${url}/t/${tenant}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

test('a session is a signed cookie that scripts cannot read and other sites do not send', async () => {
  const response = await signIn('a', { email: 'OWNER@a.example', password: PASSWORD });
  assert.equal(response.status, 200);
  const cookie = response.headers.getSetCookie()[0] ?? '';
  assert.match(cookie, /; Path=\/t\/a; HttpOnly; SameSite=Lax/);
  const me = await fetch(`${url}/t/a/api/session`, { headers: { cookie } });
  const { user, tenant } = await me.json();
  assert.deepEqual([user.role, tenant.subdomain], ['owner', 'a']);
  assert.equal(JSON.stringify(user).includes('argon2'), false);
});

test('a company is found by its subdomain too', async () => {
  const { port } = serving.server;
  const body = JSON.stringify({ email: 'owner@b.example', password: PASSWORD });
  const host = `b.localhost:${port}`;
  const { request } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const headers = { host, origin: `http://${host}`, 'content-type': 'application/json' };
    const sent = request({ host: '127.0.0.1', port, path: '/api/session', method: 'POST', headers });
    sent
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end(body);
  });
  assert.equal(status, 200);
});

test('wrong passwords, unknown people and other companies’ people get one and the same answer', async () => {
  const answers = await Promise.all(
    [
      { email: 'owner@a.example', password: 'wrong' },
      { email: 'unknown@a.example', password: 'wrong' },
      { email: 'owner@b.example', password: PASSWORD },
    ].map(async (body) => {
      const response = await signIn('a', body);
      const { request_id: _, ...rest } = await response.json();
      return { status: response.status, ...rest };
    }),
  );
  assert.equal(answers[0]?.status, 401);
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
});

test('attempts are counted before the password is checked: many at once are no way around', async () => {
  await serving.addUser(tenantIds.a, 'guessed@a.example', 'sales');
  const body = { email: 'guessed@a.example', password: 'wrong' };
  const wrong = await Promise.all(Array.from({ length: 12 }, () => signIn('a', body)));
  const right = await signIn('a', { ...body, password: PASSWORD });
  assert.deepEqual(countBy(wrong.map(({ status }) => status)), { 401: 8, 429: 4 });
  assert.equal(right.status, 429, 'the right one comes too late as well');
  assert.ok(Number(right.headers.get('retry-after')) > 0);
});

test('a stranger’s attempts do not lock a user out of a device they have signed in on before', async () => {
  await serving.addUser(tenantIds.a, 'known@a.example', 'sales');
  const body = { email: 'known@a.example', password: PASSWORD };
  const first = await signIn('a', body);
  const device = first.headers.getSetCookie().find((cookie) => cookie.startsWith('marquee_device='));
  assert.match(device ?? '', /HttpOnly; SameSite=Lax/);
  await Promise.all(Array.from({ length: 10 }, () => signIn('a', { ...body, password: 'wrong' })));
  assert.equal((await signIn('a', body)).status, 429);
  const cookie = device?.split(';')[0] ?? '';
  assert.equal((await signIn('a', body, { origin: url, cookie })).status, 200);
  const other = { email: 'owner@a.example', password: 'wrong' };
  assert.equal((await signIn('a', other, { origin: url, cookie })).status, 401, 'known to one user only');
});

test('what changes something by cookie must come from a page of the same origin', async () => {
  const body = { email: 'owner@a.example', password: PASSWORD };
  assert.equal((await signIn('a', body, { origin: 'https://evil.example' })).status, 403);
  assert.equal((await signIn('a', body, { 'sec-fetch-site': 'cross-site', origin: url })).status, 403);
  assert.equal((await signIn('a', body, {})).status, 403);
  const cookie = await serving.cookieOf('a', 'owner@a.example');
  const write = (headers: Record<string, string>) =>
    fetch(`${url}/t/a/rest/v1/accounts`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: '{"name":"By form"}',
    });
  const refused: Record<string, string>[] = [
    {},
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: `${url}.evil.example` },
    // What another subdomain or another port of our own host sends.
    { 'sec-fetch-site': 'same-site', origin: url },
    { 'sec-fetch-site': 'cross-site', origin: url },
    { 'sec-fetch-site': 'none', origin: url },
    { origin: url.replace(/:\d+$/, ':1') },
  ];
  for (const headers of refused) assert.equal((await write(headers)).status, 403, JSON.stringify(headers));
  assert.equal((await write({ origin: url })).status, 201);
  assert.equal((await write({ 'sec-fetch-site': 'same-origin' })).status, 201);
});

test('A’s cookie is no session at B’s address', async () => {
  const cookie = await serving.cookieOf('a', 'owner@a.example');
  assert.equal((await fetch(`${url}/t/b/api/session`, { headers: { cookie } })).status, 401);
  assert.equal((await fetch(`${url}/t/b/rest/v1/accounts`, { headers: { cookie } })).status, 401);
});

test('a second factor is asked for once it is set up', async () => {
  const id = await serving.addUser(tenantIds.a, 'careful@a.example', 'admin');
  const totp = new TOTP({});
  await application.users.setTotpSecret(id, totp.secret.base32);
  await application.users.confirmTotp(id, []);
  const body = { email: 'careful@a.example', password: PASSWORD };
  const without = await signIn('a', body);
  assert.equal(without.status, 401);
  assert.equal((await without.json()).code, 'second_factor_required');
  const wrong = String((Number(totp.generate()) + 1) % 1_000_000).padStart(6, '0');
  assert.equal((await signIn('a', { ...body, code: wrong })).status, 401);
  const code = totp.generate();
  assert.equal((await signIn('a', { ...body, code })).status, 200);
  assert.equal((await signIn('a', { ...body, code })).status, 401, 'a code is good once');
});

test('a second factor is set up from a session with the password, and a recovery code signs in once', async () => {
  await serving.addUser(tenantIds.a, 'enrolling@a.example', 'admin');
  let cookie = await serving.cookieOf('a', 'enrolling@a.example');
  const other = await serving.cookieOf('a', 'enrolling@a.example');
  const ask = async (path: string, body: unknown) => {
    const response = await fetch(`${url}/t/a/api/account/${path}`, {
      method: 'POST',
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return { status: response.status, body: await response.json().catch(() => null) };
  };
  const isIn = async (given: string) =>
    (await fetch(`${url}/t/a/api/people`, { headers: { cookie: given } })).status === 200;

  const { secret, uri, token } = (await ask('second-factor', {})).body;
  assert.match(uri, new RegExp(`^otpauth://totp/.*secret=${secret}`));
  const code = new TOTP({ secret }).generate();
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
  assert.equal((await ask('second-factor/confirm', { token, code, current: 'not it' })).status, 403);
  assert.equal((await ask('second-factor/confirm', { token, code: wrong, current: PASSWORD })).status, 422);
  const confirmed = await ask('second-factor/confirm', { token, code, current: PASSWORD });
  assert.equal(confirmed.status, 200);
  const [recoveryCode = ''] = confirmed.body.recoveryCodes as string[];
  assert.equal(new Set(confirmed.body.recoveryCodes).size, 10);
  // Kept is a slow hash with a salt of the user's: a stolen database does not let codes of 50 bits be searched.
  const { rows } = await administer(
    serving.applicationUrl,
    "select id, recovery_code_hashes hashes from users where email = 'enrolling@a.example'",
  );
  const salt = createHash('sha256').update(`recovery codes of ${rows[0].id}`).digest().subarray(0, 16);
  const argon2id = await hashRaw(recoveryCode.replace('-', ''), { salt, algorithm: 2 });
  assert.equal(rows[0].hashes.length, 10);
  assert.ok(rows[0].hashes.includes(argon2id.toString('hex')));
  assert.deepEqual([await isIn(cookie), await isIn(other)], [true, false]);

  const body = { email: 'enrolling@a.example', password: PASSWORD };
  assert.equal((await signIn('a', body)).status, 401);
  assert.equal((await signIn('a', { ...body, code: recoveryCode.toUpperCase() })).status, 200);
  assert.equal((await signIn('a', { ...body, code: recoveryCode })).status, 401, 'good once');

  assert.equal((await ask('second-factor/remove', { current: PASSWORD })).status, 204);
  assert.equal((await signIn('a', body)).status, 200);

  const next = (await ask('second-factor', {})).body;
  const nextCode = new TOTP({ secret: next.secret }).generate();
  const again = { token: next.token, code: nextCode, current: PASSWORD };
  assert.equal(
    (await ask('second-factor/confirm', again)).status,
    200,
    'of another factor, in the same half minute',
  );
  assert.equal((await signIn('a', { ...body, code: nextCode })).status, 401, 'used by the confirmation');
});

test('changing a password takes the old one, and ends other sessions', async () => {
  await serving.addUser(tenantIds.a, 'changing@a.example', 'sales');
  const [mine, other] = [
    await serving.cookieOf('a', 'changing@a.example'),
    await serving.cookieOf('a', 'changing@a.example'),
  ];
  const change = (body: unknown) =>
    fetch(`${url}/t/a/api/account/password`, {
      method: 'POST',
      headers: { cookie: mine, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  assert.equal((await change({ current: 'guessed', password: 'a new password' })).status, 403);
  assert.equal((await change({ current: PASSWORD, password: 'short' })).status, 400);
  const changed = await change({ current: PASSWORD, password: 'a new password' });
  assert.equal(changed.status, 204);
  const renewed = changed.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const asked = (cookie: string) => fetch(`${url}/t/a/api/people`, { headers: { cookie } });
  assert.deepEqual([(await asked(renewed)).status, (await asked(other)).status], [200, 401]);
  assert.equal((await signIn('a', { email: 'changing@a.example', password: 'a new password' })).status, 200);
});

test('signing out everywhere ends every session and refresh token', async () => {
  await serving.addUser(tenantIds.a, 'leaving@a.example', 'sales');
  const client = await serving.supabase('a', 'leaving@a.example');
  assert.equal((await client.from('accounts').select('id').limit(1)).data?.length, 1);
  const session = (await client.auth.getSession()).data.session;
  assert.equal((await client.auth.getUser()).data.user?.email, 'leaving@a.example');
  assert.equal((await client.auth.signOut({ scope: 'global' })).error, null);
  const authorization = `Bearer ${session?.access_token}`;
  assert.equal((await fetch(`${url}/rest/v1/accounts`, { headers: { authorization } })).status, 401);
  const again = await serving.supabase('a');
  const refreshed = await again.auth.refreshSession({ refresh_token: session?.refresh_token ?? '' });
  assert.ok(refreshed.error);
});

test('a refresh token gives a new session', async () => {
  const client = await serving.supabase('b', 'owner@b.example');
  const { data, error } = await client.auth.refreshSession();
  assert.equal(error, null);
  assert.equal(data.user?.app_metadata.user_role, 'owner');
});

test('the operator signs in without a company and reads no business data', async () => {
  await serving.addUser(null, 'operator@marquee.example', 'operator');
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email: 'operator@marquee.example', password: PASSWORD }),
  });
  assert.equal((await response.json()).tenant, null);
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  assert.equal((await fetch(`${url}/rest/v1/accounts`, { headers: { cookie } })).status, 403);
});
