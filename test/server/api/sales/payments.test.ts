import assert from 'node:assert/strict';
import { test } from 'node:test';
import Stripe from 'stripe';
import {
  createTestProvider,
  PaymentError,
  type PaymentProvider,
  type PaymentReport,
  refundPayment,
} from '@/lib/crm/payments';
import { bodyOf, makeDeal, startCompany } from '../start-company';

const company = await startCompany();
const provider = createTestProvider({
  secret: company.services.testPaymentSecret ?? '',
  pageUrl: 'http://localhost/test-payment',
});

async function sentInvoice(name: string) {
  const deal = await makeDeal(company, name);
  return company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    await query("update quotes set status = 'sent' where id = $1", [deal.quoteId]);
    await query("select accept_quote($1, 'Ana')", [deal.quoteId]);
    const { rows } = await query<{ id: string }>('select id from invoice_from_quote($1)', [deal.quoteId]);
    const id = rows[0]?.id ?? '';
    await query("update invoices set status = 'sent' where id = $1", [id]);
    return id;
  });
}

async function report(changes: Partial<PaymentReport> & { invoiceId: string }, tenant = company.tenantIds.a) {
  const { body, signature } = provider.sign({
    providerId: `test_${changes.invoiceId}`,
    tenantId: company.tenantIds.a,
    kind: 'payment',
    status: 'succeeded',
    amount: 121_000,
    currency: 'USD',
    ...changes,
  });
  return company.ask('anonymous', 'POST', `/api/payments/test/webhook/${tenant}`, body, {
    'x-test-signature': signature,
  });
}

const outcome = async (answer: Promise<Response>) =>
  (await bodyOf<{ outcome: string }>(await answer, 200)).outcome;

async function invoiceOf(id: string) {
  const { data } = await (await company.service())
    .from('invoices')
    .select('status,paid')
    .eq('id', id)
    .single();
  return [data?.status, data?.paid];
}

async function tasksAbout(id: string) {
  const { data } = await (await company.service()).from('tasks').select('title').eq('entity_id', id);
  return data?.length;
}

test('a report that comes many times at once is booked once', async () => {
  const invoiceId = await sentInvoice('Many');
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => outcome(report({ invoiceId }))));
  assert.deepEqual(outcomes.sort(), ['booked', ...Array<string>(7).fill('known')]);
  assert.deepEqual(await invoiceOf(invoiceId), ['paid', 121_000]);
});

test('failed and then succeeded, refunded in parts: any order counts right', async () => {
  const invoiceId = await sentInvoice('Orders');
  assert.equal(await outcome(report({ invoiceId, status: 'failed' })), 'booked');
  assert.deepEqual(await invoiceOf(invoiceId), ['sent', 0]);
  assert.equal(await outcome(report({ invoiceId })), 'booked');
  assert.equal(await outcome(report({ invoiceId, status: 'failed' })), 'known');
  const refund = { invoiceId, kind: 'refund' as const, amount: 21_000, refundOf: `test_${invoiceId}` };
  assert.equal(await outcome(report({ ...refund, providerId: `re_${invoiceId}` })), 'booked');
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 100_000]);
});

test('what does not fit is not booked, and the company is asked to look, once', async () => {
  const invoiceId = await sentInvoice('Misfit');
  for (const changes of [
    { currency: 'EUR', providerId: `eur_${invoiceId}` },
    { amount: 121_001, providerId: `more_${invoiceId}` },
    { kind: 'refund' as const, providerId: `refund_${invoiceId}` },
  ]) {
    assert.equal(await outcome(report({ invoiceId, ...changes })), 'set_aside');
    assert.equal(await outcome(report({ invoiceId, ...changes })), 'set_aside');
  }
  assert.deepEqual(await invoiceOf(invoiceId), ['sent', 0]);
  assert.equal(await tasksAbout(invoiceId), 3);
});

test('an attempt to pay that fails on an invoice that takes no payment is nothing to look at', async () => {
  const invoiceId = await sentInvoice('Failed and void');
  await (await company.service())
    .from('invoices')
    .update({ status: 'void' })
    .eq('id', invoiceId)
    .throwOnError();
  assert.equal(await outcome(report({ invoiceId, status: 'failed' })), 'ignored');
  assert.equal(await tasksAbout(invoiceId), 0);
  assert.equal(await outcome(report({ invoiceId, providerId: `late_${invoiceId}` })), 'set_aside');
});

test('unsigned, changed and foreign reports book nothing', async () => {
  const invoiceId = await sentInvoice('Foreign');
  const unsigned = await company.ask(
    'anonymous',
    'POST',
    `/api/payments/test/webhook/${company.tenantIds.a}`,
    '{}',
  );
  assert.equal(unsigned.status, 400);
  const { body, signature } = provider.sign({
    providerId: 'x',
    tenantId: company.tenantIds.a,
    invoiceId,
    kind: 'payment',
    status: 'succeeded',
    amount: 1,
    currency: 'USD',
  });
  const path = `/api/payments/test/webhook/${company.tenantIds.a}`;
  const changed = body.replace('"amount":1', '"amount":121000');
  const answer = await company.ask('anonymous', 'POST', path, changed, { 'x-test-signature': signature });
  assert.equal((await bodyOf<{ code: string }>(answer, 400)).code, 'payment_signature_invalid');
  assert.equal((await report({ invoiceId }, company.tenantIds.b)).status, 404);
  assert.equal((await report({ invoiceId: company.tenantIds.a })).status, 404);
  assert.deepEqual(await invoiceOf(invoiceId), ['sent', 0]);
});

test('a provider that the company has not connected takes nothing', async () => {
  const answer = await company.ask(
    'anonymous',
    'POST',
    `/api/payments/stripe/webhook/${company.tenantIds.a}`,
    '{}',
    { 'stripe-signature': 't=1,v1=00' },
  );
  assert.equal((await bodyOf<{ code: string }>(answer, 409)).code, 'payment_unavailable');
});

test('money by hand: recorded once a key, never more than is owed, and given back', async () => {
  const invoiceId = await sentInvoice('By hand');
  const record = (who: 'a:manager' | 'a:sales', body: object, key = 'cash-0001') =>
    company.ask(who, 'POST', `/api/invoices/${invoiceId}/payments`, body, { 'idempotency-key': key });
  const cash = { amount: 21_000, method: 'cash', reference: 'receipt 7' };
  const { id: cashId } = await bodyOf<{ id: string }>(await record('a:manager', cash), 201);
  const ids = [cashId, (await bodyOf<{ id: string }>(await record('a:manager', cash), 201)).id];
  assert.equal(new Set(ids).size, 1);
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 21_000]);
  assert.equal(
    (await bodyOf<{ code: string }>(await record('a:manager', { ...cash, amount: 5 }), 422)).code,
    'key_reused',
  );
  assert.equal((await record('a:sales', cash, 'cash-0002')).status, 403);
  assert.equal((await record('a:manager', { ...cash, amount: 100_001 }, 'cash-0003')).status, 409);
  assert.equal((await record('a:manager', { ...cash, amount: 1.5 }, 'cash-0004')).status, 400);
  const refund = (amount: number, key: string) =>
    company.ask(
      'a:manager',
      'POST',
      `/api/payments/${ids[0]}/refunds`,
      { amount },
      { 'idempotency-key': key },
    );
  assert.equal((await refund(1_000, 'back-0001')).status, 201);
  assert.equal((await refund(1_000, 'back-0001')).status, 201);
  assert.equal((await refund(20_001, 'back-0002')).status, 409);
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 20_000]);
});

test('a payment of a provider is given back through it', async () => {
  const invoiceId = await sentInvoice('Through it');
  assert.equal(await outcome(report({ invoiceId })), 'booked');
  const { data: payment } = await (await company.service())
    .from('payments')
    .select('id')
    .eq('invoice_id', invoiceId)
    .single();
  const refunded = await bodyOf<{ status: string }>(
    await company.ask(
      'a:owner',
      'POST',
      `/api/payments/${payment?.id}/refunds`,
      { amount: 121_000 },
      { 'idempotency-key': 'whole-0001' },
    ),
    201,
  );
  assert.equal(refunded.status, 'succeeded');
  assert.deepEqual(await invoiceOf(invoiceId), ['sent', 0]);
});

test('a refund that the provider refuses is over; one of which nothing is known stays open, and is made once', async () => {
  const invoiceId = await sentInvoice('Refused refund');
  assert.equal(await outcome(report({ invoiceId })), 'booked');
  const service = await company.manager.getClientForTenant(company.tenantIds.a, true);
  const owner = await company.manager.getClientForTenant(company.tenantIds.a, false, {
    accessToken: company.bearer('a:owner').slice('Bearer '.length),
  });
  const rows = async (kind: 'payment' | 'refund') => {
    const found = service.from('payments').select('*').eq('invoice_id', invoiceId).eq('kind', kind);
    return (await found.order('created_at').throwOnError()).data;
  };
  const paymentId = (await rows('payment'))[0]?.id ?? '';
  const back = (amount: number, key: string, refund: PaymentProvider['refund']) =>
    refundPayment(owner, service, paymentId, amount, key, async () => ({ ...provider, refund }));
  const gives = async () => ({ providerId: `re_${crypto.randomUUID()}`, isDone: true });
  const refuses = async () => {
    throw new PaymentError('payment_refused', 'The balance is too low.');
  };
  const isLost = async () => {
    throw new PaymentError('payment_provider_failed', 'No answer.');
  };
  const statuses = async () => (await rows('refund')).map(({ status }) => status);

  await assert.rejects(back(121_000, 'refused-1', refuses), { code: 'payment_refused' });
  await assert.rejects(back(121_000, 'refused-1', gives), { message: 'The balance is too low.' });
  assert.deepEqual(await statuses(), ['failed']);
  assert.equal((await rows('refund'))[0]?.failure_reason, 'The balance is too low.');

  await assert.rejects(back(100_000, 'lost-1', isLost), { code: 'payment_provider_failed' });
  assert.deepEqual(await statuses(), ['failed', 'pending']);
  assert.equal((await back(100_000, 'lost-1', gives)).status, 'succeeded');
  const onItsWay = async () => ({ providerId: 're_on_its_way', isDone: false });
  assert.equal((await back(21_000, 'slow-1', onItsWay)).status, 'pending');
  assert.deepEqual(await statuses(), ['failed', 'succeeded', 'pending']);
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 21_000]);
  const arrived = { invoiceId, kind: 'refund' as const, amount: 21_000, providerId: 're_on_its_way' };
  assert.equal(await outcome(report(arrived)), 'booked');
  assert.deepEqual(await invoiceOf(invoiceId), ['sent', 0]);
});

/** Stripe's report of something, signed, to the company that has connected it. */
async function fromStripe(type: string, object: object): Promise<string> {
  const payload = JSON.stringify({
    id: `evt_${crypto.randomUUID()}`,
    object: 'event',
    type,
    livemode: false,
    data: { object },
  });
  const header = new Stripe('key').webhooks.generateTestHeaderString({ payload, secret: 'whsec_ours' });
  const path = `/api/payments/stripe/webhook/${company.tenantIds.a}`;
  return outcome(company.ask('anonymous', 'POST', path, payload, { 'stripe-signature': header }));
}

test('what happens at Stripe by itself is booked where it is money, and is a task where someone must look; each once', async () => {
  const keys = { secretKey: 'sk_test_1', webhookSecret: 'whsec_ours' };
  assert.equal((await company.ask('a:owner', 'PUT', '/api/integrations/stripe', keys)).status, 200);
  const invoiceId = await sentInvoice('At Stripe');
  const metadata = { tenant_id: company.tenantIds.a, invoice_id: invoiceId };
  const money = { currency: 'usd', payment_intent: 'pi_at_stripe' };
  const intent = { id: 'pi_at_stripe', currency: 'usd', amount_received: 121_000, metadata };
  const titles = async () => {
    const { data } = await (await company.service())
      .from('tasks')
      .select('title')
      .eq('entity_id', invoiceId)
      .order('created_at')
      .throwOnError();
    return data.map(({ title }) => title);
  };
  const twice = async (type: string, object: object) =>
    (await Promise.all([fromStripe(type, object), fromStripe(type, object)])).sort();
  assert.deepEqual(await twice('payment_intent.succeeded', intent), ['booked', 'known']);
  // A refund made in Stripe's dashboard carries none of our metadata.
  const refund = { id: 're_dashboard', amount: 21_000, status: 'succeeded', metadata: {}, ...money };
  assert.deepEqual(await twice('refund.created', refund), ['booked', 'known']);
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 100_000]);
  assert.deepEqual(await titles(), []);
  const failed = { ...refund, status: 'failed' };
  assert.deepEqual(await twice('refund.failed', failed), ['set_aside', 'set_aside']);
  // One that failed before it was ever reported moved no money, and a late report of its beginning changes nothing.
  const other = { ...refund, id: 're_failed', status: 'failed' };
  assert.equal(await fromStripe('refund.updated', other), 'booked');
  assert.equal(await fromStripe('refund.created', { ...other, status: 'succeeded' }), 'known');
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 100_000]);
  const dispute = { id: 'dp_1', amount: 100_000, reason: 'fraudulent', status: 'needs_response', ...money };
  assert.deepEqual(await twice('charge.dispute.created', dispute), ['set_aside', 'set_aside']);
  assert.equal(await fromStripe('charge.dispute.closed', { ...dispute, status: 'lost' }), 'set_aside');
  // Above the balance: another 1,210.00 of 210.00.
  assert.equal(await fromStripe('payment_intent.succeeded', { ...intent, id: 'pi_late' }), 'set_aside');
  assert.deepEqual(await titles(), [
    'Look at stripe refund re_dashboard (failed)',
    'Look at stripe dispute dp_1 (needs response)',
    'Look at stripe dispute dp_1 (lost)',
    'Look at stripe payment pi_late',
  ]);
  assert.deepEqual(await invoiceOf(invoiceId), ['partially_paid', 100_000]);
});

test('a checkout at Stripe is booked once, whichever of its reports comes, and first', async () => {
  const keys = { secretKey: 'sk_test_1', webhookSecret: 'whsec_ours' };
  const connected = await bodyOf<{ webhookEvents: string[] }>(
    await company.ask('a:owner', 'PUT', '/api/integrations/stripe', keys),
    200,
  );
  assert.ok(connected.webhookEvents.includes('checkout.session.completed'));
  for (const order of [
    ['checkout.session.completed', 'payment_intent.succeeded'],
    ['payment_intent.succeeded', 'checkout.session.completed'],
  ]) {
    const invoiceId = await sentInvoice(`Checkout ${order[0]}`);
    const metadata = { tenant_id: company.tenantIds.a, invoice_id: invoiceId };
    const intent = { id: `pi_${invoiceId}`, currency: 'usd', amount_received: 121_000, metadata };
    const session = {
      ...{ id: `cs_${invoiceId}`, payment_intent: intent.id, payment_status: 'paid' },
      ...{ currency: 'usd', amount_total: 121_000, metadata },
    };
    const outcomes: string[] = [];
    for (const type of order)
      outcomes.push(await fromStripe(type, type.startsWith('checkout') ? session : intent));
    assert.deepEqual(outcomes, ['booked', 'known']);
    assert.deepEqual(await invoiceOf(invoiceId), ['paid', 121_000]);
    assert.equal(await tasksAbout(invoiceId), 0);
  }
});

test('no refund is begun at a provider that is no longer connected', async () => {
  const keys = { secretKey: 'sk_test_1', webhookSecret: 'whsec_ours' };
  const { id } = await bodyOf<{ id: string }>(
    await company.ask('a:owner', 'PUT', '/api/integrations/stripe', keys),
    200,
  );
  const invoiceId = await sentInvoice('Disconnected');
  const metadata = { tenant_id: company.tenantIds.a, invoice_id: invoiceId };
  const intent = { id: 'pi_disconnected', currency: 'usd', amount_received: 121_000, metadata };
  assert.equal(await fromStripe('payment_intent.succeeded', intent), 'booked');
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/integrations/${id}`)).status, 204);
  const service = await company.service();
  const { data } = await service.from('payments').select('id').eq('invoice_id', invoiceId).throwOnError();
  const answer = await company.ask(
    'a:owner',
    'POST',
    `/api/payments/${data[0]?.id}/refunds`,
    { amount: 1_000 },
    { 'idempotency-key': 'gone-0001' },
  );
  assert.equal((await bodyOf<{ code: string }>(answer, 409)).code, 'payment_unavailable');
  const refunds = service.from('payments').select('id').eq('invoice_id', invoiceId).eq('kind', 'refund');
  assert.deepEqual((await refunds.throwOnError()).data, []);
});
