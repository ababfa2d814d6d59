import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadInvoice } from '@/lib/crm/documents';
import { bodyOf, makeDeal, startCompany } from './company';

const company = await startCompany();
const deal = await makeDeal(company);

test('a quote is a PDF for those who may read it', async () => {
  const response = await company.ask('a:sales', 'GET', `/api/documents/quotes/${deal.quoteId}.pdf`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/pdf');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.match(response.headers.get('content-disposition') ?? '', /filename="Quote Q-\d+\.pdf"/);
  assert.equal(
    Buffer.from(await response.arrayBuffer())
      .subarray(0, 5)
      .toString(),
    '%PDF-',
  );
});

test('others are refused: anonymous callers, crew, another company', async () => {
  const path = `/api/documents/quotes/${deal.quoteId}.pdf`;
  const statuses = await Promise.all(
    (['anonymous', 'a:staff', 'b:owner'] as const).map(
      async (who) => (await company.ask(who, 'GET', path)).status,
    ),
  );
  assert.deepEqual(statuses, [401, 404, 404]);
});

test('what is not an id is a malformed request', async () => {
  const body = await bodyOf<{ code: string }>(
    await company.ask('a:owner', 'GET', '/api/documents/quotes/12.pdf'),
    400,
  );
  assert.equal(body.code, 'request_malformed');
});

test('invoices, contracts, packing lists and crew briefs are PDFs too', async () => {
  const ids = await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    await query("update quotes set status = 'sent' where id = $1", [deal.quoteId]);
    await query("select accept_quote($1, 'Ana')", [deal.quoteId]);
    const event = await query<{ id: string }>('select id from convert_opportunity($1)', [deal.opportunityId]);
    const invoice = await query<{ id: string }>('select id from invoices where quote_id = $1', [
      deal.quoteId,
    ]);
    const contract = await query<{ id: string }>(
      "insert into contracts (account_id, title, body_html) values ($1, 'Agreement', '<p>We agree.</p>') returning id",
      [deal.accountId],
    );
    return { event: event.rows[0]?.id, invoice: invoice.rows[0]?.id, contract: contract.rows[0]?.id };
  });
  const paths = [
    `invoices/${ids.invoice}.pdf`,
    `contracts/${ids.contract}.pdf`,
    `events/${ids.event}/packing-list.pdf`,
    `events/${ids.event}/crew-brief.pdf`,
  ];
  for (const path of paths) {
    const response = await company.ask('a:manager', 'GET', `/api/documents/${path}`);
    const start = Buffer.from(await response.arrayBuffer())
      .subarray(0, 5)
      .toString();
    assert.deepEqual([path, response.status, start], [path, 200, '%PDF-']);
  }
});

test('the API describes itself', async () => {
  const api = await bodyOf<{ openapi: string; paths: Record<string, unknown> }>(
    await company.ask('anonymous', 'GET', '/api/openapi.json'),
    200,
  );
  assert.equal(api.openapi, '3.1.0');
  assert.ok(api.paths['/documents/quotes/{file}']);
});

test('a client’s documents are in the client’s language, and an invoice says whom it was for when it was sent', async () => {
  const deal = await makeDeal(company, 'Hochzeit Weiß');
  const service = await company.service();
  await service
    .from('accounts')
    .update({ locale: 'de-DE', billing_street: 'Hauptstraße 1' })
    .eq('id', deal.accountId)
    .throwOnError();
  const quote = await company.ask('a:sales', 'GET', `/api/documents/quotes/${deal.quoteId}.pdf`);
  assert.match(decodeURIComponent(quote.headers.get('content-disposition') ?? ''), /Angebot Q-/);
  const { data: invoice } = await service
    .from('invoices')
    .insert({ account_id: deal.accountId })
    .select('id')
    .single()
    .throwOnError();
  await service
    .from('invoice_line_items')
    .insert({ invoice_id: invoice.id, item_type: 'custom', name: 'Fotobox', unit_price: 100 })
    .throwOnError();
  await service.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  await service
    .from('accounts')
    .update({ name: 'Another client', billing_street: 'Elsewhere 2' })
    .eq('id', deal.accountId)
    .throwOnError();
  const printed = await loadInvoice(service, invoice.id);
  assert.equal(printed.locale, 'de-DE');
  assert.equal(printed.billTo.name, 'Hochzeit Weiß');
  assert.ok(printed.billTo.lines.includes('Hauptstraße 1'));
  const { error } = await service.from('accounts').update({ locale: 'Deutsch!' }).eq('id', deal.accountId);
  assert.equal(error?.code, '23514');
});
