import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokens } from '@/lib/secrets';
import { administer } from '../../support/postgres';
import { openTestOperationsDatabase } from './operations-database';

const USER = { userId: 'u1', tenantId: 't1', role: 'manager', tokenVersion: 3 };

test('the first key is made when it is needed, and stands encrypted', async () => {
  const { operations, url } = await openTestOperationsDatabase();
  const { tokenKeys } = operations;
  const [key] = await tokenKeys.read();
  assert.equal(key?.seed.length, 32);
  assert.deepEqual(
    (await tokenKeys.list()).map(({ id, state }) => [id, state]),
    [[key?.id, 'signs']],
  );
  const { rows } = await administer(url, 'select token_keys::text as row from token_keys');
  const seed = Buffer.from(key?.seed ?? []);
  for (const form of ['hex', 'base64', 'base64url'] as const) {
    assert.ok(!JSON.stringify(rows).includes(seed.toString(form)));
  }
});

test('a key is published, signs, verifies until its last token has expired, and is deleted', async () => {
  const { operations, url } = await openTestOperationsDatabase();
  const { tokenKeys } = operations;
  const token = await createTokens(tokenKeys).signAccessToken(USER, 60);
  const next = await tokenKeys.rotate(600);
  assert.equal(next.state, 'next');
  const now = await tokenKeys.rotate(0);
  assert.equal(now.state, 'signs');
  const states = async () => (await tokenKeys.list()).map(({ state }) => state).toSorted();
  assert.deepEqual(await states(), ['next', 'signs', 'verifies']);
  assert.deepEqual(await createTokens(tokenKeys).verifyAccessToken(token), USER);
  await administer(
    url,
    "update token_keys set created_at = now() - interval '1 day', signs_from = now() - interval '1 hour', last_expiry = now() - interval '1 s' where last_expiry is not null",
  );
  await tokenKeys.rotate(0);
  // The former key is gone; the one that never signed has nothing left to verify.
  assert.deepEqual(await states(), ['next', 'signs', 'verifies']);
  await assert.rejects(createTokens(tokenKeys).verifyAccessToken(token), { code: 'token_invalid' });
});

test('a key that signs is not revoked; a former one is, and its tokens are refused', async () => {
  const { operations } = await openTestOperationsDatabase();
  const { tokenKeys } = operations;
  const tokens = createTokens(tokenKeys, { knownMs: 0 });
  const token = await tokens.signAccessToken(USER, 60);
  const [former] = await tokenKeys.list();
  const id = former?.id ?? '';
  await assert.rejects(tokenKeys.revoke(id), { code: 'token_key_in_use' });
  await assert.rejects(tokenKeys.revoke('none'), { code: 'token_key_unknown' });
  await tokenKeys.rotate(0);
  assert.equal((await tokenKeys.revoke(id)).state, 'revoked');
  await assert.rejects(tokens.verifyAccessToken(token), { code: 'token_invalid' });
});

test('seeds that were exchanged between keys are refused: a token says which key signed it', async () => {
  const { operations, url } = await openTestOperationsDatabase();
  const { tokenKeys } = operations;
  await tokenKeys.read();
  await tokenKeys.rotate(0);
  await administer(
    url,
    'update token_keys a set seed = b.seed from token_keys b where a.id <> b.id and a.id = (select max(id) from token_keys)',
  );
  await assert.rejects(tokenKeys.read(), { code: 'envelope_tampered' });
});
