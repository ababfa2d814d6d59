import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retireKey, rotateSecrets, secretsStatus } from '@/lib/rotation';
import { allStores } from '@/lib/rotation/stores';
import type { StoredSecret } from '@/lib/secrets';
import { administer } from '../../support/postgres';
import { underLoad } from '../../support/under-load';
import { startVaultFake } from '../secrets/vault-fake';
import { createKeyInstallation, newKey, type OpenProcess } from './key-installation';

const BY = { actor: 'cli:tester@here' };

/** Names of keys, with the number of secrets under each. */
async function keysOf(process: OpenProcess): Promise<Record<string, number>> {
  const { stores, problems } = await secretsStatus(process);
  assert.deepEqual(problems, []);
  const counts: Record<string, number> = {};
  for (const { keys } of stores)
    for (const [key, count] of Object.entries(keys)) counts[key] = (counts[key] ?? 0) + count;
  return counts;
}

test('ENCRYPTION_KEY is replaced under load without a failed request, and the old one is retired', async () => {
  const [oldKey, key] = [newKey(), newKey()];
  const installation = await createKeyInstallation({ encryptionKey: oldKey });
  // First every process gets the next key, then one after another encrypts with it.
  const behind = await installation.open({ encryptionKey: oldKey, otherEncryptionKeys: [key] });
  const ahead = await installation.open({ encryptionKey: key, otherEncryptionKeys: [oldKey] });
  const [oldId, id] = [behind.secretBox.keys.wraps, ahead.secretBox.keys.wraps];
  const unprepared = await installation.open({ encryptionKey: oldKey });
  const alone = await unprepared.operations.processes.join({ role: 'router' });
  await assert.rejects(rotateSecrets(ahead, BY), { code: 'key_unreadable_elsewhere' });
  await alone.leave();

  const beating = await behind.operations.processes.join({ role: 'router' });
  const before = await keysOf(ahead);
  assert.deepEqual(Object.keys(before), [oldId]);
  const load = await underLoad(
    [() => installation.readAll(behind), () => installation.readAll(ahead)],
    async (more) => {
      const { problems } = await rotateSecrets(ahead, BY);
      assert.deepEqual(problems, []);
      await more();
    },
  );
  assert.deepEqual(load.failures, []);
  assert.ok(load.done >= 6);
  assert.deepEqual(await keysOf(ahead), { [id]: before[oldId] });

  // A process that still encrypts with the old key may write with it at any time.
  await assert.rejects(retireKey(ahead, oldId, BY), { code: 'key_in_use', message: /still encrypts/ });
  await assert.rejects(retireKey(ahead, id, BY), { code: 'key_in_use' });
  await assert.rejects(retireKey(ahead, 'local:none', BY), { code: 'key_unknown' });
  await beating.leave();
  await behind.application.users.setTotpSecret(installation.userId, 'GEZDGNBVGY3TQOJQ');
  await assert.rejects(retireKey(ahead, oldId, BY), {
    code: 'key_in_use',
    message: /1 in users.totp_secret/,
  });
  const again = await rotateSecrets(ahead, BY);
  assert.equal(
    again.stores.reduce((sum, { rewritten }) => sum + rewritten, 0),
    1,
  );
  await retireKey(ahead, oldId, BY);
  await assert.rejects(behind.operations.retiredKeys.expectInUse(oldId), { code: 'encryption_key_retired' });
  await installation.readAll(await installation.open({ encryptionKey: key }));
  // Who did it is in the audit log.
  const actions = (await ahead.application.audit.list({ entity: 'secrets' })).map(({ action, actor }) => [
    action,
    actor,
  ]);
  assert.deepEqual(actions, [
    ['secrets.retire', BY.actor],
    ['secrets.rotate', BY.actor],
    ['secrets.rotate', BY.actor],
  ]);
});

test('all secrets are brought to Vault and from version to version, under load', async () => {
  const vault = await startVaultFake();
  vault.addKey('marquee', true);
  const encryptionKey = newKey();
  const vaultTransit = {
    ...{ address: vault.address, key: 'marquee' },
    signIn: { method: 'token' as const, token: vault.rootToken },
  };
  const installation = await createKeyInstallation({ encryptionKey });
  const serving = await installation.open({ encryptionKey, vaultTransit });
  const migrating = await installation.open({ encryptionKey, vaultTransit, keyProvider: 'vault-transit' });
  const beating = await serving.operations.processes.join({ role: 'router' });
  const requests = [() => installation.readAll(serving), () => installation.readAll(migrating)];
  const load = await underLoad(requests, async (more) => {
    await rotateSecrets(migrating, BY, { action: 'secrets.migrate' });
    await more();
  });
  assert.deepEqual(load.failures, []);
  const secrets = Object.values(await keysOf(migrating))[0];
  assert.deepEqual(await keysOf(serving), { 'vault:marquee:v1': secrets });
  // Tenants' statements ask Vault for nothing: their sessions are open, and data keys are kept.
  const asked = vault.requests.get('transit/decrypt');
  for (let count = 0; count < 50; count += 1) await installation.readAll(migrating);
  assert.equal(vault.requests.get('transit/decrypt'), asked);
  await beating.leave();
  vault.rotateKey('marquee');
  const later = await installation.open({ encryptionKey, vaultTransit, keyProvider: 'vault-transit' });
  await assert.rejects(retireKey(later, 'vault:marquee:v1', BY), { code: 'key_in_use' });
  await rotateSecrets(later, BY);
  // Vault rewraps each without showing its data key.
  assert.equal(vault.requests.get('transit/rewrap'), secrets);
  assert.deepEqual(await keysOf(later), { 'vault:marquee:v2': secrets });
  await retireKey(later, 'vault:marquee:v1', BY);
  await installation.readAll(later);
  const actions = (await later.application.audit.list({ entity: 'secrets' })).map(({ action }) => action);
  assert.deepEqual(actions, ['secrets.retire', 'secrets.rotate', 'secrets.migrate']);
});

test('an interrupted rotation goes on; what cannot be decrypted is named and keeps no other from it', async () => {
  const [oldKey, key] = [newKey(), newKey()];
  const installation = await createKeyInstallation({ encryptionKey: oldKey });
  const ahead = await installation.open({ encryptionKey: key, otherEncryptionKeys: [oldKey] });
  const [total = 0] = Object.values(await keysOf(ahead));
  await assert.rejects(
    rotateSecrets(ahead, BY, {
      progress({ store }) {
        if (store === 'users.totp_secret') throw new Error('killed');
      },
    }),
    /killed/,
  );
  const between = await keysOf(ahead);
  assert.equal(Object.keys(between).length, 2);
  // An envelope of another row, as a person with access to the table may put it there.
  await administer(
    installation.applicationUrl,
    `update tenants t set data_source_url = other.data_source_url from tenants other where t.subdomain = 'suspended' and other.subdomain = 'active'`,
  );
  const old = await installation.open({ encryptionKey: oldKey });
  const [active] = installation.tenants;
  await old.application.tenants.setCredentials(active?.id ?? '', {
    url: 'postgresql://x',
    anonKey: null,
    serviceKey: null,
  });
  await administer(
    installation.applicationUrl,
    `update tenants t set data_source_url = other.data_source_url from tenants other where t.subdomain = 'suspended' and other.subdomain = 'active'`,
  );
  const { problems } = await rotateSecrets(ahead, BY);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /^tenants.data_source_url of .*was changed, or belongs to another tenant/);
  const counts = await keysOf(ahead);
  assert.deepEqual(counts, { [ahead.secretBox.keys.wraps]: total - 1, [old.secretBox.keys.wraps]: 1 });
  await assert.rejects(retireKey(ahead, old.secretBox.keys.wraps, BY), { code: 'key_in_use' });
});

test('an envelope opens in its own place only: not in another row, column or tenant’s', async () => {
  const installation = await createKeyInstallation({ encryptionKey: newKey() });
  const [process] = installation.processes;
  assert.ok(process);
  await process.operations.signingKeys.read('certificates');
  const secrets: { store: string; secret: StoredSecret }[] = [];
  for (const store of allStores(process)) {
    for await (const page of store.pages((problem) => assert.fail(problem)))
      secrets.push(...page.map((secret) => ({ store: store.name, secret })));
  }
  const names = new Set(secrets.map(({ store }) => store));
  assert.ok(names.size >= 10 && secrets.length > names.size, [...names].join());
  const opened: string[] = [];
  for (const { store, secret } of secrets) {
    await process.secretBox.decrypt(secret.envelope, secret.place);
    for (const other of secrets) {
      const { place } = other.secret;
      if (place.owner === secret.place.owner && place.column === secret.place.column) continue;
      await process.secretBox.decrypt(secret.envelope, place).then(
        () => opened.push(`${store} opens in ${other.store}`),
        (error: { code?: string }) => assert.equal(error.code, 'envelope_tampered'),
      );
    }
  }
  assert.deepEqual(opened, []);
});

test('a database that is away is named, and no key is retired meanwhile', async () => {
  const [oldKey, key] = [newKey(), newKey()];
  const installation = await createKeyInstallation({ encryptionKey: oldKey });
  const ahead = await installation.open({ encryptionKey: key, otherEncryptionKeys: [oldKey] });
  const source = await ahead.operations.dataSources.get('shared');
  const { moverUrl } = await ahead.operations.dataSources.credentials(source.id);
  const gone = new URL(moverUrl ?? '');
  gone.port = '1';
  await ahead.operations.dataSources.setCredentials(source.id, { moverUrl: gone.toString() });
  const { problems } = await rotateSecrets(ahead, BY);
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /^shared: /);
  assert.ok(!problems.join().includes(gone.password));
  await assert.rejects(
    retireKey(ahead, `${(await installation.open({ encryptionKey: oldKey })).secretBox.keys.wraps}`, BY),
    {
      code: 'secrets_unreachable',
    },
  );
});

test('every column that holds an envelope is brought to a new key', async () => {
  const process = await createKeyInstallation({ encryptionKey: newKey() });
  const { application, operations } = await process.open({ encryptionKey: newKey() });
  const columns: string[] = [];
  for (const url of [process.applicationUrl, process.operationsUrl]) {
    const { rows } = await administer(
      url,
      `select c.conrelid::regclass || '.' || a.attname as name
       from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
       where c.contype = 'c' and pg_get_constraintdef(c.oid) like '%is_envelope%'`,
    );
    columns.push(...rows.map(({ name }) => name));
  }
  assert.ok(columns.length >= 10);
  const stores = [...application.secretStores(), ...operations.secretStores()].map(({ name }) => name);
  assert.deepEqual(
    columns.filter((column) => !stores.includes(column)),
    [],
  );
});
