import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { countDecryptions, createLocalKeyProvider, createSecretBox } from '@/lib/secrets';

test('decryptions are reported a hundred at a time, the others when it is closed; a report that fails is made up for', async () => {
  const key = randomBytes(32).toString('hex');
  const reports: number[] = [];
  let works = true;
  const { box, flush } = countDecryptions(
    createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key }),
    async (count) => {
      if (!works) throw new Error('no database');
      reports.push(count);
    },
  );
  const place = { owner: 'tenant', column: 'data_source_url' };
  const envelope = await box.encrypt('secret', place);
  const decrypt = async (times: number) => {
    for (let index = 0; index < times; index += 1) assert.equal(await box.decrypt(envelope, place), 'secret');
  };
  await flush();
  assert.deepEqual(reports, []);
  await decrypt(103);
  assert.deepEqual(reports, [100]);
  works = false;
  await flush();
  works = true;
  await decrypt(2);
  await flush();
  assert.deepEqual(reports, [100, 5]);
  // Keys that sign are read often by design.
  for (const column of ['token_keys.seed', 'signing_keys.seed']) {
    const signing = { ...place, column };
    await box.decrypt(await box.encrypt('seed', signing), signing);
  }
  await flush();
  assert.deepEqual(reports, [100, 5]);
  // What fails to decrypt reveals nothing.
  await assert.rejects(box.decrypt(envelope, { ...place, owner: 'another' }));
  await flush();
  assert.deepEqual(reports, [100, 5]);
});
