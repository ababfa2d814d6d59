import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createTokens, newTokenKey, type TokenKey, type TokenKeys } from '@/lib/secrets';

const USER = { userId: 'u1', tenantId: 't1', role: 'manager', tokenVersion: 3 };

/** Keys as a table has them: what one process changes, another reads later. */
class Stored implements TokenKeys {
  keys: TokenKey[] = [];
  noted = new Map<string, Date>();
  reads = 0;
  isAway = false;

  async add(signsFrom = new Date()): Promise<string> {
    const key = await newTokenKey();
    this.keys = [...this.keys, { ...key, signsFrom }];
    return key.id;
  }

  async read() {
    this.reads += 1;
    if (this.isAway) throw new Error('The database is away.');
    return this.keys;
  }

  async noteExpiry(id: string, at: Date) {
    this.noted.set(id, at);
  }
}

test('a token names its key, and another process verifies with a key that was made after it read them', async () => {
  const stored = new Stored();
  const old = await stored.add(new Date(Date.now() - 1000));
  const [one, other] = [createTokens(stored), createTokens(stored)];
  const before = await one.signAccessToken(USER, 60);
  assert.deepEqual(await other.verifyAccessToken(before), USER);
  const fresh = await stored.add();
  const restarted = createTokens(stored);
  const tokens = [
    await restarted.signAccessToken(USER, 60),
    await restarted.signPurposeToken('p', 'u1', {}, 60),
  ];
  assert.deepEqual(
    [before, ...tokens].map((token) => decodeProtectedHeader(token).kid),
    [old, fresh, fresh],
  );
  assert.deepEqual(await other.verifyAccessToken(tokens[0] ?? ''), USER);
  assert.equal((await one.verifyPurposeToken(tokens[1] ?? '', 'p')).subject, 'u1');
  assert.deepEqual(await restarted.verifyAccessToken(before), USER);
});

test('a key that is published signs from its time on', async () => {
  const stored = new Stored();
  const present = await stored.add(new Date(Date.now() - 1000));
  const next = await stored.add(new Date(Date.now() + 3_600_000));
  const tokens = createTokens(stored);
  assert.equal(decodeProtectedHeader(await tokens.signAccessToken(USER, 60)).kid, present);
  assert.deepEqual(
    (await tokens.publicKeys()).keys.map(({ kid }) => kid),
    [present, next],
  );
  stored.keys = stored.keys.map((key) => (key.id === next ? { ...key, signsFrom: new Date() } : key));
  assert.equal(decodeProtectedHeader(await createTokens(stored).signAccessToken(USER, 60)).kid, next);
});

test('the first key signs although this machine’s clock is behind the one that it was made by', async () => {
  const stored = new Stored();
  const first = await stored.add(new Date(Date.now() + 5_000));
  await stored.add(new Date(Date.now() + 3_600_000));
  const token = await createTokens(stored).signAccessToken(USER, 60);
  assert.equal(decodeProtectedHeader(token).kid, first);
});

test('tokens of a revoked key are refused, those verified before too', async () => {
  const stored = new Stored();
  await stored.add(new Date(Date.now() - 1000));
  const tokens = createTokens(stored, { knownMs: 0 });
  const [access, purpose] = [
    await tokens.signAccessToken(USER, 60),
    await tokens.signPurposeToken('p', 'u', {}, 60),
  ];
  await tokens.verifyAccessToken(access);
  stored.keys = [];
  await stored.add();
  await assert.rejects(tokens.verifyAccessToken(access), { code: 'token_invalid' });
  await assert.rejects(tokens.verifyPurposeToken(purpose, 'p'), { code: 'token_invalid' });
});

test('keys that are known serve while the database is away', async () => {
  const stored = new Stored();
  await stored.add(new Date(Date.now() - 1000));
  const tokens = createTokens(stored, { knownMs: 0 });
  const token = await tokens.signAccessToken(USER, 60);
  stored.isAway = true;
  assert.deepEqual(await tokens.verifyAccessToken(token), USER);
  stored.isAway = false;
  assert.deepEqual(await tokens.verifyAccessToken(token), USER);
});

test('a key has to verify as long as its tokens live: that is noted first, and seldom', async () => {
  const stored = new Stored();
  const id = await stored.add(new Date(Date.now() - 1000));
  const tokens = createTokens(stored);
  await tokens.signAccessToken(USER, 3600);
  const first = stored.noted.get(id)?.getTime() ?? 0;
  assert.ok(first >= Date.now() + 3600_000);
  await tokens.signAccessToken(USER, 3600);
  assert.equal(stored.noted.get(id)?.getTime(), first);
  const year = 365 * 86_400;
  await tokens.signPurposeToken('device', 'u1', {}, year);
  assert.ok((stored.noted.get(id)?.getTime() ?? 0) >= Date.now() + (year - 60) * 1000);
});

test('made-up key ids share reads of the keys, and no token waits longer for them', async () => {
  const stored = new Stored();
  await stored.add(new Date(Date.now() - 1000));
  const tokens = createTokens(stored);
  const [, payload] = (await tokens.signAccessToken(USER, 60)).split('.');
  const before = stored.reads;
  const forged = Array.from({ length: 200 }, (_, index) => {
    const header = Buffer.from(JSON.stringify({ alg: 'ES256', kid: `made-up-${index}` })).toString(
      'base64url',
    );
    return `${header}.${payload}.${'A'.repeat(86)}`;
  });
  const results = await Promise.allSettled(forged.map((token) => tokens.verifyAccessToken(token)));
  assert.ok(results.every(({ status }) => status === 'rejected'));
  assert.ok(stored.reads - before <= 3, `${stored.reads - before} reads`);
});

test('a token is verified with the key that it names, by the algorithm of its kind, and with nothing that it brings', async () => {
  const stored = new Stored();
  const old = await stored.add(new Date(Date.now() - 2000));
  const present = await stored.add(new Date(Date.now() - 1000));
  const tokens = createTokens(stored);
  const [access, purpose] = [
    await tokens.signAccessToken(USER, 60),
    await tokens.signPurposeToken('p', 'u1', {}, 60),
  ];
  const { keys } = await tokens.publicKeys();
  const thief = await generateKeyPair('ES256', { extractable: true });
  const claims = decodeJwt(access);
  const signed = (header: object, key: CryptoKey | Uint8Array) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(key);
  const renamed = (token: string, header: object) => {
    const [, payload, signature] = token.split('.');
    return [Buffer.from(JSON.stringify(header)).toString('base64url'), payload, signature].join('.');
  };
  const forged = [
    // Another of our keys, none, and ids that are paths, statements or lists.
    ...[old, undefined, '', '../../etc/passwd', "' or 1=1 --", '\u0000', 'x'.repeat(10_000)].map((kid) =>
      renamed(access, { alg: 'ES256', kid }),
    ),
    renamed(access, { alg: 'ES256', kid: [present] }),
    renamed(access, { alg: 'none', kid: present }),
    renamed(access, { alg: 'HS256', kid: present }),
    renamed(access, { alg: 'ES256', kid: present, crit: ['b64'], b64: false }),
    await signed({ kid: present }, thief.privateKey),
    await signed({ kid: present, jwk: await exportJWK(thief.publicKey) }, thief.privateKey),
    await signed({ kid: present, jku: 'https://thief.example/jwks.json' }, thief.privateKey),
    await signed({ alg: 'HS256', kid: present }, Buffer.from(keys[0]?.x ?? '', 'base64url')),
    purpose,
  ];
  for (const token of forged) {
    await assert.rejects(tokens.verifyAccessToken(token), { code: 'token_invalid' });
    if (token !== purpose)
      await assert.rejects(tokens.verifyPurposeToken(token, 'p'), { code: 'token_invalid' });
  }
  await assert.rejects(tokens.verifyPurposeToken(access, 'p'), { code: 'token_invalid' });
  assert.deepEqual(await tokens.verifyAccessToken(access), USER);
});
