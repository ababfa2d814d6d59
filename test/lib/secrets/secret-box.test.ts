import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSecretBox, localKeyProvider, SecretError } from '@/lib/secrets';

const KEY = randomBytes(32).toString('hex');
const OTHER_KEY = randomBytes(32).toString('hex');
const CONTEXT = { owner: 'a1b2', column: 'data_source_url' };
const SECRET = 'postgresql://user:p%40ss@db.example.com:5432/tenant?sslmode=require';

const box = createSecretBox({ provider: localKeyProvider(KEY) });

test('any text comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme' }),
      fc.string(),
      fc.string(),
      async (text, owner, column) => {
        const envelope = await box.encrypt(text, { owner, column });
        assert.equal(await box.decrypt(envelope, { owner, column }), text);
      },
    ),
    { numRuns: 200 },
  );
});

test('the same secret twice gives two envelopes with one fingerprint', async () => {
  const [first, second] = [await box.encrypt(SECRET, CONTEXT), await box.encrypt(SECRET, CONTEXT)];
  assert.notEqual(first, second);
  assert.match(first, /^mq1\.local%3A[0-9a-f]{12}\.[0-9a-f]{16}\./);
  assert.equal(first.split('.')[2], box.fingerprint(SECRET));
  assert.equal(second.split('.')[2], box.fingerprint(SECRET));
});

test('a ciphertext moved to another row or column is refused', async () => {
  const envelope = await box.encrypt(SECRET, CONTEXT);
  await refuses(box.decrypt(envelope, { ...CONTEXT, owner: 'c3d4' }), 'secret_tampered');
  await refuses(box.decrypt(envelope, { ...CONTEXT, column: 'data_source_anon_key' }), 'secret_tampered');
  // Owner and column are kept apart, not run together.
  const joined = await box.encrypt(SECRET, { owner: 'ab', column: 'c' });
  await refuses(box.decrypt(joined, { owner: 'a', column: 'bc' }), 'secret_tampered');
});

test('a change to any character of an envelope is refused', async () => {
  const envelope = await box.encrypt(SECRET, CONTEXT);
  await fc.assert(
    fc.asyncProperty(
      fc.nat(envelope.length - 1),
      fc.constantFrom(...'abcdefgh0123456789-_.%ABC'),
      async (at, replacement) => {
        const changed = envelope.slice(0, at) + replacement + envelope.slice(at + 1);
        // The unused low bits of a last base64url character are no change.
        fc.pre(!sameBytes(changed, envelope));
        await assert.rejects(box.decrypt(changed, CONTEXT), (error) => error instanceof SecretError);
      },
    ),
    { numRuns: 400 },
  );
});

test('text that is no envelope is malformed', async () => {
  for (const text of [
    '',
    SECRET,
    'mq1',
    'mq1.a.b.c.d.e',
    'mq2.local.0.a.b.c',
    `mq1.%zz.${'0'.repeat(16)}.a.${'b'.repeat(16)}.${'c'.repeat(22)}`,
  ]) {
    await refuses(box.decrypt(text, CONTEXT), 'secret_malformed');
  }
});

test('another ENCRYPTION_KEY says which key is missing, and never the secret', async () => {
  const envelope = await box.encrypt(SECRET, CONTEXT);
  const stranger = createSecretBox({ provider: localKeyProvider(OTHER_KEY) });
  await assert.rejects(stranger.decrypt(envelope, CONTEXT), (error: SecretError) => {
    assert.equal(error.code, 'secret_key_unknown');
    assert.match(error.message, /local:[0-9a-f]{12}/);
    assert.doesNotMatch(`${error.message} ${error.hint}`, /p%40ss|db\.example/);
    return true;
  });
});

test('a rotated key still decrypts, and rewrap brings secrets to the new one', async () => {
  const old = await box.encrypt(SECRET, CONTEXT);
  const rotated = createSecretBox({
    provider: localKeyProvider(OTHER_KEY),
    previousProviders: [localKeyProvider(KEY)],
  });
  assert.equal(await rotated.decrypt(old, CONTEXT), SECRET);
  const rewrapped = await rotated.rewrap(old, CONTEXT);
  assert.notEqual(rewrapped, old);
  assert.equal(await rotated.rewrap(rewrapped, CONTEXT), rewrapped);
  const afterwards = createSecretBox({ provider: localKeyProvider(OTHER_KEY) });
  assert.equal(await afterwards.decrypt(rewrapped, CONTEXT), SECRET);
});

test('a key of the wrong size is refused without being repeated', () => {
  for (const key of ['', 'abc', 'z'.repeat(64), 'a'.repeat(63), new Uint8Array(31)]) {
    assert.throws(
      () => localKeyProvider(key),
      (error: SecretError) =>
        error.code === 'encryption_key_invalid' &&
        !(typeof key === 'string' && key !== '' && error.message.includes(key)),
    );
  }
});

async function refuses(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (error: SecretError) => error instanceof SecretError && error.code === code);
}

function sameBytes(one: string, other: string): boolean {
  const bytes = (text: string) => {
    const [version, keyId, fingerprint, ...rest] = text.split('.');
    return [
      version,
      keyId,
      fingerprint,
      ...rest.map((part) => Buffer.from(part, 'base64url').toString('hex')),
    ].join('.');
  };
  return bytes(one) === bytes(other);
}
