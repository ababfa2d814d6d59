import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Signatures } from '@/lib/movement/verify/signatures';
import { openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { administer } from '../../../support/postgres';
import { openTestOperationsDatabase } from '../../operations/operations-database';

const { operations, url } = await openTestOperationsDatabase();
const { signingKeys } = operations;
const signatures = new Signatures(signingKeys);

test('what a former key signed stays valid, and a move keeps its secret while the key is replaced', async () => {
  // Processes that sign at once make one key between them.
  const signed = await Promise.all(Array.from({ length: 4 }, () => signatures.sign('a certificate')));
  assert.equal(new Set(signed).size, 1);
  const [first = ''] = signed;
  const { rows } = await administer(url, 'select now() as now');
  const move = { id: randomUUID(), createdAt: rows[0].now as Date };
  const secret = await signatures.secretOf(move);
  assert.notEqual(await signatures.secretOf({ ...move, id: randomUUID() }), secret);
  const id = await signingKeys.rotate('certificates');
  const second = await signatures.sign('a certificate');
  assert.ok(second.startsWith(`ed25519:${id}:`) && !first.includes(id));
  for (const signature of [first, second]) {
    assert.ok(await signatures.isValid('a certificate', signature));
    assert.ok(!(await signatures.isValid('another certificate', signature)));
  }
  assert.equal(await signatures.secretOf(move), secret);
  // A key of one purpose signs nothing for the other.
  await signingKeys.read('checkpoints');
  const states = (await signingKeys.list()).map(({ purpose, state }) => `${purpose} ${state}`);
  assert.deepEqual(states, ['certificates signs', 'certificates verifies', 'checkpoints signs']);
});

test('what is no signature of ours is not valid', async () => {
  const [, id = '', bytes = ''] = (await signatures.sign('text')).split(':');
  const other = (await signingKeys.list()).find(({ purpose }) => purpose === 'checkpoints')?.id;
  for (const forged of [
    '',
    bytes,
    `ed25519:${id}:`,
    `ed25519:${other}:${bytes}`,
    `hmac-sha256:${id}:${bytes}`,
    `ed25519:${'0'.repeat(16)}:${bytes}`,
    `ed25519:${id}:${randomBytes(64).toString('base64url')}`,
  ]) {
    assert.equal(await signatures.isValid('text', forged), false, forged);
  }
});

test('no one adds or reads a key without the key that encrypts', async () => {
  const key = randomBytes(32).toString('hex');
  const thief = openOperationsDatabase({
    url,
    secretBox: createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key }),
  });
  try {
    await assert.rejects(new Signatures(thief.signingKeys).sign('text'), { code: 'envelope_unknown_key' });
    // One that the thief encrypts is refused as well, rather than counted among those that verify.
    const planted = await thief.signingKeys.rotate('certificates');
    await assert.rejects(signatures.isValid('text', `ed25519:${planted}:${'A'.repeat(86)}`), {
      code: 'envelope_unknown_key',
    });
    await administer(url, 'delete from signing_keys where id = $1', [planted]);
  } finally {
    await thief.close();
  }
});
