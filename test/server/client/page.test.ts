// What a client does on the page of a quote beside accepting it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { loadContract, loadInvoice, loadQuote } from '@/lib/crm/documents';
import { bodyOf, makeDeal, startCompany } from '../api/start-company';

const company = await startCompany();

interface Page {
  status: string;
  contentSha256: string;
  deposit: number;
  company: { primaryColor: string; onPrimary: string; ink: string };
  contract: { bodyHtml: string };
  quote: {
    total: number;
    lines: {
      id: string;
      name: string;
      description?: string;
      includes?: string[];
      grossTotal?: number;
      discountPercent?: number;
      lineTotal: number;
      extra?: { chosen: boolean };
      packageId?: string;
    }[];
  };
  when: string[][];
  photos: Record<string, { id: string; isPicture: boolean }[]>;
  designs: {
    id: string;
    approvedAt: string | null;
    approvedBy: string | null;
    notes: string | null;
    proofs: { id: string }[];
  }[];
  payments: { id: string; amount: number }[];
}

const sql = <Row extends object>(text: string, values: unknown[] = []) =>
  company.manager.withTenantTransaction(
    company.tenantIds.a,
    async ({ query }) => (await query<Row>(text, values)).rows,
  );

async function send(quoteId: string): Promise<string> {
  const answer = await company.ask('a:sales', 'POST', `/api/quotes/${quoteId}/send`, {});
  return (await bodyOf<{ url: string }>(answer, 200)).url.split('/c/')[1] ?? '';
}

const pageOf = async (token: string) =>
  bodyOf<Page>(await company.ask('anonymous', 'GET', `/api/client/${token}`), 200);

const choose = (token: string, lineIds: string[], contentSha256: string) =>
  company.ask('anonymous', 'PUT', `/api/client/${token}/extras`, { lineIds, contentSha256 });

const accept = (token: string, contentSha256: string) =>
  company.ask('anonymous', 'POST', `/api/client/${token}/accept`, {
    name: 'Ana Rivera',
    consent: true,
    contentSha256,
    signature: { kind: 'typed', text: 'Ana Rivera' },
  });

/** A deal with a package (10 % off) and two extras; its lines' ids. */
async function makeDealWithExtras(name: string) {
  const deal = await makeDeal(company, name);
  const [pack] = await sql<{ id: string }>(
    `insert into packages (name, base_price, description, includes)
      values ($1, 114500, 'Our most popular booth.', '["Attendant", "Unlimited prints"]') returning id`,
    [`Package ${name}`],
  );
  const add = async (values: string) =>
    (
      await sql<{ id: string }>(
        `insert into quote_line_items (quote_id, item_type, package_id, name, quantity, unit_price, tax_rate, discount_type,
          discount_value, optional, sort_order) values ($1, ${values}) returning id`,
        [deal.quoteId],
      )
    )[0]?.id ?? '';
  const packageLine = await add(`'package', '${pack?.id}', 'Classic', 1, 114500, 0, 'percent', 10, false, 2`);
  const book = await add(`'custom', null, 'Guest book', 1, 20000, 21, 'none', 0, true, 3`);
  const hour = await add(`'custom', null, 'Extra hour', 2, 10000, 0, 'none', 0, true, 4`);
  return { ...deal, packageId: pack?.id ?? '', packageLine, book, hour };
}

test('extras: total and deposit follow the client’s choice, which is what is accepted and invoiced', async () => {
  const deal = await makeDealWithExtras('Extras');
  const token = await send(deal.quoteId);
  const before = await pageOf(token);
  // 1,000.00 + 21 % and 1,145.00 − 10 %; extras do not count.
  assert.deepEqual([before.quote.total, before.deposit], [121_000 + 103_050, 112_025]);
  assert.match(before.contract.bodyHtml, /before optional extras/);
  const classic = before.quote.lines.find(({ id }) => id === deal.packageLine);
  assert.deepEqual(
    [
      classic?.grossTotal,
      classic?.discountPercent,
      classic?.lineTotal,
      classic?.includes,
      classic?.description,
    ],
    [114_500, 10, 103_050, ['Attendant', 'Unlimited prints'], 'Our most popular booth.'],
  );
  assert.match(before.when[0]?.[1] ?? '', /6:00\sPM – 11:00\sPM C[SD]T/);

  const chosen = await bodyOf<Page>(await choose(token, [deal.book], before.contentSha256), 200);
  assert.deepEqual([chosen.quote.total, chosen.deposit], [224_050 + 24_200, 124_125]);
  assert.equal(chosen.status, 'viewed', 'the choice is what was sent');
  assert.deepEqual(
    (await pageOf(token)).quote.lines.map(({ extra }) => extra?.chosen),
    [undefined, undefined, true, false],
  );
  // Of two open pages the other has to look again.
  assert.equal((await choose(token, [deal.hour], before.contentSha256)).status, 409);
  assert.equal((await accept(token, before.contentSha256)).status, 409);
  const other = await bodyOf<Page>(await choose(token, [deal.book, deal.hour], chosen.contentSha256), 200);
  const last = await bodyOf<Page>(await choose(token, [deal.hour], other.contentSha256), 200);
  assert.deepEqual([last.quote.total, last.deposit], [244_050, 122_025]);

  const closed = await bodyOf<{ invoiceId: string; contractId: string }>(
    await accept(token, last.contentSha256),
    200,
  );
  const service = await company.service();
  const invoice = await loadInvoice(service as never, closed.invoiceId);
  assert.equal(invoice.total, 244_050);
  assert.deepEqual(
    invoice.lines.map(({ name }) => name),
    ['Photo booth, 5 hours', 'Classic', 'Extra hour'],
  );
  assert.deepEqual(invoice.lines[1]?.includes, ['Attendant', 'Unlimited prints']);
  const contract = await loadContract(service as never, closed.contractId);
  assert.equal(contract.order?.total, 244_050, 'the signed agreement prints what was chosen');
  assert.equal(contract.signature?.timezone, 'America/New_York');
  assert.equal(
    (await choose(token, [], last.contentSha256)).status,
    409,
    'nothing changes after the acceptance',
  );
});

test('only extras of this quote can be chosen, and only by the link', async () => {
  const deal = await makeDealWithExtras('Strict extras');
  const token = await send(deal.quoteId);
  const { contentSha256, quote } = await pageOf(token);
  assert.equal((await choose(token, [deal.packageLine], contentSha256)).status, 400);
  assert.equal((await choose(token, [crypto.randomUUID()], contentSha256)).status, 400);
  assert.equal((await pageOf(token)).quote.total, quote.total);
  const rest = `/rest/v1/quote_line_items?id=eq.${deal.book}`;
  for (const change of [{ chosen: true }, { optional: false }])
    assert.ok((await company.ask('a:owner', 'PATCH', rest, change)).status >= 400, JSON.stringify(change));
  const draft = await makeDealWithExtras('Draft extras');
  const negative = "update quote_line_items set item_type = 'discount', unit_price = -1 where id = $1";
  await assert.rejects(sql(negative, [draft.book]), /quote_line_items_optional/);
});

test('a question is kept with the deal; a decline keeps its reason', async () => {
  const deal = await makeDeal(company, 'Question');
  const token = await send(deal.quoteId);
  const question = { question: 'Is there parking for the van?' };
  await bodyOf(await company.ask('anonymous', 'POST', `/api/client/${token}/questions`, question), 201);
  const [row] = await sql<{ body: string; direction: string; contact_id: string }>(
    "select body, direction, contact_id from communications where opportunity_id = $1 and type = 'note'",
    [deal.opportunityId],
  );
  assert.deepEqual(
    [row?.body, row?.direction, row?.contact_id],
    [question.question, 'inbound', deal.contactId],
  );
  const empty = await company.ask('anonymous', 'POST', `/api/client/${token}/questions`, { question: ' ' });
  assert.equal(empty.status, 400);
  const reason = { reason: 'We found another one.' };
  assert.equal((await company.ask('anonymous', 'POST', `/api/client/${token}/decline`, reason)).status, 200);
  const [quote] = await sql<{ status: string; decline_reason: string }>(
    'select status, decline_reason from quotes where id = $1',
    [deal.quoteId],
  );
  assert.deepEqual([quote?.status, quote?.decline_reason], ['declined', reason.reason]);
});

async function upload(entityType: string, entityId: string, visibility: string): Promise<string> {
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#335577' } })
    .png()
    .toBuffer();
  const form = new FormData();
  form.set('entity_type', entityType);
  form.set('entity_id', entityId);
  form.set('visibility', visibility);
  form.set('file', new File([new Uint8Array(picture)], 'proof.png', { type: 'image/png' }));
  return (await bodyOf<{ id: string }>(await company.ask('a:owner', 'POST', '/api/attachments', form), 201))
    .id;
}

test('photos of packages and proofs of designs: the client sees those that are for clients, approves, asks for changes', async () => {
  const deal = await makeDealWithExtras('Designs');
  const photo = await upload('package', deal.packageId, 'client');
  const internal = await upload('package', deal.packageId, 'internal');
  const token = await send(deal.quoteId);
  const page = await pageOf(token);
  assert.deepEqual(
    page.photos[deal.packageId]?.map(({ id }) => id),
    [photo],
  );
  const fileOf = (id: string, query = '') =>
    company.ask('anonymous', 'GET', `/api/client/${token}/files/${id}${query}`);
  assert.equal((await fileOf(photo)).headers.get('content-type'), 'image/png');
  assert.equal((await fileOf(photo, '?size=160')).headers.get('content-type'), 'image/webp');
  assert.equal((await fileOf(internal)).status, 404);

  const closed = await bodyOf<{ eventId: string }>(await accept(token, page.contentSha256), 200);
  const [design] = await sql<{ id: string }>(
    'select id from event_design_items where event_id = $1 order by created_at limit 1',
    [closed.eventId],
  );
  const id = design?.id ?? '';
  assert.deepEqual((await pageOf(token)).designs, [], 'without a proof there is nothing to approve');
  const proof = await upload('event_design_item', id, 'client');
  const hidden = await upload('event_design_item', id, 'internal');
  assert.deepEqual(
    (await pageOf(token)).designs[0]?.proofs.map((one) => one.id),
    [proof],
  );
  assert.equal((await fileOf(proof)).status, 200);
  assert.equal((await fileOf(hidden)).status, 404);

  const answer = (body: object, design = id) =>
    company.ask('anonymous', 'POST', `/api/client/${token}/designs/${design}`, body);
  const asked = await bodyOf<Page>(
    await answer({ name: 'Ana Rivera', comment: 'Larger names, please.' }),
    200,
  );
  assert.match(asked.designs[0]?.notes ?? '', /Ana Rivera: Larger names, please\./);
  const statusOf = async () =>
    (
      await sql<{ slug: string; revision_count: number; approved_by_name: string | null }>(
        `select s.slug, i.revision_count, i.approved_by_name from event_design_items i
          join design_statuses s on s.tenant_id = i.tenant_id and s.id = i.design_status_id where i.id = $1`,
        [id],
      )
    )[0];
  assert.deepEqual(await statusOf(), {
    slug: 'changes_requested',
    revision_count: 1,
    approved_by_name: null,
  });
  const approved = await bodyOf<Page>(await answer({ name: 'Ana Rivera' }), 200);
  assert.equal(approved.designs[0]?.approvedBy, 'Ana Rivera');
  assert.ok(approved.designs[0]?.approvedAt);
  assert.deepEqual(await statusOf(), { slug: 'approved', revision_count: 1, approved_by_name: 'Ana Rivera' });
  assert.equal((await answer({ name: 'Ana Rivera' })).status, 200, 'approving again changes nothing');
  assert.equal((await answer({ name: 'Ana Rivera', comment: 'No, blue.' })).status, 409);
  assert.equal((await answer({ name: 'Ana Rivera' }, crypto.randomUUID())).status, 404);
  const messages = await sql<{ body: string }>(
    "select body from communications where event_id = $1 and type = 'note' and direction = 'inbound'",
    [closed.eventId],
  );
  assert.equal(messages.length, 2, 'the company is told of each answer once');

  // Another client's link shows neither.
  const foreign = await send((await makeDeal(company, 'Foreign')).quoteId);
  for (const file of [photo, proof])
    assert.equal((await company.ask('anonymous', 'GET', `/api/client/${foreign}/files/${file}`)).status, 404);
});

test('receipts of what was paid, for the client whose invoice it is', async () => {
  const deal = await makeDeal(company, 'Receipts');
  const token = await send(deal.quoteId);
  const closed = await bodyOf<{ invoiceId: string }>(
    await accept(token, (await pageOf(token)).contentSha256),
    200,
  );
  await bodyOf(
    await company.ask('a:owner', 'POST', `/api/invoices/${closed.invoiceId}/payments`, {
      amount: 60_500,
      method: 'cash',
    }),
    201,
  );
  const { payments } = await pageOf(token);
  assert.deepEqual(
    payments.map(({ amount }) => amount),
    [60_500],
  );
  const receipt = `/receipts/${payments[0]?.id}`;
  const pdf = await company.ask('anonymous', 'GET', `/api/client/${token}${receipt}`);
  assert.equal(pdf.headers.get('content-type'), 'application/pdf');
  const foreign = await send((await makeDeal(company, 'Other')).quoteId);
  assert.equal((await company.ask('anonymous', 'GET', `/api/client/${foreign}${receipt}`)).status, 404);
});

test('a quote that was sent keeps what its package contained', async () => {
  const deal = await makeDealWithExtras('Contents');
  await send(deal.quoteId);
  await sql("update packages set includes = '[]', description = 'Now empty' where id = $1", [deal.packageId]);
  const line = (await loadQuote((await company.service()) as never, deal.quoteId)).lines.find(
    ({ id }) => id === deal.packageLine,
  );
  assert.deepEqual(
    [line?.includes, line?.description],
    [['Attendant', 'Unlimited prints'], 'Our most popular booth.'],
  );
});

test('an event without a quote has a link by which the client approves its designs, and nothing else', async () => {
  const made = async (table: string, row: object) =>
    (
      await bodyOf<{ id: string }[]>(
        await company.ask('a:owner', 'POST', `/rest/v1/${table}`, row, { prefer: 'return=representation' }),
        201,
      )
    )[0]?.id ?? '';
  const account_id = await made('accounts', { name: 'No quote' });
  const [type] = await sql<{ id: string }>('select id from design_item_types order by id limit 1', []);
  const events = await Promise.all(['Own', 'Other'].map((title) => made('events', { title, account_id })));
  const [own = '', other = ''] = await Promise.all(
    events.map((event_id) =>
      made('event_design_items', { event_id, name: `Strip ${event_id}`, design_item_type_id: type?.id }),
    ),
  );
  const [proof, foreign] = await Promise.all(
    [own, other].map((id) => upload('event_design_item', id, 'client')),
  );
  const linkOf = async () => {
    const answer = await company.ask('a:sales', 'POST', `/api/events/${events[0]}/design-link`);
    return new URL((await bodyOf<{ url: string }>(answer, 200)).url).pathname.split('/').at(-1) ?? '';
  };
  const former = await linkOf();
  const token = await linkOf();
  const ask = (method: string, path: string, body?: object) =>
    company.ask('anonymous', method, `/api/client/events/${path}`, body);
  assert.equal((await ask('GET', former)).status, 404, 'a new link replaces the former');
  const page = await bodyOf<{ title: string; designs: { id: string; approvedBy: string | null }[] }>(
    await ask('GET', token),
    200,
  );
  assert.deepEqual([page.title, page.designs.map(({ id }) => id)], ['Own', [own]]);
  assert.equal((await ask('GET', `${token}/files/${proof}`)).status, 200);
  assert.equal((await ask('GET', `${token}/files/${foreign}`)).status, 404);
  assert.equal((await ask('POST', `${token}/designs/${other}`, { name: 'Ana' })).status, 404);
  const approved = await bodyOf<typeof page>(
    await ask('POST', `${token}/designs/${own}`, { name: 'Ana' }),
    200,
  );
  assert.equal(approved.designs[0]?.approvedBy, 'Ana');
  for (const who of ['a:staff', 'a:viewer'] as const)
    assert.equal(
      (await company.ask(who, 'POST', `/api/events/${events[0]}/design-link`)).status >= 400,
      true,
    );
});
