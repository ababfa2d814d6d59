// AWS KMS against a contract fake of it, of the token service, and of the metadata services of containers and instances.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createAwsKmsProvider, createSecretBox } from '@/lib/secrets';

const FINGERPRINT_KEY = randomBytes(32).toString('hex');
const KEY_ARN = 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000';
const place = { owner: 'tenant-1', column: 'data_source_url' };
const url = 'postgresql://router:secret@db.example/one';
const SECRET = `canary-${randomUUID()}`;

/** The ids of access keys that requests were signed with. */
const signedBy: string[] = [];
const kept = new Map<string, { plaintext: string; context: string }>();
let failWith: [status: number, type: string] | undefined;

const address = await startFake();
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-aws-'));
after(() => rm(directory, { recursive: true, force: true }));

async function startFake(): Promise<string> {
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await Array.fromAsync(request)).toString();
    const [status, type, body] = answer(request, text);
    response.writeHead(status, { 'content-type': type }).end(body);
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(request: IncomingMessage, text: string): [number, string, string] {
  const json = (body: object, status = 200): [number, string, string] => [
    status,
    'application/x-amz-json-1.1',
    JSON.stringify(body),
  ];
  const target = String(request.headers['x-amz-target'] ?? '');
  if (target.startsWith('TrentService.')) {
    signedBy.push(/Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (failWith) return json({ __type: failWith[1], message: 'no' }, failWith[0]);
    const { CiphertextBlob, EncryptionContext, KeyId } = JSON.parse(text);
    const context = JSON.stringify(EncryptionContext);
    if (target === 'TrentService.GenerateDataKey') {
      const blob = randomBytes(64).toString('base64');
      const plaintext = randomBytes(32).toString('base64');
      kept.set(blob, { plaintext, context });
      return json({ CiphertextBlob: blob, Plaintext: plaintext, KeyId });
    }
    const known = kept.get(CiphertextBlob);
    if (target !== 'TrentService.Decrypt' || known?.context !== context) {
      return json({ __type: 'InvalidCiphertextException' }, 400);
    }
    return json({ Plaintext: known.plaintext, KeyId });
  }
  const until = new Date(Date.now() + 3_600_000).toISOString();
  if (text.includes('AssumeRoleWithWebIdentity')) {
    assert.ok(text.includes('WebIdentityToken=web-token'));
    const credentials = `<AccessKeyId>AKIAWEB</AccessKeyId><SecretAccessKey>${SECRET}</SecretAccessKey><SessionToken>s</SessionToken><Expiration>${until}</Expiration>`;
    return [
      200,
      'text/xml',
      `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    ];
  }
  const credentials = (id: string) =>
    json({ Code: 'Success', AccessKeyId: id, SecretAccessKey: SECRET, Token: 's', Expiration: until });
  switch (request.url) {
    case '/container':
      return credentials('AKIACONTAINER');
    case '/latest/api/token':
      return [200, 'text/plain', 'metadata-token'];
    case '/latest/meta-data/iam/security-credentials/':
      return [200, 'text/plain', 'instance-role'];
    case '/latest/meta-data/iam/security-credentials/instance-role':
      return credentials('AKIAINSTANCE');
    default:
      return [404, 'text/plain', ''];
  }
}

/** Does something in an environment with these variables of AWS's only. */
async function withAws<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_KMS: address,
    AWS_SHARED_CREDENTIALS_FILE: path.join(directory, 'none'),
    AWS_CONFIG_FILE: path.join(directory, 'none'),
    ...variables,
  });
  try {
    return await work();
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

const boxOf = () =>
  createSecretBox({ provider: createAwsKmsProvider({ keyArn: KEY_ARN }), fingerprintKey: FINGERPRINT_KEY });
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: SECRET };

test('KMS makes and unwraps data keys, under their context', async () => {
  await withAws(ENVIRONMENT, async () => {
    const box = boxOf();
    const envelope = await box.encrypt(url, place);
    assert.equal(await box.decrypt(envelope, place), url);
    assert.equal(box.keyOf(envelope), KEY_ARN);
    await assert.rejects(box.decrypt(envelope, { ...place, owner: 'other' }), {
      code: 'key_provider_refused',
    });
    assert.equal(await box.rewrap(envelope, place), undefined);
  });
});

test('credentials come from the environment, a profile, a web identity, a container or the instance', async () => {
  const file = path.join(directory, 'credentials');
  await writeFile(file, `[marquee]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = ${SECRET}\n`);
  const tokenFile = path.join(directory, 'web-token');
  await writeFile(tokenFile, 'web-token');
  const ways: [id: string, variables: Record<string, string>][] = [
    ['AKIAENV', ENVIRONMENT],
    ['AKIAPROFILE', { AWS_PROFILE: 'marquee', AWS_SHARED_CREDENTIALS_FILE: file }],
    [
      'AKIAWEB',
      {
        AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
        AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/marquee',
        AWS_ENDPOINT_URL_STS: address,
      },
    ],
    ['AKIACONTAINER', { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${address}/container` }],
    ['AKIAINSTANCE', { AWS_EC2_METADATA_SERVICE_ENDPOINT: address }],
  ];
  for (const [id, variables] of ways) {
    signedBy.length = 0;
    await withAws(variables, () => boxOf().encrypt(url, place));
    assert.deepEqual(signedBy, [id]);
  }
});

test('what KMS refuses and what is away have different codes, and no message has a credential', async () => {
  const failures: [code: string | undefined, text: string][] = [];
  const attempt = (variables: Record<string, string>) =>
    withAws(variables, () =>
      boxOf()
        .encrypt(url, place)
        .then(
          () => assert.fail(),
          (error) => failures.push([error.code, `${error} ${error.hint} ${JSON.stringify(error)}`]),
        ),
    );
  failWith = [400, 'AccessDeniedException'];
  await attempt(ENVIRONMENT);
  failWith = [500, 'KMSInternalException'];
  await attempt(ENVIRONMENT);
  failWith = undefined;
  await attempt({ ...ENVIRONMENT, AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1' });
  await attempt({ AWS_EC2_METADATA_DISABLED: 'true' });
  assert.deepEqual(
    failures.map(([code]) => code),
    ['key_provider_refused', 'key_provider_unreachable', 'key_provider_unreachable', 'key_provider_refused'],
  );
  for (const [, text] of failures) assert.ok(!text.includes(SECRET) && !text.includes('router:secret'));
});
