import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import pg from 'pg';
import { classify, connectionLost, type FaultKind, isTransient, MarqueeError } from '@/lib/failures';
import { testServerUrl } from '../../support/postgres';

type Expected = [
  kind: FaultKind,
  session: 'refused' | 'gone' | undefined,
  transient: boolean,
  outcomeUnknown: boolean,
];

const sqlstate = (code: string) => Object.assign(new Error('x'), { code, severity: 'ERROR' });
const system = (code: string, syscall?: string) =>
  Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
const fetchFailed = (cause?: unknown) => new TypeError('fetch failed', { cause });

const REFUSED: Expected = ['refused', undefined, false, false];
const UNREACHABLE: Expected = ['unreachable', 'gone', true, false];
const LOST: Expected = ['connection-lost', 'gone', true, true];
const TLS: Expected = ['tls', 'gone', false, false];
const SHUTTING_DOWN: Expected = ['shutting-down', 'gone', true, false];
const ENDED: Expected = ['session-ended', 'gone', true, false];
const CONTENTION: Expected = ['contention', undefined, true, false];
const EXHAUSTED: Expected = ['exhausted', undefined, true, false];
const INTERNAL: Expected = ['internal', undefined, false, false];
const NO_CONNECTION_IN_TIME: Expected = ['timeout', 'gone', true, false];
const NO_ANSWER_IN_TIME: Expected = ['timeout', 'gone', true, true];

const cases: [name: string, error: unknown, expected: Expected][] = [
  ...['28000', '28P01'].map((code): [string, unknown, Expected] => [
    code,
    sqlstate(code),
    ['sign-in-refused', 'refused', false, false],
  ]),
  ['3D000', sqlstate('3D000'), ['database-missing', 'refused', false, false]],
  ['53300', sqlstate('53300'), ['out-of-connections', 'refused', true, false]],
  ...['53000', '53100', '53200', '53400'].map((code): [string, unknown, Expected] => [
    code,
    sqlstate(code),
    EXHAUSTED,
  ]),
  ...['57P01', '57P02', '57P03'].map((code): [string, unknown, Expected] => [
    code,
    sqlstate(code),
    SHUTTING_DOWN,
  ]),
  ...['57P04', '57P05', '25P03', '25P04'].map((code): [string, unknown, Expected] => [
    code,
    sqlstate(code),
    ENDED,
  ]),
  // A pooler that lost its server cannot say whether the statement was done.
  ...['08006', '08007', '08P01'].map((code): [string, unknown, Expected] => [code, sqlstate(code), LOST]),
  // A foreign server of the database's own: the statement was rolled back.
  ...['08000', '08001', '08003', '08004'].map((code): [string, unknown, Expected] => [
    code,
    sqlstate(code),
    ['connection-lost', 'gone', true, false],
  ]),
  ['57014', sqlstate('57014'), ['cancelled', undefined, true, false]],
  ...['40001', '40P01', '55P03', '55006'].map((code): [string, unknown, Expected] => [
    code,
    sqlstate(code),
    CONTENTION,
  ]),
  ['40003', sqlstate('40003'), ['contention', undefined, false, true]],
  ...[
    '22P02',
    '23505',
    '23P01',
    '25006',
    '25P02',
    '42501',
    '42P01',
    '55000',
    'P0001',
    'PT409',
    'MQ001',
    'XX000',
  ].map((code): [string, unknown, Expected] => [code, sqlstate(code), REFUSED]),

  ['timeout expired', new Error('timeout expired'), NO_CONNECTION_IN_TIME],
  ['pool timeout', new Error('timeout exceeded when trying to connect'), NO_CONNECTION_IN_TIME],
  [
    'pool timeout (destroyed)',
    new Error('Connection terminated due to connection timeout'),
    NO_CONNECTION_IN_TIME,
  ],
  ['Query read timeout', new Error('Query read timeout'), NO_ANSWER_IN_TIME],
  ['Connection terminated', new Error('Connection terminated'), LOST],
  ['Connection terminated unexpectedly', new Error('Connection terminated unexpectedly'), LOST],
  [
    'not queryable',
    new Error('Client has encountered a connection error and is not queryable'),
    ['not-sent', 'gone', true, false],
  ],
  ['closed', new Error('Client was closed and is not queryable'), ['not-sent', 'gone', true, false]],
  ['no TLS at the server', new Error('The server does not support SSL connections'), TLS],
  ['TLS refused', new Error('There was an error establishing an SSL connection'), TLS],

  ...[
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ETIMEDOUT',
    'ENOENT',
    'EACCES',
    'EADDRNOTAVAIL',
    'EMFILE',
  ].map((code): [string, unknown, Expected] => [`connect ${code}`, system(code, 'connect'), UNREACHABLE]),
  ...['ENOTFOUND', 'EAI_AGAIN'].map((code): [string, unknown, Expected] => [
    code,
    system(code, 'getaddrinfo'),
    UNREACHABLE,
  ]),
  ...['ECONNRESET', 'EPIPE', 'ECONNABORTED'].map((code): [string, unknown, Expected] => [
    code,
    system(code, 'write'),
    LOST,
  ]),
  // Keepalive found the connection dead.
  ['read ETIMEDOUT', system('ETIMEDOUT', 'read'), LOST],
  ['read EHOSTUNREACH', system('EHOSTUNREACH', 'read'), LOST],
  ['ERR_STREAM_PREMATURE_CLOSE', system('ERR_STREAM_PREMATURE_CLOSE'), LOST],
  ['found broken by us', connectionLost('No answer.'), LOST],
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'CERT_HAS_EXPIRED',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'EPROTO',
  ].map((code): [string, unknown, Expected] => [code, system(code), TLS]),
  ['a file that is not there', system('ENOENT', 'open'), INTERNAL],
  [
    'several addresses',
    new AggregateError([system('ECONNREFUSED', 'connect'), system('ENETUNREACH', 'connect')]),
    UNREACHABLE,
  ],

  ['fetch: refused', fetchFailed(system('ECONNREFUSED', 'connect')), UNREACHABLE],
  ['fetch: name', fetchFailed(system('ENOTFOUND', 'getaddrinfo')), UNREACHABLE],
  ['fetch: reset', fetchFailed(system('ECONNRESET', 'read')), LOST],
  ['fetch: other side closed', fetchFailed(system('UND_ERR_SOCKET')), LOST],
  ['fetch: connect timeout', fetchFailed(system('UND_ERR_CONNECT_TIMEOUT')), NO_CONNECTION_IN_TIME],
  ['fetch: headers timeout', fetchFailed(system('UND_ERR_HEADERS_TIMEOUT')), NO_ANSWER_IN_TIME],
  ['fetch: certificate', fetchFailed(system('CERT_HAS_EXPIRED')), TLS],
  ['fetch: redirect', fetchFailed(new Error('unexpected redirect')), ['unreachable', 'gone', false, false]],
  ['fetch: body broke off', new TypeError('terminated', { cause: system('UND_ERR_SOCKET') }), LOST],
  ['AbortSignal.timeout', new DOMException('late', 'TimeoutError'), NO_ANSWER_IN_TIME],
  ['AbortController', new DOMException('stop', 'AbortError'), ['aborted', undefined, false, true]],

  ['our own TypeError', new TypeError("Cannot read properties of undefined (reading 'x')"), INTERNAL],
  ['our own Error', new Error('unreachable code: certificate of SSL Connection terminated early'), INTERNAL],
  ['not an error', 'ECONNRESET', INTERNAL],
  ['an undeclared code of ours', new MarqueeError('no_such_code', 'x'), ['marquee', undefined, false, false]],
];

for (const [name, error, [kind, session, transient, outcomeUnknown]] of cases) {
  test(`classify: ${name} is ${kind}`, () => {
    const { code: _, ...fault } = classify(error);
    assert.deepEqual(fault, { kind, transient, outcomeUnknown, ...(session && { session }) });
    assert.equal(isTransient(error), transient);
  });
}

test('what a real server, a real network and a real fetch throw is recognised', async () => {
  const kindOf = async (work: () => Promise<unknown>) =>
    work().then(
      () => 'none',
      (error: unknown) => classify(error).kind,
    );
  const connect = async (url: string, more: pg.ClientConfig = {}) => {
    const client = new pg.Client({ connectionString: url, ...more });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const url = new URL(await testServerUrl());
  const withChanged = (change: (url: URL) => void) => {
    const other = new URL(url);
    change(other);
    return other.href;
  };
  // Accepts connections and never says anything.
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  after(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as { port: number };
  const quiet = `127.0.0.1:${port}`;

  const [one, other] = [await connect(url.href), await connect(url.href)];
  after(() => other.end());
  const { rows } = await one.query('select pg_backend_pid() as pid');
  const ended = new Promise((resolve) => one.once('end', resolve));
  const sleeping = kindOf(() => one.query('select pg_sleep(60)'));
  await other.query('select pg_terminate_backend($1)', [rows[0].pid]);
  assert.equal(await sleeping, 'shutting-down');
  await ended;
  assert.equal(await kindOf(() => one.query('select 1')), 'not-sent');

  assert.equal(await kindOf(() => connect(withChanged((u) => (u.password = 'wrong')))), 'sign-in-refused');
  assert.equal(await kindOf(() => connect(withChanged((u) => (u.pathname = '/none')))), 'database-missing');
  assert.equal(await kindOf(() => connect(withChanged((u) => (u.port = '1')))), 'unreachable');
  assert.equal(await kindOf(() => connect(url.href, { ssl: true })), 'tls');
  assert.equal(
    await kindOf(() => connect(`postgresql://a:b@${quiet}/c`, { connectionTimeoutMillis: 50 })),
    'timeout',
  );
  assert.equal(await kindOf(() => fetch('http://127.0.0.1:1/')), 'unreachable');
  assert.equal(await kindOf(() => fetch(`http://${quiet}/`, { signal: AbortSignal.timeout(50) })), 'timeout');
  const closing = kindOf(() => fetch(`http://${quiet}/`));
  await once(silent, 'connection');
  for (const socket of sockets) socket.destroy();
  assert.equal(await closing, 'connection-lost');
  assert.equal(await kindOf(() => fetch('http://[not a host')), 'internal');
});
