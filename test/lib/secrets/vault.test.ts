// Vault and OpenBao, against a contract fake.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecretBox, createVaultTransitProvider, openSecrets, type VaultSignIn } from '@/lib/secrets';
import { until } from '../../support/until';
import { startVaultFake } from './vault-fake';

const FINGERPRINT_KEY = randomBytes(32).toString('hex');
const place = { owner: 'tenant-1', column: 'data_source_url' };
const url = 'postgresql://router:secret@db.example/one';

const vault = await startVaultFake();

function boxOf(key: string, signIn: VaultSignIn = { method: 'token', token: vault.rootToken }) {
  const provider = createVaultTransitProvider({ address: vault.address, key, signIn });
  return createSecretBox({ provider, fingerprintKey: FINGERPRINT_KEY });
}

for (const derived of [true, false]) {
  test(`a ${derived ? 'derived key' : 'key with associated data'} binds data keys to their place, has versions and is rewrapped`, async () => {
    const name = randomUUID();
    vault.addKey(name, derived);
    const box = boxOf(name);
    const envelope = await box.encrypt(url, place);
    assert.equal(await box.decrypt(envelope, place), url);
    await assert.rejects(box.decrypt(envelope, { ...place, owner: 'other' }), {
      code: 'key_provider_refused',
    });
    assert.equal(box.keyOf(envelope), `vault:${name}:v1`);
    assert.equal(await box.rewrap(envelope, place), undefined);
    vault.rotateKey(name);
    const later = boxOf(name);
    const before = vault.requests.get('transit/decrypt') ?? 0;
    const rewrapped = (await later.rewrap(envelope, place)) ?? '';
    assert.equal(later.keyOf(rewrapped), `vault:${name}:v2`);
    // A derived key is rewrapped by Vault: the data key is not shown to this process.
    assert.equal((vault.requests.get('transit/decrypt') ?? 0) - before, derived ? 0 : 1);
    const key = vault.keys.get(name);
    if (key) key.minDecryptionVersion = 2;
    assert.equal(await later.decrypt(rewrapped, place), url);
    await assert.rejects(later.decrypt(envelope, place), { code: 'key_provider_refused' });
  });
}

test('AppRole and Kubernetes sign in; a token that was revoked is replaced, once for requests at the same time', async () => {
  vault.addKey('signed-in', true);
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-vault-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const tokenFile = path.join(directory, 'token');
  vault.serviceAccountToken = randomUUID();
  await writeFile(tokenFile, `${vault.serviceAccountToken}\n`);
  const ways: VaultSignIn[] = [
    { method: 'approle', roleId: 'role', secretId: 'secret' },
    { method: 'kubernetes', role: 'marquee', tokenFile },
  ];
  for (const signIn of ways) {
    const logins = () => vault.requests.get(`auth/${signIn.method}/login`) ?? 0;
    const box = boxOf('signed-in', signIn);
    const envelope = await box.encrypt(url, place);
    assert.equal(logins(), 1);
    for (const token of vault.tokens) if (token !== vault.rootToken) vault.tokens.delete(token);
    // Kubernetes gave the pod another token meanwhile.
    vault.serviceAccountToken = randomUUID();
    await writeFile(tokenFile, vault.serviceAccountToken);
    const read = await Promise.all([1, 2, 3].map(() => box.decrypt(envelope, place)));
    assert.deepEqual(read, [url, url, url]);
    assert.equal(logins(), 2);
  }
  await assert.rejects(
    boxOf('signed-in', { method: 'approle', roleId: 'role', secretId: 'no' }).encrypt(url, place),
    {
      code: 'key_provider_refused',
    },
  );
  const missing: VaultSignIn = { method: 'kubernetes', role: 'marquee', tokenFile: '/nonexistent' };
  await assert.rejects(boxOf('signed-in', missing).encrypt(url, place), { code: 'key_provider_refused' });
});

test('a token is renewed before it expires, whichever way it was got', async () => {
  vault.addKey('renewed', true);
  vault.leaseSeconds = 0.3;
  try {
    const given = `hvs.${randomUUID()}`;
    vault.tokens.add(given);
    for (const signIn of [
      { method: 'approle', roleId: 'role', secretId: 'secret' },
      { method: 'token', token: given },
    ] satisfies VaultSignIn[]) {
      const before = vault.requests.get('auth/token/renew-self') ?? 0;
      await boxOf('renewed', signIn).encrypt(url, place);
      await until(() => (vault.requests.get('auth/token/renew-self') ?? 0) >= before + 2, 'two renewals');
    }
  } finally {
    vault.leaseSeconds = 3600;
  }
});

test('while Vault is away a token is renewed again after a second at the earliest', async () => {
  vault.addKey('away', true);
  vault.leaseSeconds = 0.1;
  try {
    await boxOf('away', { method: 'approle', roleId: 'role', secretId: 'secret' }).encrypt(url, place);
    vault.failWith = 503;
    const before = vault.requests.get('auth/token/renew-self') ?? 0;
    await sleep(1_500);
    const attempts = (vault.requests.get('auth/token/renew-self') ?? 0) - before;
    // Tokens of other tests are renewed, too.
    assert.ok(attempts >= 1 && attempts < 10, String(attempts));
  } finally {
    Object.assign(vault, { leaseSeconds: 3600, failWith: undefined });
  }
});

test('a Vault that is away or sealed is unavailable, and no message has the token', async () => {
  const token = `hvs.${randomUUID()}`;
  const dead = createVaultTransitProvider({
    ...{ address: 'http://127.0.0.1:1', key: 'k' },
    signIn: { method: 'token', token },
  });
  const failures: unknown[] = [];
  const keep = (error: unknown) => failures.push(error);
  await dead.newDataKey('context').catch(keep);
  for (const status of [503, 429, 500]) {
    vault.failWith = status;
    await boxOf('any', { method: 'token', token }).encrypt(url, place).catch(keep);
  }
  vault.failWith = undefined;
  assert.deepEqual(
    failures.map((error) => (error as { code?: string }).code),
    Array(4).fill('key_provider_unreachable'),
  );
  for (const error of failures) assert.ok(!`${error} ${JSON.stringify(error)}`.includes(token));
});

test('secrets from before Vault took over stay readable, and can be brought to it', async () => {
  vault.addKey('k', true);
  const encryptionKey = randomBytes(32).toString('hex');
  const vaultTransit = {
    address: vault.address,
    key: 'k',
    signIn: { method: 'token' as const, token: vault.rootToken },
  };
  const before = await openSecrets({ encryptionKey, vaultTransit });
  const envelope = await before.encrypt(url, place);
  const box = await openSecrets({ encryptionKey, keyProvider: 'vault-transit', vaultTransit });
  assert.equal(await box.decrypt(envelope, place), url);
  const rewrapped = (await box.rewrap(envelope, place)) ?? '';
  assert.equal(box.keyOf(rewrapped), 'vault:k:v1');
  // Processes that still encrypt locally read it already.
  assert.equal(await before.decrypt(rewrapped, place), url);
  assert.equal((await openSecrets({ encryptionKey })).keyOf(rewrapped), 'vault:k');
  await assert.rejects((await openSecrets({ encryptionKey })).decrypt(rewrapped, place), {
    code: 'envelope_unknown_key',
  });
});

test('Vault is asked once for a secret that is read often', async () => {
  vault.addKey('cached', true);
  const vaultTransit = {
    ...{ address: vault.address, key: 'cached' },
    signIn: { method: 'token' as const, token: vault.rootToken },
  };
  const box = await openSecrets({
    ...{ encryptionKey: randomBytes(32).toString('hex'), keyProvider: 'vault-transit' as const },
    vaultTransit,
  });
  const envelope = await box.encrypt(url, place);
  const before = vault.requests.get('transit/decrypt') ?? 0;
  for (let read = 0; read < 50; read += 1) assert.equal(await box.decrypt(envelope, place), url);
  assert.equal((vault.requests.get('transit/decrypt') ?? 0) - before, 1);
  await assert.rejects(box.decrypt(envelope, { ...place, owner: 'other' }), { code: 'key_provider_refused' });
});
