import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import {
  createAwsKmsProvider,
  createLocalKeyProvider,
  createSecretBox,
  createVaultTransitProvider,
  openSecrets,
} from '@/lib/secrets';
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
  assert.throws(() => createLocalKeyProvider('short'), { code: 'encryption_key_invalid' });
});

/** A contract fake: XORs instead of encrypting and remembers the context, as KMS and Vault refuse another one. */
async function fakeKeyService(
  read: (body: Record<string, unknown>) => { plain?: string; cipher?: string; context: string },
  answer: (text: string, encrypting: boolean) => object,
) {
  const contexts = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { plain, cipher, context } = read(
      JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()),
    );
    const bytes = Buffer.from(plain ?? cipher ?? '', 'latin1');
    const text = Buffer.from(bytes.map((byte) => byte ^ 42)).toString('latin1');
    if (plain !== undefined) contexts.set(text, context);
    const refused = cipher !== undefined && contexts.get(cipher) !== context;
    response
      .writeHead(refused ? 400 : 200)
      .end(JSON.stringify(refused ? {} : answer(text, plain !== undefined)));
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const text = (base64: unknown) =>
  base64 === undefined ? undefined : Buffer.from(String(base64), 'base64').toString('latin1');
const base64 = (latin1: string) => Buffer.from(latin1, 'latin1').toString('base64');
const optional = <K extends string>(name: K, value: string | undefined) =>
  value === undefined ? {} : { [name]: value };

test('AWS KMS (a contract fake) wraps data keys under their context', async () => {
  const endpoint = await fakeKeyService(
    (body) => ({
      ...optional('plain', text(body.Plaintext)),
      ...optional('cipher', text(body.CiphertextBlob)),
      context: JSON.stringify(body.EncryptionContext),
    }),
    (answer, encrypting) => (encrypting ? { CiphertextBlob: base64(answer) } : { Plaintext: base64(answer) }),
  );
  const provider = createAwsKmsProvider({
    keyArn: 'arn:aws:kms:eu:1:key/a',
    region: 'eu',
    accessKeyId: 'i',
    secretAccessKey: 's',
    endpoint,
  });
  const box = createSecretBox({ provider, fingerprintKey: FINGERPRINT_KEY });
  const envelope = await box.encrypt(url, place);
  assert.equal(await box.decrypt(envelope, place), url);
  await assert.rejects(box.decrypt(envelope, { ...place, owner: 'other' }), { code: 'key_provider_refused' });
});

function vaultTransitFake(): Promise<string> {
  return fakeKeyService(
    (body) => ({
      ...optional('plain', text(body.plaintext)),
      ...optional(
        'cipher',
        body.ciphertext === undefined ? undefined : text(String(body.ciphertext).replace('vault:v1:', '')),
      ),
      context: String(body.associated_data),
    }),
    (answer, encrypting) => ({
      data: encrypting ? { ciphertext: `vault:v1:${base64(answer)}` } : { plaintext: base64(answer) },
    }),
  );
}

test('Vault transit (a contract fake) wraps data keys under their context', async () => {
  const address = await vaultTransitFake();
  const box = createSecretBox({
    provider: createVaultTransitProvider({ address, token: 't', key: 'k' }),
    fingerprintKey: FINGERPRINT_KEY,
  });
  assert.equal(await box.decrypt(await box.encrypt(url, place), place), url);
  const dead = createVaultTransitProvider({ address: 'http://127.0.0.1:1', token: 'hidden', key: 'k' });
  await assert.rejects(
    createSecretBox({ provider: dead, fingerprintKey: FINGERPRINT_KEY }).encrypt(url, place),
    {
      code: 'key_provider_unreachable',
    },
  );
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
    openSecrets({ encryptionKey, keyProvider: { kind: 'supabase-vault', databaseUrl: url, name } });
  const { secretBox } = await open('marquee');
  const envelope = await localBox(kept).encrypt(url, place);
  assert.equal(await secretBox.decrypt(envelope, place), url);
  await assert.rejects(open('none'), { code: 'key_provider_refused' });
  await assert.rejects(open('marquee', 'postgresql://a:b@127.0.0.1:1/c'), {
    code: 'key_provider_unreachable',
  });
});

test('secrets from before a key service took over stay readable, and can be brought to it', async () => {
  const encryptionKey = key();
  const { secretBox: before } = await openSecrets({ encryptionKey });
  const envelope = await before.encrypt(url, place);
  const address = await vaultTransitFake();
  const { secretBox } = await openSecrets({
    encryptionKey,
    keyProvider: { kind: 'vault-transit', address, token: 't', key: 'k' },
  });
  assert.equal(await secretBox.decrypt(envelope, place), url);
  const rewrapped = (await secretBox.rewrap(envelope, place)) ?? '';
  assert.equal(Buffer.from(rewrapped.split('.')[1] ?? '', 'base64url').toString(), 'vault:k');
  assert.equal(await secretBox.decrypt(rewrapped, place), url);
});
