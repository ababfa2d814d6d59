import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { deliverWebhook, verifyWebhook } from '@/lib/crm/delivery/webhooks';
import { serve } from '../answering';

test('a webhook arrives signed, and a changed or old one does not verify', async () => {
  let seen: { body: string; headers: Record<string, string> } | undefined;
  const url = await serve((body, headers) => {
    seen = { body, headers };
    return { status: 204 };
  });
  const event = { id: 'm1', type: 'invoice.paid', occurredAt: '2026-05-01T00:00:00Z', data: { id: 1 } };
  await deliverWebhook({ url, secret: 'word' }, event, { allowPrivate: true });
  assert.ok(seen);
  assert.ok(verifyWebhook('word', seen.headers, seen.body));
  assert.ok(!verifyWebhook('word', seen.headers, `${seen.body} `));
  assert.ok(!verifyWebhook('word', seen.headers, seen.body, Date.now() + 3_600_000));
});

test('a webhook to this machine, a private network or without TLS is refused', async () => {
  const event = { id: 'm1', type: 't', occurredAt: '', data: {} };
  for (const url of [
    'http://example.com',
    'https://127.0.0.1',
    'https://10.1.2.3',
    'https://[::1]',
    'https://[::ffff:10.0.0.1]',
    'https://[::ffff:7f00:1]',
    'https://[fec0::1]',
    'https://[64:ff9b::a00:1]',
    'https://[2002:7f00:1::]',
    'https://0x7f.1',
    'https://2130706433',
    'https://169.254.169.254',
    'https://localhost',
    'nonsense',
  ]) {
    await assert.rejects(deliverWebhook({ url, secret: 's' }, event), { code: 'webhook_url_refused' }, url);
  }
});

test('an endpoint that switches protocols has not taken the event', { timeout: 60_000 }, async () => {
  const endpoint = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  after(() => endpoint.close());
  const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
  const event = { id: 'm1', type: 't', occurredAt: '', data: {} };
  await assert.rejects(deliverWebhook({ url, secret: 's' }, event, { allowPrivate: true }), {
    code: 'webhook_failed',
  });
});
