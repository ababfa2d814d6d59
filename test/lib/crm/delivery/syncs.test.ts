import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startConnections } from '@/lib/crm/delivery';
import { type Asker, bodyOf, makeDeal, startCompany } from '../../../server/api/start-company';
import { fakeGoogle, fakeQuickBooks } from '../../../server/api/vendor-fakes';
import { until } from '../../../support/until';

const google = await fakeGoogle();
const quickbooks = await fakeQuickBooks();
const company = await startCompany({
  oauthClients: {
    google: { clientId: 'marquee', clientSecret: 'of the operator' },
    quickbooks: { clientId: 'marquee', clientSecret: 'of the operator' },
  },
  oauthProviders: {
    google: google.oauth.provider('google', google.base),
    quickbooks: quickbooks.oauth.provider('quickbooks', quickbooks.base),
  },
});
const service = await company.service();
await startConnections(company, { pollingIntervalSeconds: 0.5 });

/** The queue waits half a minute before it tries again; a test does not. */
async function eventually(what: () => Promise<boolean> | boolean, why: string): Promise<void> {
  const look = async () => {
    if (await what()) return true;
    await company.operations.pool.query("update pgboss.job set start_after = now() where state = 'retry'");
    return false;
  };
  await until(look, why, { everyMs: 50 });
}

async function connect(who: Exclude<Asker, 'anonymous'>, provider: 'google' | 'quickbooks', more = '') {
  const { url } = await bodyOf<{ url: string }>(
    await company.ask(who, 'POST', `/api/integrations/${provider}/begin`),
    200,
  );
  const state = encodeURIComponent(new URL(url).searchParams.get('state') ?? '');
  return company.ask(who, 'GET', `/api/integrations/${provider}/callback?code=c-1&state=${state}${more}`);
}

async function connectionOf(provider: string) {
  const { data } = await service.from('user_integrations').select('*').eq('provider', provider).single();
  return data;
}

/** What a fake keeps is any JSON. */
const part = (value: unknown) => (value ?? {}) as Record<string, unknown>;

/** Of the tenant's outbox: nothing is left in it once it was handed over. */
async function outboxSize(): Promise<number> {
  const { data } = await service.rpc('outbox_events', { most: 1000 }).throwOnError();
  return data.length;
}

test('OAuth: tokens are kept encrypted, per person; one renews them at a time; a refusal is shown', async () => {
  const back = await connect('a:staff', 'google');
  assert.match(back.headers.get('location') ?? '', /\/settings\?tab=integrations&connected=google$/);
  assert.equal(google.oauth.forms[0]?.get('code'), 'c-1');
  assert.ok(google.oauth.forms[0]?.get('code_verifier'));
  const data = await connectionOf('google');
  assert.deepEqual([data.user_id, data.scopes], [company.userIds['a:staff'], ['calendar']]);
  assert.match(data.credentials, /^mq1\./);
  const check = () => company.ask('a:staff', 'POST', `/api/integrations/${data.id}/check`);
  const renewed = await Promise.all([check(), check()]);
  assert.deepEqual(
    renewed.map(({ status }) => status),
    [200, 200],
  );
  const renewals = google.oauth.forms.filter((form) => form.get('grant_type') === 'refresh_token');
  assert.equal(renewals.length, 1, 'renewed once');
  google.oauth.refuses = true;
  assert.equal((await check()).status, 409);
  const expired = await connectionOf('google');
  assert.equal(expired.status, 'expired');
  assert.match(expired.last_error, /no longer accepts/);
  assert.equal((await company.ask('a:sales', 'DELETE', `/api/integrations/${data.id}`)).status, 404);
  google.oauth.refuses = false;
  assert.equal((await check()).status, 200);
});

test('shifts are shown in the person’s Google calendar, moved with the event, and taken out again', async () => {
  google.events.set('owned', { id: 'owned', summary: 'Dentist' });
  const deal = await makeDeal(company, 'Calendar party');
  google.busy = 1;
  const { eventId, assignmentId } = await company.manager.withTenantTransaction(
    company.tenantIds.a,
    async ({ query }) => {
      const event = await query<{ id: string }>('select id from convert_opportunity($1)', [
        deal.opportunityId,
      ]);
      const assignment = await query<{ id: string }>(
        `insert into event_staff_assignments (event_id, event_date_id, user_id, staff_role_id, start_time, end_time, status)
         select $1, d.id, $2, (select id from staff_roles where type = 'event_staff' limit 1), d.start_time, d.end_time, 'confirmed'
         from event_dates d where d.event_id = $1 returning id`,
        [event.rows[0]?.id, company.userIds['a:staff']],
      );
      return { eventId: event.rows[0]?.id ?? '', assignmentId: assignment.rows[0]?.id ?? '' };
    },
  );
  // Written past the server: the sweep, or the next request, finds it.
  await company.ask('a:owner', 'PATCH', '/rest/v1/accounts?name=eq.unknown', { phone: '1' });
  const shown = () => google.events.get(assignmentId.replaceAll('-', ''));
  await eventually(() => shown() !== undefined, 'the shift is not shown');
  assert.equal(shown()?.summary, 'Calendar party');
  assert.equal(part(shown()?.start).timeZone, 'America/Chicago');

  const { status } = await company.ask('a:owner', 'PATCH', `/rest/v1/events?id=eq.${eventId}`, {
    title: 'Calendar gala',
  });
  assert.equal(status, 204);
  await eventually(() => shown()?.summary === 'Calendar gala', 'the title did not follow');

  google.oauth.expire();
  await bodyOf(
    await company.ask('a:owner', 'PATCH', `/rest/v1/events?id=eq.${eventId}`, {
      status: 'cancelled',
      cancel_reason: 'rain',
    }),
    204,
  );
  await eventually(() => shown()?.status === 'cancelled', 'the cancelled shift is still shown');
  assert.equal(google.events.get('owned')?.summary, 'Dentist');
  await eventually(async () => (await outboxSize()) === 0, 'the outbox is not empty');
  const connection = await connectionOf('google');
  assert.deepEqual([connection.status, connection.last_error], ['connected', null]);
  const requests = google.requests.length;
  await bodyOf(await company.ask('a:staff', 'POST', `/api/integrations/${connection.id}/sync`), 202);
  await eventually(() => google.requests.length > requests, 'nothing was synchronised');
  await setTimeout(300);
  assert.deepEqual(google.requests.slice(requests), ['GET /calendars/primary/events'], 'nothing to change');
});

/** An invoice of 1,210.00, sent through the API as a person would. @param row further columns of it */
async function sendInvoice(name: string, row: object = {}): Promise<string> {
  const account = { name, email: 'books@client.example', billing_city: 'Austin' };
  const made = async (table: string, row: object) =>
    (
      await bodyOf<{ id: string }[]>(
        await company.ask('a:owner', 'POST', `/rest/v1/${table}`, row, { prefer: 'return=representation' }),
        201,
      )
    )[0]?.id ?? '';
  const account_id = await made('accounts', account);
  const invoice_id = await made('invoices', { account_id, invoice_type: 'general', ...row });
  await made('invoice_line_items', {
    invoice_id,
    item_type: 'custom',
    name: 'Booth',
    unit_price: 100_000,
    tax_rate: 21,
  });
  await bodyOf(
    await company.ask('a:owner', 'PATCH', `/rest/v1/invoices?id=eq.${invoice_id}`, { status: 'sent' }),
    204,
  );
  return invoice_id;
}

test('clients, invoices and payments come into QuickBooks once, whatever fails between', async () => {
  assert.equal((await connect('a:owner', 'quickbooks')).status, 400, 'QuickBooks says which company');
  const back = await connect('a:owner', 'quickbooks', '&realmId=4620816365');
  assert.equal(back.status, 303);
  assert.equal((await connectionOf('quickbooks')).external_account_id, '4620816365');
  quickbooks.rows.set('customer/9', { Id: '9', SyncToken: '0', DisplayName: 'Known before' });
  quickbooks.down = true;
  const invoiceId = await sendInvoice('Known before');
  await bodyOf(
    await company.ask('a:owner', 'POST', `/api/invoices/${invoiceId}/payments`, {
      amount: 60_500,
      method: 'cash',
      // Half past eight in the evening of 1 March in Chicago.
      paidAt: '2026-03-02T02:30:00Z',
    }),
    201,
  );
  await eventually(
    async () => (await connectionOf('quickbooks')).last_error !== null,
    'the failure is not shown',
  );
  assert.match((await connectionOf('quickbooks')).last_error, /QuickBooks answered 503/);
  quickbooks.down = false;
  await eventually(() => quickbooks.of('payment').length === 1, 'the payment is not in the books');
  const [invoice] = quickbooks.of('invoice');
  assert.equal(quickbooks.of('invoice').length, 1);
  assert.deepEqual(
    [invoice?.TotalAmt, part(invoice?.CustomerRef).value, part(invoice?.CurrencyRef).value],
    [1210, '9', 'USD'],
  );
  const [payment] = quickbooks.of('payment');
  assert.deepEqual([payment?.TotalAmt, payment?.TxnDate], [605, '2026-03-01']);
  assert.deepEqual(part(part(payment?.Line)[0]).LinkedTxn, [{ TxnId: invoice?.Id, TxnType: 'Invoice' }]);
  assert.equal(quickbooks.of('item').length, 1);

  const { id } = await connectionOf('quickbooks');
  await bodyOf(await company.ask('a:owner', 'POST', `/api/integrations/${id}/sync`), 202);
  await eventually(async () => (await connectionOf('quickbooks')).last_error === null, 'the error stays');
  await bodyOf(
    await company.ask('a:owner', 'PATCH', '/rest/v1/accounts?name=eq.Known%20before', {
      phone: '+1 512 555 0100',
    }),
    204,
  );
  await eventually(
    () => part(quickbooks.rows.get('customer/9')?.PrimaryPhone).FreeFormNumber === '+1 512 555 0100',
    'the client’s phone did not follow',
  );
  assert.deepEqual([quickbooks.of('invoice').length, quickbooks.of('payment').length], [1, 1]);
});

for (const forgets of [false, true]) {
  test(`an answer of QuickBooks that got lost makes nothing twice, though the row changed${forgets ? ' and its request id is forgotten' : ''}`, async () => {
    quickbooks.forgets = forgets;
    const before = new Map(
      ['customer', 'invoice', 'payment'].map((kind) => [kind, quickbooks.of(kind).length]),
    );
    const added = (kind: string) => quickbooks.of(kind).length - (before.get(kind) ?? 0);
    /** Has a thing made there whose answer is lost, and tried again after a change. */
    const lose = async (kind: string, made: () => Promise<unknown>, change: () => Promise<unknown>) => {
      quickbooks.loses = kind;
      await made();
      await eventually(() => added(kind) === 1, `no ${kind} was made`);
      quickbooks.loses = '';
      await change();
    };
    const known = async (id: string) => {
      const { data } = await service
        .rpc('external_rows', { system: 'quickbooks:4620816365', ids: [id] })
        .throwOnError();
      return (data as unknown[]).length > 0;
    };
    const name = `Lost ${forgets}`;
    let invoiceId = '';
    const patch = (path: string, changes: object) =>
      company.ask('a:owner', 'PATCH', `/rest/v1/${path}`, changes).then((answer) => bodyOf(answer, 204));
    if (forgets) {
      await lose(
        'invoice',
        async () => {
          invoiceId = await sendInvoice(name);
        },
        () => patch(`invoices?id=eq.${invoiceId}`, { notes: 'changed meanwhile' }),
      );
    } else {
      await lose(
        'customer',
        async () => {
          invoiceId = await sendInvoice(name);
        },
        () => patch(`accounts?name=eq.${encodeURIComponent(name)}`, { name: `${name} renamed` }),
      );
    }
    await eventually(() => known(invoiceId), 'the invoice is not in the books');
    let paymentId = '';
    await lose(
      'payment',
      async () => {
        const paid = { amount: 60_500, method: 'cash', reference: 'cheque 1' };
        const answer = await company.ask('a:owner', 'POST', `/api/invoices/${invoiceId}/payments`, paid);
        paymentId = (await bodyOf<{ id: string }>(answer, 201)).id;
      },
      () => patch(`payments?id=eq.${paymentId}`, { fee: 25 }),
    );
    await eventually(() => known(paymentId), 'the payment is not in the books');
    assert.deepEqual([added('customer'), added('invoice'), added('payment')], [1, 1, 1]);
    if (!forgets)
      assert.ok(quickbooks.of('customer').some(({ DisplayName }) => DisplayName === `${name} renamed`));
    quickbooks.forgets = false;
  });
}

/** What a kind of document in the books says of an invoice, newest last. */
const booked = (kind: string, id: string) =>
  quickbooks.of(kind).filter(({ PrivateNote }) => String(PrivateNote).endsWith(id));

test('an invoice of prices that include tax comes into QuickBooks as its nets and taxes', async () => {
  const id = await sendInvoice('Included Ltd', { prices_include_tax: true });
  const inBooks = () =>
    quickbooks.of('invoice').find(({ PrivateNote }) => String(PrivateNote).endsWith(id)) as
      | { TotalAmt?: number; Line?: { Amount: number; Description: string }[]; TxnTaxDetail?: object }
      | undefined;
  await eventually(() => inBooks() !== undefined, 'the invoice is not in the books');
  const { TotalAmt, Line, TxnTaxDetail } = inBooks() ?? {};
  assert.deepEqual(
    [TotalAmt, TxnTaxDetail, Line?.map(({ Amount, Description }) => [Amount, Description])],
    [1000, { TotalTax: 173.55 }, [[826.45, '1 × Booth']]],
  );
});

test('refunds and credits come into QuickBooks once: what was refunded is not taken back twice', async () => {
  const invoice_id = await sendInvoice('Refunded Ltd');
  const post = async (path: string, row: object) => {
    const answer = await company.ask('a:owner', 'POST', path, row, { prefer: 'return=representation' });
    const body = await bodyOf<{ id: string } | { id: string }[]>(answer, path.includes('rpc') ? 200 : 201);
    return (Array.isArray(body) ? body[0]?.id : body.id) ?? '';
  };
  const record = (row: object) =>
    post('/rest/v1/payments', { invoice_id, currency: 'USD', method: 'cash', ...row });
  const paid = await record({ amount: 60_500 });
  await eventually(() => booked('payment', paid).length === 1, 'the payment is not in the books');
  // The answer to the first attempt is lost.
  quickbooks.loses = 'refundreceipt';
  const refund = await record({ kind: 'refund', amount: 20_000, refund_of_id: paid });
  await eventually(() => booked('refundreceipt', refund).length === 1, 'the refund is not in the books');
  quickbooks.loses = '';
  // 805 are due; 200 of them were taken back with the refund already.
  const credit = await post('/rest/v1/rpc/credit_invoice', { invoice_id, amount: 30_000, reason: 'late' });
  await eventually(() => booked('creditmemo', credit).length === 1, 'the credit is not in the books');
  const [receipt] = booked('refundreceipt', refund);
  assert.deepEqual(
    [receipt?.TotalAmt, part(receipt?.TxnTaxDetail).TotalTax, part(receipt?.DepositToAccountRef).value],
    [200, 34.71, '8'],
  );
  const [memo] = booked('creditmemo', credit);
  assert.deepEqual([memo?.TotalAmt, part(memo?.TxnTaxDetail).TotalTax], [100, 17.36]);
  const links = () =>
    quickbooks
      .of('payment')
      .filter(
        ({ TotalAmt, Line }) => TotalAmt === 0 && JSON.stringify(Line).includes(`"TxnId":"${memo?.Id}"`),
      );
  await eventually(() => links().length === 1, 'the credit is not applied');
  assert.deepEqual(part(links()[0]?.Line).length, 2);
  assert.deepEqual([booked('refundreceipt', refund).length, booked('creditmemo', credit).length], [1, 1]);

  // A credit that is taken back goes; a payment that was recorded by mistake is nothing.
  await record({ kind: 'refund', amount: 30_000, refund_of_id: credit });
  await eventually(() => booked('creditmemo', credit).length === 0, 'the credit stays');
  assert.equal(links().length, 0);
  const wrong = await record({ amount: 10_000 });
  await eventually(
    () => booked('salesreceipt', wrong).length === 1,
    'what was refunded and is paid again is a sale',
  );
  const typo = await sendInvoice('Typed wrongly');
  const slip = await post('/rest/v1/payments', {
    invoice_id: typo,
    currency: 'USD',
    amount: 90_000,
    method: 'check',
  });
  await eventually(() => booked('payment', slip)[0]?.TotalAmt === 900, 'the payment is not in the books');
  await post('/rest/v1/rpc/correct_payment', { payment_id: slip, reason: 'typo', amount: 9_000 });
  await eventually(() => booked('payment', slip)[0]?.TotalAmt === 0, 'the mistake stays');
  await eventually(
    () => quickbooks.of('payment').some(({ TotalAmt }) => TotalAmt === 90),
    'the right one is not there',
  );
});

test('a refund that QuickBooks refuses is a task at its invoice', async () => {
  const invoice_id = await sendInvoice('Refused refund');
  const answer = await company.ask('a:owner', 'POST', `/api/invoices/${invoice_id}/payments`, {
    amount: 60_500,
    method: 'cash',
  });
  const { id } = await bodyOf<{ id: string }>(answer, 201);
  await eventually(() => booked('payment', id).length === 1, 'the payment is not in the books');
  const account = quickbooks.rows.get('account/8');
  quickbooks.rows.delete('account/8');
  await bodyOf(
    await company.ask('a:owner', 'POST', '/rest/v1/payments', {
      ...{ invoice_id, kind: 'refund', amount: 500, currency: 'USD', method: 'cash', refund_of_id: id },
    }),
    201,
  );
  const tasks = async () =>
    (
      await service
        .from('tasks')
        .select('title,description')
        .eq('entity_type', 'invoice')
        .eq('entity_id', invoice_id)
        .throwOnError()
    ).data;
  await eventually(async () => (await tasks()).length > 0, 'no task asks a user to look');
  if (account) quickbooks.rows.set('account/8', account);
  assert.deepEqual(await tasks(), [
    {
      title: 'QuickBooks: look at this payment',
      description: 'QuickBooks has no bank account that refunds are paid from.',
    },
  ]);
});

test('an invoice that was made void while its answer was lost is void in the books too', async () => {
  const before = quickbooks.of('invoice').length;
  quickbooks.loses = 'invoice';
  const invoiceId = await sendInvoice('Lost and void');
  await eventually(() => quickbooks.of('invoice').length === before + 1, 'it is not there');
  await bodyOf(
    await company.ask('a:owner', 'PATCH', `/rest/v1/invoices?id=eq.${invoiceId}`, { status: 'void' }),
    204,
  );
  quickbooks.loses = '';
  await eventually(
    () =>
      quickbooks
        .of('invoice')
        .some(({ PrivateNote, TotalAmt }) => String(PrivateNote).endsWith(invoiceId) && TotalAmt === 0),
    'it is not void there',
  );
  assert.equal(quickbooks.of('invoice').length, before + 1);
});

test('a void invoice is voided in the books; what does not fit becomes one task', async () => {
  const voided = await sendInvoice('Voided Ltd');
  await eventually(
    () => quickbooks.of('invoice').some(({ PrivateNote }) => String(PrivateNote).endsWith(voided)),
    'the invoice is not in the books',
  );
  await bodyOf(
    await company.ask('a:owner', 'PATCH', `/rest/v1/invoices?id=eq.${voided}`, { status: 'void' }),
    204,
  );
  await eventually(
    () =>
      quickbooks
        .of('invoice')
        .some(({ PrivateNote, TotalAmt }) => String(PrivateNote).endsWith(voided) && TotalAmt === 0),
    'it is not void there',
  );
  quickbooks.taxOff = 0.01;
  const odd = await sendInvoice('Odd taxes');
  const tasks = async () =>
    (await service.from('tasks').select('title,description').eq('entity_id', odd).throwOnError()).data;
  await eventually(async () => (await tasks()).length > 0, 'no task asks a user to look');
  assert.deepEqual(await tasks(), [
    {
      title: 'QuickBooks: look at this invoice',
      description: (await tasks())[0]?.description,
    },
  ]);
  assert.match((await tasks())[0]?.description ?? '', /1210\.01 instead of 1210: its taxes differ/);
  // The task is written before the connection shows the failure.
  await eventually(
    async () => (await connectionOf('quickbooks')).status === 'error',
    'the connection does not show the failure',
  );
});

test('disconnecting takes out of a calendar what is to come, with tokens that have ended too, and nothing else', async () => {
  const before = google.events.size;
  const own = (id: string, start: string) =>
    google.events.set(id, {
      id,
      start: { dateTime: start },
      extendedProperties: { private: { marquee: company.tenantIds.a, made: 'x' } },
    });
  own('aaaaa1', '2099-01-01T18:00:00Z');
  own('aaaaa2', '2099-01-02T18:00:00Z');
  google.events.set('aaaaa3', {
    id: 'aaaaa3',
    extendedProperties: { private: { marquee: company.tenantIds.b, made: 'x' } },
  });
  google.oauth.expire();
  const connection = await connectionOf('google');
  await bodyOf(await company.ask('a:staff', 'DELETE', `/api/integrations/${connection.id}`), 204);
  assert.equal(google.events.size, before + 3);
  const shown = [...google.events.values()].filter(({ status }) => status !== 'cancelled');
  assert.deepEqual(
    shown.filter(({ extendedProperties }) => extendedProperties?.private?.marquee === company.tenantIds.a),
    [],
  );
  assert.ok(google.events.get('owned') && google.events.get('aaaaa3')?.status !== 'cancelled');
  assert.equal(google.oauth.revoked.length, 1);
  // Cleared first: with the tokens gone nothing could be.
  const last = google.requests.at(-1) ?? '';
  assert.match(last, /^DELETE /);
});

test('a calendar that cannot be reached does not hold up who disconnects', async () => {
  await connect('a:staff', 'google');
  const connection = await connectionOf('google');
  google.busy = 1000;
  await bodyOf(await company.ask('a:staff', 'DELETE', `/api/integrations/${connection.id}`), 204);
  google.busy = 0;
  assert.equal(google.oauth.revoked.length, 2);
  await connect('a:staff', 'google');
});

test('disconnecting gives the tokens back and forgets them; then nothing is written down any more', async () => {
  const connections = await Promise.all(['google', 'quickbooks'].map(connectionOf));
  for (const [index, who] of (['a:staff', 'a:owner'] as const).entries())
    await bodyOf(await company.ask(who, 'DELETE', `/api/integrations/${connections[index]?.id}`), 204);
  assert.match(google.oauth.revoked.at(-1) ?? '', /^rt-/);
  assert.match(quickbooks.oauth.revoked[0] ?? '', /^rt-/);
  await sendInvoice('After the end');
  assert.equal(await outboxSize(), 0);
});
