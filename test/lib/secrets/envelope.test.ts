import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createLocalKeyProvider, createSecretBox, openSecrets } from '@/lib/secrets';
import { administer, createTestDatabase } from '../../support/postgres';

const key = () => randomBytes(32).toString('hex');
const FINGERPRINT_KEY = key();
const place = { owner: 'tenant-1', column: 'data_source_url' };
const url = 'postgresql://router:secret@db.example/one';

function localBox(current = key(), former: string[] = []) {
  return createSecretBox({
    provider: createLocalKeyProvider(current, former),
    fingerprintKey: FINGERPRINT_KEY,
  });
}

test('a secret is read back, is never the same twice, and shows nothing', async () => {
  const box = localBox();
  const envelope = await box.encrypt(url, place);
  assert.match(envelope, /^mq1\./);
  assert.notEqual(await box.encrypt(url, place), envelope);
  assert.ok(
    !envelope.includes('secret') && !Buffer.from(envelope, 'base64url').toString('latin1').includes('secret'),
  );
  assert.equal(await box.decrypt(envelope, place), url);
  assert.ok(envelope.includes(`.${box.fingerprint(url)}.`));
});

test('a ciphertext moved to another row or column, or changed anywhere, is refused', async () => {
  const box = localBox();
  const envelope = await box.encrypt(url, place);
  for (const elsewhere of [
    { ...place, owner: 'tenant-2' },
    { ...place, column: 'admin_url' },
    { owner: 'tenant-1data', column: '_source_url' },
  ]) {
    await assert.rejects(box.decrypt(envelope, elsewhere), { code: 'envelope_tampered' });
  }
  const parts = envelope.split('.');
  for (const index of [3, 4]) {
    const bytes = Buffer.from(parts[index] ?? '', 'base64url');
    for (let position = 0; position < bytes.length; position++) {
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ 1;
      const tampered = parts.with(index, changed.toString('base64url')).join('.');
      await assert.rejects(box.decrypt(tampered, place), { code: 'envelope_tampered' });
    }
  }
  const otherMark = parts.with(2, box.fingerprint('another secret')).join('.');
  await assert.rejects(box.decrypt(otherMark, place), { code: 'envelope_tampered' });
  for (const broken of ['', 'x', 'mq2.a.b.c.d', `${envelope}.x`, parts.slice(0, 4).join('.')]) {
    await assert.rejects(box.decrypt(broken, place), { code: 'envelope_malformed' });
  }
});

test('a wrong key is named as such, and a key can be replaced', async () => {
  const [old, fresh] = [key(), key()];
  const envelope = await localBox(old).encrypt(url, place);
  await assert.rejects(localBox(fresh).decrypt(envelope, place), { code: 'envelope_unknown_key' });
  const rotating = localBox(fresh, [old]);
  const rewrapped = await rotating.rewrap(envelope, place);
  assert.equal(await localBox(fresh).decrypt(rewrapped ?? '', place), url);
  assert.equal(await rotating.rewrap(rewrapped ?? '', place), undefined);
  // The secret is the same, and so is its fingerprint: the audit log shows no change.
  assert.equal(rewrapped?.split('.')[2], envelope.split('.')[2]);
  assert.notEqual(rotating.keyOf(rewrapped ?? ''), rotating.keyOf(envelope));
  await assert.rejects(rotating.rewrap(envelope, { ...place, owner: 'tenant-2' }), {
    code: 'envelope_tampered',
  });
  assert.throws(() => createLocalKeyProvider('short'), { code: 'encryption_key_invalid' });
});

test('Supabase Vault (a contract fake of its view) gives the key by name', async () => {
  const databaseUrl = await createTestDatabase('vault');
  const kept = key();
  await administer(
    databaseUrl,
    `create schema vault; create view vault.decrypted_secrets as select 'marquee' as name, '${kept}' as decrypted_secret`,
  );
  const encryptionKey = key();
  const open = (name: string, url = databaseUrl) =>
    openSecrets({ encryptionKey, keyProvider: 'supabase-vault', supabaseVault: { databaseUrl: url, name } });
  const secretBox = await open('marquee');
  const envelope = await localBox(kept).encrypt(url, place);
  assert.equal(await secretBox.decrypt(envelope, place), url);
  // The first host does not answer: the primary is the other one.
  const severalHosts = databaseUrl.replace(/@([^/]*)/, '@127.0.0.1:1,$1');
  assert.equal(await (await open('marquee', severalHosts)).decrypt(envelope, place), url);
  await assert.rejects(open('none'), { code: 'key_provider_refused' });
  await assert.rejects(open('marquee', 'postgresql://a:b@127.0.0.1:1/c'), {
    code: 'key_provider_unreachable',
  });
});
