// Every route gets hostile headers, cookies, tokens, hosts and redirects. None fails, answers with what was hidden, or writes it anywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { signLink } from '@/lib/identity';
import { dumpOf } from '../support/dump';
import { addressOf, everyRoute } from './every-route';
import {
  bearerOfOwner,
  canary,
  company,
  deal,
  EVIL,
  mailed,
  name,
  planted,
  SENT,
  send,
  takesBody,
  walk,
  written,
  wrongIn,
} from './hostile-company';

const SEED = 22;
/** Hostile requests for each route. */
const SAMPLES = 4;
const { application, tenantIds, tokens, port } = company;

const latin = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 80,
});
const nasty = fc.oneof(
  latin,
  fc.constantFrom(
    ...[
      '',
      '"',
      "'; drop table users; --",
      '../../../../etc/passwd',
      '%00',
      '%E0%A4%A',
      '%0d%0aset-cookie: x=1',
    ],
    ...[
      '9'.repeat(400),
      'a,'.repeat(500),
      '[]{}()',
      '*/*;q=x',
      'bytes=-1--5',
      'bytes=0-',
      'W/"',
      'null',
      '-1',
    ],
    ...['1e999', '{"a":', '=?utf-8?q?x?=', `https://${EVIL}/`, `//${EVIL}`, EVIL, 'text/csv', 'gzip', 'none'],
  ),
);
const HEADERS = [
  ...['accept', 'accept-encoding', 'accept-language', 'accept-profile', 'access-control-request-headers'],
  ...[
    'access-control-request-method',
    'cache-control',
    'content-encoding',
    'content-profile',
    'content-type',
  ],
  ...['forwarded', 'host', 'idempotency-key', 'if-match', 'if-modified-since', 'if-none-match', 'origin'],
  ...['prefer', 'range', 'range-unit', 'referer', 'sec-fetch-site', 'stripe-signature', 'traceparent'],
  ...['user-agent', 'webhook-signature', 'x-client-info', 'x-forwarded-for', 'x-forwarded-host'],
  ...['x-forwarded-proto', 'x-http-method-override', 'x-original-url', 'x-request-id', 'x-rewrite-url'],
  ...['x-supabase-api-version', 'x-upsert', 'last-event-id', 'webhook-id', 'webhook-timestamp'],
];
const headersOf = fc.dictionary(fc.constantFrom(...HEADERS), nasty, { maxKeys: 6 });
const WHO: (() => Record<string, string> | Promise<Record<string, string>>)[] = [
  () => ({}),
  async () => ({ authorization: `Bearer ${await bearerOfOwner()}` }),
  async () => ({ cookie: `marquee_session=${await bearerOfOwner()}`, 'sec-fetch-site': 'same-origin' }),
  () => ({ authorization: `Bearer ${canary()}` }),
  () => ({ cookie: `marquee_session=${canary()}; marquee_device=${canary()}; marquee_sign_on=${canary()}` }),
  () => ({ apikey: `mq_service_${canary().slice(0, 43)}`, authorization: `Bearer mq_anon_${canary()}` }),
  () => ({ cookie: `marquee_session=%E0%A4%A; ${'x=1; '.repeat(300)}="\\;marquee_session` }),
  () => ({ authorization: 'Bearer', cookie: 'marquee_device' }),
];
/** Where addresses to go on to are looked for, by us or by others. */
const REDIRECTS = [
  'next',
  'redirect',
  'redirect_to',
  'redirectTo',
  'return',
  'return_to',
  'returnTo',
  'url',
].concat([
  'from',
  'back',
  'continue',
  'dest',
  'target',
  'success_url',
  'cancel_url',
  'state',
  'code',
  'RelayState',
]);
const PLACES = [
  `https://${EVIL}/`,
  `//${EVIL}`,
  `/\\${EVIL}`,
  `javascript:alert('${EVIL}')`,
  `\thttps:${EVIL}`,
];

function hostileBody(place: string): Record<string, string> {
  const secrets = [
    'token',
    'password',
    'current',
    'code',
    'refresh_token',
    'access_token',
    'secret',
    'key',
    'nonce',
  ];
  return {
    ...Object.fromEntries(secrets.map((one) => [one, canary()])),
    ...Object.fromEntries(REDIRECTS.map((one) => [one, place])),
    ...{ email: 'owner@a.example', body: '{}', signature: canary(), grant_type: 'password' },
  };
}

test('every route answers hostile requests with a reason', async () => {
  const given = fc.sample(headersOf, { seed: SEED, numRuns: everyRoute().length * SAMPLES });
  const values = fc.sample(nasty, { seed: SEED, numRuns: 500 });
  const wrong: string[] = [];
  let asked = 0;
  await walk(async (route, index) => {
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const at = index * SAMPLES + sample;
      const place = PLACES[at % PLACES.length] ?? '';
      const hasToken = /:token|:file/.test(route.path);
      const value = hasToken ? canary() : sample % 2 ? deal.quoteId : (values[at % values.length] ?? '');
      const query = new URLSearchParams(REDIRECTS.map((one) => [one, place]));
      // A filter is the caller's own, and PostgREST repeats it.
      if (!route.path.startsWith('/rest/')) query.set('token', canary());
      const path = `${sample % 3 ? '' : '/t/a'}${addressOf(route, encodeURIComponent(value) || 'x')}?${query}`;
      const body = hostileBody(place);
      const isForm = at % 2 === 0;
      const headers = {
        'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
        ...given[at],
        ...(await WHO[at % WHO.length]?.()),
      };
      const text = isForm ? String(new URLSearchParams(body)) : JSON.stringify(body);
      const answer = await send({ ...route, path }, headers, takesBody(route) ? text : undefined);
      asked += 1;
      const problems = answer.status === 400 && answer.text === '' ? [] : wrongIn(route, answer);
      if (problems.length > 0)
        wrong.push(`${name(route)} ${JSON.stringify(headers).slice(0, 300)}: ${problems}`);
    }
  });
  assert.ok(asked > 900, String(asked));
  assert.deepEqual(wrong, []);
});

test('a forged token opens nothing that no token opens', async () => {
  const owner = await bearerOfOwner();
  const { keys } = (await (
    await company.ask('anonymous', 'GET', '/auth/v1/.well-known/jwks.json')
  ).json()) as {
    keys: { kid: string; x: string }[];
  };
  const [key] = keys;
  assert.ok(key);
  const [header = '', payload = '', signature = ''] = owner.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const es256 = (more: object) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT', ...more }).sign(privateKey);
  const hs256 = (secret: string) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: key.kid })
      .sign(new TextEncoder().encode(secret.padEnd(32, '\0')));
  const user = await application.users.find(company.userIds['a:owner'] ?? '');
  assert.ok(user);
  const forged: [what: string, token: string][] = [
    ['alg none', `${encoded({ alg: 'none', typ: 'JWT', kid: key.kid })}.${payload}.`],
    ['alg NONE, with a signature', `${encoded({ alg: 'NONE', kid: key.kid })}.${payload}.${signature}`],
    ['HS256 with the public key', await hs256(JSON.stringify(key))],
    ['HS256 with its coordinate', await hs256(key.x)],
    ['HS256 with nothing', await hs256('')],
    ['another’s key under our kid', await es256({ kid: key.kid })],
    ['a key that it brings', await es256({ jwk, kid: key.kid })],
    ['a key at an address', await es256({ jku: `https://${EVIL}/jwks`, x5u: `https://${EVIL}/x`, kid: 'x' })],
    ['a kid that is a path', await es256({ kid: '../../../../../../dev/null' })],
    ['a kid that is SQL', await es256({ kid: "' union select 'x' --" })],
    ['no kid', await es256({})],
    ['crit', await es256({ kid: key.kid, b64: true, crit: ['b64'] })],
    [
      'another payload under its signature',
      `${header}.${encoded({ ...claims, user_role: 'operator' })}.${signature}`,
    ],
    ['no signature', `${header}.${payload}.`],
    ['an expired one', await tokens.signAccessToken({ ...claimsOf(user) }, -10)],
    ['a token of a mail', await signLink(tokens, 'reset-password', user)],
    [
      'a former version',
      await tokens.signAccessToken({ ...claimsOf(user), tokenVersion: user.tokenVersion - 1 }, 60),
    ],
    ['an unknown user', await tokens.signAccessToken({ ...claimsOf(user), userId: deal.quoteId }, 60)],
  ];
  const opened: string[] = [];
  await walk(async (route, index) => {
    const path = addressOf(route, deal.quoteId);
    // A third of them at each route.
    const tried = forged.filter((_, at) => at % 3 === index % 3);
    const ask = (headers: Record<string, string>) =>
      send(
        { ...route, path },
        { 'content-type': 'application/json', ...headers },
        takesBody(route) ? '{}' : undefined,
      );
    const without = await ask({});
    const answers = await Promise.all(tried.map(([, token]) => ask({ authorization: `Bearer ${token}` })));
    for (const [at, { status, text }] of answers.entries()) {
      if (status >= 500 || (status < 400 && without.status >= 400))
        opened.push(`${name(route)}: ${tried[at]?.[0]}: ${status} ${text.slice(0, 100)}`);
    }
  });
  assert.deepEqual(opened, []);
  // A good one opens what these do not.
  const statusOf = (token: string) =>
    company
      .ask('anonymous', 'GET', '/rest/v1/accounts', undefined, { authorization: `Bearer ${token}` })
      .then(({ status }) => status);
  for (const [what, token] of forged) assert.equal(await statusOf(token), 401, what);
  assert.equal(await statusOf(await bearerOfOwner()), 200);
});

function claimsOf({
  id,
  tenantId,
  role,
  tokenVersion,
}: {
  id: string;
  tenantId: string | null;
  role: string;
  tokenVersion: number;
}) {
  return { userId: id, tenantId, role, tokenVersion };
}

test('a link of a mail works once, for its own purpose and account', async () => {
  const post = (path: string, body: object) =>
    company.ask('anonymous', 'POST', `/t/a/api/session/${path}`, body, {
      origin: `http://127.0.0.1:${port}`,
    });
  const choose = async (path: string, token: string) => {
    const answer = await post(path, { token, password: `a password of ${canary()}` });
    return [answer.status, answer.ok ? '' : ((await answer.json()) as { code: string }).code];
  };
  const used = [410, 'link_expired'];
  const user = await application.users.find(company.userIds['a:sales'] ?? '');
  assert.ok(user);
  const [first, second] = await Promise.all([1, 2].map(() => signLink(tokens, 'reset-password', user)));
  assert.deepEqual(await choose('accept-invitation', first ?? ''), used, 'no invitation');
  assert.deepEqual(await choose('reset-password', first ?? ''), [204, '']);
  // Neither again, nor another that was mailed before.
  for (const link of [first, second]) assert.deepEqual(await choose('reset-password', link ?? ''), used);
  const invited = await application.users.create({
    ...{ tenantId: tenantIds.a, email: 'invited@a.example', displayName: 'I', role: 'sales' as const },
  });
  const invitation = await signLink(tokens, 'invitation', invited);
  assert.deepEqual(await choose('reset-password', invitation), used, 'no reset');
  assert.deepEqual(await choose('accept-invitation', invitation), [200, '']);
  assert.deepEqual(await choose('accept-invitation', invitation), used);
});

test('of several who open one link of a mail at the same time, one succeeds', async () => {
  const user = await application.users.create({
    ...{ tenantId: tenantIds.a, email: 'at-once@a.example', displayName: 'Given', role: 'sales' as const },
  });
  for (const [path, purpose] of [
    ['accept-invitation', 'invitation'],
    ['reset-password', 'reset-password'],
  ] as const) {
    const now = await application.users.find(user.id);
    assert.ok(now);
    const token = await signLink(tokens, purpose, now);
    const answers = await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        const body = { token, password: `a password of ${canary()}`, displayName: `Name ${n}` };
        const { status } = await company.ask('anonymous', 'POST', `/t/a/api/session/${path}`, body, {
          origin: `http://127.0.0.1:${port}`,
        });
        return { n, status };
      }),
    );
    const done = answers.filter(({ status }) => status !== 410);
    assert.equal(done.length, 1, JSON.stringify(answers));
    const changed = await application.users.find(user.id);
    if (path === 'accept-invitation') assert.equal(changed?.displayName, `Name ${done[0]?.n}`);
    assert.equal(changed?.status, 'active');
  }
});

test('every change by cookie from another site is refused', async () => {
  const cookie = `marquee_session=${await bearerOfOwner()}`;
  const SITES: Record<string, string>[] = [
    { origin: `https://${EVIL}`, 'sec-fetch-site': 'cross-site' },
    { origin: `https://${EVIL}` },
    { 'sec-fetch-site': 'same-site', origin: `http://b.localhost:${port}` },
    { 'sec-fetch-site': 'none' },
    { origin: 'null' },
    {},
  ];
  // Those that a page can send without a preflight request, and JSON.
  const TYPES = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];
  const accepted: string[] = [];
  let changing = 0;
  await walk(async (route, index) => {
    if (!takesBody(route)) return;
    changing += 1;
    for (const site of SITES) {
      const type = TYPES[(index + changing) % TYPES.length] ?? '';
      const path = addressOf(route, deal.quoteId);
      const { text } = await send({ ...route, path }, { cookie, 'content-type': type, ...site }, '{}');
      if (!text.includes('cross_site_request'))
        accepted.push(`${name(route)} ${JSON.stringify(site)}: ${text.slice(0, 200)}`);
    }
  });
  assert.ok(changing > 110, String(changing));
  assert.deepEqual(accepted, []);
});

test('links lead where the server is, whatever Host and forwarding headers say', async () => {
  const { id: eventId } = await company.manager
    .withTenantTransaction(tenantIds.a, ({ query }) =>
      query<{ id: string }>("insert into events (title, account_id) values ('E', $1) returning id", [
        deal.accountId,
      ]),
    )
    .then(({ rows }) => rows[0] ?? assert.fail());
  const making: [method: string, path: string, body: object][] = [
    ['POST', `/api/quotes/${deal.quoteId}/send`, {}],
    ['POST', `/api/events/${eventId}/design-link`, {}],
    ['POST', '/api/calendar-feeds', { name: 'Poisoned' }],
    ['POST', '/api/people', { email: 'poisoned@a.example', displayName: 'P', role: 'sales' }],
    ['PUT', '/api/integrations/stripe', { secretKey: 'sk_test_x', webhookSecret: 'whsec_x' }],
    ['POST', '/t/a/api/session/forgotten-password', { email: 'sales@a.example' }],
    ['POST', '/t/a/auth/v1/recover', { email: 'staff@a.example' }],
  ];
  const poisons: Record<string, string>[] = [
    { host: EVIL },
    { host: `127.0.0.1:${port}`, 'x-forwarded-host': EVIL, forwarded: `host=${EVIL};proto=https` },
    { host: `127.0.0.1:${port}@${EVIL}` },
    { host: `${EVIL}:${port}`, 'x-forwarded-proto': 'https', 'x-original-host': EVIL },
  ];
  const statuses = new Set<number>();
  for (const [method, path, body] of making) {
    for (const poison of poisons) {
      const headers = {
        authorization: `Bearer ${await bearerOfOwner()}`,
        'content-type': 'application/json',
        origin: `http://${poison.host}`,
        ...poison,
      };
      const answer = await send({ method, path }, headers, JSON.stringify(body));
      statuses.add(answer.status);
      assert.ok(answer.status < 500, `${path}: ${answer.status} ${answer.text}`);
      assert.ok(!answer.text.includes(EVIL), `${path}: ${answer.text}`);
    }
  }
  // Unknown hosts are named as such; forwarding headers of a client that is no proxy are not read.
  assert.ok(statuses.has(421) && statuses.has(200), [...statuses].join());
  assert.ok(mailed.length > 0 && mailed.every((page) => !page.includes(EVIL)), mailed.join());
});

test('nothing that was planted or sent stands in the log, metrics, traces or a database', async () => {
  const authorization = `Bearer ${planted.get('the token of metrics')}`;
  const metrics = await company.ask('anonymous', 'GET', '/metrics', undefined, { authorization });
  const places: Record<string, string> = {
    'the log and the traces': written,
    metrics: await bodyText(metrics),
    'the application database': await dumpOf(company.applicationUrl),
    'the operations database, with its jobs': await dumpOf(company.operationsUrl),
    'the tenants’ database': await dumpOf(company.dataUrl),
  };
  // Each is there, and what is no secret is found in it.
  assert.match(places['the log and the traces'] ?? '', /"status":403.*\n/);
  assert.match(places['the log and the traces'] ?? '', /^span .*select/im);
  assert.match(places.metrics ?? '', /marquee_http_request_seconds_bucket/);
  for (const place of [
    'the application database',
    'the operations database, with its jobs',
    'the tenants’ database',
  ])
    assert.ok(places[place]?.includes(tenantIds.a), place);
  const found: string[] = [];
  for (const [place, text] of Object.entries(places)) {
    const sent = SENT.exec(text);
    if (sent) found.push(`${place} has what was sent: ${text.slice(sent.index - 300, sent.index + 60)}`);
    for (const [what, secret] of planted) {
      // Seals are checked there: a role of Marquee’s own reads their key, and no tenant does.
      const belongs = place === 'the tenants’ database' && what === 'the key that seals claims';
      const at = text.indexOf(secret);
      if (at >= 0 && !belongs)
        found.push(`${place} has ${what}: ${text.slice(Math.max(0, at - 300), at + 60)}`);
    }
  }
  assert.deepEqual(found, []);
});

async function bodyText(response: Response): Promise<string> {
  assert.equal(response.status, 200);
  return response.text();
}
