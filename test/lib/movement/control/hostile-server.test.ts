// Fakes of a few lines: a server that says it will send more than the driver can hold, and one that stops answering.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { openEndpoint } from '@/lib/movement/control/endpoints';
import { connectMover } from '@/lib/movement/control/mover-connection';
import { ChangeStream } from '@/lib/movement/stream/change-stream';
import { createSlot } from '@/lib/movement/stream/slots';

const header = (type: string, length: number) => {
  const bytes = Buffer.alloc(5);
  bytes.write(type);
  bytes.writeUInt32BE(length, 1);
  return bytes;
};
const signedIn = Buffer.concat([header('R', 8), Buffer.alloc(4), header('Z', 5), Buffer.from('I')]);
const giantRow = Buffer.concat([header('D', 900 * 1024 * 1024), Buffer.alloc(1_000)]);

test('a mover’s connection ends before it receives an oversized message', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write(signedIn);
      socket.once('data', () => socket.write(giantRow));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  const url = `postgresql://mover@127.0.0.1:${(server.address() as AddressInfo).port}/database?sslmode=disable`;
  const stream = new ChangeStream({ url, moveId: 'm', slot: 's', publication: 's', tables: [] });
  for (const connecting of [
    () => connectMover({ url, moveId: 'm' }),
    () => createSlot({ url, moveId: 'm', slot: 's' }, 30_000),
    () => stream.start(0n),
  ]) {
    await assert.rejects(connecting(), /larger than 524288000 bytes/);
  }
});

const done = Buffer.concat([header('C', 8), Buffer.from('SET\0'), header('Z', 5), Buffer.from('I')]);

/** @param answers statements that are answered before the server says nothing more */
async function silentServer(answers: number) {
  const { promise: silent, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    let heard = -1;
    socket.on('data', () => {
      heard += 1;
      if (heard === 0) socket.write(signedIn);
      else if (heard <= answers) socket.write(done);
      else resolve();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { silent, url: `postgresql://mover@127.0.0.1:${port}/database?sslmode=disable` };
}

test('a server that signs the mover in and then says nothing is given up after 10 seconds', async (context) => {
  const { silent, url } = await silentServer(0);
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const connecting = connectMover({ url, moveId: 'm' });
  await silent;
  context.mock.timers.tick(10_000);
  await assert.rejects(connecting);
});

test('an endpoint that cannot be claimed within 90 seconds is unreachable', async (context) => {
  const { silent, url } = await silentServer(1);
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const opening = openEndpoint({ name: 'main', url, tenantId: 't' } as never, 'm');
  await silent;
  context.mock.timers.tick(90_000);
  await assert.rejects(opening, { code: 'move_database_unreachable' });
});
