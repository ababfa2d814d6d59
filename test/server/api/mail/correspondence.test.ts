// Mails from any record: cc, attachments, links, languages, delivery, notices. The mail server is one that speaks SMTP.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import PostalMime from 'postal-mime';
import { makeAttachments } from '@/lib/crm/correspondence';
import { createSmtpTransport, MailQueue, NoticeMail, ReturnPaths } from '@/lib/crm/delivery/jobs';
import { until } from '../../../support/until';
import { startMailServer } from '../mail-server';
import { bodyOf, makeDeal, startCompany } from '../start-company';

const server = await startMailServer();
const openedSecret = Buffer.alloc(32, 7).toString('base64');
const company = await startCompany({
  openedSecret,
  publicUrl: 'https://marquee.example',
  mail: async () => {
    const { operations, services, manager } = company;
    const transport = createSmtpTransport(server.url);
    after(() => transport.close());
    const clientFor = (tenantId: string) => manager.getClientForTenant(tenantId, true);
    const common = { jobs: operations.jobs, transport, from: 'mail@marquee.example', clientFor };
    const notices = new NoticeMail({
      ...common,
      recipient: (id) => company.application.users.find(id),
      addressOf: async () => 'https://marquee.example/t/a',
    });
    const names = new ReturnPaths(openedSecret);
    const queue = new MailQueue({
      ...common,
      secretBox: services.secretBox,
      notices,
      attach: async (tenantId, attached) =>
        makeAttachments(await clientFor(tenantId), services.storage, tenantId, attached),
      openedUrl: (tenantId, communicationId) =>
        `https://marquee.example/mail-opened/${names.localPart({ tenantId, communicationId })}.gif`,
    });
    await operations.jobs.start();
    await queue.start();
    services.mail = async () => queue;
    return queue;
  },
});
await company.services.mail?.();
const service = await company.service();
const { a } = company.tenantIds;

const post = <T = { id: string }>(
  path: string,
  body: unknown,
  status: number,
  who: 'a:sales' | 'a:owner' | 'a:viewer' | 'a:staff' = 'a:sales',
) => company.ask(who, 'POST', path, body).then((answer) => bodyOf<T>(answer, status));

function mailWith(subject: RegExp, to?: string) {
  return until(async () => {
    for (const { data, recipients } of server.received) {
      const mail = await PostalMime.parse(data, { attachmentEncoding: 'arraybuffer' });
      if (subject.test(mail.subject ?? '') && (!to || recipients.includes(to)))
        return { ...mail, recipients };
    }
    return undefined;
  }, `a mail ${subject}`);
}

interface Preview {
  to: string | null;
  subject: string;
  content: string;
  missing: string[];
  isOptedOut: boolean;
  language: string;
  canLink: boolean;
  attachable: { kind: string; id: string; name: string }[];
  suggested: { subject: string; body: string } | null;
}

const deal = await makeDeal(company, 'Rivera wedding');
const lead = await company.manager.withTenantTransaction(
  a,
  async ({ query }) =>
    (
      await query<{ id: string }>(
        `insert into leads (first_name, last_name, email, event_date, event_place, guest_count)
       values ('Lea', 'Lead', 'lea@client.example', '2031-05-04', 'Old Mill', 90) returning id`,
      )
    ).rows[0]?.id ?? '',
);

test('a mail from a lead, contact, account, opportunity and quote: its values, its recipient, its timeline', async () => {
  const records = [
    {
      kind: 'lead',
      id: lead,
      to: 'lea@client.example',
      column: 'lead_id',
      says: 'Lea, May 4, 2031, Old Mill',
    },
    {
      kind: 'contact',
      id: deal.contactId,
      to: 'ana@client.example',
      column: 'contact_id',
      missing: 'event.date',
    },
    { kind: 'account', id: deal.accountId, to: null, column: 'account_id', missing: 'event.date' },
    {
      kind: 'opportunity',
      id: deal.opportunityId,
      to: 'ana@client.example',
      column: 'opportunity_id',
      missing: 'event.location',
    },
    {
      kind: 'quote',
      id: deal.quoteId,
      to: 'ana@client.example',
      column: 'quote_id',
      missing: 'event.location',
    },
  ];
  for (const { kind, id, to, column, says, missing } of records) {
    const draft = {
      about: { kind, id },
      subject: `From a ${kind}`,
      body: '{{contact.first_name}}, {{event.date}}, {{event.location}}',
    };
    const preview = await post<Preview>('/api/messages/preview', draft, 200);
    assert.equal(preview.to, to, kind);
    if (says) assert.equal(preview.content, `<p>${says}</p>`);
    if (missing) {
      assert.ok(preview.missing.includes(missing), kind);
      const refused = await post<{ code: string }>(
        '/api/messages',
        { ...draft, to: 'x@client.example' },
        422,
      );
      assert.equal(refused.code, 'message_incomplete');
    }
    const { id: sent } = await post(
      '/api/messages',
      { ...draft, body: 'Hello', to: to ?? 'x@client.example' },
      202,
    );
    const { data } = await service.from('communications').select('*').eq('id', sent).single().throwOnError();
    assert.equal(data[column], id, kind);
    assert.equal(data.created_by, company.userIds['a:sales']);
    assert.doesNotMatch((await mailWith(new RegExp(`^From a ${kind}$`))).text ?? '', /\{\{/);
  }
  assert.ok(
    [403, 404].includes(
      (
        await company.ask('a:viewer', 'POST', '/api/messages', {
          about: { kind: 'lead', id: lead },
          to: 'x@client.example',
          subject: 'x',
          body: 'x',
        })
      ).status,
    ),
  );
  assert.equal(
    (
      await company.ask('b:owner', 'POST', '/api/messages/preview', {
        about: { kind: 'lead', id: lead },
        subject: '',
        body: '',
      })
    ).status,
    404,
  );
});

test('cc and attachments: the quote’s PDF goes along; what the record does not have is refused', async () => {
  const about = { kind: 'quote', id: deal.quoteId };
  const { attachable } = await post<Preview>('/api/messages/preview', { about, subject: '', body: '' }, 200);
  assert.deepEqual(
    attachable.map(({ kind }) => kind),
    ['quote'],
  );
  const mail = {
    about,
    to: 'ana@client.example',
    cc: ['planner@client.example'],
    subject: 'Your PDF',
    body: 'Here it is.',
  };
  await post('/api/messages', { ...mail, attached: attachable.map(({ kind, id }) => ({ kind, id })) }, 202);
  const received = await mailWith(/^Your PDF$/);
  assert.deepEqual(received.recipients, ['ana@client.example', 'planner@client.example']);
  assert.deepEqual(
    received.cc?.map(({ address }) => address),
    ['planner@client.example'],
  );
  assert.equal(received.attachments[0]?.filename, attachable[0]?.name);
  assert.equal(
    Buffer.from(received.attachments[0]?.content as ArrayBuffer)
      .subarray(0, 5)
      .toString(),
    '%PDF-',
  );
  const other = await makeDeal(company, 'Other wedding');
  const foreign = { ...mail, attached: [{ kind: 'quote', id: other.quoteId }] };
  assert.equal((await post<{ code: string }>('/api/messages', foreign, 422)).code, 'message_incomplete');
});

test('a mail is in the language of its recipient', async () => {
  await service.from('accounts').update({ locale: 'de-DE' }).eq('id', deal.accountId).throwOnError();
  const draft = {
    about: { kind: 'quote', id: deal.quoteId },
    subject: 'Sprache',
    body: 'Am {{event.date}} kostet es {{quote.total}}.',
  };
  const preview = await post<Preview>('/api/messages/preview', draft, 200);
  assert.equal(preview.language, 'de-DE');
  assert.match(preview.content, /Am \d+\. \p{L}+ \d{4} kostet es 1\.210,00/u);
  await post('/api/messages', { ...draft, to: 'ana@client.example' }, 202);
  assert.match((await mailWith(/^Sprache$/)).html ?? '', /<html lang="de-DE">/);
  await service.from('accounts').update({ locale: null }).eq('id', deal.accountId).throwOnError();
});

test('who wants no mail is named in the preview', async () => {
  await service.from('contacts').update({ email_opt_out: true }).eq('id', deal.contactId).throwOnError();
  const draft = { about: { kind: 'contact', id: deal.contactId }, subject: '', body: '' };
  assert.equal((await post<Preview>('/api/messages/preview', draft, 200)).isOptedOut, true);
  await service.from('contacts').update({ email_opt_out: false }).eq('id', deal.contactId).throwOnError();
});

interface Notice {
  kind: string;
  entity_type: string;
  entity_id: string;
  subject: Record<string, unknown>;
}

const noticesOf = async (who: 'a:owner' | 'a:sales' | 'a:staff' | 'a:manager') =>
  bodyOf<Notice[]>(await company.ask(who, 'POST', '/rest/v1/rpc/notices', {}), 200);

test('acceptance reaches owner and crew at once, and the signed copy the address that the client typed', async () => {
  await service
    .from('opportunities')
    .update({ owner_id: company.userIds['a:manager'] })
    .eq('id', deal.opportunityId)
    .throwOnError();
  const { url } = await post<{ url: string }>(`/api/quotes/${deal.quoteId}/send`, {}, 200);
  const token = url.split('/c/')[1] ?? '';
  const offer = await bodyOf<{ contentSha256: string }>(
    await company.ask('anonymous', 'GET', `/api/client/${token}`),
    200,
  );
  const acceptance = {
    name: 'Ana Rivera',
    email: 'ana.private@client.example',
    consent: true,
    contentSha256: offer.contentSha256,
    signature: { kind: 'typed', text: 'Ana Rivera' },
  };
  const deals = await Promise.all(
    [1, 2].map(() => company.ask('anonymous', 'POST', `/api/client/${token}/accept`, acceptance)),
  );
  assert.deepEqual(
    deals.map(({ status }) => status),
    [200, 200],
  );
  const { eventId } = await bodyOf<{ eventId: string }>(deals[0] as Response, 200);
  for (const who of ['a:owner', 'a:manager'] as const) {
    const [notice, ...more] = (await noticesOf(who)).filter(({ kind }) => kind === 'quote_accepted');
    assert.partialDeepStrictEqual(notice, {
      entity_type: 'quote',
      entity_id: deal.quoteId,
      subject: { person: 'Ana Rivera', amount: 121_000 },
    });
    assert.equal(more.length, 0, 'once');
  }
  assert.ok(
    !(await noticesOf('a:sales')).some(({ kind }) => kind === 'quote_accepted'),
    'whom it does not concern',
  );
  const [invited] = await noticesOf('a:staff');
  assert.partialDeepStrictEqual(invited, { kind: 'crew_invited', entity_type: 'event', entity_id: eventId });
  const copy = await mailWith(/^Your signed copy/, 'ana.private@client.example');
  assert.match(copy.attachments[0]?.filename ?? '', /signed\.pdf$/);
  const told = await mailWith(/accepted quote/, 'owner@a.example');
  assert.match(told.text ?? '', new RegExp(`https://marquee.example/t/a/quotes/${deal.quoteId}`));
  await mailWith(/You are invited to work at/, 'staff@a.example');
  const copies = server.received.filter(({ recipients }) =>
    recipients.includes('ana.private@client.example'),
  );
  assert.equal(copies.length, 1, 'two acceptances, one copy');
});

const invoicePageOf = async (token: string | undefined) =>
  bodyOf<{
    balance: number;
    due: { amount: number; date: string | null } | null;
    invoice: { number: string };
    howToPay: { instructions: string };
    payments: { id: string; amount: number }[];
  }>(await company.ask('anonymous', 'GET', `/api/client/invoices/${token}`), 200);

test('an invoice of an event that someone else pays goes to who pays it', async () => {
  const { data: event } = await service
    .from('events')
    .insert({ title: 'Shared', account_id: deal.accountId, primary_contact_id: deal.contactId })
    .select('id')
    .single()
    .throwOnError();
  const { data: parents } = await service
    .from('accounts')
    .insert({ name: 'Parents', email: 'parents@client.example', locale: 'de-DE' })
    .select('id')
    .single()
    .throwOnError();
  const addressed = async (account_id: string) => {
    const { data: invoice } = await service
      .from('invoices')
      .insert({ account_id, event_id: event.id })
      .select('id')
      .single()
      .throwOnError();
    const about = { kind: 'invoice', id: invoice.id };
    const draft = { about, subject: '{{account.name}}', body: '{{event.title}}' };
    const { to, subject, language } = await post<Preview>('/api/messages/preview', draft, 200);
    return [to, subject, language];
  };
  assert.deepEqual(await addressed(parents.id), ['parents@client.example', 'Parents', 'de-DE']);
  assert.deepEqual(await addressed(deal.accountId), ['ana@client.example', 'Rivera wedding', 'en-US']);
});

test('an invoice is sent with a link that stays; the client reads, downloads and pays it, and the owner hears of it', async () => {
  const { data: invoice } = await service
    .from('invoices')
    .select('*')
    .eq('quote_id', deal.quoteId)
    .single()
    .throwOnError();
  const about = { kind: 'invoice', id: invoice.id };
  const bank = 'By bank transfer to\nFirst Bank, account 123 & more';
  await service.from('tenant_settings').upsert({ key: 'payment_instructions', value: bank }).throwOnError();
  const draft = {
    about,
    subject: 'Reminder {{invoice.number}}',
    body: '{{invoice.next_due_amount}} of {{invoice.balance}} is due on {{invoice.next_due_date}}.\n{{company.payment_instructions}}',
  };
  const preview = await post<Preview>('/api/messages/preview', draft, 200);
  assert.equal(preview.canLink, true);
  assert.deepEqual(preview.missing, []);
  assert.match(
    preview.content,
    /^<p>\$605\.00 of \$1,210\.00 is due on \w+ \d+, \d{4}\.<br ?\/?>By bank transfer to<br/,
  );
  assert.match(preview.suggested?.body ?? '', /next_due_amount.*\n\n\{\{company\.payment_instructions\}\}/s);
  assert.ok(!preview.attachable.some(({ kind }) => kind === 'receipt'));
  assert.ok(preview.attachable.some(({ kind, id }) => kind === 'invoice' && id === invoice.id));
  await post('/api/messages', { ...draft, to: preview.to, withLink: true }, 202);
  const mailed = (await mailWith(/^Reminder /)).html?.match(/https:\/\/marquee\.example\/i\/([\w-]+)/)?.[1];
  await post(
    '/api/messages',
    { about, subject: 'Named link', body: 'See {{link}}', to: preview.to, withLink: false },
    202,
  );
  const named = (await mailWith(/^Named link/)).text?.match(
    /See https:\/\/marquee\.example\/i\/([\w-]+)/,
  )?.[1];
  assert.equal((await invoicePageOf(named)).invoice.number, invoice.invoice_number);
  const { url } = await post<{ url: string }>(`/api/invoices/${invoice.id}/link`, {}, 200);
  for (const token of [mailed, url.split('/i/')[1]]) {
    const page = await invoicePageOf(token);
    assert.deepEqual(
      [page.balance, page.due?.amount, page.due?.date, page.invoice.number],
      [121_000, 60_500, invoice.next_due_date, invoice.invoice_number],
    );
    assert.deepEqual([page.howToPay.instructions, page.payments], [bank, []]);
  }
  const pdf = await company.ask('anonymous', 'GET', `/api/client/invoices/${mailed}/invoice.pdf`);
  assert.equal(
    Buffer.from(await pdf.arrayBuffer())
      .subarray(0, 5)
      .toString(),
    '%PDF-',
  );
  const pay = await company.ask('anonymous', 'POST', `/api/client/invoices/${mailed}/pay`, { what: 'due' });
  const checkout = new URL((await bodyOf<{ url: string }>(pay, 200)).url);
  const paid = await company.ask('anonymous', 'POST', '/test-payment', checkout.searchParams.toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });
  assert.equal(paid.status, 303);

  // Its receipt is on the page of the invoice's own link, and may go with a mail about it.
  const [payment, ...more] = (await invoicePageOf(mailed)).payments;
  assert.deepEqual([payment?.amount, more], [60_500, []]);
  const receipt = `/receipts/${payment?.id}`;
  const receiptPdf = await company.ask('anonymous', 'GET', `/api/client/invoices/${mailed}${receipt}`);
  assert.equal(receiptPdf.headers.get('content-type'), 'application/pdf');
  const other = await makeDeal(company, 'Another client');
  const { data: foreign } = await service
    .from('invoices')
    .insert({ account_id: other.accountId, status: 'sent' })
    .select('id')
    .single()
    .throwOnError();
  const foreignLink = await post<{ url: string }>(`/api/invoices/${foreign.id}/link`, {}, 200);
  const foreignToken = foreignLink.url.split('/i/')[1];
  assert.equal(
    (await company.ask('anonymous', 'GET', `/api/client/invoices/${foreignToken}${receipt}`)).status,
    404,
  );
  const { attachable } = await post<Preview>('/api/messages/preview', draft, 200);
  const attached = attachable.filter(({ kind }) => kind === 'receipt');
  assert.deepEqual(attached, [
    { kind: 'receipt', id: payment?.id, name: `Receipt ${invoice.invoice_number}-1.pdf` },
  ]);
  const [{ kind, id }] = attached as [Preview['attachable'][number]];
  await post(
    '/api/messages',
    { ...draft, subject: 'Your receipt', to: preview.to, attached: [{ kind, id }] },
    202,
  );
  const [file] = (await mailWith(/^Your receipt$/)).attachments;
  assert.equal(file?.filename, `Receipt ${invoice.invoice_number}-1.pdf`);
  const notice = (await noticesOf('a:owner')).find(({ kind }) => kind === 'payment_received');
  assert.partialDeepStrictEqual(notice, {
    entity_id: invoice.id,
    subject: { amount: 60_500, currency: 'USD' },
  });
  const crew = (await noticesOf('a:staff')).find(({ kind }) => kind === 'payment_received');
  assert.equal(crew?.entity_type, 'event');
  assert.equal(crew?.subject.amount, undefined, 'crew see no prices');
  await mailWith(/Payment received for invoice .*605\.00/, 'owner@a.example');
  assert.equal((await company.ask('a:staff', 'POST', `/api/invoices/${invoice.id}/link`, {})).status, 403);
  assert.equal((await company.ask('a:viewer', 'POST', `/api/invoices/${invoice.id}/link`, {})).status, 403);
  const wrong = `${(mailed ?? '').slice(0, -4)}AAAA`;
  assert.ok((await company.ask('anonymous', 'GET', `/api/client/invoices/${wrong}`)).status >= 400);
});

test('a refused address is a failure at its record and a notice, and is sent again after a correction', async () => {
  server.refuse.add('gone@client.example');
  const mail = {
    about: { kind: 'lead', id: lead },
    subject: 'Nowhere',
    body: 'Hello',
    to: 'gone@client.example',
  };
  const { id } = await post('/api/messages', mail, 202);
  const notice = await until(
    async () => (await noticesOf('a:sales')).find(({ kind }) => kind === 'mail_failed'),
    'the notice of a failed mail',
  );
  assert.partialDeepStrictEqual(notice, {
    entity_type: 'lead',
    entity_id: lead,
    subject: { person: 'gone@client.example', name: 'Nowhere' },
  });
  assert.ok((await noticesOf('a:owner')).some(({ kind }) => kind === 'mail_failed'));
  const { data } = await service
    .from('communications')
    .select('status, failure_reason')
    .eq('id', id)
    .single();
  assert.equal(data?.status, 'failed');
  server.refuse.clear();
  await post(`/api/messages/${id}/retry`, {}, 202);
  await mailWith(/^Nowhere$/);
});

test('a failed mail goes to a corrected address, which the record keeps where that is wanted', async () => {
  const ends = async (subject: string) => {
    const { id } = await post(
      '/api/messages',
      { about: { kind: 'lead', id: lead }, subject, body: 'Hello', to: 'gone@client.example' },
      202,
    );
    await until(async () => {
      const { data } = await service.from('communications').select('status').eq('id', id).single();
      return data?.status === 'failed';
    }, 'the mail to fail');
    return id;
  };
  const emailOf = async () =>
    (await service.from('leads').select('email').eq('id', lead).single().throwOnError()).data.email;
  const former = await emailOf();
  server.refuse.add('gone@client.example');
  const once = await ends('Corrected once');
  await post(`/api/messages/${once}/retry`, { to: 'there@client.example' }, 202);
  assert.deepEqual((await mailWith(/^Corrected once$/)).recipients, ['there@client.example']);
  assert.equal(await emailOf(), former);
  const kept = await ends('Corrected and kept');
  await post(`/api/messages/${kept}/retry`, { to: 'no-address' }, 400);
  await post(`/api/messages/${kept}/retry`, { to: 'there@client.example', remember: true }, 202);
  await mailWith(/^Corrected and kept$/);
  assert.equal(await emailOf(), 'there@client.example');
  // A user who may not write mail changes no address.
  const { status } = await company.ask('a:viewer', 'POST', `/api/messages/${kept}/retry`, {
    to: 'x@client.example',
    remember: true,
  });
  assert.ok(status >= 400);
  assert.equal(await emailOf(), 'there@client.example');
  server.refuse.clear();
  await service.from('leads').update({ email: former }).eq('id', lead).throwOnError();
});

test('a failed mail of a quote whose job is gone is sent again, with a new link that opens it', async () => {
  const { quoteId } = await makeDeal(company, 'Long ago');
  server.refuse.add('gone@client.example');
  const text = { subject: 'Of long ago', message: 'Your quote: {{link}}' };
  const mail = { mail: true, to: 'gone@client.example', ...text };
  const { url } = await post<{ url: string }>(`/api/quotes/${quoteId}/send`, mail, 200);
  const id = await until(async () => {
    const { data } = await service
      .from('communications')
      .select('id, status')
      .eq('quote_id', quoteId)
      .single();
    return data?.status === 'failed' && data.id;
  }, 'the mail to fail');
  await company.operations.pool.query('delete from pgboss.job where data @> $1::jsonb', [
    JSON.stringify({ communicationId: id }),
  ]);
  server.refuse.clear();
  await post(`/api/messages/${id}/retry`, { to: 'back@client.example' }, 202);
  const { html, recipients } = await mailWith(/^Of long ago$/);
  assert.deepEqual(recipients, ['back@client.example']);
  const tokens = new Set([...(html ?? '').matchAll(/\/c\/([\w-]+)/g)].map(([, one]) => one));
  const [token = ''] = tokens;
  assert.equal(tokens.size, 1, 'in the text too');
  assert.notEqual(token, url.split('/c/')[1]);
  assert.equal((await company.ask('anonymous', 'GET', `/api/client/${token}`)).status, 200);
  await post(`/api/messages/${id}/retry`, {}, 409);
});

test('a failed mail of a quote that was sent again keeps to itself its link, which opens nothing, and is noticed once', async () => {
  const { quoteId } = await makeDeal(company, 'Sent twice');
  server.refuse.add('gone@client.example');
  const mail = { mail: true, to: 'gone@client.example', subject: 'Sent first' };
  await post(`/api/quotes/${quoteId}/send`, mail, 200);
  const mails = async () =>
    (
      await service
        .from('communications')
        .select('id, status, failure_reason')
        .eq('quote_id', quoteId)
        .order('created_at')
        .throwOnError()
    ).data;
  const [first] = await until(async () => {
    const found = await mails();
    return found[0]?.status === 'failed' && found;
  }, 'the mail to fail');
  server.refuse.clear();
  const notices = async (who: 'a:owner' | 'a:sales' = 'a:owner') =>
    (await noticesOf(who)).filter(({ subject }) => subject.name === 'Sent first').length;
  assert.equal(await notices(), 1);
  assert.equal(await notices('a:sales'), 1, 'the sender');
  await post(
    `/api/quotes/${quoteId}/send`,
    { mail: true, to: 'back@client.example', subject: 'Sent last' },
    200,
  );
  const { html } = await mailWith(/^Sent last$/);
  const refused = await company.ask('a:owner', 'POST', `/api/messages/${first?.id}/retry`, {});
  assert.equal((await bodyOf<{ code: string }>(refused, 409)).code, 'mail_link_replaced');
  assert.deepEqual((await mails())[0], first, 'it stays as it was');
  assert.equal(await notices(), 1);
  const token = /\/c\/([\w-]+)/.exec(html ?? '')?.[1];
  assert.equal((await company.ask('anonymous', 'GET', `/api/client/${token}`)).status, 200);
});

test('whether a mail was opened is counted only where the company wants it', async () => {
  const draft = { about: { kind: 'lead', id: lead }, body: 'Hello', to: 'lea@client.example' };
  await post('/api/messages', { ...draft, subject: 'Uncounted' }, 202);
  assert.doesNotMatch((await mailWith(/^Uncounted$/)).html ?? '', /<img/);
  await service.from('tenant_settings').insert({ key: 'mail_opens', value: true }).throwOnError();
  const { id } = await post('/api/messages', { ...draft, subject: 'Counted' }, 202);
  const picture = /https:\/\/marquee\.example(\/mail-opened\/\w+\.gif)/.exec(
    (await mailWith(/^Counted$/)).html ?? '',
  )?.[1];
  const opened = async () =>
    (await service.from('communications').select('opened_at').eq('id', id).single()).data?.opened_at;
  assert.equal(await opened(), null);
  for (const path of ['/mail-opened/xyz.gif', picture ?? '']) {
    const answer = await company.ask('anonymous', 'GET', path);
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/gif']);
  }
  assert.ok(await opened());
});

test('a person has no mail about a kind of notice who does not want it, and reads a notice once', async () => {
  const chosen = await bodyOf<string[]>(
    await company.ask('a:owner', 'POST', '/rest/v1/rpc/notices_without_mail', { kinds: ['quote_declined'] }),
    200,
  );
  assert.deepEqual(chosen, ['quote_declined']);
  const other = await makeDeal(company, 'Declined wedding');
  await service
    .from('opportunities')
    .update({ owner_id: company.userIds['a:manager'] })
    .eq('id', other.opportunityId)
    .throwOnError();
  const { url } = await post<{ url: string }>(`/api/quotes/${other.quoteId}/send`, {}, 200);
  await company.ask('anonymous', 'POST', `/api/client/${url.split('/c/')[1]}/decline`, {
    reason: 'Too late',
  });
  assert.match((await mailWith(/was declined/)).text ?? '', /Too late/);
  const declined = server.received
    .filter(({ data }) => /declined/.test(data))
    .flatMap(({ recipients }) => recipients);
  assert.deepEqual(declined, ['manager@a.example']);
  const unread = async () =>
    (
      await bodyOf<{ read_at: string | null }[]>(
        await company.ask('a:owner', 'POST', '/rest/v1/rpc/notices', {}),
        200,
      )
    ).filter(({ read_at }) => !read_at).length;
  assert.ok((await unread()) > 0);
  await bodyOf(await company.ask('a:owner', 'POST', '/rest/v1/rpc/read_notices', {}), 204);
  assert.equal(await unread(), 0);
  assert.ok((await noticesOf('a:manager')).length > 0, 'others keep theirs');
});
