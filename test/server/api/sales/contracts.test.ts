import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MailQueue } from '@/lib/crm/delivery/jobs';
import { MailError } from '@/lib/crm/delivery/mail/errors';
import type { MailMessage } from '@/lib/crm/delivery/mail/transport';
import { until } from '../../../support/until';
import { type Asker, bodyOf, makeDeal, startCompany } from '../start-company';

/** A mail server that keeps what it takes. */
const sent: MailMessage[] = [];
let refusal: MailError | undefined;
const transport = {
  kind: 'smtp' as const,
  send: async (message: MailMessage) => {
    if (refusal) throw refusal;
    sent.push(message);
  },
  close: () => {},
};
const company = await startCompany({
  mail: async () => {
    const queue = new MailQueue({
      jobs: company.operations.jobs,
      secretBox: company.services.secretBox,
      transport,
      from: 'mail@marquee.example',
      clientFor: (tenantId) => company.manager.getClientForTenant(tenantId, true) as never,
    });
    await company.operations.jobs.start();
    await queue.start();
    company.services.mail = async () => queue;
    return queue;
  },
});
const service = await company.service();

const post = <T>(who: Asker, path: string, body: unknown, status: number, headers = {}) =>
  company.ask(who, 'POST', path, body, headers).then((answer) => bodyOf<T>(answer, status));

/** An event of tenant a with its client, without a quote. */
async function makeEvent(title: string): Promise<{ eventId: string; contactId: string; accountId: string }> {
  const deal = await makeDeal(company, title);
  const { data } = await service
    .from('events')
    .insert({ title, account_id: deal.accountId, primary_contact_id: deal.contactId, guest_count: 80 })
    .select('id')
    .single()
    .throwOnError();
  await service
    .from('event_dates')
    .insert({ event_id: data.id, event_date: '2027-06-05', start_time: '18:00', end_time: '22:00' })
    .throwOnError();
  return { eventId: data.id, contactId: deal.contactId, accountId: deal.accountId };
}

async function makeTemplate(content: string): Promise<string> {
  const row = { type: 'contract', name: `Contract ${crypto.randomUUID()}`, content };
  return (await service.from('templates').insert(row).select('id').single().throwOnError()).data.id;
}

interface Sent {
  url: string;
  email: string;
  mailed: boolean;
}
interface Page {
  status: string;
  title: string;
  bodyHtml: string;
  sha256: string;
  signerName: string | null;
}

test('a contract without text is neither made nor sent', async () => {
  const { eventId, accountId } = await makeEvent('Blank');
  const made = await post<{ code: string }>(
    'a:sales',
    '/api/contracts',
    { eventId, templateId: await makeTemplate('<p>&nbsp;</p>') },
    409,
  );
  assert.equal(made.code, 'quote_contract_empty');
  const draft = { event_id: eventId, account_id: accountId, title: 'Agreement', body_html: '<p></p>' };
  const { data } = await service.from('contracts').insert(draft).select('id').single().throwOnError();
  const sent = await post<{ code: string }>('a:sales', `/api/contracts/${data.id}/send`, {}, 409);
  assert.equal(sent.code, 'quote_contract_empty');
  // It makes room for another, and was never sent.
  const templateId = await makeTemplate('<p>Be kind.</p>');
  await post('a:sales', '/api/contracts', { eventId, templateId }, 409);
  const voided = await company.ask('a:sales', 'PATCH', `/rest/v1/contracts?id=eq.${data.id}`, {
    status: 'void',
  });
  assert.ok(voided.ok, await voided.text());
  const { data: row } = await service.from('contracts').select('status, sent_at').eq('id', data.id).single();
  assert.deepEqual(row, { status: 'void', sent_at: null });
  await post('a:sales', '/api/contracts', { eventId, templateId }, 201);
});

test('a contract is made from a template, sent, read, signed once, and kept as PDF', async () => {
  const { eventId } = await makeEvent('Gala');
  const templateId = await makeTemplate(
    '<h1>For {{account.name}}</h1><p>{{event.title}} with {{event.guest_count}} guests on {{event.date}}</p><script>x</script>',
  );
  const preview = await post<{ content: string; missing: string[] }>(
    'a:sales',
    '/api/contracts/preview',
    { eventId, templateId },
    200,
  );
  assert.match(preview.content, /Gala with 80 guests on June 5, 2027/);
  assert.doesNotMatch(preview.content, /script/);
  assert.deepEqual(preview.missing, []);
  await post('a:viewer', '/api/contracts', { eventId, templateId }, 403);
  const { id } = await post<{ id: string }>('a:sales', '/api/contracts', { eventId, templateId }, 201);

  await post('a:viewer', `/api/contracts/${id}/send`, {}, 403);
  const first = await post<Sent>('a:sales', `/api/contracts/${id}/send`, {}, 200);
  assert.deepEqual([first.mailed, first.email], [false, 'ana@client.example']);
  const second = await post<Sent>(
    'a:sales',
    `/api/contracts/${id}/send`,
    { mail: true, message: 'Hi <Ana>' },
    200,
  );
  assert.equal(second.mailed, true);
  const mail = await until(() => sent[0], 'the mail');
  assert.equal(mail.to, 'ana@client.example');
  assert.ok(mail.html.includes(second.url) && mail.text.includes('Hi <Ana>'));

  const link = (url: string) => `/api/client/contracts/${url.split('/s/')[1]}`;
  assert.equal((await company.ask('anonymous', 'GET', link(first.url))).status, 404);
  const page = await bodyOf<Page>(await company.ask('anonymous', 'GET', link(second.url)), 200);
  assert.equal(page.status, 'viewed');
  assert.match(page.bodyHtml, /Gala with 80 guests/);
  assert.equal((await company.ask('anonymous', 'GET', `${link(second.url)}/contract.pdf`)).status, 409);
  const signature = {
    name: 'Ana Rivera',
    consent: true,
    sha256: page.sha256,
    signature: { kind: 'typed', text: 'Ana Rivera' },
  };
  await post('anonymous', `${link(second.url)}/sign`, { ...signature, sha256: '0'.repeat(64) }, 409);
  await post('anonymous', `${link(second.url)}/sign`, { ...signature, consent: false }, 400);
  await post('anonymous', `${link(second.url)}/sign`, signature, 200);
  // A request whose answer got lost can be repeated. Another signer is refused.
  await post('anonymous', `${link(second.url)}/sign`, signature, 200);
  await post('anonymous', `${link(second.url)}/sign`, { ...signature, name: 'Eve' }, 409);
  await post('anonymous', `${link(second.url)}/sign`, { ...signature, name: 'Win at evil.example' }, 422);
  for (const other of [1, 2, 3, 4, 5]) {
    const email = `stranger${other}@elsewhere.example`;
    await post('anonymous', `${link(second.url)}/sign`, { ...signature, email }, 200);
  }
  const { data: copies } = await service
    .from('communications')
    .select('to_address')
    .eq('event_id', eventId)
    .like('subject', 'Your signed copy%')
    .throwOnError();
  assert.deepEqual(copies, [{ to_address: 'ana@client.example' }]);
  const after = await bodyOf<Page>(await company.ask('anonymous', 'GET', link(second.url)), 200);
  assert.deepEqual([after.status, after.signerName], ['signed', 'Ana Rivera']);
  const notices = await post<{ kind: string; entity_type: string; entity_id: string }[]>(
    'a:owner',
    '/rest/v1/rpc/notices',
    {},
    200,
  );
  const notice = notices.find(({ kind }) => kind === 'contract_signed');
  assert.deepEqual([notice?.entity_type, notice?.entity_id], ['event', eventId]);

  const { data: row } = await service.from('contracts').select('*').eq('id', id).single().throwOnError();
  assert.equal(row.body_sha256, page.sha256);
  assert.match(row.consent_text, /I have read the agreement/);
  const pdf = await company.ask('a:sales', 'GET', `/api/contracts/${id}/signed.pdf`);
  assert.match(Buffer.from(await pdf.arrayBuffer()).toString('latin1'), /^%PDF/);
  assert.equal((await company.ask('a:staff', 'GET', `/api/contracts/${id}/signed.pdf`)).status, 404);
  assert.equal((await company.ask('b:owner', 'GET', `/api/contracts/${id}/signed.pdf`)).status, 404);
  await post('a:sales', `/api/contracts/${id}/send`, {}, 409);
});

test('a contract is sent and signed in the client’s language', async () => {
  const { eventId, accountId } = await makeEvent('Hochzeit');
  await service.from('accounts').update({ locale: 'de-DE' }).eq('id', accountId).throwOnError();
  const { id } = await post<{ id: string }>('a:sales', '/api/contracts', { eventId }, 201);
  const { url } = await post<Sent>('a:sales', `/api/contracts/${id}/send`, { mail: true }, 200);
  const mail = await until(() => sent.find(({ html }) => html.includes(url)), 'the mail');
  assert.match(mail.subject, / von Company a$/);
  assert.match(mail.text, /Hier ist unsere Vereinbarung[\s\S]*Lesen und unterschreiben/);
  assert.match(mail.html, /<html lang="de-DE">/);
  const page = await bodyOf<{ consentText: string }>(
    await company.ask('anonymous', 'GET', `/api/client/contracts/${url.split('/s/')[1]}`),
    200,
  );
  assert.match(page.consentText, /elektronisch zu unterschreiben/);
});

test('a contract that lacks a value is not made; one that goes with a quote is sent with it', async () => {
  const { eventId } = await makeEvent('Bare');
  const templateId = await makeTemplate('<p>{{quote.total}} at {{event.location}}</p>');
  const preview = await post<{ missing: string[] }>(
    'a:sales',
    '/api/contracts/preview',
    { eventId, templateId },
    200,
  );
  assert.deepEqual(preview.missing, ['quote.total', 'event.location']);
  const refused = await post<{ code: string; title: string; hint: string; missing: string[] }>(
    'a:sales',
    '/api/contracts',
    { eventId, templateId },
    422,
  );
  assert.equal(refused.code, 'quote_template_incomplete');
  assert.equal(refused.title, "The contract has no value for the quote's total, the event's venue.");
  assert.match(refused.hint, /the event's venue on the date of the event or opportunity/);
  assert.deepEqual(refused.missing, preview.missing);

  const deal = await makeDeal(company, 'With quote');
  await post('a:sales', `/api/quotes/${deal.quoteId}/send`, {}, 200);
  const { data } = await service.from('contracts').select('id').eq('quote_id', deal.quoteId).single();
  const ofQuote = await post<{ code: string }>('a:sales', `/api/contracts/${data?.id}/send`, {}, 409);
  assert.equal(ofQuote.code, 'quote_contract_of_quote');
});

test('a mail about an event is merged, sent once, kept with its sender, and shown when it bounced', async () => {
  const { eventId } = await makeEvent('Mail party');
  sent.length = 0;
  const draft = {
    about: { kind: 'event', id: eventId },
    subject: 'About {{event.title}}',
    body: 'Dear {{contact.first_name}},\nsee you at {{event.start_time}}. <3',
  };
  const preview = await post<{ to: string; subject: string; content: string; missing: string[] }>(
    'a:sales',
    '/api/messages/preview',
    draft,
    200,
  );
  const plain = preview.content.replaceAll(/[\u00a0\u202f]/g, ' ');
  assert.partialDeepStrictEqual(
    { ...preview, content: plain },
    {
      to: 'ana@client.example',
      subject: 'About Mail party',
      content: '<p>Dear Ana,<br>see you at 6:00 PM. &#60;3</p>',
      missing: [],
    },
  );
  const message = { ...draft, to: preview.to };
  await post('a:staff', '/api/messages', message, 404);
  await post('a:viewer', '/api/messages', message, 403);
  const incomplete = { ...message, body: 'At {{event.location}}' };
  assert.equal(
    (await post<{ code: string }>('a:sales', '/api/messages', incomplete, 422)).code,
    'message_incomplete',
  );
  const once = { 'idempotency-key': 'compose-0001' };
  const one = await post<{ id: string }>('a:sales', '/api/messages', message, 202, once);
  const two = await post<{ id: string }>('a:sales', '/api/messages', message, 202, once);
  assert.equal(one.id, two.id);
  const rowOf = async (id: string) =>
    (await service.from('communications').select('*').eq('id', id).single().throwOnError()).data;
  const kept = await until(async () => {
    const row = await rowOf(one.id);
    return row.status === 'sent' ? row : undefined;
  }, 'not sent');
  assert.deepEqual(
    [kept.event_id, kept.created_by, kept.subject],
    [eventId, company.userIds['a:sales'], 'About Mail party'],
  );
  // The signed copies of other tests may be on their way still.
  const about = sent
    .map(({ subject }) => subject)
    .filter((subject) => !subject.startsWith('Your signed copy'));
  assert.deepEqual(about, ['About Mail party']);

  refusal = new MailError('mail_rejected', 'The mail server refused the mail (550).', true);
  const bounced = await post<{ id: string }>('a:sales', '/api/messages', message, 202);
  const failed = await until(async () => {
    const row = await rowOf(bounced.id);
    return row.status === 'failed' ? row : undefined;
  }, 'not failed');
  assert.match(failed.failure_reason, /refused the mail/);
  await post('a:viewer', `/api/messages/${bounced.id}/retry`, {}, 409);
  refusal = undefined;
  await post('a:sales', `/api/messages/${bounced.id}/retry`, {}, 202);
  await until(async () => ((await rowOf(bounced.id)).status === 'sent' ? true : undefined), 'not sent again');
  await post('a:sales', `/api/messages/${bounced.id}/retry`, {}, 409);
});

test('one person cannot flood addresses with mail in the company’s name', async () => {
  const { eventId } = await makeEvent('Flood');
  const userId = company.userIds['a:manager'] ?? '';
  // As if a hundred had been sent this hour: the hundred and first is refused before anything is queued.
  await company.operations.pool.query(
    "insert into attempt_limits (key, points, expire) values ($1, 100, extract(epoch from now() + interval '1 hour') * 1000)",
    [`mail-user:${userId}`],
  );
  const message = {
    about: { kind: 'event', id: eventId },
    to: 'anyone@elsewhere.example',
    subject: 'Hello',
    body: 'Hello',
  };
  const refused = await company.ask('a:manager', 'POST', '/api/messages', message);
  assert.deepEqual([refused.status, refused.headers.has('retry-after')], [429, true]);
  await post('a:sales', '/api/messages', message, 202);
});
