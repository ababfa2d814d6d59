// TLS and addresses of connections to data sources, against real servers: one without TLS, one with a certificate of an authority of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import dns, { type lookup } from 'node:dns';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, mock, test } from 'node:test';
import { testConnection } from '@/lib/data-sources';
import { requestCancel } from '@/lib/data-sources/pool/connect';
import { acceptUrl, type UrlRules } from '@/lib/data-sources/provisioning/given-url';
import { formatPostgresUrl, newClient, parsePostgresUrl } from '@/lib/postgres';
import { administer, startTestServer } from '../../support/postgres';
import { until } from '../../support/until';

const directory = mkdtempSync(path.join(tmpdir(), 'marquee-tls-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = (name: string) => path.join(directory, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
openssl(
  'req',
  '-x509',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-days',
  '30',
  '-subj',
  '/CN=Test authority',
  '-keyout',
  file('ca.key'),
  '-out',
  file('ca.pem'),
);
openssl(
  'req',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-subj',
  '/CN=db.customer.test',
  '-addext',
  'subjectAltName=DNS:db.customer.test',
  '-keyout',
  file('server.key'),
  '-out',
  file('server.csr'),
);
openssl(
  'x509',
  '-req',
  '-in',
  file('server.csr'),
  '-CA',
  file('ca.pem'),
  '-CAkey',
  file('ca.key'),
  '-CAcreateserial',
  '-days',
  '30',
  '-copy_extensions',
  'copy',
  '-out',
  file('server.pem'),
);
chmodSync(directory, 0o755);
chmodSync(file('server.key'), 0o600);
// PostgreSQL takes no key that belongs to someone else, and runs as `nobody` where the test is root.
if (process.getuid?.() === 0) chownSync(file('server.key'), 65534, 65534);
const ca = readFileSync(file('ca.pem'), 'utf8');
const server = await startTestServer({
  settings: { ssl: 'on', ssl_cert_file: file('server.pem'), ssl_key_file: file('server.key') },
});
const plain = await startTestServer();

/** The server under a name, as it would be over the network. */
const named = (at: typeof server, name = 'db.customer.test', more = '') =>
  `${at.url().replace('127.0.0.1', name)}?hostaddr=127.0.0.1${more}`;
const NETWORKS = ['127.0.0.0/8'];
/** What holds for a server elsewhere: at an address of this machine TLS is not expected. */
const ELSEWHERE = { networks: NETWORKS, tls: 'verify-full' } as const;

async function signIn(url: string, rules: UrlRules = ELSEWHERE) {
  const { ok, code, checks } = await testConnection({
    ...{ kind: 'postgres', url, purpose: 'administrator', given: rules },
  });
  return { ok, code, encryption: checks.find(({ name }) => name === 'encryption') };
}

test('a server is verified by name and authority unless the operator opts out', async () => {
  const withCa = { ...ELSEWHERE, ca };
  const verified = await signIn(named(server), withCa);
  assert.ok(verified.ok, JSON.stringify(verified));
  assert.match(verified.encryption?.message ?? '', /TLSv1\.3, with a verified certificate/);
  const refused = await signIn(named(server));
  assert.equal(refused.code, 'data_source_tls_refused');
  assert.match(refused.encryption?.hint ?? '', /--ca-file/);
  const misnamed = await signIn(named(server, 'other.customer.test'), withCa);
  assert.equal(misnamed.code, 'data_source_tls_refused');
  assert.match(misnamed.encryption?.hint ?? '', /other names/);
  assert.ok((await signIn(named(server, 'other.customer.test'), { ...withCa, tls: 'verify-ca' })).ok);
  const unverified = await signIn(named(server), { networks: NETWORKS, tls: 'no-verify' });
  assert.deepEqual([unverified.ok, unverified.encryption?.code], [true, 'tls_unverified']);
});

test('a server without TLS is used only where the operator says so, never because the URL does', async () => {
  assert.equal((await signIn(named(plain))).code, 'data_source_tls_refused');
  for (const mode of ['disable', 'no-verify']) {
    const { code } = await signIn(`postgresql://u:p@93.184.216.34/d?sslmode=${mode}`, {});
    assert.equal(code, 'data_source_tls_unverified');
  }
  for (const mode of ['allow', 'prefer', 'require', 'verify-ca', 'nonsense']) {
    const url = named(plain, undefined, `&sslmode=${mode}`);
    assert.equal((await signIn(url, { networks: NETWORKS })).code, 'data_source_tls_refused', mode);
  }
  assert.ok((await signIn(named(plain), { networks: NETWORKS, tls: 'disable' })).ok);
  // A server of this machine sends nothing over a network.
  assert.ok((await signIn(plain.url(), { networks: NETWORKS })).ok);
});

test('a customer’s URL leads to no private address by any of its parts', async () => {
  const { port } = server;
  for (const url of [
    `postgresql://u:p@127.0.0.1:${port}/d`,
    `postgresql://u:p@localhost:${port}/d`,
    `postgresql://u:p@[::ffff:127.0.0.1]:${port}/d`,
    `postgresql://u:p@169.254.169.254:${port}/d`,
    `postgresql://u:p@2130706433:${port}/d`,
    `postgresql://u:p@93.184.216.34,10.0.0.1:${port}/d`,
    `postgresql://u:p@93.184.216.34:${port}/d?host=127.0.0.1`,
    `postgresql://u:p@93.184.216.34:${port}/d?hostaddr=127.0.0.1`,
    `postgresql://u:p@93.184.216.34:${port}/d?hostaddr=${encodeURIComponent('::ffff:7f00:1')}`,
    'postgresql://u:p@%2Fvar%2Frun%2Fpostgresql/d',
    'postgresql://u:p@example.com/d?host=/var/run/postgresql',
    `postgresql://u:p@127.0.0.1:${port}/d?marquee_networks=public,127.0.0.0/8`,
  ]) {
    assert.equal((await signIn(url, {})).code, 'data_source_address_refused', url);
  }
  for (const parameter of [
    'service=x',
    'servicefile=/x',
    'sslrootcert=/etc/passwd',
    'sslkey=/x',
    'passfile=/x',
  ]) {
    const { code } = await signIn(`postgresql://u:p@93.184.216.34/d?${parameter}`, {});
    assert.equal(code, 'data_source_parameter_refused', parameter);
  }
});

test('the address that was checked is the one that is dialled, also to cancel a statement', async () => {
  // A name server that answers with a public address first, and with this machine's afterwards.
  let answers = ['93.184.216.34'];
  const mocked = mock.method(dns, 'lookup', ((_name: string, options: object, done: typeof lookupDone) => {
    const [address = ''] = answers;
    const all = 'all' in options && options.all;
    done(null, all ? [{ address, family: 4 }] : address, 4);
  }) as typeof lookup);
  syncBuiltinESMExports();
  after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
  const url = acceptUrl(named(server).replace('?hostaddr=127.0.0.1', ''), 'x', {
    networks: [],
    tls: 'no-verify',
  });
  const parsed = parsePostgresUrl(url);
  assert.ok(parsed);
  answers = ['127.0.0.1'];
  const rebound = newClient(parsed, parsed.hosts[0] as never, { connectionTimeoutMillis: 2_000 });
  await assert.rejects(rebound.connect(), { code: 'address_refused' });

  let reached = 0;
  answers = ['127.0.0.2'];
  const elsewhere = createServer((socket) => {
    reached += 1;
    socket.destroy();
  }).listen(server.port, '127.0.0.2');
  await once(elsewhere, 'listening');
  answers = ['127.0.0.1'];
  after(() => elsewhere.close());
  const open = parsePostgresUrl(
    acceptUrl(server.url().replace('127.0.0.1', 'db.customer.test'), 'x', {
      tls: 'no-verify',
      networks: 'any',
    }),
  );
  assert.ok(open);
  const client = newClient(open, open.hosts[0] as never);
  client.on('error', () => {});
  await client.connect();
  answers = ['127.0.0.2'];
  const sleeping = client.query('select pg_sleep(60)');
  const cancelled = assert.rejects(sleeping, { code: '57014' });
  const running = async () =>
    (
      await administer(
        server.url(),
        "select from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
      )
    ).rowCount;
  await until(async () => (await running()) === 1, 'the statement to run');
  await requestCancel(client);
  await cancelled;
  await client.end();
  assert.equal(reached, 0);
});

const lookupDone = (_error: Error | null, _address: unknown, _family: number) => {};

test('passwords of this machine’s environment are not sent to a customer’s server', async () => {
  process.env.PGPASSWORD = 'not-for-others';
  after(() => delete process.env.PGPASSWORD);
  const seen: Buffer[] = [];
  // Asks for the password in the clear.
  const curious = createServer((socket) => {
    socket.once('data', () => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
    socket.on('data', (chunk) => seen.push(chunk));
    socket.on('error', () => {});
    setTimeout(() => socket.destroy(), 200).unref();
  }).listen(0, '127.0.0.1');
  after(() => curious.close());
  await new Promise((resolve) => curious.once('listening', resolve));
  const { port } = curious.address() as { port: number };
  const parsed = parsePostgresUrl(`postgresql://u@127.0.0.1:${port}/d`);
  assert.ok(parsed);
  const client = newClient(parsed, parsed.hosts[0] as never);
  client.on('error', () => {});
  await assert.rejects(client.connect());
  assert.ok(seen.length > 0);
  assert.ok(!Buffer.concat(seen).includes('not-for-others'));
});

test('a URL is kept with what the operator decided, and what a customer wrote there of it is dropped', () => {
  const given =
    'postgresql://u:p@db.example.com/d?sslmode=require&application_name=x&marquee_seal=00&marquee_ca=eA&options=-c%20a%3Db';
  const kept = parsePostgresUrl(acceptUrl(given, 'x', { ca, networks: ['10.0.0.0/8'] }));
  assert.deepEqual([...(kept?.parameters.keys() ?? [])].sort(), [
    'marquee_ca',
    'marquee_networks',
    'options',
    'sslmode',
  ]);
  assert.equal(kept?.parameters.get('sslmode'), 'verify-full');
  assert.equal(kept?.parameters.get('marquee_networks'), 'public,10.0.0.0/8');
  assert.equal(Buffer.from(kept?.parameters.get('marquee_ca') ?? '', 'base64url').toString(), ca.trim());
  assert.throws(() => acceptUrl(given, 'x', { ca: 'no certificate' }), { code: 'data_source_url_malformed' });
  assert.ok(kept && formatPostgresUrl(kept));
});
