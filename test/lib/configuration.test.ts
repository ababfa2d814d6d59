import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readConfiguration, secretSettings, unknownVariables, VARIABLES } from '@/lib/configuration';
import type { MarqueeError } from '@/lib/failures';

const KEY = 'ab'.repeat(32);
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-configuration-'));
const before = process.env.MARQUEE_STATE_DIRECTORY;
process.env.MARQUEE_STATE_DIRECTORY = directory;
after(() => {
  if (before === undefined) delete process.env.MARQUEE_STATE_DIRECTORY;
  else process.env.MARQUEE_STATE_DIRECTORY = before;
});

test('.env.example documents every variable, those of the specification first', async () => {
  const example = await readFile(path.join(import.meta.dirname, '../../.env.example'), 'utf8');
  const documented = [...example.matchAll(/^#([A-Z][A-Z_]+)=/gm)].map((match) => match[1]);
  assert.deepEqual([...documented].sort(), [...VARIABLES, 'MARQUEE_STATE_DIRECTORY'].sort());
  assert.deepEqual(documented.slice(0, 7), [
    'NEXT_PUBLIC_SUPABASE_URL',
    'NEXT_PUBLIC_SUPABASE_ANON_KEY',
    'SUPABASE_SERVICE_ROLE_KEY',
    'DEFAULT_TENANT_DATA_URL',
    'DEFAULT_TENANT_DATA_ANON_KEY',
    'DEFAULT_TENANT_DATA_SERVICE_KEY',
    'ENCRYPTION_KEY',
  ]);
});

test('nothing set is valid, and the process environment comes before what npm start wrote', async () => {
  assert.equal(readConfiguration({}).PORT, 3000);
  await writeFile(path.join(directory, 'environment'), `ENCRYPTION_KEY=${KEY}\nPORT=4000\n`);
  assert.equal(readConfiguration({}).PORT, 4000);
  const configuration = readConfiguration({ PORT: '5000', SMTP_URL: '' });
  assert.deepEqual([configuration.PORT, configuration.ENCRYPTION_KEY], [5000, KEY]);
  assert.equal(configuration.SMTP_URL, undefined);
});

test('what is wrong is named, its value is not', () => {
  const wrong = {
    ENCRYPTION_KEY: 'not-hex-at-all',
    APPLICATION_DATABASE_URL: 'mysql://u:pa55@h/d',
    PORT: '70000',
  };
  assert.throws(
    () => readConfiguration(wrong),
    (error: MarqueeError) => {
      assert.equal(error.code, 'configuration_invalid');
      for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(name));
      assert.doesNotMatch(error.message, /not-hex|pa55/);
      return true;
    },
  );
});

test('a Supabase project for new tenants needs its service key, and no other kind of address will do', () => {
  const url = (text: string) => readConfiguration({ DEFAULT_TENANT_DATA_URL: text });
  assert.throws(() => url('https://ref.supabase.co'), /DEFAULT_TENANT_DATA_SERVICE_KEY/);
  assert.throws(() => url('mysql://h/d'), /DEFAULT_TENANT_DATA_URL/);
  assert.throws(
    () => readConfiguration({ NEXT_PUBLIC_SUPABASE_URL: 'ref.supabase.co' }),
    /NEXT_PUBLIC_SUPABASE_URL/,
  );
});

test('a MARQUEE_ variable that nothing reads is named, with what may be meant', () => {
  assert.deepEqual(
    unknownVariables({ MARQUEE_STATE_DIRECTORY: '/x', MARQUEE_TEST_POSTGRES_URL: '', PORT: '1' }),
    [],
  );
  const about = (name: string) => unknownVariables({ [name]: '1' }).join();
  assert.match(about('MARQUEE_STATE_DIR'), /MARQUEE_STATE_DIR is set.*Do you mean MARQUEE_STATE_DIRECTORY\?/);
  assert.match(about('MARQUEE_ENCRYPTION_KEY'), /Do you mean ENCRYPTION_KEY\?/);
  assert.doesNotMatch(about('MARQUEE_COLOUR_OF_THE_SKY'), /Do you mean/);
});

test('a key provider names the variables it lacks', () => {
  const settings = (environment: NodeJS.ProcessEnv) =>
    secretSettings(readConfiguration({ ENCRYPTION_KEY: KEY, ...environment }));
  const [next, former] = ['cd'.repeat(32), 'ef'.repeat(32)];
  assert.deepEqual(settings({ NEXT_ENCRYPTION_KEY: next, PREVIOUS_ENCRYPTION_KEYS: `${former}, ${KEY}` }), {
    encryptionKey: KEY,
    otherEncryptionKeys: [next, former, KEY],
    keyProvider: 'local',
  });
  assert.throws(() => settings({ KEY_PROVIDER: 'aws-kms' }), {
    code: 'configuration_invalid',
    message: /lacks AWS_KMS_KEY_ARN/,
  });
  const arn = 'arn:aws:kms:eu-central-1:111122223333:key/a';
  assert.deepEqual(settings({ KEY_PROVIDER: 'aws-kms', AWS_KMS_KEY_ARN: arn }).awsKms, { keyArn: arn });
  assert.throws(() => settings({ AWS_KMS_KEY_ARN: 'alias/marquee' }), /AWS_KMS_KEY_ARN: must be the ARN/);
  // A provider whose variables are set decrypts, also while another one encrypts.
  const vault = { VAULT_ADDR: 'https://v', VAULT_TRANSIT_KEY: 'k' };
  assert.deepEqual(settings({ ...vault, VAULT_TOKEN: 't' }), {
    ...settings({}),
    vaultTransit: { address: 'https://v', key: 'k', signIn: { method: 'token', token: 't' } },
  });
  assert.deepEqual(
    settings({
      ...vault,
      VAULT_AUTH: 'approle',
      VAULT_ROLE_ID: 'r',
      VAULT_SECRET_ID: 's',
      VAULT_AUTH_MOUNT: 'm',
    }).vaultTransit?.signIn,
    { method: 'approle', roleId: 'r', secretId: 's', mount: 'm' },
  );
  assert.deepEqual(
    settings({ ...vault, VAULT_AUTH: 'kubernetes', VAULT_KUBERNETES_ROLE: 'r' }).vaultTransit?.signIn,
    { method: 'kubernetes', role: 'r' },
  );
  assert.throws(
    () => settings({ ...vault, VAULT_AUTH: 'approle', VAULT_ROLE_ID: 'r' }),
    /lacks VAULT_SECRET_ID/,
  );
  const databaseUrl = 'postgresql://o@h/d';
  assert.deepEqual(
    settings({ KEY_PROVIDER: 'supabase-vault', APPLICATION_DATABASE_URL: databaseUrl }).supabaseVault,
    { databaseUrl, name: 'marquee_encryption_key' },
  );
});

test('links may lead to addresses only, of web pages or of an app', () => {
  const read = (ALLOWED_REDIRECTS: string) => readConfiguration({ ALLOWED_REDIRECTS }).ALLOWED_REDIRECTS;
  assert.deepEqual(read('https://app.example/a, com.example.app://in'), [
    'https://app.example/a',
    'com.example.app://in',
  ]);
  assert.throws(() => read('app.example'), /ALLOWED_REDIRECTS/);
});
