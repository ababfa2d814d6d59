import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { providerFetch } from '@/lib/identity/provider-fetch';
import { AllowedNetworks } from '@/lib/network';

let answer = '';
const provider = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.end(answer, 'latin1'));
}).listen(0, '127.0.0.1');
await once(provider, 'listening');
after(() => provider.close());
const { port } = provider.address() as AddressInfo;
const get = (text: string) => {
  answer = text;
  return providerFetch(new AllowedNetworks(['127.0.0.0/8']))(`http://127.0.0.1:${port}/`, {});
};

test('an answer is read with its status, headers and body', async () => {
  const response = await get(
    'HTTP/1.1 418 Teapot\r\nX-A: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi',
  );
  assert.equal(response.status, 418);
  assert.equal(response.headers.get('x-a'), 'b');
  assert.equal(await response.text(), 'hi');
  assert.equal((await get('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')).status, 204);
});

test('whatever a provider answers fails the one request', { timeout: 60_000 }, async () => {
  for (const text of [
    'HTTP/1.1 700 Beyond\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    'HTTP/1.1 205 Reset\r\nContent-Length: 1\r\nConnection: close\r\n\r\na',
    'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'HTTP/1.1 000 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\ncut',
    'no HTTP',
  ]) {
    await assert.rejects(get(text), text);
  }
});
