import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mock, test } from 'node:test';
import { createLocalJWKSet, decodeJwt, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { createTokens, type SecretError, tokenKeysOf } from '@/lib/secrets';

const KEY = randomBytes(32).toString('hex');
const tokens = createTokens(tokenKeysOf(KEY));
const USER = { userId: 'u1', tenantId: 't1', role: 'manager', tokenVersion: 3 };

test('an access token says who signed in', async () => {
  const token = await tokens.signAccessToken(USER, 60);
  assert.deepEqual(await tokens.verifyAccessToken(token), USER);
  assert.equal(decodeJwt(token).role, 'authenticated');
});

test('every kind of token lives as long as it was made for, and says so', async () => {
  const made = {
    access: await tokens.signAccessToken(USER, 90),
    'with a session': await tokens.signAccessToken({ ...USER, sessionId: 's1' }, 90),
    purpose: await tokens.signPurposeToken('reset-password', 'u1', {}, 90),
  };
  for (const [kind, token] of Object.entries(made)) {
    const { exp = 0, iat = 0 } = decodeJwt(token);
    assert.equal(exp - iat, 90, kind);
    assert.ok(Math.abs(iat - Date.now() / 1000) < 30, kind);
  }
  const { expiresAt } = await tokens.verifyPurposeToken(made.purpose, 'reset-password');
  assert.equal(expiresAt.getTime() / 1000, decodeJwt(made.purpose).exp);
});

test('an operator belongs to no tenant', async () => {
  const operator = { userId: 'o1', tenantId: null, role: 'operator', tokenVersion: 1 };
  assert.deepEqual(await tokens.verifyAccessToken(await tokens.signAccessToken(operator, 60)), operator);
});

test('an expired token, a forged one and one without signature are refused', async () => {
  await refuses(tokens.verifyAccessToken(await tokens.signAccessToken(USER, -1)), 'token_expired');
  const forger = createTokens(tokenKeysOf(randomBytes(32)));
  await refuses(tokens.verifyAccessToken(await forger.signAccessToken(USER, 60)), 'token_invalid');
  const [, payload] = (await tokens.signAccessToken(USER, 60)).split('.');
  const none = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const token of ['', 'x', `${none}.${payload}.`])
    await refuses(tokens.verifyAccessToken(token), 'token_invalid');
  // ENCRYPTION_KEY itself signs nothing: only the key derived for tokens does.
  const direct = await new SignJWT({ ...decodeJwt(await tokens.signAccessToken(USER, 60)) })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(KEY, 'hex'));
  await refuses(tokens.verifyAccessToken(direct), 'token_invalid');
});

test('a token of one kind is no other kind', async () => {
  const access = await tokens.signAccessToken(USER, 60);
  const reset = await tokens.signPurposeToken('reset-password', 'u1', {}, 60);
  await refuses(tokens.verifyAccessToken(reset), 'token_invalid');
  await refuses(tokens.verifyPurposeToken(access, 'reset-password'), 'token_invalid');
  await refuses(tokens.verifyPurposeToken(reset, 'accept-quote'), 'token_wrong_purpose');
});

test('a purpose token carries its data and an id of its own', async () => {
  const sign = () => tokens.signPurposeToken('accept-quote', 'q1', { tenantId: 't1' }, 60);
  const [one, two] = [
    await tokens.verifyPurposeToken(await sign(), 'accept-quote'),
    await tokens.verifyPurposeToken(await sign(), 'accept-quote'),
  ];
  assert.equal(one.subject, 'q1');
  assert.deepEqual(one.data, { tenantId: 't1' });
  assert.notEqual(one.id, two.id);
});

test('after a rotation the old key verifies and no longer signs', async () => {
  const rotated = createTokens(tokenKeysOf(randomBytes(32), KEY));
  assert.deepEqual(await rotated.verifyAccessToken(await tokens.signAccessToken(USER, 60)), USER);
  await refuses(rotated.verifyAccessToken(await tokens.signAccessToken(USER, -1)), 'token_expired');
  await refuses(tokens.verifyAccessToken(await rotated.signAccessToken(USER, 60)), 'token_invalid');
});

test('others verify access tokens with the published keys, and ours with no key that a token brings', async () => {
  const rotated = createTokens(tokenKeysOf(randomBytes(32), KEY));
  const { keys } = await rotated.publicKeys();
  assert.deepEqual([keys.length, keys.some((key) => 'd' in key)], [2, false]);
  const verifier = createLocalJWKSet({ keys });
  for (const signer of [tokens, rotated]) {
    const token = await signer.signAccessToken(USER, 60);
    assert.equal((await jwtVerify(token, verifier)).payload.sub, 'u1');
  }
  // A public key is no secret: it must not be taken for one (HS256 with the key's text), and a kid chooses among our keys only.
  const [jwk] = (await tokens.publicKeys()).keys;
  const claims = decodeJwt(await tokens.signAccessToken(USER, 60));
  const confused = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: jwk?.kid ?? '' })
    .sign(Buffer.from(JSON.stringify(jwk)));
  const { privateKey } = await generateKeyPair('ES256');
  const own = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'mine' }).sign(privateKey);
  for (const token of [confused, own]) await refuses(tokens.verifyAccessToken(token), 'token_invalid');
});

test('a token that was verified before still expires', async () => {
  const token = await tokens.signAccessToken(USER, 60);
  await tokens.verifyAccessToken(token);
  const { exp = 0 } = decodeJwt(token);
  mock.timers.enable({ apis: ['Date'], now: exp * 1000 });
  try {
    await refuses(tokens.verifyAccessToken(token), 'token_expired');
  } finally {
    mock.timers.reset();
  }
});

async function refuses(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error: SecretError) => error.code === code);
}
