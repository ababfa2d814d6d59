// Attacks over HTTP by company B, by anonymous callers, and by people of company A on what is not theirs, on a server with every service.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { test } from 'node:test';
import { createTokens, tokenKeysOf } from '@/lib/secrets';
import { administer } from '../support/postgres';
import { until } from '../support/until';
import { type Asker, bodyOf, makeDeal, startCompany } from './api/start-company';
import { apiKeyOf } from './api-key';

const company = await startCompany();
const { tenantIds, userIds, tokens } = company;
const deal = await makeDeal(company, 'Confidential gala');
const serviceOfA = await company.service('a');
const upload = new FormData();
upload.set('file', new File(['Confidential floor plan'], 'plan.txt', { type: 'text/plain' }));
upload.set('entity_type', 'account');
upload.set('entity_id', deal.accountId);
const attachment = await bodyOf<{ id: string }>(
  await company.ask('a:owner', 'POST', '/api/attachments', upload),
  201,
);
const { data: stored } = await serviceOfA
  .from('attachments')
  .select('storage_key')
  .eq('id', attachment.id)
  .single();
const sent = await bodyOf<{ url: string }>(
  await company.ask('a:owner', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
  200,
);
const serviceKeyOfB = await apiKeyOf(company.operations, tenantIds.b, 'service');

const ROLES_OF_B: Asker[] = ['b:owner', 'b:manager', 'b:sales', 'b:staff', 'b:viewer'];
const OURS = /Confidential|ana@client\.example|Rivera/;

/** Every way to A's things by their ids. */
const PATHS: [method: string, path: string, body?: unknown][] = [
  ['GET', `/rest/v1/quotes?id=eq.${deal.quoteId}`],
  ['GET', `/rest/v1/quotes?id=eq.${deal.quoteId}&select=*,accounts(*),quote_line_items(*)`],
  ['GET', `/rest/v1/accounts?tenant_id=eq.${tenantIds.a}`],
  ['GET', `/rest/v1/accounts?or=(tenant_id.eq.${tenantIds.a},id.eq.${deal.accountId})`],
  ['GET', `/rest/v1/accounts?tenant_id=in.(${tenantIds.a},${tenantIds.b})`],
  ['GET', `/rest/v1/accounts?tenant_id=eq.${tenantIds.b}&tenant_id=eq.${tenantIds.a}`],
  ['GET', `/rest/v1/accounts?%74enant_id=eq.${tenantIds.a}&select=name`],
  ['GET', `/rest/v1/accounts?select=name,account:accounts(name)`],
  ['GET', `/rest/v1/contacts?select=email.max(),count()`],
  ['GET', `/rest/v1/contacts?email=like.ana*&order=email&limit=1`],
  ['POST', '/rest/v1/rpc/search_records', { query: 'Confidential' }],
  ['POST', '/rest/v1/rpc/convert_opportunity', { opportunity: deal.opportunityId }],
  ['POST', '/rest/v1/rpc/accept_quote', { quote: deal.quoteId }],
  ['PATCH', `/rest/v1/accounts?id=eq.${deal.accountId}`, { name: 'Taken' }],
  ['DELETE', `/rest/v1/accounts?id=eq.${deal.accountId}`],
  ['GET', `/api/attachments/${attachment.id}`],
  ['DELETE', `/api/attachments/${attachment.id}`],
  ['GET', `/api/attachments?entity_type=account&entity_id=${deal.accountId}`],
  ['GET', `/api/documents/quotes/${deal.quoteId}.pdf`],
  ['POST', `/api/quotes/${deal.quoteId}/send`, {}],
  ['PATCH', `/api/people/${userIds['a:owner']}`, { role: 'viewer' }],
  ['GET', '/api/people'],
  ['GET', `/api/people/${userIds['a:owner']}/changes`],
  ['GET', '/api/exports/accounts.csv'],
  ['GET', '/api/imports'],
  ['GET', `/api/calendar-feeds/free-busy?from=2026-01-01&to=2030-01-01&boothId=${deal.boothId}`],
  ['GET', '/api/integrations'],
  ['GET', '/api/webhooks'],
];

async function stateOfA(): Promise<string> {
  const tables = [
    'accounts',
    'contacts',
    'quotes',
    'opportunities',
    'attachments',
    'booth_assignments',
    'tasks',
  ] as const;
  const rows = await Promise.all(
    tables.map(async (table) => (await serviceOfA.from(table).select('*').order('id').throwOnError()).data),
  );
  return JSON.stringify(rows);
}
const before = await stateOfA();

for (const who of ['anonymous', ...ROLES_OF_B, 'b:service key'] as const) {
  test(`${who} reads nothing of A by any address`, async () => {
    for (const [method, path, body] of PATHS) {
      const asker = who === 'b:service key' ? 'anonymous' : who;
      const headers: Record<string, string> = who === 'b:service key' ? { apikey: serviceKeyOfB } : {};
      const answer = await company.ask(asker, method, path, body, headers);
      const text = await answer.text();
      assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${text}`);
      if (!path.includes('boothId')) assert.doesNotMatch(text, OURS, `${method} ${path}`);
      if (who === 'anonymous') assert.equal(answer.status, 401, `${method} ${path}: ${text}`);
    }
    assert.equal(await stateOfA(), before);
  });
}

for (const [name, body, headers] of [
  ['an id in a JSON row', JSON.stringify({ name: 'Planted', tenant_id: tenantIds.a }), {}],
  [
    'an id that comes twice in a row',
    `{"tenant_id":"${tenantIds.b}","name":"Planted","tenant_id":"${tenantIds.a}"}`,
    {},
  ],
  ['a CSV', `name,tenant_id\nPlanted,${tenantIds.a}\n`, { 'content-type': 'text/csv' }],
  [
    'a form',
    `name=Planted&tenant_id=${tenantIds.a}`,
    { 'content-type': 'application/x-www-form-urlencoded' },
  ],
  [
    'one row among many',
    JSON.stringify([
      { name: 'Planted', tenant_id: tenantIds.b },
      { name: 'Planted', tenant_id: tenantIds.a },
    ]),
    {},
  ],
  [
    'an upsert over a row of A',
    JSON.stringify({ id: deal.accountId, tenant_id: tenantIds.a, name: 'Planted' }),
    { prefer: 'resolution=merge-duplicates' },
  ],
] as const) {
  test(`${name} writes nothing to A`, async () => {
    for (const path of [
      '/rest/v1/accounts',
      '/rest/v1/accounts?columns=name,tenant_id',
      '/rest/v1/accounts?on_conflict=tenant_id,id',
    ]) {
      const answer = await company.ask('b:owner', 'POST', path, body, {
        'content-type': 'application/json',
        ...headers,
      });
      assert.ok([400, 403, 409].includes(answer.status), `${path}: ${answer.status} ${await answer.text()}`);
    }
    assert.equal(await stateOfA(), before);
  });
}

test('a user cannot write a row in another user’s name', async () => {
  const answer = await company.ask(
    'b:sales',
    'POST',
    '/rest/v1/accounts',
    {
      name: 'Signed',
      created_by: userIds['b:owner'],
      updated_by: userIds['b:owner'],
    },
    { prefer: 'return=representation' },
  );
  assert.equal((await bodyOf<{ code: string }>(answer, 403)).code, '42501');
});

for (const count of ['planned', 'estimated']) {
  test(`a ${count} count is of one’s own rows, not the planner’s guess about all tenants’`, async () => {
    for (const filter of [`tenant_id=eq.${tenantIds.a}`, 'name=eq.Confidential%20gala']) {
      const answer = await company.ask('b:owner', 'GET', `/rest/v1/accounts?${filter}`, undefined, {
        prefer: `count=${count}`,
      });
      assert.match(answer.headers.get('content-range') ?? '', /\/0$/);
    }
  });
}

test('the plan of a statement is not shown', async () => {
  for (const accept of [
    'application/vnd.pgrst.plan',
    'application/vnd.pgrst.plan+json; options=analyze|verbose',
  ]) {
    const answer = await company.ask('b:owner', 'GET', '/rest/v1/accounts', undefined, { accept });
    assert.equal(answer.status, 406);
  }
});

test('a file of A is not had by a row of B that names where it lies', async () => {
  const key = String(stored?.storage_key);
  for (const [index, storage_key] of [
    key,
    `${tenantIds.b}/../${key}`,
    `../files/${key}`,
    `${tenantIds.b}/${'../'.repeat(8)}etc/passwd`,
  ].entries()) {
    const [account] = await bodyOf<{ id: string }[]>(
      await company.ask(
        'b:owner',
        'POST',
        '/rest/v1/accounts',
        { name: `For a file ${index}` },
        { prefer: 'return=representation' },
      ),
      201,
    );
    const row = {
      entity_type: 'account',
      entity_id: account?.id,
      file_name: 'mine.txt',
      mime_type: 'text/plain',
      size_bytes: 1,
      storage_key,
      visibility: 'internal',
    };
    const prefer = { prefer: 'return=representation' };
    const byHand = await company.ask('b:owner', 'POST', '/rest/v1/attachments', row, prefer);
    assert.equal(byHand.status, 403, storage_key);
    // And where trusted code would write it.
    const { data } = await (await company.service('b'))
      .from('attachments')
      .insert(row)
      .select('id')
      .single()
      .throwOnError();
    const read = await company.ask('b:owner', 'GET', `/api/attachments/${data.id}`);
    assert.equal(read.status, 404, storage_key);
    assert.doesNotMatch(await read.text(), OURS);
    await company.ask('b:owner', 'DELETE', `/api/attachments/${data.id}`);
  }
  const mine = await company.ask('a:owner', 'GET', `/api/attachments/${attachment.id}`);
  assert.equal(await mine.text(), 'Confidential floor plan');
});

test('a calendar shows what its maker may see, also one that was written past the API', async () => {
  const made = await bodyOf<{ id: string; url: string }>(
    await company.ask('a:staff', 'POST', '/api/calendar-feeds', { name: 'Prying', boothId: deal.boothId }),
    201,
  );
  const text = await (await company.ask('anonymous', 'GET', made.url)).text();
  assert.match(text, /^BEGIN:VCALENDAR/);
  assert.doesNotMatch(text, /BEGIN:VEVENT/);
});

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = {
  sub: userIds['a:owner'],
  tenant_id: tenantIds.a,
  user_role: 'owner',
  token_version: 1,
  role: 'authenticated',
  iss: 'marquee',
  aud: 'authenticated',
  exp: 4_000_000_000,
};
const signed = (header: object, key: string) => {
  const input = `${base64(header)}.${base64(claims)}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
};
const FORGED: Record<string, () => string | Promise<string>> = {
  'no algorithm': () => `${base64({ alg: 'none' })}.${base64(claims)}.`,
  'an empty key': () => signed({ alg: 'HS256' }, ''),
  'a key of its own': () => signed({ alg: 'HS256', jwk: { kty: 'oct', k: 'bWluZQ' } }, 'mine'),
  'a key file': () => signed({ alg: 'HS256', kid: '../../../../dev/null' }, ''),
  'another installation’s key': () =>
    createTokens(tokenKeysOf('ab'.repeat(32))).signAccessToken(
      { userId: String(userIds['a:owner']), tenantId: tenantIds.a, role: 'owner', tokenVersion: 1 },
      60,
    ),
  'an expired session': () =>
    tokens.signAccessToken(
      { userId: String(userIds['a:owner']), tenantId: tenantIds.a, role: 'owner', tokenVersion: 1 },
      -60,
    ),
  'a session that was revoked': () =>
    tokens.signAccessToken(
      { userId: String(userIds['a:owner']), tenantId: tenantIds.a, role: 'owner', tokenVersion: 0 },
      60,
    ),
  'a refresh token': () =>
    tokens.signPurposeToken('refresh', String(userIds['a:owner']), { tokenVersion: 1 }, 60),
  'a token to reset a password': () =>
    tokens.signPurposeToken('reset-password', String(userIds['a:owner']), {}, 60),
  'a public key': () => apiKeyOf(company.operations, tenantIds.a, 'anon'),
  'a client’s link': () => sent.url.split('/').pop() ?? '',
  'nothing at all': () => '',
};
for (const [name, make] of Object.entries(FORGED)) {
  test(`${name} opens nothing`, async () => {
    const token = await make();
    const ways: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { apikey: token },
      { cookie: `marquee_session=${token}` },
      { authorization: `Basic ${token}` },
    ];
    for (const headers of ways) {
      for (const path of ['/rest/v1/accounts', '/api/people', '/api/exports/accounts.csv']) {
        const answer = await company.ask('anonymous', 'GET', path, undefined, headers);
        assert.equal(answer.status, 401, `${path} ${Object.keys(headers)}`);
        assert.doesNotMatch(await answer.text(), OURS);
      }
    }
  });
}

test('a tenant’s service key opens rows of that tenant, and is refused elsewhere', async () => {
  const rows = await bodyOf<{ tenant_id: string }[]>(
    await company.ask('anonymous', 'GET', '/rest/v1/accounts?select=tenant_id', undefined, {
      apikey: serviceKeyOfB,
    }),
    200,
  );
  assert.ok(rows.every((row) => row.tenant_id === tenantIds.b));
  for (const path of ['/api/people', '/api/session', '/api/integrations']) {
    const answer = await company.ask('anonymous', 'GET', path, undefined, {
      authorization: `Bearer ${serviceKeyOfB}`,
    });
    assert.equal(answer.status, 401, path);
  }
});

/** A request as no client would send it. */
function raw(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: company.port, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}
const authorization = company.bearer('b:owner');

for (const path of [
  '/t/a/rest/v1/accounts',
  '/T/A/rest/v1/accounts',
  '/t/a//rest/v1/accounts',
  '/t/b/../a/rest/v1/accounts',
  '/t/b/%2e%2e/a/rest/v1/accounts',
  '/t/a/api/people',
  '/t/b/t/a/rest/v1/accounts',
  '//t/a/rest/v1/accounts',
  '/t/a%2frest/v1/accounts',
  '/rest/v1/%2e%2e/%2e%2e/t/a/rest/v1/accounts',
  '/rest/v1/..%2f..%2ft/a/rest/v1/accounts',
  'http://a.localhost/rest/v1/accounts',
  '/t/a;x/rest/v1/accounts',
]) {
  test(`B’s token finds nothing of A at ${path}`, async () => {
    const { status, text } = await raw(path, { authorization, host: `localhost:${company.port}` });
    assert.ok(status >= 400 && status < 500, `${status} ${text}`);
    assert.doesNotMatch(text, OURS);
  });
}

test('the host decides, and no header that a client can add', async () => {
  const atA = await raw('/rest/v1/accounts', { authorization, host: `a.localhost:${company.port}` });
  assert.equal(atA.status, 401);
  for (const header of [
    'x-forwarded-host',
    'x-original-host',
    'x-host',
    'forwarded',
    'x-tenant-id',
    'x-original-url',
    'x-rewrite-url',
    'x-http-method-override',
  ]) {
    const value =
      header === 'forwarded'
        ? 'host=a.localhost'
        : header.endsWith('url')
          ? '/t/a/rest/v1/accounts'
          : header === 'x-tenant-id'
            ? tenantIds.a
            : 'a.localhost';
    const { status, text } = await raw('/rest/v1/accounts', {
      authorization,
      host: `b.localhost:${company.port}`,
      [header]: value,
    });
    assert.equal(status, 200, header);
    assert.doesNotMatch(text, OURS);
  }
});

test('pages of other origins get rows for a token they hold, never by a cookie, and nothing of the business API', async () => {
  const origin = { origin: 'https://evil.example' };
  const rows = await company.ask('b:owner', 'GET', '/rest/v1/accounts', undefined, origin);
  assert.equal(rows.headers.get('access-control-allow-credentials'), null);
  for (const [method, headers] of [
    ['GET', origin],
    ['OPTIONS', { ...origin, 'access-control-request-method': 'POST' }],
  ] as const) {
    const answer = await company.ask('anonymous', method, '/api/people', undefined, headers);
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  }
});

test('an import cannot stop the server: a table of a hundred thousand columns is refused at once', async () => {
  const header = Array.from({ length: 100_000 }, (_, n) => `c${n}`).join(',');
  const path = '/api/imports/preview?entity=accounts';
  const answer = await company.ask('b:owner', 'POST', path, header, { 'content-type': 'text/csv' });
  assert.equal((await bodyOf<{ code: string }>(answer, 422)).code, 'csv_too_wide');
});

test('a staff member’s own role is the database’s business: no claim in a request changes it', async () => {
  const answer = await company.ask(
    'b:viewer',
    'POST',
    '/rest/v1/accounts',
    { name: 'No' },
    {
      'x-user-role': 'owner',
      role: 'tenant_service',
      'x-supabase-role': 'service_role',
    },
  );
  assert.equal(answer.status, 403);
});

test('the audit log is not to be had as data, and the application’s own login cannot change it', async () => {
  for (const table of ['audit_log', 'tenants', 'users', 'data_sources', 'router_keys', 'pg_shadow'])
    assert.equal((await company.ask('b:owner', 'GET', `/rest/v1/${table}`)).status, 404, table);
  for (const text of ['update audit_log set actor = null', 'delete from audit_log', 'truncate audit_log'])
    await assert.rejects(administer(company.applicationUrl, text), { code: 'MQ010' });
});

test('a customer’s database sets no cookie, policy or redirect on our origin', async () => {
  await administer(
    company.dataUrl,
    `create function public.with_headers() returns json language plpgsql as $$ begin
       perform set_config('response.headers', '[{"Set-Cookie": "marquee_session=x"}, {"Content-Security-Policy": "none"},
         {"Access-Control-Allow-Origin": "https://evil.example"}, {"Location": "/kept"}, {"X-Other": "x"}, {"Clear-Site-Data": "*"},
         {"Strict-Transport-Security": "max-age=0"}, {"Refresh": "0; url=https://evil.example"}, {"Cache-Control": "no-store"}]', true);
       return '{}'::json; end $$; select tenancy.expose(true, 'public.with_headers()'); notify pgrst, 'reload schema'`,
  );
  let answer = await company.ask('a:owner', 'POST', '/rest/v1/rpc/with_headers', {});
  await until(async () => {
    answer = await company.ask('a:owner', 'POST', '/rest/v1/rpc/with_headers', {});
    return answer.status !== 404;
  }, 'the function to be known');
  assert.equal(answer.status, 200);
  const { headers } = answer;
  assert.equal(headers.get('cache-control'), 'no-store', 'what PostgREST may set is passed on');
  assert.equal(headers.get('location'), '/kept');
  for (const name of ['set-cookie', 'x-other', 'clear-site-data', 'refresh'])
    assert.equal(headers.get(name), null, name);
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'; sandbox/);
  assert.notEqual(headers.get('access-control-allow-origin'), 'https://evil.example');
  assert.doesNotMatch(headers.get('strict-transport-security') ?? '', /max-age=0/);
});

test('a person of a suspended company, and its service key, are turned away everywhere', async () => {
  const tenant = await company.application.tenants.get(tenantIds.b);
  await company.application.tenants.setStatus(tenant.id, 'suspended');
  try {
    for (const [headers, path] of [
      [{ authorization }, '/rest/v1/accounts'],
      [{ apikey: serviceKeyOfB }, '/rest/v1/accounts'],
      [{ authorization }, '/api/people'],
      [{ authorization }, '/api/exports/accounts.csv'],
    ] as const) {
      const ask = () => company.ask('anonymous', 'GET', path, undefined, headers);
      await until(async () => (await ask()).status === 403, `${path} to be refused`);
    }
  } finally {
    await company.application.tenants.setStatus(tenant.id, 'active');
  }
});

test('after all that, A is what it was', async () => {
  assert.equal(await stateOfA(), before);
});
