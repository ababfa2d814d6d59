import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PASSWORD, startMarquee } from './running-server';

const marquee = await startMarquee();
const { application } = marquee;
const address = `${marquee.address('a')}`;
const origin = `http://127.0.0.1:${marquee.port}`;
const json = { 'content-type': 'application/json', origin };

async function cookieOf(email: string): Promise<string> {
  const body = JSON.stringify({ email, password: PASSWORD });
  const answer = await fetch(`${address}/api/session`, { method: 'POST', body, headers: json });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
const owner = await cookieOf('owner@a.example');
const viewer = await cookieOf('viewer@a.example');
const ask = (
  method: string,
  path: string,
  options: { cookie?: string; body?: object; accept?: string } = {},
) =>
  fetch(`${address}${path}`, {
    method,
    headers: {
      ...json,
      cookie: options.cookie ?? owner,
      ...(options.accept ? { accept: options.accept } : {}),
    },
    ...(options.body ? { body: JSON.stringify(options.body) } : {}),
  });
const recorded = async (action: string) =>
  (await application.audit.list({ tenantId: marquee.a.id, action })).reverse();

test('exports are recorded with who took what, from where; refused ones are not', async () => {
  const user = (await application.users.list(marquee.a.id)).find(({ role }) => role === 'owner');
  assert.equal((await ask('GET', '/api/exports/accounts.csv')).status, 200);
  assert.equal((await ask('GET', '/rest/v1/contacts?select=last_name', { accept: 'text/csv' })).status, 200);
  assert.equal((await ask('GET', '/rest/v1/contacts?select=last_name')).status, 200);
  assert.equal((await ask('GET', '/api/exports/accounts.csv', { cookie: viewer })).status, 403);
  const records = await recorded('exports.create');
  assert.deepEqual(
    records.map(({ actor, entityId, address }) => [actor, entityId, address]),
    [
      [`user:${user?.id}`, 'accounts', '127.0.0.1'],
      [`user:${user?.id}`, 'contacts', '127.0.0.1'],
    ],
  );
});

test('changes of settings and connections are recorded by name, by each way; values stay in the tenant’s database', async () => {
  const value = { name: 'A secret name' };
  assert.equal((await ask('PUT', '/api/settings/overlap_policy', { body: { value: 'warn' } })).status, 200);
  assert.equal((await ask('PUT', '/api/settings/nonsense', { body: { value } })).status >= 400, true);
  const change = { method: 'PATCH', body: { value: 'refuse' } } as const;
  const patched = await ask(change.method, '/rest/v1/tenant_settings?key=eq.overlap_policy', change);
  assert.equal(patched.status, 204);
  const hook = { url: 'https://hooks.example.com/marquee', events: ['quote.sent'] };
  assert.equal((await ask('POST', '/api/webhooks', { body: hook })).status, 201);
  assert.deepEqual(
    (await recorded('settings.update')).map(({ entityId, details }) => [entityId, details?.method]),
    [
      ['overlap_policy', 'PUT'],
      ['tenant_settings', 'PATCH'],
    ],
  );
  const [webhook] = await recorded('webhooks.update');
  assert.equal(webhook?.details?.method, 'POST');
  assert.doesNotMatch(JSON.stringify(await application.audit.list()), /refuse|hooks\.example\.com/);
});

test('an export that cannot be recorded is not given out', async (t) => {
  t.mock.method(application.audit, 'append', () => Promise.reject(new Error('no log')));
  const answer = await ask('GET', '/api/exports/accounts.csv');
  assert.equal(answer.status, 500);
  assert.doesNotMatch(await answer.text(), /Name/);
});
