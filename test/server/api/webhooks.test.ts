import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { verifyWebhook } from '@/lib/crm/webhooks';
import { startWebhookDeliveries } from '@/server';
import { bodyOf, makeDeal, startCompany } from './company';

const company = await startCompany();

interface Received {
  headers: Record<string, string>;
  body: string;
}
const received: Received[] = [];
let failures = 1;
const arrivals: (() => void)[] = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    received.push({ headers: request.headers as Record<string, string>, body });
    failures -= 1;
    response.statusCode = failures >= 0 ? 500 : 204;
    response.end();
    for (const arrived of arrivals.splice(0)) arrived();
  });
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
after(() => {
  receiver.closeAllConnections();
  receiver.close();
});
const port = (receiver.address() as AddressInfo).port;

test('endpoints are for admins, at public https addresses, their secret shown once', async () => {
  const endpoint = { url: 'https://crm.client.example/hook', events: ['quote.sent'] };
  assert.equal((await company.ask('a:sales', 'POST', '/api/webhooks', endpoint)).status, 403);
  assert.equal(
    (await company.ask('a:owner', 'POST', '/api/webhooks', { ...endpoint, url: 'http://x.example' })).status,
    400,
  );
  const added = await bodyOf<{ id: string; secret: string }>(
    await company.ask('a:owner', 'POST', '/api/webhooks', endpoint),
    201,
  );
  assert.match(added.secret, /^whsec_/);
  const text = await (await company.ask('a:owner', 'GET', '/api/webhooks')).text();
  assert.ok(text.includes(added.id) && !text.includes(added.secret) && !text.includes('mq1.'));
  const foreign = await company.ask('b:owner', 'DELETE', `/api/webhooks/${added.id}`);
  assert.equal(foreign.status, 404);
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/webhooks/${added.id}`)).status, 204);
});

test('what happens is told, signed, and told again after a failure', async () => {
  const added = await bodyOf<{ id: string; secret: string }>(
    await company.ask('a:owner', 'POST', '/api/webhooks', {
      url: 'https://replaced.example/hook',
      events: ['quote.sent'],
    }),
    201,
  );
  // The receiver of this test has no public address.
  const service = await company.service();
  await service
    .from('user_integrations')
    .update({ external_account_id: `http://127.0.0.1:${port}/hook` })
    .eq('id', added.id)
    .throwOnError();
  await startWebhookDeliveries(company.manager, company.services, {
    allowPrivate: true,
    pollingIntervalSeconds: 0.5,
  });
  const deal = await makeDeal(company, 'Told');
  const first = new Promise<void>((resolve) => arrivals.push(resolve));
  await bodyOf(await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}), 200);
  await first;
  const second = new Promise<void>((resolve) => arrivals.push(resolve));
  // The queue waits half a minute before it tries again; a test does not.
  await company.operations.pool.query("update pgboss.job set start_after = now() where name = 'webhooks'");
  const hurry = setInterval(
    () => company.operations.pool.query("update pgboss.job set start_after = now() where name = 'webhooks'"),
    200,
  );
  await second;
  clearInterval(hurry);
  const [failed, told] = received;
  assert.ok(failed && told);
  assert.equal(failed.headers['webhook-id'], told.headers['webhook-id']);
  assert.ok(verifyWebhook(added.secret, told.headers, told.body));
  const event = JSON.parse(told.body) as { type: string; data: unknown };
  assert.deepEqual([event.type, event.data], ['quote.sent', { quote_id: deal.quoteId }]);
});
