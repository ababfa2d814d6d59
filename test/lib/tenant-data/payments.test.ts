// Payments and refunds in any order: what an invoice says was paid is what came in less what went back.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMoney } from '@/lib/money';
import { add, addEvent, addSentInvoice, unique } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

async function invoiceState(query: Query, id: string) {
  const [row] = await query<{ paid: string; balance: string; status: string }>(
    'select paid, balance, status from invoices where id = $1',
    [id],
  );
  return row && { paid: Number(row.paid), balance: Number(row.balance), status: row.status };
}

test('the order in which payments and refunds become known does not matter', async () => {
  const plan = fc
    .record({
      payments: fc.array(
        fc.record({
          amount: fc.integer({ min: 1, max: 5_000 }),
          refund: fc.integer({ min: 0, max: 5_000 }),
          fails: fc.boolean(),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .chain(({ payments }) =>
      fc.record({
        payments: fc.constant(payments),
        // Each payment and refund is first pending, then decided: in this order.
        order: fc.shuffledSubarray(
          payments.flatMap((_, index) => [`payment ${index}`, `refund ${index}`]),
          { minLength: payments.length * 2, maxLength: payments.length * 2 },
        ),
      }),
    );
  await fc.assert(
    fc.asyncProperty(plan, async ({ payments, order }) => {
      await service(async (query) => {
        const total = 8_000;
        const invoice = await addSentInvoice(query, total);
        const base = { invoice_id: invoice, currency: 'USD', status: 'pending', provider: 'test' };
        const ids = [];
        for (const { amount, refund } of payments) {
          const payment = await add(query, 'payments', { ...base, amount });
          const back =
            refund > 0
              ? await add(query, 'payments', {
                  ...base,
                  kind: 'refund',
                  amount: Math.min(refund, amount),
                  refund_of_id: payment,
                })
              : undefined;
          ids.push({ payment, back });
        }
        for (const step of order) {
          const [kind, at] = step.split(' ');
          const index = Number(at);
          const id = kind === 'payment' ? ids[index]?.payment : ids[index]?.back;
          if (!id) continue;
          const status = kind === 'payment' && payments[index]?.fails ? 'failed' : 'succeeded';
          await query('update payments set status = $2 where id = $1', [id, status]);
          const between = await invoiceState(query, invoice);
          assert.ok(between && between.paid >= 0 && between.balance === total - between.paid);
        }
        const paid = payments
          .filter(({ fails }) => !fails)
          .reduce((sum, { amount, refund }) => sum + amount - Math.min(refund, amount), 0);
        const status = paid >= total ? 'paid' : paid > 0 ? 'partially_paid' : 'sent';
        assert.deepEqual(await invoiceState(query, invoice), { paid, balance: total - paid, status });
      });
    }),
    { numRuns: 40 },
  );
});

test('20 payments at once are all counted, and together never exceed the balance when recorded by hand', async () => {
  const invoice = await service((query) => addSentInvoice(query, 1_000));
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () =>
      as({ tenant, role: 'manager' }, (query) =>
        add(query, 'payments', { invoice_id: invoice, amount: 100, currency: 'USD', method: 'cash' }),
      ),
    ),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 10);
  assert.deepEqual(await service((query) => invoiceState(query, invoice)), {
    paid: 1_000,
    balance: 0,
    status: 'paid',
  });
});

test('more is never refunded than was paid, in another currency, or of another invoice', async () => {
  const { invoice, other, payment } = await service(async (query) => {
    const invoice = await addSentInvoice(query, 1_000);
    const other = await addSentInvoice(query, 1_000);
    const payment = await add(query, 'payments', { invoice_id: invoice, amount: 400, currency: 'USD' });
    return { invoice, other, payment };
  });
  const refund = { kind: 'refund', refund_of_id: payment, currency: 'USD', invoice_id: invoice };
  const refused = (row: Record<string, unknown>, code: string) =>
    assert.rejects(
      service((query) => add(query, 'payments', row)),
      sqlState(code),
    );
  await service((query) => add(query, 'payments', { ...refund, amount: 300 }));
  await refused({ ...refund, amount: 101 }, 'PT409');
  await refused({ ...refund, amount: 50, currency: 'EUR' }, 'PT400');
  await refused({ ...refund, amount: 50, invoice_id: other }, 'PT400');
  await refused({ ...refund, amount: -5 }, '23514');
  await refused({ invoice_id: invoice, currency: 'USD', amount: 901 }, 'PT409');
});

test('a recorded payment neither changes nor disappears', async () => {
  const payment = await service(async (query) =>
    add(query, 'payments', { invoice_id: await addSentInvoice(query, 1_000), amount: 400, currency: 'USD' }),
  );
  for (const change of ['amount = 1', "status = 'failed'", "currency = 'EUR'"])
    await assert.rejects(
      service((query) => query(`update payments set ${change} where id = $1`, [payment])),
      sqlState('PT409'),
    );
  await as({ tenant, role: 'owner' }, async (query) => {
    assert.deepEqual(await query('delete from payments where id = $1 returning id', [payment]), []);
  });
});

test('nothing is paid on a draft or a void invoice, by hand or through a provider', async () => {
  const { draft, voided } = await service(async (query) => {
    const voided = await addSentInvoice(query, 1_000);
    await query("update invoices set status = 'void' where id = $1", [voided]);
    const [sent] = await query<{ account_id: string }>('select account_id from invoices where id = $1', [
      voided,
    ]);
    return { draft: await add(query, 'invoices', { account_id: sent?.account_id }), voided };
  });
  for (const invoice_id of [draft, voided])
    for (const through of [{}, { provider: 'test', provider_id: randomUUID() }])
      for (const status of ['succeeded', 'pending'])
        await assert.rejects(
          service((query) =>
            add(query, 'payments', { invoice_id, amount: 1, currency: 'USD', status, ...through }),
          ),
          sqlState('PT409'),
          `${status} ${JSON.stringify(through)}`,
        );
  // Nor does one that was pending succeed by hand once the invoice is void.
  const { invoice, pending } = await service(async (query) => {
    const invoice = await addSentInvoice(query, 1_000);
    const base = { invoice_id: invoice, amount: 1, currency: 'USD' };
    const pending = await add(query, 'payments', { ...base, status: 'pending' });
    await query("update invoices set status = 'void' where id = $1", [invoice]);
    return { invoice, pending };
  });
  await assert.rejects(
    service((query) => query("update payments set status = 'succeeded' where id = $1", [pending])),
    sqlState('PT409'),
  );
  assert.equal((await service((query) => invoiceState(query, invoice)))?.paid, 0);
});

test('a refund on its way counts against what is left to refund, and lowers what is paid only once it went', async () => {
  const { invoice, payment } = await service(async (query) => {
    const invoice = await addSentInvoice(query, 1_000);
    return {
      invoice,
      payment: await add(query, 'payments', { invoice_id: invoice, amount: 1_000, currency: 'USD' }),
    };
  });
  const refund = { invoice_id: invoice, kind: 'refund', refund_of_id: payment, currency: 'USD' };
  const pending = await service((query) =>
    add(query, 'payments', { ...refund, amount: 700, status: 'pending' }),
  );
  const paid = async () => (await service((query) => invoiceState(query, invoice)))?.paid;
  assert.equal(await paid(), 1_000);
  for (const status of ['pending', 'succeeded'])
    await assert.rejects(
      service((query) => add(query, 'payments', { ...refund, amount: 301, status })),
      sqlState('PT409'),
      status,
    );
  await service((query) => query("update payments set status = 'succeeded' where id = $1", [pending]));
  assert.equal(await paid(), 300);
  const failed = await service((query) =>
    add(query, 'payments', { ...refund, amount: 300, status: 'failed' }),
  );
  assert.ok(failed);
  assert.equal(await paid(), 300);
  await service((query) => add(query, 'payments', { ...refund, amount: 300 }));
  assert.equal(await paid(), 0);
});

test('what a provider did with money, no user writes down', async () => {
  const { invoice, payment } = await service(async (query) => {
    const invoice = await addSentInvoice(query, 1_000);
    const row = {
      invoice_id: invoice,
      amount: 400,
      currency: 'USD',
      provider: 'stripe',
      provider_id: randomUUID(),
    };
    return { invoice, payment: await add(query, 'payments', row) };
  });
  const owner = { tenant, role: 'owner' } as const;
  const refund = { invoice_id: invoice, kind: 'refund', refund_of_id: payment, amount: 400, currency: 'USD' };
  const pending = await as(owner, (query) => add(query, 'payments', { ...refund, status: 'pending' }));
  const [row] = await as(owner, (query) => query('select provider from payments where id = $1', [pending]));
  assert.equal(row?.provider, 'stripe', 'who took it gives it back');
  for (const change of ["status = 'succeeded'", "status = 'cancelled'", "paid_at = '2020-01-01'"])
    await assert.rejects(
      as(owner, (query) => query(`update payments set ${change} where id = $1`, [pending])),
      sqlState('PT403'),
      change,
    );
  for (const change of ["provider_id = 'x'", 'provider = null', 'amount = 1', "failure_reason = 'x'"])
    await assert.rejects(
      as(owner, (query) => query(`update payments set ${change} where id = $1`, [pending])),
      sqlState('42501'),
      change,
    );
});

test('a provider’s message that arrives twice is one payment', async () => {
  const invoice = await service((query) => addSentInvoice(query, 1_000));
  const row = {
    invoice_id: invoice,
    amount: 400,
    currency: 'USD',
    provider: 'test',
    provider_id: randomUUID(),
  };
  await service((query) => add(query, 'payments', row));
  await assert.rejects(
    service((query) => add(query, 'payments', row)),
    sqlState('23505'),
  );
});

test('an invoice with money on it is not voided; without, it is, and keeps its number', async () => {
  const { paid, unpaid } = await service(async (query) => {
    const paid = await addSentInvoice(query, 1_000);
    await add(query, 'payments', { invoice_id: paid, amount: 1, currency: 'USD' });
    return { paid, unpaid: await addSentInvoice(query, 1_000) };
  });
  const voiding = "update invoices set status = 'void' where id = $1 returning invoice_number, voided_at";
  await assert.rejects(
    service((query) => query(voiding, [paid])),
    sqlState('PT409'),
  );
  const [row] = await service((query) => query(voiding, [unpaid]));
  assert.ok(row?.invoice_number && row.voided_at);
  await assert.rejects(
    service((query) => query("update invoices set status = 'sent' where id = $1", [unpaid])),
    sqlState('PT409'),
  );
  await assert.rejects(
    service((query) => query('delete from invoices where id = $1', [paid])),
    sqlState('PT409'),
  );
});

test('a credit lowers the balance without money; only managers give one', async () => {
  const invoice = await service((query) => addSentInvoice(query, 1_000));
  const credit = 'select * from credit_invoice($1, 250, $2)';
  await assert.rejects(
    as({ tenant, role: 'sales' }, (query) => query(credit, [invoice, 'late set-up'])),
    sqlState('PT403'),
  );
  await as({ tenant, role: 'manager' }, (query) => query(credit, [invoice, 'late set-up']));
  assert.equal((await service((query) => invoiceState(query, invoice)))?.balance, 750);
});

test('the event shows how far it is paid', async () => {
  await service(async (query) => {
    const event = await addEvent(query);
    const invoice = await addSentInvoice(query, 1_000, { event_id: event });
    const shown = async () => {
      const [row] = await query<{ name: string }>(
        'select o.name from events e join payment_status_options o on o.id = e.payment_status_id where e.id = $1',
        [event],
      );
      return row?.name;
    };
    assert.equal(await shown(), 'Not Paid');
    const payment = await add(query, 'payments', { invoice_id: invoice, amount: 500, currency: 'USD' });
    assert.equal(await shown(), 'Deposit Paid');
    await add(query, 'payments', { invoice_id: invoice, amount: 500, currency: 'USD' });
    assert.equal(await shown(), 'Paid in Full');
    await add(query, 'payments', {
      invoice_id: invoice,
      amount: 500,
      currency: 'USD',
      kind: 'refund',
      refund_of_id: payment,
    });
    assert.equal(await shown(), 'Deposit Paid');
  });
});

test('an invoice that gets its event after it was paid, or another event, is shown by the right one', async () => {
  await service(async (query) => {
    const [first, second] = [await addEvent(query), await addEvent(query)];
    const shown = async () => {
      const rows = await query<{ name: string | null }>(
        `select o.name from unnest($1::uuid[]) with ordinality as x (id, place) join events e using (id)
           left join payment_status_options o on o.id = e.payment_status_id order by place`,
        [[first, second]],
      );
      return rows.map(({ name }) => name);
    };
    const invoice = await addSentInvoice(query, 1_000);
    await add(query, 'payments', { invoice_id: invoice, amount: 1_000, currency: 'USD' });
    assert.deepEqual(await shown(), [null, null]);
    const moved = async (event: string | null) => {
      await query('update invoices set event_id = $2 where id = $1', [invoice, event]);
      return shown();
    };
    assert.deepEqual(await moved(first), ['Paid in Full', null]);
    assert.deepEqual(await moved(second), ['Not Paid', 'Paid in Full']);
    assert.deepEqual(await moved(null), ['Not Paid', 'Not Paid']);
  });
});

test('overdue follows from the day where the tenant is', async () => {
  await service(async (query) => {
    const late = await addSentInvoice(query, 1_000, { due_date: '2020-01-01' });
    const due = await addSentInvoice(query, 1_000, { due_date: '2199-01-01' });
    const rows = await query('select overdue(i) from invoices i where id = any ($1) order by due_date', [
      [late, due],
    ]);
    assert.deepEqual(rows, [{ overdue: true }, { overdue: false }]);
  });
});

test('money by hand never exceeds the balance, also when it was pending; it is given back only when it came', async () => {
  const { invoice, pending } = await service(async (query) => {
    const invoice = await addSentInvoice(query, 1_000);
    const base = { invoice_id: invoice, currency: 'USD', method: 'check' };
    const pending = await add(query, 'payments', { ...base, amount: 800, status: 'pending' });
    await add(query, 'payments', { ...base, amount: 500 });
    return { invoice, pending };
  });
  await assert.rejects(
    service((query) => query("update payments set status = 'succeeded' where id = $1", [pending])),
    sqlState('PT409'),
  );
  await assert.rejects(
    service((query) =>
      add(query, 'payments', {
        invoice_id: invoice,
        kind: 'refund',
        refund_of_id: pending,
        amount: 100,
        currency: 'USD',
      }),
    ),
    sqlState('PT409'),
  );
  // A provider's money is recorded from the provider's report: a user cannot write down that one took it.
  await assert.rejects(
    as({ tenant, role: 'owner' }, (query) =>
      add(query, 'payments', { invoice_id: invoice, amount: 9_000, currency: 'USD', provider: 'stripe' }),
    ),
    sqlState('42501'),
  );
  assert.equal((await service((query) => invoiceState(query, invoice)))?.paid, 500);
});

test('of 10 refunds of one payment at once, no more goes back than came', async () => {
  const { invoice, payment } = await service(async (query) => {
    const invoice = await addSentInvoice(query, 1_000);
    return {
      invoice,
      payment: await add(query, 'payments', { invoice_id: invoice, amount: 1_000, currency: 'USD' }),
    };
  });
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      as({ tenant, role: 'manager' }, (query) =>
        add(query, 'payments', {
          invoice_id: invoice,
          kind: 'refund',
          refund_of_id: payment,
          amount: 300,
          currency: 'USD',
        }),
      ),
    ),
  );
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 3);
  assert.deepEqual(await service((query) => invoiceState(query, invoice)), {
    paid: 100,
    balance: 900,
    status: 'partially_paid',
  });
});

test('amounts in words have the decimals of their currency', async () => {
  const [row] = await service((query) =>
    query(
      "select array[tenancy.money_in_words(123456, 'USD'), tenancy.money_in_words(5, 'EUR'), tenancy.money_in_words(1234, 'JPY'), tenancy.money_in_words(1234, 'KWD')] as words",
    ),
  );
  assert.deepEqual(row?.words, ['1,234.56 USD', '0.05 EUR', '1,234 JPY', '1.234 KWD']);
});

test('the database and the application count each currency in the same minor unit', async () => {
  const words = await service((query) =>
    query<{ currency: string; words: string }>(
      'select c as currency, tenancy.money_in_words(1234567, c) as words from unnest($1::text[]) c',
      [Intl.supportedValuesOf('currency')],
    ),
  );
  assert.deepEqual(
    words.filter(({ currency, words }) => {
      const shown = formatMoney(1234567, currency, 'en-US').match(/\d[\d.,]*/)?.[0];
      return words !== `${shown} ${currency}`;
    }),
    [],
  );
});

test('an invoice that was written off and is paid after all is paid; a part leaves it written off', async () => {
  await service(async (query) => {
    const invoice = await addSentInvoice(query, 10_000);
    await query("update invoices set status = 'written_off' where id = $1", [invoice]);
    const pay = (amount: number) =>
      add(query, 'payments', {
        invoice_id: invoice,
        currency: 'USD',
        method: 'cash',
        status: 'succeeded',
        amount,
      });
    await pay(4_000);
    assert.deepEqual(await invoiceState(query, invoice), {
      paid: 4_000,
      balance: 6_000,
      status: 'written_off',
    });
    await pay(6_000);
    assert.deepEqual(await invoiceState(query, invoice), { paid: 10_000, balance: 0, status: 'paid' });
  });
});

test('prices keep the numbers that were entered where the company’s new currency has other decimals', async () => {
  await service(async (query) => {
    const item = await add(query, 'packages', { name: unique('Package'), base_price: 79_900 });
    const role = await add(query, 'staff_roles', {
      name: unique('Role'),
      type: 'event_staff',
      default_rate: 2_550,
    });
    await query(
      'insert into tenant_settings (key, value) values (\'deposit\', \'{"type": "amount", "value": 20000}\')',
    );
    const prices = async () =>
      (
        await query(
          `select p.base_price::int as price, r.default_rate::int as rate, (s.value ->> 'value')::int as deposit
           from packages p, staff_roles r, tenant_settings s where p.id = $1 and r.id = $2 and s.key = 'deposit'`,
          [item, role],
        )
      )[0];
    const become = (currency: string) =>
      query(
        `insert into tenant_settings (key, value) values ('currency', to_jsonb($1::text))
         on conflict (tenant_id, key) do update set value = excluded.value`,
        [currency],
      );
    await become('EUR');
    assert.deepEqual(await prices(), { price: 79_900, rate: 2_550, deposit: 20_000 });
    await become('KWD');
    assert.deepEqual(await prices(), { price: 799_000, rate: 25_500, deposit: 200_000 });
    await become('JPY');
    assert.deepEqual(await prices(), { price: 799, rate: 26, deposit: 200 });
    await become('USD');
  });
});
