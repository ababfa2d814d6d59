import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createLocalKeyProvider, type KeyProvider, withDataKeyCache } from '@/lib/secrets';

function counting() {
  const local = createLocalKeyProvider(randomBytes(32).toString('hex'));
  const given: Buffer[] = [];
  const provider: KeyProvider = {
    ...local,
    async unwrap(...wrapped) {
      const dataKey = await local.unwrap(...wrapped);
      given.push(dataKey);
      return dataKey;
    },
  };
  return { provider, given };
}

test('a data key is used so often, then the service is asked again', async () => {
  const { provider, given } = counting();
  const cached = withDataKeyCache(provider, { maxUses: 3 });
  const { dataKey, wrapped } = await cached.newDataKey('context');
  for (let use = 0; use < 7; use += 1) {
    assert.ok((await cached.unwrap(cached.keyId, wrapped, 'context')).equals(dataKey));
  }
  assert.equal(given.length, 3);
});

test('what a caller wipes is its own copy', async () => {
  const { provider } = counting();
  const cached = withDataKeyCache(provider);
  const { dataKey, wrapped } = await cached.newDataKey('context');
  for (let use = 0; use < 3; use += 1) {
    const unwrapped = await cached.unwrap(cached.keyId, wrapped, 'context');
    assert.ok(unwrapped.equals(dataKey));
    unwrapped.fill(0);
  }
});

test('another context is refused, also while the data key is kept', async () => {
  const { provider } = counting();
  const cached = withDataKeyCache(provider);
  const { wrapped } = await cached.newDataKey('context');
  await cached.unwrap(cached.keyId, wrapped, 'context');
  await assert.rejects(cached.unwrap(cached.keyId, wrapped, 'other'), { code: 'envelope_tampered' });
});

test('a kept data key is wiped when its time is over, unasked', async () => {
  const { provider, given } = counting();
  const cached = withDataKeyCache(provider, { ttlMs: 30 });
  const { dataKey, wrapped } = await cached.newDataKey('context');
  await cached.unwrap(cached.keyId, wrapped, 'context');
  const [kept] = given;
  assert.ok(kept);
  assert.ok(kept.equals(dataKey));
  while (!kept.equals(Buffer.alloc(32))) await new Promise((resolve) => setTimeout(resolve, 5));
});

test('a data key that makes room is wiped', async () => {
  const { provider, given } = counting();
  const cached = withDataKeyCache(provider, { max: 1 });
  for (const context of ['one', 'two']) {
    const { wrapped } = await cached.newDataKey(context);
    await cached.unwrap(cached.keyId, wrapped, context);
  }
  assert.deepEqual(
    given.map((dataKey) => dataKey.equals(Buffer.alloc(32))),
    [true, false],
  );
});
