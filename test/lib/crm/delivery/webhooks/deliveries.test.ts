import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { emptyOutbox, startConnections } from '@/lib/crm/delivery';
import {
  deliverWebhook,
  queueDeliveries,
  signWebhook,
  verifyWebhook,
  WEBHOOK_EVENTS,
} from '@/lib/crm/delivery/webhooks';
import { bodyOf, makeDeal, startCompany } from '../../../../server/api/start-company';
import { administer } from '../../../../support/postgres';
import { until } from '../../../../support/until';

const company = await startCompany();

interface Received {
  headers: Record<string, string>;
  body: string;
  /** What it was answered. */
  status: number;
}
const received: Received[] = [];
/** So many deliveries fail before the others are taken. */
let failures = 0;
const receiver = createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request)).toString();
  const status = failures-- > 0 ? 500 : 204;
  received.push({ headers: request.headers as Record<string, string>, body, status });
  response.writeHead(status).end();
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

/** An endpoint whose receiver, unlike real ones, has no public address. */
async function listenTo(...events: string[]): Promise<{ id: string; secret: string }> {
  const added = await bodyOf<{ id: string; secret: string }>(
    await company.ask('a:owner', 'POST', '/api/webhooks', { url: 'https://replaced.example/hook', events }),
    201,
  );
  const service = await company.service();
  const external_account_id = `http://127.0.0.1:${port}/hook`;
  await service.from('user_integrations').update({ external_account_id }).eq('id', added.id).throwOnError();
  return added;
}

interface Event {
  id: string;
  type: string;
  occurredAt: string;
  data: Record<string, string>;
}

/** What was received and taken, once so many of the type came. The queue waits before it tries again; a test does not. */
function told(type: string, count = 1): Promise<Event[]> {
  const look = async () => {
    const events = received
      .filter(({ status }) => status === 204)
      .map(({ body }) => JSON.parse(body) as Event);
    const found = events.filter((event) => event.type === type);
    if (found.length >= count) return found;
    await company.operations.pool.query("update pgboss.job set start_after = now() where state = 'retry'");
    return undefined;
  };
  return until(look, `${count} of ${type}`, { everyMs: 50 });
}

test('signatures are those of Standard Webhooks (its published example)', () => {
  const signature = signWebhook(
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330,
    '{"test": 2432232314}',
  );
  assert.equal(signature, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test('what the database can tell is what an endpoint can ask for', async () => {
  const { adminUrl } = await company.operations.dataSources.credentials(
    (await company.application.tenants.get(company.tenantIds.a)).dataSourceId ?? '',
  );
  const { rows } = await administer(
    adminUrl ?? '',
    `select distinct split_part(encode(tgargs, 'escape'), '\\000', 1) as type from pg_trigger where tgname like 'write_outbox_%'`,
  );
  assert.deepEqual(
    rows.map(({ type }) => type).sort(),
    WEBHOOK_EVENTS.filter((type) => type !== 'test').sort(),
  );
});

test('an answer that got lost is asked for again, with a secret that works', async () => {
  const ask = async () =>
    bodyOf<{ id: string; secret: string }>(
      await company.ask(
        'a:owner',
        'POST',
        '/api/webhooks',
        { url: 'https://crm.client.example/hook', events: ['quote.sent'] },
        { 'idempotency-key': 'endpoint-0001' },
      ),
      201,
    );
  const [first, second] = [await ask(), await ask()];
  assert.equal(first.id, second.id);
  await bodyOf(await company.ask('a:owner', 'DELETE', `/api/webhooks/${first.id}`), 204);
});

test('what happens is told, signed, and told again after a failure, whichever way it was done', async () => {
  await startConnections(company, { allowPrivate: true, pollingIntervalSeconds: 0.5 });
  const { secret } = await listenTo(
    'quote.sent',
    'quote.accepted',
    'event.created',
    'invoice.sent',
    'invoice.paid',
    'account.updated',
  );
  failures = 1;
  const deal = await makeDeal(company, 'Told');
  await bodyOf(await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}), 200);
  const [sent] = await told('quote.sent');
  assert.deepEqual(sent?.data, { quote_id: deal.quoteId, opportunity_id: deal.opportunityId });
  const attempts = received.filter(({ headers }) => headers['webhook-id'] === sent?.id);
  assert.deepEqual(
    attempts.map(({ status }) => status),
    [500, 204],
  );
  assert.ok(attempts.every(({ headers, body }) => verifyWebhook(secret, headers, body)));

  // By the rows' API, as any Supabase client does.
  const change = { phone: '+1 512 555 0100' };
  await bodyOf(
    await company.ask('a:owner', 'PATCH', `/rest/v1/accounts?id=eq.${deal.accountId}`, change),
    204,
  );
  assert.deepEqual((await told('account.updated'))[0]?.data, { account_id: deal.accountId });

  // By a function of the database, which does several things at once.
  await bodyOf(
    await company.ask('a:owner', 'POST', '/rest/v1/rpc/accept_quote', {
      quote_id: deal.quoteId,
      accepted_by_name: 'Ana',
    }),
    200,
  );
  await bodyOf(
    await company.ask('a:owner', 'POST', '/rest/v1/rpc/convert_opportunity', {
      opportunity_id: deal.opportunityId,
    }),
    200,
  );
  await told('quote.accepted');
  const [event] = await told('event.created');
  assert.ok(event && sent && event.occurredAt > sent.occurredAt);
  await setTimeout(1500);
  assert.equal((await told('event.created')).length, 1, 'told once');

  // By nothing that this server sees: the sweep finds it.
  await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    await query("update invoices set status = 'sent' where quote_id = $1", [deal.quoteId]);
  });
  await company.operations.jobs.send('outbox-sweep', {});
  assert.equal((await told('invoice.sent')).length, 1);
});

test('what was handed over and not struck out is handed over again under its id; a rollback tells nothing', async () => {
  const endpoint = await listenTo('lead.created');
  await company.manager
    .withTenantTransaction(company.tenantIds.a, async ({ query }) => {
      await query("insert into leads (first_name) values ('Never')");
      throw new Error('rolled back');
    })
    .catch(() => {});
  await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    await query("insert into leads (first_name) values ('Twice')");
  });
  const service = await company.service();
  const { data } = await service.rpc('outbox_events', { most: 10 }).throwOnError();
  assert.deepEqual(
    data.map(({ type }: { type: string }) => type),
    ['lead.created'],
  );
  const { data: row } = await service.from('user_integrations').select('*').eq('id', endpoint.id).single();
  // As a process that ended before `delete_outbox_events`.
  await queueDeliveries(company, company.tenantIds.a, [row], data);
  await emptyOutbox(company, company.tenantIds.a);
  const events = await told('lead.created', 2);
  assert.deepEqual(
    events.map(({ id }) => id),
    [data[0].id, data[0].id],
  );
  assert.deepEqual((await service.rpc('outbox_events', { most: 10 })).data, []);
});

interface Kept {
  id: string;
  eventId: string;
  type: string;
  state: string;
  attempts: number;
  nextAttemptAt: string | null;
  error: string | null;
}

async function deliveries(id: string): Promise<Kept[]> {
  const answer = await company.ask('a:owner', 'GET', `/api/webhooks/${id}/deliveries`);
  return (await bodyOf<{ deliveries: Kept[] }>(answer, 200)).deliveries;
}

/** The latest delivery, once it is in this state. */
function latest(id: string, state: string): Promise<Kept> {
  return until(async () => {
    const [delivery] = await deliveries(id);
    return delivery?.state === state && delivery;
  }, `the latest delivery to be ${state}`);
}

test('deliveries are shown with how they went; one that failed is sent again at once, under its id', async () => {
  const { id } = await listenTo('lead.created');
  const other = await listenTo('lead.created');
  failures = 1;
  await bodyOf(await company.ask('a:owner', 'POST', `/api/webhooks/${id}/test`), 202);
  const failed = await latest(id, 'retrying');
  assert.equal(failed.type, 'test');
  assert.match(failed.error ?? '', /answered 500/);
  assert.equal(failed.attempts, 1);
  assert.ok(Date.parse(failed.nextAttemptAt ?? '') > Date.now());
  const retry = `/api/webhooks/${id}/deliveries/${failed.id}/retry`;
  assert.equal((await company.ask('a:sales', 'POST', retry)).status, 403);
  assert.equal((await company.ask('b:owner', 'POST', retry)).status, 404);
  assert.equal(
    (await company.ask('a:owner', 'POST', retry.replace(failed.id, crypto.randomUUID()))).status,
    404,
  );
  await bodyOf(await company.ask('a:owner', 'POST', retry), 202);
  const again = await latest(id, 'delivered');
  assert.equal(again.eventId, failed.eventId);
  assert.equal(again.error, null);
  // The waiting attempt is not made any more.
  assert.deepEqual(
    (await deliveries(id)).map(({ state }) => state),
    ['delivered', 'failed'],
  );
  assert.deepEqual(await deliveries(other.id), []);
});

test('a paused endpoint is told nothing, also what waited, until it is resumed', async () => {
  const { id } = await listenTo('lead.created');
  const set = async (paused: boolean) =>
    bodyOf<{ status: string }>(await company.ask('a:owner', 'PATCH', `/api/webhooks/${id}`, { paused }), 200);
  failures = 1;
  await bodyOf(await company.ask('a:owner', 'POST', `/api/webhooks/${id}/test`), 202);
  await latest(id, 'retrying');
  assert.equal((await set(true)).status, 'paused');
  await company.operations.pool.query("update pgboss.job set start_after = now() where state = 'retry'");
  await latest(id, 'dropped');
  const refused = await company.ask('a:owner', 'POST', `/api/webhooks/${id}/test`);
  assert.equal((await bodyOf<{ code: string }>(refused, 409)).code, 'webhook_paused');
  const lead = async (first_name: string) =>
    bodyOf(await company.ask('a:owner', 'POST', '/rest/v1/leads', { first_name }), 201);
  await lead('Unheard');
  await emptyOutbox(company, company.tenantIds.a);
  assert.equal((await deliveries(id)).length, 1);
  assert.equal((await set(false)).status, 'connected');
  await lead('Heard');
  assert.equal((await latest(id, 'delivered')).type, 'lead.created');
  assert.equal((await deliveries(id)).length, 2);

  const changes = { events: ['quote.sent', 'test'] };
  const changed = await company.ask('a:owner', 'PATCH', `/api/webhooks/${id}`, changes);
  assert.deepEqual((await bodyOf<{ events: string[] }>(changed, 200)).events, changes.events);
  assert.equal((await company.ask('a:sales', 'PATCH', `/api/webhooks/${id}`, { paused: true })).status, 403);
});

test('names that lead into our own network are refused, and the endpoint says why', async () => {
  await assert.rejects(
    deliverWebhook(
      { url: 'https://localhost/hook', secret: 'whsec_AAAA' },
      { id: 'x', type: 'test', occurredAt: '', data: {} },
    ),
    { code: 'webhook_url_refused' },
  );
  await assert.rejects(
    deliverWebhook(
      { url: 'https://[::ffff:10.0.0.1]/', secret: 'whsec_AAAA' },
      { id: 'x', type: 'test', occurredAt: '', data: {} },
    ),
    { code: 'webhook_url_refused' },
  );
});
