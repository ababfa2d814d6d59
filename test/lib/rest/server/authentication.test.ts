import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { AuthenticationError, createAuthentication, parseClaimPath } from '@/lib/rest/server/authentication';

const SECRET = Buffer.from('a secret that is long enough for HS256');
const NOW = 1_700_000_000;
const base = {
  secret: SECRET,
  anonymousRole: 'anon',
  roleClaimPath: parseClaimPath('.role'),
  audience: undefined,
  cacheEntries: 10,
  now: () => NOW * 1000,
};

function sign(claims: Record<string, unknown>, key: Uint8Array | CryptoKey = SECRET, alg = 'HS256') {
  return new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
}

async function refusal(options: Partial<typeof base>, authorization: string): Promise<AuthenticationError> {
  const authentication = await createAuthentication({ ...base, ...options });
  try {
    await authentication.identify(authorization);
  } catch (error) {
    assert.ok(error instanceof AuthenticationError);
    return error;
  }
  throw new Error('nothing was refused');
}

test('a token gives role and claims; without one the anonymous role asks', async () => {
  const authentication = await createAuthentication(base);
  const identity = await authentication.identify(`bearer ${await sign({ role: 'author', sub: 'x' })}`);
  assert.deepEqual(identity, { role: 'author', claims: '{"role":"author","sub":"x"}', authenticated: true });
  const anonymous = await authentication.identify(undefined);
  assert.deepEqual(anonymous, { role: 'anon', claims: '{"role":"anon"}', authenticated: false });
  assert.equal((await authentication.identify('Basic abc')).role, 'anon');
});

test('what is no token of ours is PGRST301', async () => {
  const empty = await refusal({}, 'Bearer ');
  assert.equal(empty.code, 'PGRST301');
  assert.equal(empty.message, 'Empty JWT is sent in Authorization header');
  assert.deepEqual(empty.headers, [
    [
      'WWW-Authenticate',
      'Bearer error="invalid_token", error_description="Empty JWT is sent in Authorization header"',
    ],
  ]);
  assert.equal((await refusal({}, 'Bearer a.b')).message, 'Expected 3 parts in JWT; got 2');
  const other = await refusal({}, `Bearer ${await sign({}, Buffer.alloc(32, 1))}`);
  assert.equal(other.message, 'No suitable key or wrong key type');
  assert.equal(other.details, 'None of the keys was able to decode the JWT');
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
  assert.equal((await refusal({}, `Bearer ${unsigned}`)).message, 'Wrong or unsupported encoding algorithm');
});

test('times are checked with thirty seconds of skew', async () => {
  const authentication = await createAuthentication(base);
  const accepted = [{ exp: NOW - 30 }, { nbf: NOW + 30 }, { iat: NOW + 30 }];
  for (const claims of accepted)
    await authentication.identify(`Bearer ${await sign({ role: 'a', ...claims })}`);
  const refused: [Record<string, unknown>, string][] = [
    [{ exp: NOW - 31 }, 'JWT expired'],
    [{ nbf: NOW + 31 }, 'JWT not yet valid'],
    [{ iat: NOW + 31 }, 'JWT issued at future'],
    [{ exp: 'soon' }, "The JWT 'exp' claim must be a number"],
    [{ aud: [1] }, "The JWT 'aud' claim must be a string or an array of strings"],
  ];
  for (const [claims, message] of refused) {
    const error = await refusal({}, `Bearer ${await sign(claims)}`);
    assert.deepEqual([error.code, error.status, error.message], ['PGRST303', 401, message]);
  }
});

test('a token that expires is refused although it is in the cache', async () => {
  let now = NOW;
  const authentication = await createAuthentication({ ...base, now: () => now * 1000 });
  const authorization = `Bearer ${await sign({ role: 'a', exp: NOW + 10 })}`;
  const first = await authentication.identify(authorization);
  assert.equal(await authentication.identify(authorization), first);
  now += 41;
  await assert.rejects(async () => authentication.identify(authorization), { code: 'PGRST303' });
});

test('the audience must name us where one is configured and the token has one', async () => {
  const options = { ...base, audience: 'us' };
  const authentication = await createAuthentication(options as never);
  for (const aud of ['us', ['them', 'us'], [], undefined, null]) {
    await authentication.identify(`Bearer ${await sign({ role: 'a', aud })}`);
  }
  const refused = await refusal(options as never, `Bearer ${await sign({ aud: 'them' })}`);
  assert.equal(refused.message, 'JWT not in audience');
});

test('RS256 and ES256 verify through a JWK and a JWKS, never with the wrong algorithm', async () => {
  const rsa = await generateKeyPair('RS256');
  const ec = await generateKeyPair('ES256');
  const rsaJwk = { ...(await exportJWK(rsa.publicKey)), alg: 'RS256', use: 'sig', key_ops: ['verify'] };
  const ecJwk = await exportJWK(ec.publicKey);
  const set = Buffer.from(JSON.stringify({ keys: [rsaJwk, ecJwk] }));
  const authentication = await createAuthentication({ ...base, secret: set });
  for (const [alg, pair] of [['RS256', rsa] as const, ['ES256', ec] as const]) {
    const identity = await authentication.identify(
      `Bearer ${await sign({ role: alg }, pair.privateKey, alg)}`,
    );
    assert.equal(identity.role, alg);
  }
  const single = await createAuthentication({ ...base, secret: Buffer.from(JSON.stringify(rsaJwk)) });
  assert.equal(
    (await single.identify(`Bearer ${await sign({ role: 'r' }, rsa.privateKey, 'RS256')}`)).role,
    'r',
  );
  const confused = await sign({ role: 'r' }, Buffer.from(JSON.stringify(rsaJwk)), 'HS256');
  await assert.rejects(async () => single.identify(`Bearer ${confused}`), { code: 'PGRST301' });
});

test('a JSON Path says where the role stands', async () => {
  const claims = { app: { 'the roles': ['reader', 'api_writer'], role: 'owner' }, level: 3 };
  const paths: Record<string, string> = {
    '$.app.role': 'owner',
    '$.app["the roles"][1]': 'api_writer',
    "$.app['the roles'][-1]": 'api_writer',
    "$.app['the roles'][?@ == 'reader']": 'reader',
    "$.app['the roles'][?(@ == 'api_writer')]": 'api_writer',
    "$.app['the roles'][?search(@, '^api')]": 'api_writer',
    "$.app['the roles'][*]": 'reader',
    '$..role': 'owner',
    '$.level': '3',
    '$.nothing[0]': 'anon',
  };
  for (const [path, role] of Object.entries(paths)) {
    const authentication = await createAuthentication({ ...base, roleClaimPath: parseClaimPath(path) });
    assert.equal((await authentication.identify(`Bearer ${await sign(claims)}`)).role, role, path);
  }
  for (const path of ['$role', '$.a b', '$.roles[?'])
    assert.throws(() => parseClaimPath(path), { code: 'role_claim_path_invalid' }, path);
});

test('before version 16 paths had a syntax of their own', async () => {
  const claims = { app: { 'the roles': ['reader', 'api_writer'] } };
  const paths: Record<string, string> = {
    '.app."the roles"[1]': 'api_writer',
    '.app."the roles"[?(@ == "reader")]': 'reader',
    '.app."the roles"[?(@ ^== "api")]': 'api_writer',
    '.app."the roles"[?(@ ==^ "der")]': 'reader',
    '.app."the roles"[?(@ *== "wri")]': 'api_writer',
    '.app."the roles"[?(@ != "reader")]': 'api_writer',
    '.app."the roles"[1][4:]': 'writer',
    '.app."the roles"[1][:-7]': 'api',
    '.app."the roles"[1][200:]': 'anon',
    '.nothing[0]': 'anon',
  };
  for (const [path, role] of Object.entries(paths)) {
    const authentication = await createAuthentication({ ...base, roleClaimPath: parseClaimPath(path) });
    assert.equal((await authentication.identify(`Bearer ${await sign(claims)}`)).role, role, path);
  }
  assert.throws(() => parseClaimPath('role'), { code: 'role_claim_path_invalid' });
});

test('no secret and no anonymous role are told apart', async () => {
  const without = await refusal({ secret: undefined as never }, `Bearer ${await sign({ role: 'a' })}`);
  assert.deepEqual([without.code, without.status, without.headers], ['PGRST300', 500, []]);
  const anonymous = await refusal({ anonymousRole: undefined as never }, 'Basic x');
  assert.deepEqual([anonymous.code, anonymous.headers], ['PGRST302', [['WWW-Authenticate', 'Bearer']]]);
  await assert.rejects(createAuthentication({ ...base, secret: Buffer.from('short') }), {
    code: 'jwt_secret_invalid',
  });
});
