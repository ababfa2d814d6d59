import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { createTokens } from '@/lib/secrets';
import { startServer } from '@/server';
import { underLoad } from '../support/under-load';
import { PASSWORD, startServing } from './serving';

test('token keys rotate under load without a failed request, with several servers', async () => {
  const serving = await startServing();
  const { application, operations } = serving;
  // Another process: it knows of a new key only what it reads.
  const second = await startServer({
    ...{ application, operations, manager: serving.newManager() },
    ...{ tokens: createTokens(operations.tokenKeys), host: '127.0.0.1', port: 0 },
    ...{ logLevel: 'silent', webDirectory: '/nonexistent' },
  });
  after(() => second.close());
  const servers = [serving.url, `http://127.0.0.1:${second.port}`];
  const post = async (server: string, path: string, body: object) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${server}/t/a/auth/v1/${path}`, {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
    });
    assert.equal(response.status, 200, await response.clone().text());
    return response.json();
  };
  const signIn = () =>
    post(serving.url, 'token?grant_type=password', { email: 'owner@a.example', password: PASSWORD });
  const names = new Set<string | undefined>();
  /** Reads with the access token at one server and refreshes the session at the other, and the other way round. */
  const client = async () => {
    let session = await signIn();
    let turn = 0;
    return async () => {
      turn += 1;
      const [here = '', there = ''] = turn % 2 ? servers : servers.toReversed();
      session = await post(here, 'token?grant_type=refresh_token', { refresh_token: session.refresh_token });
      const response = await fetch(`${there}/t/a/rest/v1/accounts?select=name`, {
        headers: { authorization: `Bearer ${session.access_token}` },
      });
      const rows = await response.json();
      assert.equal(rows.length, 2, JSON.stringify(rows));
      names.add(decodeProtectedHeader(session.access_token).kid);
    };
  };
  const kept = (await signIn()).access_token;
  const load = await underLoad([await client(), await client()], async (more) => {
    for (let rotation = 0; rotation < 2; rotation += 1) {
      await operations.tokenKeys.rotate(0);
      await more();
      // What reads the keys again signs with the new one at once.
      await fetch(`${servers[1]}/t/a/rest/v1/accounts`, {
        headers: {
          authorization: `Bearer ${await createTokens(operations.tokenKeys).signAccessToken({ userId: 'u', tenantId: serving.tenantIds.a, role: 'owner', tokenVersion: 1 }, 60)}`,
        },
      });
      await more();
    }
  });
  assert.deepEqual(load.failures, []);
  assert.ok(load.done > 10);
  assert.ok(names.size >= 2, 'a new key was used');
  // A session from before goes on, and others find every key.
  const response = await fetch(`${servers[1]}/t/a/rest/v1/accounts`, {
    headers: { authorization: `Bearer ${kept}` },
  });
  assert.equal(response.status, 200);
  const { keys } = (await (await fetch(`${servers[1]}/auth/v1/.well-known/jwks.json`)).json()) as {
    keys: { kid: string }[];
  };
  assert.equal(keys.length, 3);
  assert.ok(keys.some(({ kid }) => kid === decodeProtectedHeader(kept).kid));
});
