// Bytes on the wire, as no client library would send them: a request that two servers could read in two ways is refused, and what stands
// behind it is never answered.
import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pause } from '@/lib/time';
import { until } from '../support/until';
import { startServing } from './serving';

const MIB = 1024 * 1024;
/** More than the operating system buffers between two sockets. */
const LARGE = 64 * MIB;
const UNREAD_MS = 500;
const webDirectory = await mkdtemp(path.join(tmpdir(), 'marquee-raw-requests-'));
after(() => rm(webDirectory, { recursive: true }));
await writeFile(path.join(webDirectory, 'large.png'), Buffer.alloc(LARGE));
const { server, url, manager, cookieOf } = await startServing({ webDirectory, unreadMs: UNREAD_MS });

/** Sends bytes. @returns the statuses of all answers, until the server closes the connection or has answered a last request */
function exchange(bytes: string): Promise<{ statuses: number[]; text: string }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes(LAST)) socket.end();
    });
    // A connection that the server cut while we still wrote.
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
    });
    socket.on('close', () => {
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
      resolve({ statuses, text });
    });
  });
}

const LAST = 'the-last-request';
const HOST = 'Host: localhost\r\n';
/** The request that an attacker hides behind another. */
const HIDDEN = `GET /healthz HTTP/1.1\r\n${HOST}X-Request-Id: ${LAST}\r\n\r\n`;
const post = (headers: string, body = '', path = '/t/a/api/session') =>
  `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n${headers}\r\n${body}`;
const get = (headers: string, path = '/healthz') => `GET ${path} HTTP/1.1\r\n${headers}\r\n`;

const AMBIGUOUS: Record<string, string> = {
  'a length and chunks': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'chunks and a length': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n'),
  'chunks that are not the last coding': post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
  'codings twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'),
  'a coding that begins like chunked': post('Transfer-Encoding: chunkedx\r\n', '0\r\n\r\n'),
  'a coding behind a vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
  'a coding on a folded line': post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
  'two lengths': post('Content-Length: 0\r\nContent-Length: 5\r\n', 'abcde'),
  'one length twice': post('Content-Length: 5\r\nContent-Length: 5\r\n', 'abcde'),
  'a list of lengths': post('Content-Length: 5, 5\r\n', 'abcde'),
  'a length with a sign': post('Content-Length: +5\r\n', 'abcde'),
  'a negative length': post('Content-Length: -5\r\n', 'abcde'),
  'a hexadecimal length': post('Content-Length: 0x5\r\n', 'abcde'),
  'a length beyond numbers': post(`Content-Length: ${'9'.repeat(40)}\r\n`, 'abcde'),
  'a name with a space before its colon': post('Content-Length : 5\r\n', 'abcde'),
  'a chunk without a size': post('Transfer-Encoding: chunked\r\n', 'zz\r\nabc\r\n0\r\n\r\n'),
  'a chunk of negative size': post('Transfer-Encoding: chunked\r\n', '-1\r\nabc\r\n0\r\n\r\n'),
  'a chunk beyond numbers': post('Transfer-Encoding: chunked\r\n', `${'f'.repeat(20)}\r\nabc\r\n0\r\n\r\n`),
  'a chunk that is longer than it says': post('Transfer-Encoding: chunked\r\n', '3\r\nabcd\r\n0\r\n\r\n'),
  'a chunk’s size with a bare line feed': post('Transfer-Encoding: chunked\r\n', '3\nabc\r\n0\r\n\r\n'),
  'a chunk’s extension with a line feed': post(
    'Transfer-Encoding: chunked\r\n',
    '3;a\nb\r\nabc\r\n0\r\n\r\n',
  ),
  'a folded header': get(`${HOST}X-A: b\r\n Cookie: c\r\n`),
  'a header with a null character': get(`${HOST}X-A: b\0c\r\n`),
  'a header with a bare carriage return': get(`${HOST}X-A: b\rCookie: c\r\n`),
  'bare line feeds': `GET /healthz HTTP/1.1\n${HOST}\n`,
  'no host': get(''),
  'two hosts': get('Host: a.localhost\r\nHost: evil.example\r\n'),
  'one host twice': get(`${HOST}${HOST}`),
  'a host with a path': get('Host: localhost/x\r\n'),
  'a host that would be a path': get('Host: /\r\n', '/t/a/rest/v1/accounts'),
  'a host with a user': get('Host: localhost@evil.example\r\n'),
  'a method that is none': `G@T /healthz HTTP/1.1\r\n${HOST}\r\n`,
  'a version that is none': `GET /healthz HTTP/1.9\r\n${HOST}\r\n`,
  'HTTP/0.9': 'GET /healthz\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
};
for (const [what, bytes] of Object.entries(AMBIGUOUS)) {
  test(`${what}: refused, and what follows is not answered`, async () => {
    const { statuses, text } = await exchange(`${bytes}${HIDDEN}`);
    assert.equal(statuses[0], 400, text);
    const answeredHidden = text.includes(LAST);
    // A request without a valid host ends where it ends for every client; the next one is a request of its own.
    assert.ok(!answeredHidden || /host/.test(what), text);
  });
}

const TOO_LARGE: Record<string, [bytes: string, status: number]> = {
  'a header': [get(`${HOST}X-A: ${'a'.repeat(70_000)}\r\n`), 431],
  'a cookie': [get(`${HOST}Cookie: marquee_session=${'a'.repeat(70_000)}\r\n`), 431],
  'an address': [get(HOST, `/${'a'.repeat(70_000)}`), 431],
  'the number of headers': [get(`${HOST}${'a: b\r\n'.repeat(20_000)}`), 431],
  'a body’s length': [post(`Connection: close\r\nContent-Length: ${11 * 1024 * 1024}\r\n`), 413],
};
for (const [what, [bytes, status]] of Object.entries(TOO_LARGE)) {
  test(`too large is refused: ${what}`, async () => {
    const { statuses } = await exchange(bytes);
    assert.equal(statuses[0], status);
  });
}

test('many parameters, deep JSON and long values are refused or answered, never an error of ours', async () => {
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${url}${path}`, { ...init, redirect: 'manual' }).catch((error: Error) => {
      // A server that refuses a request without reading its body ends the connection.
      const { code } = error.cause as NodeJS.ErrnoException;
      assert.ok(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(code ?? ''), String(error.cause));
    });
    const { status } = answer ?? (await fetch(`${url}/healthz`));
    assert.ok(status < 500, `${path.slice(0, 80)}: ${status}`);
  };
  const many = Array.from({ length: 5_000 }, (_, index) => `p${index}=eq.1`).join('&');
  await ask(`/t/a/rest/v1/accounts?${many}`);
  await ask(`/t/a/rest/v1/accounts?or=${'('.repeat(5_000)}${')'.repeat(5_000)}`);
  await ask(`/t/a/api/session/single-sign-on?${'from=/x&'.repeat(5_000)}`);
  const json = { 'content-type': 'application/json', origin: url };
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  for (const path of ['/t/a/api/session', '/t/a/auth/v1/token?grant_type=password', '/t/a/auth/v1/verify']) {
    await ask(path, { method: 'POST', headers: json, body: deep(100_000) });
    await ask(path, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ email: 'a'.repeat(1_000_000), password: 'b'.repeat(1_000_000) }),
    });
    const fields = Array.from({ length: 100_000 }, (_, index) => `f${index}=${index}`).join('&');
    const form = { ...json, 'content-type': 'application/x-www-form-urlencoded' };
    await ask(path, { method: 'POST', headers: form, body: fields });
  }
  await ask('/t/a/api/session', { headers: { cookie: 'marquee_session=x; '.repeat(2_000) } });
});

test('a request that the web’s Request cannot hold is refused', async () => {
  for (const path of ['/', '/t/a/api/session', '/t/a/rest/v1/accounts']) {
    const { statuses, text } = await exchange(
      `TRACE ${path} HTTP/1.1\r\n${HOST}Cookie: marquee_session=hidden\r\nConnection: close\r\n\r\n`,
    );
    assert.deepEqual(statuses, [405]);
    assert.doesNotMatch(text, /hidden/);
  }
  const { statuses } = await exchange(`CONNECT evil.example:80 HTTP/1.1\r\n${HOST}\r\n`);
  assert.deepEqual(statuses, []);
  // The target of the request counts, and it is not ours.
  const absolute = await exchange(
    `GET http://evil.example/docs/connect HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
  );
  assert.doesNotMatch(absolute.text, /evil/);
});

test('an upgrade whose address is none is refused, and the server goes on', async () => {
  const upgrade = (target: string, host: string) =>
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
  const path = '/realtime/v1/websocket';
  for (const [target, host] of [
    [path, 'a:b@c'],
    [path, 'a@localhost'],
    [path, 'localhost/x'],
    [path, '[::'],
    [path, 'localhost:99999'],
    [`http://u:p@h${path}`, 'localhost'],
    [`http://u@h${path}`, 'localhost'],
    [`http://:p@h/t/a${path}`, 'localhost'],
    [`ftp://h${path}`, 'localhost'],
    [`http://[${path}`, 'localhost'],
  ] as const) {
    const { statuses } = await exchange(upgrade(target, host));
    assert.deepEqual(statuses, [400], `${target} at ${host}`);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  }
  // A path, although it looks like an address without its protocol.
  assert.deepEqual((await exchange(upgrade(`//u:p@h${path}`, 'localhost'))).statuses, [401]);
  for (const target of ['http://u:p@h/healthz', 'http://u:p@h/t/a/api/session']) {
    const { statuses } = await exchange(`GET ${target} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    assert.deepEqual(statuses, [400], target);
  }
});

test('an idle connection is kept for longer than proxies keep theirs', async () => {
  const response = await fetch(`${url}/healthz`);
  const seconds = Number(/timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '')?.[1]);
  assert.ok(seconds > 60, `${seconds} s`);
});

/** The server's ends of connections, by the client's port. */
const atServer = new Map<number | undefined, Socket>();
diagnostics.subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket };
  atServer.set(socket.remotePort, socket);
});

/** Asks for a large answer. @returns both ends of the connection */
async function askForLarge(): Promise<[client: Socket, server: Socket]> {
  const client = connect(server.port, '127.0.0.1');
  await once(client, 'connect');
  client.write(get(`${HOST}Connection: close\r\n`, '/large.png'));
  return [client, await until(() => atServer.get(client.localPort))];
}

test('a client that reads nothing of a large answer loses its connection', { timeout: 20_000 }, async () => {
  const [client, socket] = await askForLarge();
  await until(() => socket.writableLength > 0);
  await once(socket, 'close');
  client.on('error', () => {}).destroy();
});

test('a client that reads slowly gets all of a large answer', { timeout: 30_000 }, async () => {
  const [client] = await askForLarge();
  const since = performance.now();
  let read = 0;
  for await (const chunk of client) {
    const { length } = chunk as Buffer;
    if (Math.floor(read / (4 * MIB)) < Math.floor((read + length) / (4 * MIB))) await pause(UNREAD_MS / 5);
    read += length;
  }
  assert.ok(read > LARGE);
  assert.ok(performance.now() - since > 2 * UNREAD_MS);
});

test('an answer that takes long to be made is waited for', async ({ mock }) => {
  const answer = manager.answer.bind(manager);
  mock.method(manager, 'answer', async (...given: Parameters<typeof answer>) => {
    await pause(3 * UNREAD_MS);
    return answer(...given);
  });
  const cookie = `Cookie: ${await cookieOf('a', 'owner@a.example')}\r\n`;
  const { text } = await exchange(
    get(`${HOST}${cookie}Connection: close\r\n`, '/t/a/rest/v1/accounts?select=name'),
  );
  assert.match(text, /^HTTP\/1\.1 200[\s\S]*First of a/);
});

test('of requests that are sent at once, each is worked on when the one before was answered', async ({
  mock,
}) => {
  const answer = manager.answer.bind(manager);
  let atOnce = 0;
  let most = 0;
  mock.method(manager, 'answer', async (...given: Parameters<typeof answer>) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    try {
      return await answer(...given);
    } finally {
      atOnce -= 1;
    }
  });
  const cookie = `Cookie: ${await cookieOf('a', 'owner@a.example')}\r\n`;
  const one = get(`${HOST}${cookie}`, '/t/a/rest/v1/accounts?select=name');
  const { text } = await exchange(`${one.repeat(20)}${get(`${HOST}Connection: close\r\n`)}`);
  assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 21);
  assert.equal(most, 1);
});

test('a connection on which many requests wait is ended', async ({ mock }) => {
  const answer = manager.answer.bind(manager);
  mock.method(manager, 'answer', async (...given: Parameters<typeof answer>) => {
    await pause(2 * UNREAD_MS);
    return answer(...given);
  });
  const cookie = `Cookie: ${await cookieOf('a', 'owner@a.example')}\r\n`;
  const slow = get(`${HOST}${cookie}`, '/t/a/rest/v1/accounts?select=name');
  const { statuses } = await exchange(`${slow}${get(HOST).repeat(110)}`);
  assert.deepEqual(statuses, []);
});
