import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PostgrestClient } from '@supabase/postgrest-js';
import type { OutgoingMail } from '@/lib/crm/delivery/jobs';
import { loadQuote } from '@/lib/crm/documents';
import { until } from '../../support/until';
import { bodyOf, makeDeal, startCompany } from '../api/start-company';

const mails: (OutgoingMail & { tenantId: string })[] = [];
const company = await startCompany({
  mail: async () => ({
    queue: async (tenantId, mail) => {
      mails.push({ tenantId, ...mail });
      return undefined;
    },
    again: async () => false,
    notify: async () => {},
  }),
});

interface OfferBody {
  status: string;
  isCancelled: boolean;
  contentSha256: string;
  deposit: number;
  quote: { total: number; number: string };
  contract: { bodyHtml: string; sha256: string; signedAt: string | null };
  payments: { id: string }[];
  invoice: {
    total: number;
    paid: number;
    balance: number;
    due: { label: string; amount: number; date?: string } | null;
  } | null;
}

async function send(quoteId: string, who: 'a:sales' | 'a:owner' = 'a:sales'): Promise<string> {
  const sent = await bodyOf<{ url: string; email: string }>(
    await company.ask(who, 'POST', `/api/quotes/${quoteId}/send`, {}),
    200,
  );
  return sent.url.split('/c/')[1] ?? '';
}

const offerOf = async (token: string) =>
  bodyOf<OfferBody>(await company.ask('anonymous', 'GET', `/api/client/${token}`), 200);

function accept(token: string, contentSha256: string, changes: object = {}) {
  const body = {
    name: 'Ana Rivera',
    email: 'ana@client.example',
    consent: true,
    contentSha256,
    signature: { kind: 'typed', text: 'Ana Rivera' },
    ...changes,
  };
  return company.ask('anonymous', 'POST', `/api/client/${token}/accept`, body);
}

test('one link: read, accept, sign, pay the deposit', async () => {
  const deal = await makeDeal(company, 'One link');
  const token = await send(deal.quoteId);
  const offer = await offerOf(token);
  assert.equal(offer.status, 'viewed');
  assert.equal(offer.quote.total, 121_000);
  assert.equal(offer.deposit, 60_500);
  assert.match(offer.contract.bodyHtml, /One link/);
  assert.equal(offer.invoice, null);

  const closed = await bodyOf<Record<string, string | boolean>>(
    await accept(token, offer.contentSha256),
    200,
  );
  assert.equal(closed.isNew, true);
  const service = await company.service();
  const { data: event } = await service.from('events').select('*').eq('id', closed.eventId).single();
  assert.equal(event.status, 'confirmed');
  const { data: booths } = await service
    .from('booth_assignments')
    .select('status')
    .eq('event_id', closed.eventId);
  assert.deepEqual(booths, [{ status: 'reserved' }]);
  const { data: checklist } = await service
    .from('event_core_task_completion')
    .select('id')
    .eq('event_id', closed.eventId);
  assert.ok((checklist?.length ?? 0) >= 5);
  const { data: crew } = await service
    .from('event_staff_assignments')
    .select('user_id,status')
    .eq('event_id', closed.eventId);
  assert.deepEqual(crew, [{ user_id: company.userIds['a:staff'], status: 'invited' }]);
  const { data: contract } = await service.from('contracts').select('*').eq('id', closed.contractId).single();
  assert.deepEqual(
    [contract.status, contract.signer_name, contract.signed_ip, contract.event_id],
    ['signed', 'Ana Rivera', '127.0.0.1', closed.eventId],
  );
  assert.match(contract.consent_text, /electronically/);
  assert.ok(contract.signed_user_agent);
  assert.equal(contract.signed_pdf_id, null, 'who signs does not wait for the PDF');

  const { url } = await bodyOf<{ url: string }>(
    await company.ask('anonymous', 'POST', `/api/client/${token}/pay`, {}),
    200,
  );
  const again = await bodyOf<{ url: string }>(
    await company.ask('anonymous', 'POST', `/api/client/${token}/pay`, {}),
    200,
  );
  assert.equal(again.url, url, 'a reload is the same checkout');
  const speak = (locale: string | null) =>
    service.from('accounts').update({ locale }).eq('id', event.account_id).throwOnError();
  await speak('de-DE');
  const german = await bodyOf<{ url: string }>(
    await company.ask('anonymous', 'POST', `/api/client/${token}/pay`, {}),
    200,
  );
  assert.notEqual(german.url, url, 'other words are another checkout');
  await speak(null);
  const page = await (await company.ask('anonymous', 'GET', url)).text();
  assert.match(page, /This is a test/);
  assert.match(page, /605\.00/);
  const form = new URLSearchParams(new URL(url).search).toString();
  for (let times = 0; times < 2; times += 1) {
    const paid = await company.ask('anonymous', 'POST', url.split('?')[0] ?? '', form, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(paid.status, 303);
    assert.match(paid.headers.get('location') ?? '', new RegExp(`/c/${token}$`));
  }
  const after = await offerOf(token);
  const { date, ...due } = after.invoice?.due ?? {};
  assert.deepEqual([after.invoice?.paid, due], [60_500, { label: 'Balance', amount: 60_500 }]);
  assert.match(date ?? '', /^\d{4}-\d\d-\d\d$/);
  assert.ok(await keptPdf(service, closed.contractId), 'it is made soon after, without being asked for');
});

/** The signed PDF's id, once it is there. */
function keptPdf(service: PostgrestClient, contractId: unknown): Promise<string> {
  return until(async () => {
    const { data } = await service.from('contracts').select('signed_pdf_id').eq('id', contractId).single();
    return data?.signed_pdf_id as string | null | undefined;
  }, 'the signed PDF');
}

test('what was paid and given back can be paid again', async () => {
  const deal = await makeDeal(company, 'Given back');
  const token = await send(deal.quoteId);
  await bodyOf(await accept(token, (await offerOf(token)).contentSha256), 200);
  const payDue = async () => {
    const opened = await company.ask('anonymous', 'POST', `/api/client/${token}/pay`, {});
    const [path = '', form] = (await bodyOf<{ url: string }>(opened, 200)).url.split('?');
    const paid = await company.ask('anonymous', 'POST', path, form, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(paid.status, 303);
    return (await offerOf(token)).invoice?.paid;
  };
  assert.equal(await payDue(), 60_500);
  const [payment] = (await offerOf(token)).payments;
  const refund = { amount: 60_500 };
  const key = { 'idempotency-key': 'given-back-0001' };
  await bodyOf(
    await company.ask('a:owner', 'POST', `/api/payments/${payment?.id}/refunds`, refund, key),
    201,
  );
  assert.equal((await offerOf(token)).invoice?.paid, 0);
  assert.equal(await payDue(), 60_500);
});

test('only a deposit without a day of its own is due on acceptance', async () => {
  const deal = await makeDeal(company, 'Dated deposit');
  const service = await company.service();
  const plan = [
    { label: 'Deposit', type: 'percent', value: 50, days_before: 30 },
    { label: 'Balance', type: 'rest', days_before: 7 },
  ];
  await service.from('quotes').update({ payment_schedule: plan }).eq('id', deal.quoteId).throwOnError();
  assert.equal((await loadQuote(service, deal.quoteId)).deposit, 0);
  assert.equal((await offerOf(await send(deal.quoteId))).deposit, 0);
});

test('the signed PDF is kept once and does not change or go', async () => {
  const deal = await makeDeal(company, 'Signed');
  const token = await send(deal.quoteId);
  const closed = await bodyOf<{ contractId: string }>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const [first, second] = await Promise.all(
    [1, 2].map(async () => {
      const response = await company.ask('anonymous', 'GET', `/api/client/${token}/contract.pdf`);
      return Buffer.from(await response.arrayBuffer());
    }),
  );
  assert.ok(first && second && first.equals(second));
  const service = await company.service();
  const { data: contract } = await service.from('contracts').select('*').eq('id', closed.contractId).single();
  const deleted = await service.from('attachments').delete().eq('id', contract.signed_pdf_id);
  assert.equal(deleted.error?.code, '23503');
  const changed = await service.from('contracts').update({ signed_pdf_id: null }).eq('id', closed.contractId);
  assert.equal(changed.status, 409);
});

test('the same acceptance twice closes once; another one is refused', async () => {
  const deal = await makeDeal(company, 'Twice');
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  const answers = await Promise.all([accept(token, contentSha256), accept(token, contentSha256)]);
  const closed = await Promise.all(
    answers.map((answer) => bodyOf<{ eventId: string; isNew: boolean }>(answer, 200)),
  );
  assert.equal(closed[0]?.eventId, closed[1]?.eventId);
  assert.equal((await bodyOf<{ isNew: boolean }>(await accept(token, contentSha256), 200)).isNew, false);
  const service = await company.service();
  const { data: events } = await service.from('events').select('id').eq('opportunity_id', deal.opportunityId);
  assert.equal(events?.length, 1);
  const other = await bodyOf<{ code: string }>(await accept(token, contentSha256, { name: 'Mallory' }), 409);
  assert.equal(other.code, 'quote_accepted_already');
});

test('the signed copy goes once, to the address that was signed with; names with links are refused', async () => {
  const deal = await makeDeal(company, 'One copy');
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  const link = { kind: 'typed', text: 'Win at evil.example!' };
  for (const change of [
    { name: 'Visit https://evil.example' },
    { name: 'evil.example' },
    { signature: link },
  ]) {
    const refused = await bodyOf<{ code: string }>(await accept(token, contentSha256, change), 422);
    assert.equal(refused.code, 'name_with_link');
  }
  const { contractId } = await bodyOf<{ contractId: string }>(await accept(token, contentSha256), 200);
  for (const other of ['1', '2', '3', '4', '5']) {
    const email = `stranger${other}@elsewhere.example`;
    assert.equal((await accept(token, contentSha256, { email })).status, 200);
  }
  const copies = mails.filter(({ attached }) => attached?.some(({ id }) => id === contractId));
  assert.deepEqual(new Set(copies.map(({ to }) => to)), new Set(['ana@client.example']));
  assert.equal(new Set(copies.map(({ key }) => key)).size, 1, 'the queue takes a key once');
});

test('a failure on the way leaves nothing: no signature, no event', async () => {
  const deal = await makeDeal(company, 'Lost booth');
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  const service = await company.service();
  await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    await query("update event_dates set status = 'cancelled' where opportunity_id = $1", [
      deal.opportunityId,
    ]);
  });
  const refused = await bodyOf<{ title: string }>(await accept(token, contentSha256), 409);
  assert.match(refused.title, /no longer has a date/);
  const { data: quote } = await service.from('quotes').select('status').eq('id', deal.quoteId).single();
  const { data: contracts } = await service.from('contracts').select('status').eq('quote_id', deal.quoteId);
  assert.deepEqual([quote?.status, contracts], ['viewed', [{ status: 'viewed' }]]);
});

test('a lost deal closes its link until it is open again; a canceled event says so and asks for nothing', async () => {
  const deal = await makeDeal(company, 'Lost');
  const token = await send(deal.quoteId);
  const service = await company.service();
  const become = (stage: string) =>
    service.from('opportunities').update({ stage }).eq('id', deal.opportunityId).throwOnError();
  await become('closed_lost');
  const { status, contentSha256 } = await offerOf(token);
  assert.equal(status, 'withdrawn');
  const refused = await bodyOf<{ title: string }>(await accept(token, contentSha256), 409);
  assert.match(refused.title, /has closed this request/);
  await become('proposal');
  const { eventId } = await bodyOf<{ eventId: string }>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  assert.equal((await offerOf(token)).isCancelled, false);
  await service.from('events').update({ status: 'cancelled' }).eq('id', eventId).throwOnError();
  const after = await offerOf(token);
  assert.deepEqual([after.isCancelled, after.invoice?.due], [true, null]);
});

test('a canceled event whose invoice is void promises nothing to its client', async () => {
  const deal = await makeDeal(company, 'Void');
  const token = await send(deal.quoteId);
  const { eventId, invoiceId } = await bodyOf<Record<string, string>>(
    await accept(token, (await offerOf(token)).contentSha256),
    200,
  );
  const cancel = { event_id: eventId, reason: 'The venue closed', invoices: { [String(invoiceId)]: 'void' } };
  await bodyOf(await company.ask('a:owner', 'POST', '/rest/v1/rpc/cancel_event', cancel), 200);
  const { status, isCancelled, invoice } = await offerOf(token);
  assert.deepEqual([status, isCancelled, invoice], ['accepted', true, null]);
  const pay = await company.ask('anonymous', 'POST', `/api/client/${token}/pay`, {});
  assert.equal(
    (await bodyOf<{ title: string }>(pay, 409)).title,
    'The event was cancelled: nothing is paid for it here.',
  );
});

test('an offer is withdrawn when the event of its deal is called off before it was accepted', async () => {
  const deal = await makeDeal(company, 'Called off');
  const token = await send(deal.quoteId);
  const convert = { opportunity_id: deal.opportunityId };
  const event = await bodyOf<{ id: string }>(
    await company.ask('a:sales', 'POST', '/rest/v1/rpc/convert_opportunity', convert),
    200,
  );
  assert.equal((await offerOf(token)).status, 'viewed');
  const service = await company.service();
  await service.from('events').update({ status: 'cancelled' }).eq('id', event.id).throwOnError();
  const { status, contentSha256 } = await offerOf(token);
  assert.equal(status, 'withdrawn');
  assert.equal((await accept(token, contentSha256)).status, 409);
});

test('what was not shown is not accepted; without consent nothing is', async () => {
  const deal = await makeDeal(company, 'Strict');
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  assert.equal((await accept(token, '0'.repeat(64))).status, 409);
  assert.equal((await accept(token, contentSha256, { consent: false })).status, 400);
  assert.equal((await accept(token, contentSha256, { signature: { kind: 'typed', text: ' ' } })).status, 400);
  const drawn = { kind: 'drawn', png: 'data:image/svg+xml;base64,PHN2Zz4=' };
  assert.equal((await accept(token, contentSha256, { signature: drawn })).status, 400);
});

test('links: a new one ends the former; unknown and foreign ones open nothing', async () => {
  const deal = await makeDeal(company, 'Links');
  const former = await send(deal.quoteId);
  const token = await send(deal.quoteId);
  const statusOf = async (one: string) =>
    (await company.ask('anonymous', 'GET', `/api/client/${one}`)).status;
  assert.deepEqual([await statusOf(former), await statusOf(token)], [404, 200]);
  // The secret of a's link under b's name.
  const bytes = Buffer.from(token, 'base64url');
  Buffer.from(company.tenantIds.b.replaceAll('-', ''), 'hex').copy(bytes);
  assert.equal(await statusOf(bytes.toString('base64url')), 404);
  assert.equal(await statusOf('x'.repeat(40)), 404);
});

test('who may not send does not, and what cannot be closed is not sent', async () => {
  const deal = await makeDeal(company, 'Roles');
  for (const who of ['a:viewer', 'a:staff', 'b:owner'] as const) {
    const { status } = await company.ask(who, 'POST', `/api/quotes/${deal.quoteId}/send`, {});
    assert.ok([403, 404].includes(status), `${who}: ${status}`);
  }
  const service = await company.service();
  await service.from('event_dates').delete().eq('opportunity_id', deal.opportunityId);
  const body = await bodyOf<{ code: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
    409,
  );
  assert.equal(body.code, 'quote_without_date');
});

test('a quote without a line, or with a contract that says nothing, is not sent and stays a draft', async () => {
  const deal = await makeDeal(company, 'Empty');
  const service = await company.service();
  const refusal = async (body: object) =>
    bodyOf<{ code: string; hint: string }>(
      await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, body),
      409,
    );
  const { data: template } = await service
    .from('templates')
    .insert({ type: 'contract', name: 'Blank', content: '<p> </p>' })
    .select('id')
    .single()
    .throwOnError();
  assert.equal((await refusal({ contractTemplateId: template.id })).code, 'quote_contract_empty');
  await service.from('quote_line_items').delete().eq('quote_id', deal.quoteId).throwOnError();
  const { code, hint } = await refusal({});
  assert.deepEqual([code, hint], ['quote_without_lines', 'Add a line first.']);
  const { data: quote } = await service
    .from('quotes')
    .select('status, token_hash')
    .eq('id', deal.quoteId)
    .single()
    .throwOnError();
  assert.deepEqual(quote, { status: 'draft', token_hash: null });
});

test('a quote whose last day has passed is sent once it has a later one', async () => {
  const deal = await makeDeal(company, 'Late');
  const service = await company.service();
  const give = (days: number) => {
    const day = (from: number) => new Date(Date.now() + from * 86_400_000).toISOString().slice(0, 10);
    const change = { issue_date: day(-30), valid_until: day(days) };
    return service.from('quotes').update(change).eq('id', deal.quoteId).throwOnError();
  };
  await give(-2);
  const body = await bodyOf<{ code: string; hint: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
    409,
  );
  assert.deepEqual([body.code, /Valid until/.test(body.hint)], ['quote_past_validity', true]);
  const { data: quote } = await service.from('quotes').select('status').eq('id', deal.quoteId).single();
  assert.equal(quote?.status, 'draft');
  await give(2);
  assert.equal((await offerOf(await send(deal.quoteId))).status, 'viewed');
});

test('the link is mailed where that is asked for', async () => {
  const deal = await makeDeal(company, 'Mailed');
  const sent = await bodyOf<{ url: string; mailed: boolean }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {
      mail: true,
      message: 'Dear Ana,\n<here> it is',
    }),
    200,
  );
  assert.equal(sent.mailed, true);
  const [mail, ...more] = mails.filter(({ action }) => action);
  assert.equal(more.length, 0);
  assert.deepEqual(
    [mail?.to, mail?.action?.url, mail?.tenantId],
    ['ana@client.example', sent.url, company.tenantIds.a],
  );
  assert.equal(mail?.bodyHtml, '<p>Dear Ana,<br>&#60;here&#62; it is</p>');
});

test('the words of a quote’s mail may be a template’s; what it lacks is said before the quote is sent', async () => {
  const deal = await makeDeal(company, 'Template');
  const service = await company.service();
  const sendWith = (texts: object) =>
    company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, { mail: true, ...texts });
  const refused = await bodyOf<{ code: string; missing: string[] }>(
    await sendWith({ message: 'At {{event.location}}: {{link}}' }),
    422,
  );
  assert.deepEqual([refused.code, refused.missing], ['message_incomplete', ['event.location']]);
  const { data } = await service.from('quotes').select('status').eq('id', deal.quoteId).single();
  assert.equal(data?.status, 'draft');
  const texts = { subject: 'From {{company.name}}', message: 'Hello {{contact.first_name}}: {{link}}' };
  const { url } = await bodyOf<{ url: string }>(await sendWith(texts), 200);
  const mail = mails.find(({ action }) => action?.url === url);
  assert.deepEqual([mail?.subject, mail?.bodyHtml], ['From Company a', `<p>Hello Ana: ${url}</p>`]);
  const html = '<p>Hello <b>{{contact.first_name}}</b></p><script>alert(1)</script>';
  const second = await bodyOf<{ url: string }>(await sendWith({ message: html }), 200);
  const formatted = mails.find(({ action }) => action?.url === second.url);
  assert.equal(formatted?.bodyHtml, '<p>Hello <b>Ana</b></p>');
});

test('a client may say no, once it is not decided', async () => {
  const deal = await makeDeal(company, 'Declined');
  const token = await send(deal.quoteId);
  const { contentSha256 } = await offerOf(token);
  const decline = () =>
    company.ask('anonymous', 'POST', `/api/client/${token}/decline`, { reason: 'Too late' });
  assert.equal((await decline()).status, 200);
  assert.equal((await decline()).status, 200);
  assert.equal((await offerOf(token)).status, 'declined');
  assert.equal((await accept(token, contentSha256)).status, 409);
  const accepted = await makeDeal(company, 'Not declined');
  const other = await send(accepted.quoteId);
  assert.equal((await accept(other, (await offerOf(other)).contentSha256)).status, 200);
  assert.equal((await company.ask('anonymous', 'POST', `/api/client/${other}/decline`, {})).status, 409);
});

test('sales cannot send a discount above their limit; a manager approves it', async () => {
  const deal = await makeDeal(company, 'Generous');
  const path = `/rest/v1/quotes?id=eq.${deal.quoteId}`;
  await company.ask('a:sales', 'PATCH', path, { discount_type: 'percent', discount_value: 35 });
  const refusal = await bodyOf<{ code: string; title: string; hint: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
    403,
  );
  assert.match(refusal.title, /^(quotes: )?The discount of the quote is 35%; your limit is 20%\.$/);
  assert.match(refusal.hint, /a manager to approve the discount, or lower it/);
  const approve = (who: 'a:sales' | 'a:manager') =>
    company.ask(who, 'POST', '/rest/v1/rpc/approve_discount', { quote_id: deal.quoteId });
  assert.equal((await approve('a:sales')).status, 403);
  assert.equal((await approve('a:manager')).status, 200);
  assert.ok(await send(deal.quoteId));
});
