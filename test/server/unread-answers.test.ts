// A tenant whose clients ask for much and read none of it, at a server with real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { UnreadAnswers } from '@/server/unread-answers';
import { until } from '../support/until';

const MIB = 1024 * 1024;
/** More than the operating system buffers between two sockets. */
const LARGE = Buffer.alloc(64 * MIB);
const unread = new UnreadAnswers(100 * MIB);
const sockets: Socket[] = [];
const server = createServer((request, answer) => {
  unread.add(request.url ?? '', answer);
  sockets.push(request.socket);
  answer.end(request.method === 'HEAD' ? undefined : LARGE);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => server.close());

/** Asks and reads nothing. @returns both ends of the connection */
async function ask(tenant: string): Promise<{ client: Socket; atServer: Socket }> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  after(() => client.destroy());
  const before = sockets.length;
  client.write(`GET ${tenant} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const atServer = await until(() => sockets[before]);
  await until(() => atServer.writableLength > 0);
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
