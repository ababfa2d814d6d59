// What belongs to company A is of no use at company B: every operation of every interface, with each kind of credential that A has.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { signLink } from '@/lib/identity';
import { startCompany } from './api/start-company';
import { apiKeyOf } from './api-key';

const company = await startCompany();
const { application, operations, tokens, tenantIds, userIds } = company;
const url = `http://127.0.0.1:${company.port}`;
const owner = await application.users.find(userIds['a:owner'] ?? '');
assert.ok(owner);
const bearer = company.bearer('a:owner');
const clientKey = await apiKeyOf(operations, tenantIds.a, 'anon');
const serviceKey = await apiKeyOf(operations, tenantIds.a, 'service');

/** The headers of each credential of A's. */
const CREDENTIALS: Record<string, Record<string, string>> = {
  'a session’s token': { authorization: bearer },
  'a session’s cookie': { cookie: `marquee_session=${bearer.slice(7)}`, origin: url },
  'a session’s token with a key': { authorization: bearer, apikey: clientKey },
  'a service key': { authorization: `Bearer ${serviceKey}`, apikey: serviceKey },
  'an anon key': { authorization: `Bearer ${clientKey}`, apikey: clientKey },
};

interface Operation {
  security?: unknown[];
  servers?: unknown;
}
const document = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
  paths: Record<string, Record<string, Operation>>;
};
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const API = Object.entries(document.paths).flatMap(([address, item]) =>
  Object.entries(item)
    .filter(([method, { security }]) => METHODS.includes(method) && !(security && security.length === 0))
    .map(([method]) => [method.toUpperCase(), `${item.servers ? '' : '/api'}${address}`] as const),
);
const OTHERS = [
  ...['GET', 'POST', 'PATCH', 'DELETE'].map((method) => [method, '/rest/v1/accounts'] as const),
  ...[
    ['POST', '/rest/v1/rpc/search_records'],
    ['GET', '/auth/v1/user'],
    ['PUT', '/auth/v1/user'],
    ['POST', '/auth/v1/logout'],
    ['POST', '/auth/v1/factors'],
    ['GET', '/auth/v1/admin/users'],
    ['POST', '/auth/v1/admin/users'],
    ['POST', '/auth/v1/admin/generate_link'],
    ['PUT', `/auth/v1/admin/users/${userIds['b:owner']}`],
    ['GET', '/storage/v1/bucket'],
    ['POST', '/storage/v1/object/list/attachments'],
    ['POST', '/storage/v1/object/list-v2/attachments'],
    ['POST', `/storage/v1/object/attachments/account/${randomUUID()}/x.txt`],
    ['DELETE', '/storage/v1/object/attachments'],
  ].map(([method = '', address = '']) => [method, address] as const),
];

for (const [name, headers] of Object.entries(CREDENTIALS)) {
  test(`${name} of A is refused at every address of B`, async () => {
    assert.ok(API.length > 100 && OTHERS.length > 10);
    const accepted: string[] = [];
    // Signing out without a session succeeds, and ends nothing: see the last test.
    const addresses = [...API, ...OTHERS].filter(
      ([method, address]) => !(method === 'DELETE' && address === '/api/session'),
    );
    for (const [method, address] of addresses) {
      const path = address.replace(/\{\w+\}/g, randomUUID());
      const answer = await fetch(`${url}/t/b${path}`, {
        method,
        headers: { ...headers, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: '{}' }),
        redirect: 'manual',
      });
      const said = await answer.text();
      // `GET /api/session` answers 401 too.
      if (answer.status >= 400 && answer.status < 500 && !said.includes('Company b')) {
        if (![401, 403].includes(answer.status) && !isRefusedByForm(answer.status))
          accepted.push(`${method} ${path}: ${answer.status} ${said}`);
      } else accepted.push(`${method} ${path}: ${answer.status} ${said.slice(0, 200)}`);
    }
    assert.deepEqual(accepted, []);
  });
}

/** A body of the wrong form, or an unknown record: nothing was done, and nothing was said of B. */
function isRefusedByForm(status: number): boolean {
  return [400, 404, 415, 422].includes(status);
}

test('links and codes of A’s users open nothing at B, and what is B’s stays closed', async () => {
  const atB = (path: string, body: object) =>
    fetch(`${url}/t/b${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify(body),
    });
  const password = 'a long phrase of my own';
  const reset = await signLink(tokens, 'reset-password', owner);
  const invitation = await signLink(tokens, 'invitation', owner);
  for (const [path, token] of [
    ['/api/session/reset-password', reset],
    ['/api/session/accept-invitation', invitation],
  ] as const) {
    const answer = await atB(path, { token, password });
    assert.equal(answer.status, 410, path);
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
  assert.equal((await application.users.find(owner.id))?.tokenVersion, owner.tokenVersion);

  const { data } = await createClient(url, serviceKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  }).auth.admin.generateLink({ type: 'magiclink', email: owner.email });
  const verified = await atB('/auth/v1/verify', {
    type: 'magiclink',
    token_hash: data.properties?.hashed_token,
  });
  assert.equal(verified.status, 403);
  assert.equal(
    (await atB('/auth/v1/verify', { type: 'email', token: data.properties?.email_otp, email: owner.email }))
      .status,
    403,
  );
});

test('a refresh token of A begins nothing at B', async () => {
  const { users } = application;
  const { hash } = await import('@node-rs/argon2');
  await users.setPassword(userIds['a:sales'] ?? '', await hash('correct horse battery'));
  const a = createClient(url, clientKey, { auth: { persistSession: false, autoRefreshToken: false } });
  const { data } = await a.auth.signInWithPassword({
    email: 'sales@a.example',
    password: 'correct horse battery',
  });
  const refresh = data.session?.refresh_token;
  assert.ok(refresh);
  const answer = await fetch(`${url}/t/b/auth/v1/token?grant_type=refresh_token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: refresh }),
  });
  assert.ok(answer.status === 400 || answer.status === 403, String(answer.status));
  assert.doesNotMatch(await answer.text(), /access_token/);
  assert.equal((await a.auth.refreshSession()).error, null, 'it is not used up');
});

test('signing out at B ends no session of A', async () => {
  for (const query of ['', '?everywhere=true']) {
    const answer = await fetch(`${url}/t/b/api/session${query}`, {
      method: 'DELETE',
      headers: { authorization: bearer, origin: `http://127.0.0.1:${company.port}` },
    });
    assert.equal(answer.status, query ? 401 : 204);
  }
  const answer = await fetch(`${url}/api/people`, { headers: { authorization: bearer } });
  assert.equal(answer.status, 200);
  assert.equal((await application.users.find(owner.id))?.tokenVersion, owner.tokenVersion);
});
