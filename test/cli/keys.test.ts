// Keys, logins and seals are replaced by commands while a server that runs elsewhere serves. Secrets are planted everywhere; none of them may
// appear in what any process prints, nor in logs, metrics, jobs or the audit log.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { createInstallation } from '../lib/data-sources/installation';
import { giveToOwner } from '../support/owner';
import { administer, createTestDatabase } from '../support/postgres';
import { underLoad } from '../support/under-load';
import { marquee } from './marquee';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-keys-'));
after(() => rm(directory, { recursive: true, force: true }));
const installation = await createInstallation();
const dataUrl = await giveToOwner(await createTestDatabase('keys', 'tenant_data'));
const nextKey = randomBytes(32).toString('hex');
const METRICS_TOKEN = `canary-${randomUUID()}`;
const VAULT_TOKEN = `hvs.canary-${randomUUID()}`;

const environment = {
  MARQUEE_STATE_DIRECTORY: directory,
  APPLICATION_DATABASE_URL: installation.applicationUrl,
  OPERATIONS_DATABASE_URL: installation.operationsUrl,
  DEFAULT_TENANT_DATA_URL: dataUrl,
  ENCRYPTION_KEY: installation.key,
  NEXT_ENCRYPTION_KEY: nextKey,
  LOG_LEVEL: 'trace',
  METRICS_TOKEN,
};
const rotated = {
  ...environment,
  ENCRYPTION_KEY: nextKey,
  NEXT_ENCRYPTION_KEY: '',
  PREVIOUS_ENCRYPTION_KEYS: installation.key,
};
let printed = '';
const canaries: string[] = [installation.key, nextKey, METRICS_TOKEN, VAULT_TOKEN];

async function run(args: string[], variables: Record<string, string> = environment) {
  const result = await marquee([...args, '--json'], variables).ended;
  printed += result.stdout + result.stderr;
  return result;
}

async function done(args: string[], variables?: Record<string, string>) {
  const { code, stdout, stderr } = await run(args, variables);
  assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

async function serve(): Promise<string> {
  const { child, ended } = marquee(['start', '--json', '--no-web', '--port', '0'], environment);
  after(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  });
  let announced = '';
  const serving = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        announced += chunk.toString();
        const [, url] = /"url": "(http[^"]+)"/.exec(announced) ?? [];
        if (url) resolve(url);
      });
    }
  });
  return Promise.race([serving, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
}

/** What the registry and the keys hold now: each of it is a secret. */
async function notePresentSecrets(): Promise<void> {
  const { operations } = installation;
  for (const { id } of await operations.dataSources.list()) {
    const credentials = await operations.dataSources.credentials(id);
    for (const url of [credentials.routerUrl, credentials.moverUrl]) {
      const { password, searchParams } = new URL(url ?? '');
      canaries.push(password, searchParams.get('marquee_seal') ?? password);
    }
  }
  for (const { seed } of await operations.tokenKeys.read()) {
    for (const form of ['hex', 'base64', 'base64url'] as const)
      canaries.push(Buffer.from(seed).toString(form));
  }
}

test('a server goes on while its keys, logins and seals are replaced, and nothing shows a secret', async () => {
  const url = await serve();
  const tenant = await done(['tenant', 'create', 'acme', '--name', 'Acme', '--owner', 'owner@acme.example']);
  const password: string = tenant.password ?? tenant.owner?.password;
  assert.ok(password, 'a first password is printed');
  const { key } = await done(['key', 'create', 'acme', '--kind', 'service', '--name', 'load']);
  const { key: anon } = await done(['key', 'create', 'acme', '--kind', 'anon', '--name', 'load']);
  // Printed once, on purpose.
  printed = '';
  await notePresentSecrets();
  canaries.push(key, password);
  const request = (headers: Record<string, string>) =>
    fetch(`${url}/t/acme/rest/v1/accounts?select=name`, { headers: { apikey: anon, ...headers } });
  const service = { authorization: `Bearer ${key}`, apikey: key };
  const oldId = (await done(['secrets', 'status'])).present;

  const load = await underLoad(
    [
      async () => {
        const response = await request(service);
        assert.equal(response.status, 200, await response.text());
      },
    ],
    async (more) => {
      const { id } = await done(['tokens', 'rotate', '--lead-seconds', '0']);
      assert.deepEqual(
        (await done(['tokens', 'status'])).map((row: { id: string; state: string }) => [
          row.id === id,
          row.state,
        ]),
        [
          [true, 'signs'],
          [false, 'verifies'],
        ],
      );
      await more();
      const [logins] = await done(['source', 'rotate-password', 'default']);
      assert.deepEqual([logins.dropped.length, logins.remaining], [2, []]);
      await notePresentSecrets();
      const [sealed] = await done(['seal', 'rotate']);
      assert.deepEqual([sealed.dropped.length, sealed.created.length], [1, 1]);
      await notePresentSecrets();
      await more();
      const { present, problems } = await done(['secrets', 'rotate'], rotated);
      assert.deepEqual(problems, []);
      assert.notEqual(present, oldId);
      await more();
    },
  );
  assert.deepEqual(load.failures, []);
  assert.ok(load.done > 10);

  // The server still encrypts with the old key.
  const refused = await run(['secrets', 'retire', oldId], rotated);
  assert.deepEqual([refused.code, JSON.parse(refused.stderr).error.code], [1, 'key_in_use']);

  // Whatever fails says so without the secret it failed with.
  const failing: [args: string[], variables: Record<string, string>][] = [
    [['secrets', 'status'], { ...environment, ENCRYPTION_KEY: `${installation.key}0` }],
    [
      ['secrets', 'rotate'],
      { ...environment, ENCRYPTION_KEY: randomBytes(32).toString('hex'), NEXT_ENCRYPTION_KEY: '' },
    ],
    [
      ['secrets', 'migrate', '--to', 'vault'],
      { ...environment, VAULT_ADDR: 'http://127.0.0.1:1', VAULT_TRANSIT_KEY: 'k', VAULT_TOKEN },
    ],
    [['source', 'rotate-password', 'default', '--url-file', '/nonexistent'], environment],
  ];
  for (const [args, variables] of failing) {
    const { code } = await run(args, variables);
    assert.notEqual(code, 0, args.join(' '));
  }
  for (const headers of [
    { authorization: `Bearer ${key}x` },
    { cookie: `marquee_session=${key}` },
    { apikey: `${key}\\u0000` },
  ] as Record<string, string>[]) {
    const response = await fetch(`${url}/t/acme/rest/v1/accounts`, { headers }).catch(() => undefined);
    printed += (await response?.text()) ?? '';
    assert.ok((response?.status ?? 400) < 500);
  }
  printed += await (
    await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  ).text();
  for (const [database, query] of [
    [installation.operationsUrl, 'select j::text as row from pgboss.job j'],
    [installation.applicationUrl, 'select a::text as row from audit_log a'],
  ] as const) {
    for (const { row } of (await administer(database, query)).rows) printed += row;
  }
  // Back to the key that this program has.
  await done(['secrets', 'rotate']);
  assert.ok(printed.includes('secrets.rotate') && printed.includes('data_sources.rotate_logins'));
  assert.deepEqual(
    canaries.filter((canary) => canary && printed.includes(canary)),
    [],
  );
});
