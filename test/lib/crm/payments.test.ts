import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import Stripe from 'stripe';
import {
  createStripeProvider,
  createTestProvider,
  type PaymentError,
  reconcile,
  STRIPE_EVENTS,
} from '@/lib/crm/payments';

const checkout = {
  tenantId: 'tenant-1',
  invoiceId: 'invoice-1',
  description: 'Deposit',
  amount: 25000,
  currency: 'EUR',
  returnUrl: 'https://a.example/done',
  idempotencyKey: 'invoice-1:1',
};

test('the test provider opens one page for one key, and its webhook must be signed', async () => {
  const provider = createTestProvider({ secret: 's', pageUrl: 'http://localhost/test-payment' });
  const first = await provider.startCheckout(checkout);
  assert.equal((await provider.startCheckout(checkout)).providerId, first.providerId);
  const query = new URL(first.url).searchParams;
  const report = await provider.readWebhook(query.get('body') ?? '', query.get('signature') ?? '');
  assert.equal(report?.amount, 25000);
  const forged = (query.get('body') ?? '').replace('25000', '1');
  await assert.rejects(provider.readWebhook(forged, query.get('signature') ?? ''), {
    code: 'payment_signature_invalid',
  });
});

test('Stripe (a contract fake) is asked once for a key, in minor units', async () => {
  const seen: { key: string | undefined; body: string }[] = [];
  const fake = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    seen.push({ key: request.headers['idempotency-key'] as string, body });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'cs_1', object: 'checkout.session', url: 'https://pay.example/cs_1' }));
  }).listen(0, '127.0.0.1');
  after(() => fake.close());
  await new Promise((resolve) => fake.once('listening', resolve));
  const { port } = fake.address() as AddressInfo;
  const host = { host: '127.0.0.1', port, protocol: 'http' as const };
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec', host });
  assert.deepEqual(await provider.startCheckout(checkout), {
    url: 'https://pay.example/cs_1',
    providerId: 'cs_1',
  });
  const form = new URLSearchParams(seen[0]?.body);
  assert.equal(form.get('success_url'), checkout.returnUrl);
  assert.equal(seen[0]?.key, 'invoice-1:1');
  assert.equal(form.get('line_items[0][price_data][unit_amount]'), '25000');
  assert.equal(form.get('payment_intent_data[metadata][tenant_id]'), 'tenant-1');
  const paidUrl = `${checkout.returnUrl}?paid=0`;
  await provider.startCheckout({ ...checkout, paidUrl });
  const second = new URLSearchParams(seen[1]?.body);
  assert.deepEqual([second.get('success_url'), second.get('cancel_url')], [paidUrl, checkout.returnUrl]);
});

test('Stripe counts some currencies otherwise than we do: what is asked for is what is booked', async () => {
  const asked: string[] = [];
  const fake = createServer(async (request, response) => {
    const form = new URLSearchParams(Buffer.concat(await Array.fromAsync(request)).toString());
    asked.push(form.get('line_items[0][price_data][unit_amount]') ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id: 'cs_1', object: 'checkout.session', url: 'https://pay.example/cs_1' }));
  }).listen(0, '127.0.0.1');
  after(() => fake.close());
  await new Promise((resolve) => fake.once('listening', resolve));
  const { port } = fake.address() as AddressInfo;
  const host = { host: '127.0.0.1', port, protocol: 'http' as const };
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec', host });
  // From docs.stripe.com/currencies: 5,000 krónur are 500000, 500 yen are 500, 1.500 dinars are 1500.
  for (const [currency, amount, units] of [
    ['ISK', 5000, '500000'],
    ['UGX', 5000, '500000'],
    ['JPY', 500, '500'],
    ['KWD', 1500, '1500'],
    ['EUR', 25000, '25000'],
  ] as const) {
    await provider.startCheckout({ ...checkout, currency, amount });
    assert.equal(asked.at(-1), units, currency);
    const metadata = { tenant_id: 'tenant-1', invoice_id: 'invoice-1' };
    const object = { id: 'pi_1', amount_received: Number(units), currency: currency.toLowerCase(), metadata };
    const payload = JSON.stringify({ object: 'event', type: 'payment_intent.succeeded', data: { object } });
    const header = new Stripe('key').webhooks.generateTestHeaderString({ payload, secret: 'whsec' });
    assert.equal((await provider.readWebhook(payload, header))?.amount, amount, currency);
  }
  await assert.rejects(provider.startCheckout({ ...checkout, currency: 'KWD', amount: 1501 }), {
    code: 'payment_amount_unsupported',
  });
});

test('a webhook of Stripe is read only with its signature, and only about our payments', async () => {
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec' });
  const signed = (object: object, type = 'payment_intent.succeeded') => {
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
    const header = new Stripe('key').webhooks.generateTestHeaderString({ payload, secret: 'whsec' });
    return [payload, header] as const;
  };
  const metadata = { tenant_id: 'tenant-1', invoice_id: 'invoice-1' };
  const intent = { id: 'pi_1', amount: 25000, amount_received: 25000, currency: 'eur', metadata };
  const report = await provider.readWebhook(...signed(intent));
  assert.deepEqual(report, {
    providerId: 'pi_1',
    kind: 'payment',
    amount: 25000,
    currency: 'EUR',
    tenantId: 'tenant-1',
    invoiceId: 'invoice-1',
    status: 'succeeded',
  });
  assert.equal(await provider.readWebhook(...signed({ ...intent, metadata: {} })), undefined);
  const [payload, header] = signed(intent);
  await assert.rejects(provider.readWebhook(payload.replace('25000', '99999'), header), {
    code: 'payment_signature_invalid',
  });
});

test('every event that Stripe is asked to send is read; a checkout is its payment, once that is paid', async () => {
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec' });
  const read = (type: string, changes: object = {}) => {
    const metadata = { tenant_id: 'tenant-1', invoice_id: 'invoice-1' };
    const money = { amount: 25000, amount_received: 25000, amount_total: 25000, currency: 'eur' };
    const isIntent = type.startsWith('payment_intent.');
    const object = {
      ...{ id: isIntent ? 'pi_1' : 'other_1', metadata, ...money },
      ...(isIntent ? {} : { payment_intent: 'pi_1' }),
      ...{
        payment_status: type.endsWith('_failed') ? 'unpaid' : 'paid',
        status: 'succeeded',
        reason: 'general',
      },
      ...changes,
    };
    const payload = JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } });
    const header = new Stripe('key').webhooks.generateTestHeaderString({ payload, secret: 'whsec' });
    return provider.readWebhook(payload, header);
  };
  for (const type of STRIPE_EVENTS) assert.equal((await read(type))?.amount, 25000, type);
  const paid = await read('payment_intent.succeeded');
  assert.deepEqual(await read('checkout.session.completed'), paid);
  assert.deepEqual(await read('checkout.session.async_payment_succeeded'), paid);
  const failed = await read('payment_intent.payment_failed');
  assert.deepEqual(await read('checkout.session.async_payment_failed'), failed);
  assert.equal(await read('checkout.session.completed', { payment_status: 'unpaid' }), undefined);
  assert.equal(await read('checkout.session.completed', { payment_intent: null }), undefined);
  assert.equal(await read('checkout.session.completed', { metadata: {} }), undefined);
  assert.equal(await read('checkout.session.expired'), undefined);
});

test('Stripe’s test mode books money only where the company tries out with a test key', async () => {
  const metadata = { tenant_id: 'tenant-1', invoice_id: 'invoice-1' };
  const object = { id: 'pi_1', amount: 25000, amount_received: 25000, currency: 'eur', metadata };
  const reported = async (secretKey: string, livemode: boolean) => {
    const provider = createStripeProvider({ secretKey, webhookSecret: 'whsec' });
    const payload = JSON.stringify({
      object: 'event',
      type: 'payment_intent.succeeded',
      livemode,
      data: { object },
    });
    const header = new Stripe('key').webhooks.generateTestHeaderString({ payload, secret: 'whsec' });
    return (await provider.readWebhook(payload, header))?.amount;
  };
  assert.equal(await reported('sk_live_1', false), undefined);
  assert.equal(await reported('rk_live_1', false), undefined);
  assert.equal(await reported('sk_live_1', true), 25000);
  assert.equal(await reported('sk_test_1', false), 25000);
});

test('a refund of Stripe’s is booked once it succeeded, not while it is on its way', async () => {
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec' });
  const reported = async (status: string, type: string) => {
    const metadata = { tenant_id: 'tenant-1', invoice_id: 'invoice-1' };
    const object = { id: 're_1', amount: 500, currency: 'eur', payment_intent: 'pi_1', status, metadata };
    const payload = JSON.stringify({ object: 'event', type, data: { object } });
    const header = new Stripe('key').webhooks.generateTestHeaderString({ payload, secret: 'whsec' });
    return provider.readWebhook(payload, header);
  };
  for (const type of ['refund.created', 'refund.updated']) {
    for (const status of ['pending', 'requires_action'])
      assert.equal(await reported(status, type), undefined, `${type} ${status}`);
    for (const status of ['failed', 'canceled'])
      assert.equal((await reported(status, type))?.status, 'failed', `${type} ${status}`);
    const report = await reported('succeeded', type);
    assert.deepEqual([report?.kind, report?.status, report?.refundOf], ['refund', 'succeeded', 'pi_1']);
  }
});

test('Stripe (a contract fake) gives money back once for a key, and says whether it does', async () => {
  const made: { id: string; status: string; metadata: object }[] = [];
  const asked: string[] = [];
  let next: { status: number; body: object };
  const error = (type: string, message: string) => ({ error: { type, message } });
  const fake = createServer(async (request, response) => {
    const form = new URLSearchParams(Buffer.concat(await Array.fromAsync(request)).toString());
    const isList = request.method === 'GET';
    asked.push(`${request.method} ${request.headers['idempotency-key'] ?? ''}`.trim());
    const key = form.get('metadata[marquee_key]');
    if (!isList && next.status === 200)
      made.push({ ...(next.body as (typeof made)[0]), metadata: { marquee_key: key } });
    response.statusCode = isList ? 200 : next.status;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isList ? { object: 'list', data: made, has_more: false } : next.body));
  }).listen(0, '127.0.0.1');
  after(() => fake.close());
  await new Promise((resolve) => fake.once('listening', resolve));
  const { port } = fake.address() as AddressInfo;
  const host = { host: '127.0.0.1', port, protocol: 'http' as const };
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec', host });
  const refund = (key: string, status: number, body: object) => {
    next = { status, body };
    return provider.refund('pi_1', 500, 'EUR', key);
  };
  const done = { providerId: 're_1', isDone: true };
  assert.deepEqual(await refund('key-1', 200, { id: 're_1', status: 'succeeded' }), done);
  assert.deepEqual(await refund('key-1', 200, { id: 're_2', status: 'succeeded' }), done);
  assert.deepEqual(asked, ['GET', 'POST key-1', 'GET']);
  const later = { providerId: 're_3', isDone: false };
  assert.deepEqual(await refund('key-2', 200, { id: 're_3', status: 'pending' }), later);
  const refused = { code: 'payment_refused' };
  await assert.rejects(refund('key-3', 200, { id: 're_4', status: 'failed' }), refused);
  await assert.rejects(refund('key-4', 400, error('invalid_request_error', 'Already refunded.')), {
    ...refused,
    message: 'Already refunded.',
  });
  await assert.rejects(refund('key-5', 401, error('invalid_request_error', 'Invalid API Key: sk_live_1')), {
    ...refused,
    message: 'Stripe does not permit refunds with the company’s key.',
  });
  const unknown = { code: 'payment_provider_failed' };
  await assert.rejects(refund('key-6', 400, error('idempotency_error', 'Another request.')), unknown);
  await assert.rejects(refund('key-7', 500, error('api_error', 'Sorry.')), unknown);
});

test('why Stripe opens no payment page is said to the client; what its webhook lacks, to the company', async () => {
  let answer: { status: number; body: object } = { status: 200, body: {} };
  const fake = createServer((_request, response) => {
    response.statusCode = answer.status;
    response.setHeader('content-type', 'application/json');
    response.setHeader('stripe-should-retry', 'false');
    response.end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  after(() => fake.close());
  await new Promise((resolve) => fake.once('listening', resolve));
  const { port } = fake.address() as AddressInfo;
  const host = { host: '127.0.0.1', port, protocol: 'http' as const };
  const provider = createStripeProvider({ secretKey: 'key', webhookSecret: 'whsec', host });
  const refused = (status: number, error: object) => {
    answer = { status, body: { error } };
  };
  for (const [status, error, code] of [
    [400, { type: 'invalid_request_error', code: 'amount_too_small' }, 'payment_amount_unsupported'],
    [401, { type: 'invalid_request_error', message: 'Invalid API Key: sk_live_1' }, 'payment_unavailable'],
    [500, { type: 'api_error' }, 'payment_provider_failed'],
  ] as const) {
    refused(status, error);
    await assert.rejects(provider.startCheckout(checkout), (thrown: PaymentError) => {
      assert.equal(thrown.code, code);
      assert.doesNotMatch(thrown.message, /sk_live/);
      return true;
    });
  }
  const url = 'https://a.example/api/payments/stripe/webhook/t';
  const endpoints = (...data: object[]) => {
    answer = { status: 200, body: { object: 'list', data, has_more: false } };
  };
  const state = async () => provider.webhookState?.(url);
  refused(401, { type: 'invalid_request_error' });
  assert.deepEqual(await state(), { state: 'key_refused', missingEvents: [] });
  refused(403, { type: 'invalid_request_error' });
  assert.deepEqual(await state(), { state: 'unknown', missingEvents: [] });
  const enabled = { url: 'https://other-host.example/api/payments/stripe/webhook/t', status: 'enabled' };
  endpoints({ ...enabled, url: 'https://a.example/elsewhere', enabled_events: ['*'] });
  assert.equal((await state())?.state, 'no_endpoint');
  endpoints({ ...enabled, status: 'disabled', enabled_events: ['*'] });
  assert.equal((await state())?.state, 'endpoint_off');
  endpoints({
    ...enabled,
    enabled_events: STRIPE_EVENTS.filter((event) => !/^(charge\.)?refund/.test(event)),
  });
  assert.deepEqual(await state(), {
    state: 'events_missing',
    missingEvents: ['refund.created', 'refund.updated', 'refund.failed', 'charge.refund.updated'],
  });
  for (const events of [
    ['*'],
    STRIPE_EVENTS,
    STRIPE_EVENTS.filter((event) => event !== 'charge.refund.updated'),
  ]) {
    endpoints({ ...enabled, enabled_events: events });
    assert.equal((await state())?.state, 'reports');
  }
});

test('money that does not fit its invoice is not booked', () => {
  const report = {
    providerId: 'p',
    tenantId: 't',
    invoiceId: 'i',
    kind: 'payment' as const,
    status: 'succeeded' as const,
    amount: 100,
    currency: 'EUR',
  };
  reconcile(report, { currency: 'eur', balance: 100 });
  assert.throws(() => reconcile(report, { currency: 'USD', balance: 100 }), {
    code: 'payment_currency_mismatch',
  });
  assert.throws(() => reconcile(report, { currency: 'EUR', balance: 99 }), { code: 'payment_too_much' });
});
