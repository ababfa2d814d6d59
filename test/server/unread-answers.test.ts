// A tenant whose clients ask for much and read none of it, at a server with real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { UnreadAnswers } from '@/server/http/unread-answers';
import { until } from '../support/until';

const MIB = 1024 * 1024;
/** More than the operating system buffers between two sockets. */
const LARGE = Buffer.alloc(64 * MIB);
const unread = new UnreadAnswers(100 * MIB);
const sockets: Socket[] = [];
const answers: ServerResponse[] = [];
const server = createServer((request, answer) => {
  unread.add(request.url ?? '', answer);
  sockets.push(request.socket);
  answers.push(answer);
  if (request.method === 'POST') answer.flushHeaders();
  else answer.end(LARGE);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

/** Asks and reads nothing. @param method POST: for an answer that goes on and has nothing more yet @returns both ends of the connection */
async function ask(tenant: string, method = 'GET'): Promise<{ client: Socket; atServer: Socket }> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  after(() => client.destroy());
  const before = sockets.length;
  client.write(`${method} ${tenant} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const atServer = await until(() => sockets[before]);
  await until(() => atServer.writableLength > 0 || method === 'POST');
  return { client, atServer };
}

test('of what a tenant leaves unread, the oldest is given up; others keep theirs', async () => {
  const other = await ask('/other');
  const [first, second, third] = [await ask('/one'), await ask('/one'), await ask('/one')];
  assert.deepEqual(
    [first, second, third, other].map(({ atServer }) => atServer.destroyed),
    [true, false, false, false],
  );
  // What was read counts no longer.
  for (const { client, atServer } of [second, third]) {
    client.resume();
    await until(() => atServer.writableLength === 0);
  }
  const fourth = await ask('/one');
  await ask('/one');
  assert.deepEqual(
    [second, third, fourth].map(({ atServer }) => atServer.destroyed),
    [false, false, false],
  );
});

test('an answer that goes on, of which all was read, is not given up', async () => {
  const { atServer: stream } = await ask('/two', 'POST');
  const [first] = [await ask('/two'), await ask('/two'), await ask('/two')];
  assert.deepEqual(
    [stream, first?.atServer].map((socket) => socket?.destroyed),
    [false, true],
  );
});

test('an answer whose client left before it was made is not kept', async () => {
  const { client } = await ask('/three', 'POST');
  const [answer] = answers.slice(-1);
  client.destroy();
  assert(answer);
  await until(() => answer.closed);
  unread.add('/three', answer);
  assert.equal(answer.listenerCount('close'), 0);
});
