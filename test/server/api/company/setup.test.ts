import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Books } from '@/lib/crm/delivery/books/books';
import type { QuickBooks } from '@/lib/crm/delivery/books/quickbooks';
import { MailQueue } from '@/lib/crm/delivery/jobs';
import { starterTexts } from '@/lib/crm/starter-texts';
import { checkTemplate, mergeTemplate } from '@/lib/crm/templates';
import type { KeptSamples, StarterTexts } from '@/server/api/company/setup';
import { bodyOf, startCompany } from '../start-company';

const company = await startCompany();
const load = (who: 'a:owner' | 'a:manager', language: string) =>
  company.ask(who, 'POST', '/api/setup/sample-data', { language });
const remove = async () =>
  (await bodyOf<KeptSamples>(await company.ask('a:owner', 'DELETE', '/api/setup/sample-data'), 200)).kept;

test('the starter texts of both languages can be saved, and the contract says that a lawyer must check it', () => {
  const [english, german] = [starterTexts('en'), starterTexts('de')];
  assert.deepEqual(
    german.map(({ key, type }) => [key, type]),
    english.map(({ key, type }) => [key, type]),
  );
  // A deal may have no venue, no hours and no deposit yet: a contract that needs them could not be sent with its quote.
  for (const text of [english, german].flat().filter(({ type }) => type === 'contract'))
    assert.doesNotMatch(
      text.content,
      /\{\{(event\.(location|start_time|end_time|guest_count)|deposit|invoice)/,
    );
  for (const { content } of [english, german].flat().filter(({ type }) => type === 'contract'))
    assert.doesNotMatch(
      mergeTemplate(content, {}, 'html').content,
      /lawyer|anwaltlich/,
      'clients would read it',
    );
  for (const { content, subject } of [...english, ...german]) checkTemplate(`${content} ${subject ?? ''}`);
  assert.match(english.find(({ type }) => type === 'contract')?.content ?? '', /have your lawyer check/);
  assert.match(german.find(({ type }) => type === 'contract')?.content ?? '', /anwaltlich prüfen/);
});

test('an owner takes over the texts they chose, once', async () => {
  const { texts } = await bodyOf<StarterTexts>(
    await company.ask('a:owner', 'GET', '/api/setup/texts?language=de'),
    200,
  );
  const chosen = { language: 'de', keys: texts.slice(0, 2).map(({ key }) => key) };
  const take = (body: object) => company.ask('a:owner', 'POST', '/api/setup/texts', body);
  assert.deepEqual(await bodyOf(await take(chosen), 200), { added: 2 });
  assert.deepEqual(await bodyOf(await take(chosen), 200), { added: 0 });
  assert.equal((await company.ask('a:sales', 'POST', '/api/setup/texts', chosen)).status, 200);
  const { data: tasks } = await (await company.service()).from('tasks').select('id,title,assigned_to');
  assert.deepEqual(
    tasks?.map(({ title, assigned_to }) => [title, assigned_to]),
    [['Den Mietvertrag anwaltlich prüfen lassen', company.userIds['a:owner']]],
  );
  await (await company.service()).from('tasks').delete().eq('id', tasks?.[0]?.id);
  const client = await company.service();
  const { data } = await client.from('templates').select('name,type,is_default').order('type');
  assert.deepEqual(data, [
    { name: 'Mietvertrag', type: 'contract', is_default: true },
    { name: 'Ihr Angebot', type: 'email', is_default: false },
  ]);
  assert.equal(
    (await company.ask('a:sales', 'POST', '/api/setup/texts', { language: 'en', keys: ['soon'] })).status,
    403,
  );
});

test('sample data are loaded by owners, use up no numbers of documents, and go without a trace', async () => {
  assert.equal((await load('a:manager', 'en')).status, 403);
  assert.ok((await bodyOf<{ loaded: number }>(await load('a:owner', 'en'), 200)).loaded > 15);
  assert.deepEqual(await bodyOf(await load('a:owner', 'de'), 200), { loaded: 0 });
  const client = await company.service();
  const { data: sequences } = await client.from('number_sequences').select('next_value');
  assert.ok(sequences?.every(({ next_value }) => next_value === 1));
  // Nothing of it is money: reports and books see sent documents only.
  const { data: sent } = await client.from('quotes').select('id').neq('status', 'draft');
  const { data: invoices } = await client.from('invoices').select('id');
  assert.deepEqual([sent, invoices], [[], []]);
  assert.deepEqual(await remove(), []);
  for (const table of [
    'accounts',
    'contacts',
    'leads',
    'opportunities',
    'quotes',
    'events',
    'tasks',
    'notes',
    'booths',
  ]) {
    const { data } = await client.from(table).select('id');
    assert.deepEqual(data, [], table);
  }
});

test('what was changed stays and is named; samples can be loaded again beside it', async () => {
  await load('a:owner', 'de');
  const booths = await company.ask('a:owner', 'GET', '/rest/v1/booth_types?select=id,name');
  const [type] = await bodyOf<{ id: string; name: string }[]>(booths, 200);
  const changes = { crew_needed: 3 };
  assert.equal(
    (await company.ask('a:owner', 'PATCH', `/rest/v1/booth_types?id=eq.${type?.id}`, changes)).status,
    204,
  );
  const [kept] = await remove();
  assert.deepEqual([kept?.id, kept?.title, kept?.reason], [type?.id, type?.name, 'changed']);
  assert.deepEqual(await remove(), []);
  await load('a:owner', 'de');
  assert.deepEqual(await remove(), []);
});

test('an invoice for a sample client does not reach the books', async () => {
  await load('a:owner', 'en');
  const client = await company.service();
  const { data: account } = await client.from('accounts').select('id').like('name', 'Ada Abbott%').single();
  const { data: invoice } = await client
    .from('invoices')
    .insert({ account_id: account?.id, invoice_number: 'INV-X', status: 'sent' })
    .select('id')
    .single();
  const books = new Books({
    client: client as never,
    books: new Proxy({} as QuickBooks, {
      get: () => () => Promise.reject(new Error('QuickBooks was asked')),
    }),
    realmId: '1',
    since: '2020-01-01',
    timezone: 'UTC',
  });
  assert.equal(await books.pushInvoice(invoice?.id), undefined);
  // A real document names the client, who is kept with their contact. They are the company's own then.
  assert.deepEqual(
    (await remove()).map(({ entity, reason }) => [entity, reason]),
    [
      ['accounts', 'in_use'],
      ['contacts', 'in_use'],
    ],
  );
  await assert.rejects(books.pushInvoice(invoice?.id), /QuickBooks was asked/);
});

test('mail to a sample client is recorded as not sent, and reaches no mail server', async () => {
  const client = await company.service();
  const { data } = await client
    .from('communications')
    .insert({
      type: 'email',
      direction: 'outbound',
      status: 'queued',
      subject: 'Hello',
      body: '<p>Hello</p>',
      to_address: 'ada.abbott@sample.invalid',
    })
    .select('id')
    .single();
  const queue = new MailQueue({
    jobs: company.operations.jobs,
    secretBox: company.services.secretBox,
    transport: { kind: 'smtp', send: () => Promise.reject(new Error('a mail server was asked')), close() {} },
    from: 'mail@marquee.example',
    clientFor: () => company.service() as never,
  });
  await queue.deliver({ tenantId: company.tenantIds.a, communicationId: data?.id }, true);
  const { data: recorded } = await client
    .from('communications')
    .select('status,failure_reason')
    .eq('id', data?.id)
    .single();
  assert.equal(recorded?.status, 'failed');
  assert.match(recorded?.failure_reason ?? '', /sample/i);
});
