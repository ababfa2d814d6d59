// What a stolen dump gives: the application and operations databases, restored elsewhere, with all of Marquee's code and no key.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { openApplicationDatabase } from '@/lib/application';
import { DataSourceManager, directoryOf, tokenVerifier } from '@/lib/data-sources';
import { ApiKeys, hashPassword } from '@/lib/identity';
import { openOperationsDatabase } from '@/lib/operations';
import { createTokens, openSecrets } from '@/lib/secrets';
import { startServer } from '@/server';
import { dumpOf } from '../../support/dump';
import { administer, createTestDatabase } from '../../support/postgres';
import { createKeyInstallation, newKey, TOTP } from './key-installation';

const NAME = `Client ${randomUUID()}`;

test('a dump of both databases, with all code but no key, opens no tenant’s data', async () => {
  const encryptionKey = newKey();
  const installation = await createKeyInstallation({ encryptionKey });
  const marquee = await installation.open({ encryptionKey });
  const [active] = installation.tenants;
  const tenantId = active?.id ?? '';
  const client = await marquee.manager.getClientForTenant(tenantId, true);
  await client.from('accounts').insert({ name: NAME }).throwOnError();
  const service = { tenantId, kind: 'service' as const, role: undefined, name: 'k', createdBy: 'test' };
  const { key: apiKey } = await new ApiKeys(marquee).create(service);
  const [source] = await marquee.operations.dataSources.list();
  const credentials = await marquee.operations.dataSources.credentials(source?.id ?? '');

  const [signingKey] = await marquee.operations.signingKeys.read('checkpoints');

  // A restored dump: the same rows in databases of other names.
  const [applicationUrl, operationsUrl] = await Promise.all([
    restored(installation.applicationUrl),
    restored(installation.operationsUrl),
  ]);

  // Nothing that opens anything stands in it, in any form.
  const dump = (await Promise.all([applicationUrl, operationsUrl].map(dumpOf))).join('\n');
  assert.ok(dump.includes(tenantId), 'the dump is one');
  const [tokenKey] = await marquee.operations.tokenKeys.read();
  // The owner's password is a word in tests; the others are random.
  const passwords = [credentials.routerUrl, credentials.moverUrl].map((url) => new URL(url ?? '').password);
  const seals = [new URL(credentials.routerUrl ?? '').searchParams.get('marquee_seal') ?? ''];
  const secrets = [encryptionKey, apiKey, TOTP, 'key of active', ...passwords, ...seals].map((text) =>
    Buffer.from(text),
  );
  assert.ok(passwords.every((password) => password.length === 43) && seals[0]?.length === 64);
  const seeds = [tokenKey?.seed ?? [], signingKey.seed].map((seed) => Buffer.from(seed));
  for (const secret of [...secrets, Buffer.from(encryptionKey, 'hex'), ...seeds]) {
    for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      const text = secret.toString(form).replace(/=+$/, '');
      assert.ok(text.length === 0 || !dump.includes(text), `a secret stands there as ${form}`);
    }
  }

  // All of Marquee over it, with a key of the thief's own.
  const secretBox = await openSecrets({ encryptionKey: newKey() });
  const application = openApplicationDatabase({ url: applicationUrl, secretBox });
  const operations = openOperationsDatabase({ url: operationsUrl, secretBox });
  const unknown = { code: 'envelope_unknown_key' };
  await assert.rejects(application.tenants.credentials(tenantId), unknown);
  await assert.rejects(application.tenants.replicas(tenantId), unknown);
  await assert.rejects(application.users.totpSecret(installation.userId), unknown);
  await assert.rejects(operations.dataSources.credentials(source?.id ?? ''), unknown);
  await assert.rejects(operations.tokenKeys.read(), unknown);
  await assert.rejects(operations.signingKeys.read('checkpoints'), unknown);

  // The thief owns the copy: another token key, another password, and a server that accepts both.
  await administer(operationsUrl, 'delete from token_keys');
  await administer(applicationUrl, 'update users set totp_secret = null, totp_confirmed_at = null');
  await application.users.setPassword(installation.userId, await hashPassword('chosen by the thief'));
  const tokens = createTokens(operations.tokenKeys);
  const manager = new DataSourceManager(async () => ({
    directory: directoryOf(application),
    verifyAccessToken: tokenVerifier(tokens),
  }));
  const server = await startServer({
    ...{ application, operations, manager, tokens, host: '127.0.0.1', port: 0 },
    ...{ logLevel: 'silent', webDirectory: '/nonexistent' },
  });
  after(async () => {
    await server.close();
    await Promise.all([manager.close(), application.close(), operations.close()]);
  });
  const address = `http://127.0.0.1:${server.port}/t/active`;
  const signedIn = await fetch(`${address}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'a@b.c', password: 'chosen by the thief' }),
  });
  assert.equal(signedIn.status, 200, 'the copy itself can be signed in to');
  const { access_token: accessToken } = await signedIn.json();
  const claims = { userId: installation.userId, tenantId, role: 'owner', tokenVersion: 1 };
  const ways: (() => Promise<unknown>)[] = [
    async () => {
      const headers = { authorization: `Bearer ${accessToken}` };
      const response = await fetch(`${address}/rest/v1/accounts?select=name`, { headers });
      const text = await response.text();
      assert.ok(!response.ok, text);
      return text;
    },
    async () => (await (await manager.getClientForTenant(tenantId, true)).from('accounts').select()).error,
    () =>
      manager.execute(tenantId, { text: 'select name from accounts', values: [] }).catch((error) => error),
    () =>
      manager
        .withTenantTransaction(tenantId, (transaction) => transaction.query('select name from accounts'))
        .catch((error) => error),
  ];
  for (const way of ways) {
    const answered = await way();
    assert.ok(answered, 'it is an error');
    assert.ok(!`${answered} ${JSON.stringify(answered)}`.includes(NAME));
  }

  // Nor does the real one accept what the copy signs, or what stands in it.
  for (const token of [accessToken, await tokens.signAccessToken(claims, 600)]) {
    await assert.rejects(marquee.tokens.verifyAccessToken(token), { code: 'token_invalid' });
  }
  const { rows } = await administer(operationsUrl, "select encode(key_hash, 'hex') as hash from api_keys");
  await assert.rejects(new ApiKeys(marquee).recognize(rows[0]?.hash, '127.0.0.1'));
});

async function restored(url: string): Promise<string> {
  const copy = await createTestDatabase('restored');
  const name = (of: string) => new URL(of).pathname.slice(1);
  const server = new URL(url);
  server.pathname = '/postgres';
  await administer(server.toString(), `drop database ${name(copy)}`);
  // The original serves on: its sessions are cut for a moment, as PostgreSQL copies no database that is in use.
  await administer(server.toString(), `alter database ${name(url)} allow_connections false`);
  await administer(
    server.toString(),
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name(url)}'`,
  );
  await administer(server.toString(), `create database ${name(copy)} template ${name(url)}`);
  await administer(server.toString(), `alter database ${name(url)} allow_connections true`);
  await administer(server.toString(), `alter database ${name(copy)} allow_connections true`);
  return copy;
}
