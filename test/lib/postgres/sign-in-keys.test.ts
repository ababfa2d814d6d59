import assert from 'node:assert/strict';
import { randomBytes, webcrypto } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import '@/lib/postgres';
import { administer, testServerUrl } from '../../support/postgres';

const server = await testServerUrl();
const login = `signs_in_${randomBytes(6).toString('hex')}`;
await administer(server, `create role ${login} login password 'first'`);
after(() => administer(server, `drop role ${login}`));

async function signIn(password: string): Promise<void> {
  await administer(Object.assign(new URL(server), { username: login, password }).toString(), 'select 1');
}

test('the key of a password is derived once, however many connections sign in with it', async (t) => {
  const derive = t.mock.method(webcrypto.subtle, 'deriveBits');
  for (let n = 0; n < 3; n += 1) await signIn('first');
  assert.equal(derive.mock.callCount(), 1);
});

test('another password is another key: a wrong one is refused, a changed one counts at once', async () => {
  const refused = (error: unknown) => error instanceof pg.DatabaseError && error.code === '28P01';
  await assert.rejects(signIn('wrong'), refused);
  await administer(server, `alter role ${login} password 'second'`);
  await assert.rejects(signIn('first'), refused);
  await signIn('second');
});
