// What Supabase clients, old ones too, and programs written for PostgREST expect of `/rest/v1` and `/auth/v1`.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import SwaggerParser from '@apidevtools/swagger-parser';
import { createClient } from '@supabase/supabase-js';
import type { Database } from '@/lib/tenant-data/types';
import { PASSWORD, startServing } from './serving';

const serving = await startServing();
const base = `${serving.url}/t/a`;
const session = await signIn();
const authorization = `Bearer ${session.access_token}`;

async function signIn() {
  const response = await fetch(`${base}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'owner@a.example', password: PASSWORD }),
  });
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  return response.json();
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where the two types are the same. */
const same = <A, B>(_equal: Equal<A, B>) => {};

test('createClient<Database> infers rows, embedded ones too, as they come', async () => {
  const client = createClient<Database>(base, session.access_token, {
    accessToken: async () => session.access_token,
  });
  const inserted = await client
    .from('leads')
    .insert({ first_name: 'Ida', last_name: 'Typed' })
    .select('id, first_name, source, version, account:accounts(name), event_types(name)')
    .single();
  assert.equal(inserted.error, null);
  const lead = inserted.data;
  same<typeof lead.first_name, string>(true);
  same<typeof lead.source, string | null>(true);
  same<typeof lead.version, number>(true);
  same<typeof lead.account, { name: string } | null>(true);
  assert.deepEqual([lead.first_name, lead.account, lead.event_types], ['Ida', null, null]);

  const { data } = await client
    .from('accounts')
    .select('name, opportunities(id), contact_accounts(contacts(first_name))')
    .order('name')
    .limit(1);
  if (!data?.[0]) throw new Error('nothing was read');
  const [account] = data;
  same<typeof account.name, string>(true);
  same<typeof account.opportunities, { id: string }[]>(true);
  same<typeof account.contact_accounts, { contacts: { first_name: string } }[]>(true);
  assert.deepEqual(account, { name: 'First of a', opportunities: [], contact_accounts: [] });
  const events = await client
    .from('events')
    .select('primary:contacts!primary_contact_id(first_name), planner:contacts!planner_contact_id(id)');
  assert.equal(events.error, null);
  same<(typeof events.data)[number]['primary'], { first_name: string } | null>(true);
  // @ts-expect-error there is no such table
  assert.equal((await client.from('nowhere').select()).error?.code, 'PGRST205');
  // @ts-expect-error there is no such column
  assert.equal((await client.from('accounts').insert({ nothing: 1 })).error?.code, 'PGRST204');
});

test('Prefer: timezone takes names and offsets, and one that PostgreSQL does not know is 400', async () => {
  const ask = async (timezone: string) => {
    const response = await fetch(`${base}/rest/v1/accounts?select=created_at&limit=1`, {
      headers: { authorization, prefer: `timezone=${timezone}` },
    });
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
  const { body, headers } = await ask('-4');
  assert.match(body[0].created_at, /-04:00$/);
  assert.equal(headers.get('preference-applied'), 'timezone=-4');
  assert.match(headers.get('vary') ?? '', /Accept, Prefer, Range, Authorization, Cookie/);
  assert.match((await ask('UTC')).body[0].created_at, /\+00:00$/);
  for (let again = 0; again < 20; again += 1) {
    const refused = await ask('Mars/Base');
    assert.deepEqual([refused.status, refused.body.code], [400, '22023']);
  }
  assert.equal((await ask('UTC')).status, 200);
});

test('a resource with an alias is filtered by its own name with a warning', async () => {
  const response = await fetch(
    `${base}/rest/v1/accounts?select=id,deals:opportunities(id)&opportunities.limit=1`,
    {
      headers: { authorization },
    },
  );
  assert.equal(response.status, 200);
  assert.match(response.headers.get('warning') ?? '', /Update `opportunities` to `deals`/);
});

test('the root describes the API as valid OpenAPI', async () => {
  const document = await (await fetch(`${base}/rest/v1/`, { headers: { authorization } })).json();
  assert.ok(document.paths['/accounts'].post);
  await SwaggerParser.validate(document);
});

test('a signed-in user’s address is confirmed, without which supabase-js 1 keeps no session', () => {
  assert.ok(Date.parse(session.user.email_confirmed_at));
});

test('pages of any origin may use the two, with tokens', async () => {
  const preflight = (path: string, method: string) =>
    fetch(`${base}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://admin.example',
        'access-control-request-method': method,
        'access-control-request-headers': 'apikey,authorization,x-client-info',
      },
    });
  for (const path of ['/rest/v1/accounts', '/rest/v1', '/auth/v1/token?grant_type=password']) {
    const { status, headers } = await preflight(path, 'POST');
    assert.equal(status, 204, path);
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.match(headers.get('access-control-allow-headers') ?? '', /x-client-info/);
    assert.equal(headers.get('access-control-allow-credentials'), null);
  }
  assert.equal((await preflight('/api/session', 'POST')).headers.get('access-control-allow-origin'), null);
  const read = await fetch(`${base}/rest/v1/accounts`, {
    headers: { authorization, origin: 'https://admin.example' },
  });
  assert.equal(read.headers.get('access-control-allow-origin'), '*');
  assert.match(read.headers.get('access-control-expose-headers') ?? '', /Content-Range/);
  const refused = await fetch(`${base}/rest/v1/accounts`, { headers: { origin: 'https://admin.example' } });
  assert.deepEqual([refused.status, refused.headers.get('access-control-allow-origin')], [401, '*']);
  const options = await fetch(`${base}/rest/v1/accounts`, { method: 'OPTIONS', headers: { authorization } });
  assert.deepEqual(
    [options.status, options.headers.get('allow')],
    [200, 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE'],
  );
});

test('the root describes what the user may use', async () => {
  const response = await fetch(`${base}/rest/v1/`, { headers: { authorization } });
  assert.equal(response.headers.get('content-type'), 'application/openapi+json; charset=utf-8');
  const document = await response.json();
  assert.equal(`http://${document.host}${document.basePath}`, `${serving.url}/rest/v1`);
  assert.ok(document.paths['/accounts'].get);
  assert.ok(document.paths['/rpc/search_records']);
  // Keys begin with the tenant: of what a row refers to, the other column tells.
  const { account_id: account, tenant_id: tenant } = document.definitions.opportunities.properties;
  assert.match(account.description, /<fk table='accounts' column='id'\/>/);
  assert.doesNotMatch(tenant.description, /<fk/);
  assert.equal((await fetch(`${base}/rest/v1/`)).status, 401);
});

test('a filter by a thousand ids is taken, and its answer has no header too long for Node', async () => {
  const [{ id }] = await (
    await fetch(`${base}/rest/v1/accounts?limit=1`, { headers: { authorization } })
  ).json();
  const ids = Array.from(
    { length: 1_000 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
  const response = await fetch(`${base}/rest/v1/accounts?select=id&id=in.(${[...ids, id].join()})`, {
    headers: { authorization },
  });
  assert.deepEqual(await response.json(), [{ id }]);
  assert.equal(response.headers.get('content-location'), null);
});

test('a body that is not UTF-8 is refused rather than changed', async () => {
  const response = await fetch(`${base}/rest/v1/accounts`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: Buffer.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]),
  });
  assert.deepEqual([response.status, (await response.json()).code], [400, 'PGRST102']);
});

test('a body that is too large is refused in the form of each service, to pages of any origin', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(10 * 1024 * 1024) });
  const expected: Record<string, object> = {
    'rest/v1/accounts': { code: 'body_too_large', details: null },
    'auth/v1/token?grant_type=password': { code: 413, error_code: 'request_too_large' },
    'storage/v1/object/list/attachments': { statusCode: '413', code: 'EntityTooLarge' },
    'realtime/v1/api/broadcast': { code: 'body_too_large' },
  };
  for (const [path, form] of Object.entries(expected)) {
    const headers = { authorization, origin: 'https://app.example', 'content-type': 'application/json' };
    const response = await fetch(`${base}/${path}`, { method: 'POST', headers, body });
    const answer = await response.json();
    assert.deepEqual([response.status, { ...answer, ...form }], [413, answer], path);
    assert.match(answer.message ?? answer.msg, /10 MB/, path);
    assert.equal(response.headers.get('access-control-allow-origin'), '*', path);
  }
  const client = createClient<Database>(base, session.access_token, {
    accessToken: async () => session.access_token,
  });
  const { error } = await client.from('accounts').insert({ name: 'x'.repeat(11 * 1024 * 1024) });
  assert.match(error?.message ?? '', /10 MB/);
});
