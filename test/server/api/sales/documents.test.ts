import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadInvoice, loadQuote, loadReceipt } from '@/lib/crm/documents';
import type { TenantTransaction } from '@/lib/data-sources';
import { bodyOf, makeDeal, startCompany } from '../start-company';

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

test('what is too long for one document is refused, with what to do, and nothing is left out', async () => {
  await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    const type = await query<{ id: string }>(
      "insert into equipment_types (name, category) values ('Light', 'lighting') returning id",
    );
    await query(
      `insert into equipment_items (equipment_type_id, name, asset_tag)
       select $1, 'Light', 'L-' || lpad(n::text, 5, '0') from generate_series(1, 3001) n`,
      [type.rows[0]?.id],
    );
    await query(
      `insert into event_dates (opportunity_id, event_date, start_time, end_time)
       select $1, '2031-01-01'::date + n, '18:00', '23:00' from generate_series(1, 1001) n`,
      [deal.opportunityId],
    );
  });
  const refused = async (path: string) => {
    const response = await company.ask('a:owner', 'GET', `/api/documents/${path}`);
    return (await bodyOf<{ code: string; hint: string }>(response, 413)).code;
  };
  assert.equal(await refused('labels/equipment/labels.pdf'), 'document_too_long');
  assert.equal(await refused(`quotes/${deal.quoteId}.pdf`), 'document_too_long');
  const rest = await company.ask('a:owner', 'GET', '/api/documents/labels/equipment/labels.pdf?part=2');
  assert.equal(rest.status, 200);
  const pages = Buffer.from(await rest.arrayBuffer())
    .toString('latin1')
    .match(/\/Type \/Page\b/g);
  assert.equal(pages?.length, 1);
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
  const invoice = await addInvoice(service, deal.accountId, 'Fotobox');
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

test('a quote of prices that include tax says so, in the client’s language', async () => {
  const deal = await makeDeal(company, 'Hochzeit mit Steuer');
  const service = await company.service();
  await service.from('accounts').update({ locale: 'de-DE' }).eq('id', deal.accountId).throwOnError();
  await service.from('quotes').update({ prices_include_tax: true }).eq('id', deal.quoteId).throwOnError();
  const { total, taxes } = await loadQuote(service, deal.quoteId);
  assert.deepEqual(
    [total, taxes],
    [100_000, [{ name: 'inkl. 21\u00a0% Steuer', amount: 17_355, net: 82_645 }]],
  );
});

test('a receipt of each payment, a credit note of each credit; none of a payment that is pending', async () => {
  const ids = await company.manager.withTenantTransaction(company.tenantIds.a, async ({ query }) => {
    const invoice = await query<{ id: string }>(
      "insert into invoices (account_id, invoice_type) values ($1, 'general') returning id",
      [deal.accountId],
    );
    const id = invoice.rows[0]?.id;
    await query(
      "insert into invoice_line_items (invoice_id, item_type, name, unit_price) values ($1, 'custom', 'Booth', 50000)",
      [id],
    );
    await query("update invoices set status = 'sent' where id = $1", [id]);
    const pay = async (amount: number, method: string, status: string, paidAt: string | null) => {
      const made = await query<{ id: string }>(
        `insert into payments (invoice_id, amount, currency, method, status, paid_at, reference)
          select id, $2, currency, $3, $4, $5, 'Late arrival' from invoices where id = $1 returning id`,
        [id, amount, method, status, paidAt],
      );
      return made.rows[0]?.id ?? '';
    };
    return {
      invoice: id ?? '',
      // In New York it is still the 7th.
      paid: await pay(20_000, 'cash', 'succeeded', '2026-01-08T03:00:00Z'),
      credit: await pay(5_000, 'credit', 'succeeded', '2026-01-09T15:00:00Z'),
      pending: await pay(1_000, 'check', 'pending', null),
    };
  });
  const service = await company.service();
  const { payment, ...receipt } = await loadReceipt(service, ids.paid);
  assert.deepEqual([payment.kind, payment.date, payment.amount], ['payment', '2026-01-07', 20_000]);
  assert.deepEqual([receipt.paid, receipt.credited, receipt.balance], [20_000, 5_000, 25_000]);
  assert.equal((await loadReceipt(service, ids.credit)).payment.kind, 'credit');
  for (const [id, name] of [
    [ids.paid, 'Receipt'],
    [ids.credit, 'Credit note'],
  ]) {
    const response = await company.ask('a:owner', 'GET', `/api/documents/payments/${id}.pdf`);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'application/pdf');
    const disposition = response.headers.get('content-disposition') ?? '';
    assert.match(disposition, new RegExp(`filename="${name} INV-.*-\\d\\.pdf"`));
  }
  const pending = await company.ask('a:owner', 'GET', `/api/documents/payments/${ids.pending}.pdf`);
  assert.equal((await bodyOf<{ code: string }>(pending, 409)).code, 'receipt_not_paid');
  for (const who of ['a:staff', 'b:owner'] as const)
    assert.equal((await company.ask(who, 'GET', `/api/documents/payments/${ids.paid}.pdf`)).status, 404);
  // What is recorded or taken back later leaves every number as it is, also what is dated before the others.
  const numbers = async () =>
    Promise.all([ids.paid, ids.credit].map(async (id) => (await loadReceipt(service, id)).number));
  const before = await numbers();
  const inTransaction = <T>(work: (transaction: TenantTransaction) => Promise<T>) =>
    company.manager.withTenantTransaction(company.tenantIds.a, work);
  const record = async ({ query }: TenantTransaction) => {
    const { rows } = await query<{ id: string }>(
      `insert into payments (invoice_id, amount, currency, method, status, paid_at)
         select id, 500, currency, 'cash', 'succeeded', '2026-01-02T15:00:00Z' from invoices where id = $1 returning id`,
      [ids.invoice],
    );
    return rows[0]?.id ?? '';
  };
  // The transaction of the one that is recorded last begins first.
  const [later, last] = await inTransaction(async (transaction) => {
    await transaction.query('select');
    return [await inTransaction(record), await record(transaction)] as const;
  });
  const numberOf = async (id: string) => (await loadReceipt(service, id)).number;
  assert.deepEqual(await numbers(), before);
  assert.deepEqual(
    [await numberOf(later), await numberOf(last)].map((number) => Number(/\d+$/.exec(number)?.[0])),
    [4, 5],
  );
  await inTransaction(async ({ query }) => {
    for (const id of [later, last]) await query("select correct_payment($1, 'by mistake')", [id]);
  });
  assert.deepEqual(await numbers(), before);
  const invoice = await loadInvoice(service, ids.invoice);
  assert.deepEqual(
    [invoice.paid, invoice.credited, invoice.balance, invoice.payments?.map(({ kind }) => kind)],
    [20_000, 5_000, 25_000, ['payment', 'credit']],
  );
});

test('a credit note says what net and tax it credits of each rate, on the PDF and on the client’s page', async () => {
  const service = await company.service();
  const { data: account } = await service
    .from('accounts')
    .insert({ name: 'Kredit GmbH', locale: 'de-DE' })
    .select('id')
    .single()
    .throwOnError();
  let onInvoice: string[] = [];
  const creditOf = async (...lines: [unit_price: number, tax_rate: number][]) => {
    const { data: invoice } = await service
      .from('invoices')
      .insert({ account_id: account.id })
      .select('id')
      .single()
      .throwOnError();
    await service
      .from('invoice_line_items')
      .insert(
        lines.map(([unit_price, tax_rate]) => ({
          ...{ invoice_id: invoice.id, item_type: 'custom', name: 'Booth', unit_price, tax_rate },
          taxable: tax_rate > 0,
        })),
      )
      .throwOnError();
    await service.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
    const { data: credit } = await service
      .rpc('credit_invoice', { invoice_id: invoice.id, amount: 5_000, reason: 'Rain' })
      .throwOnError();
    const link = await company.ask('a:owner', 'POST', `/api/invoices/${invoice.id}/link`);
    const token = (await bodyOf<{ url: string }>(link, 200)).url.split('/i/')[1];
    const page = await company.ask('anonymous', 'GET', `/api/client/invoices/${token}`);
    const [onPage] = (await bodyOf<{ payments: { taxes?: unknown }[] }>(page, 200)).payments;
    const printed = (await loadReceipt(service, credit.id)).payment.taxes;
    onInvoice = (await loadInvoice(service, invoice.id)).taxes.map(({ name }) => name);
    assert.deepEqual(onPage?.taxes, printed);
    const pdf = await company.ask('a:owner', 'GET', `/api/documents/payments/${credit.id}.pdf`);
    assert.equal(pdf.status, 200);
    return printed;
  };
  // 11,900 + 5,350 + 1,000.
  assert.deepEqual(await creditOf([10_000, 19], [5_000, 7], [1_000, 0]), [
    { name: 'Steuer 19\u00a0%', net: 2_739, tax: 521, gross: 3_260 },
    { name: 'Steuer 7\u00a0%', net: 1_370, tax: 96, gross: 1_466 },
    { name: 'Ohne Steuer', net: 274, tax: 0, gross: 274 },
  ]);
  // So does the invoice, which says nothing more where all of it has one rate.
  assert.deepEqual(onInvoice, ['Steuer 7\u00a0% auf 50,00\u00a0$', 'Steuer 19\u00a0% auf 100,00\u00a0$']);
  assert.equal(await creditOf([10_000, 0]), undefined);
  await creditOf([10_000, 19]);
  assert.deepEqual(onInvoice, ['Steuer 19\u00a0%']);
});

test('an invoice says how to pay it while a balance is open', async () => {
  const service = await company.service();
  const instructions = 'Bank transfer:\nFirst Bank, account 123';
  await service
    .from('tenant_settings')
    .upsert({ key: 'payment_instructions', value: `${instructions}\n` })
    .throwOnError();
  const invoice = await addInvoice(service, deal.accountId, 'Booth');
  const printed = async () => (await loadInvoice(service, invoice.id)).paymentInstructions;
  assert.equal(await printed(), instructions);
  await service.from('invoices').update({ status: 'sent' }).eq('id', invoice.id).throwOnError();
  assert.equal(await printed(), instructions);
  const { balance = 0 } = await loadInvoice(service, invoice.id);
  const paid = { amount: Number(balance), method: 'cash' };
  const answer = await company.ask('a:owner', 'POST', `/api/invoices/${invoice.id}/payments`, paid);
  assert.equal(answer.status, 201);
  assert.equal(await printed(), undefined);
});

test('of a void invoice nothing is due', async () => {
  const service = await company.service();
  const invoice = await addInvoice(service, deal.accountId, 'Booth');
  const plan = [
    { label: 'Deposit', type: 'percent', value: 50, due_date: '2030-05-01' },
    { label: 'Balance', type: 'rest', due_date: '2030-06-01' },
  ];
  await service
    .from('invoices')
    .update({ status: 'sent', payment_schedule: plan })
    .eq('id', invoice.id)
    .throwOnError();
  const facts = async () => {
    const { status, balance, dueDate, schedule = [] } = await loadInvoice(service, invoice.id);
    return [status, balance, dueDate, schedule.length];
  };
  assert.deepEqual(await facts(), ['sent', 100, '2030-06-01', 2]);
  await service.from('invoices').update({ status: 'void' }).eq('id', invoice.id).throwOnError();
  assert.deepEqual(await facts(), ['void', 0, undefined, 0]);
});

/** A draft with one line of 100. */
async function addInvoice(
  service: Awaited<ReturnType<typeof company.service>>,
  account_id: string,
  line: string,
) {
  const { data: invoice } = await service
    .from('invoices')
    .insert({ account_id })
    .select('id')
    .single()
    .throwOnError();
  await service
    .from('invoice_line_items')
    .insert({ invoice_id: invoice.id, item_type: 'custom', name: line, unit_price: 100 })
    .throwOnError();
  return invoice;
}
