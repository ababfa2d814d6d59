import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addLine } from './business';
import { addTenant, createTenantDatabase, type Query } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA } = database;

function addDraftInvoice(tenant: string, account: string): Promise<string> {
  return as({ tenant }, async (query) => {
    const id = await add(query, 'invoices', { account_id: account });
    await addLine(query, 'invoice', id);
    return id;
  });
}

async function addAccount(tenant: string): Promise<string> {
  const [row] = await as({ tenant }, (query) =>
    query<{ id: string }>("insert into accounts (name) values ('Acme') returning id"),
  );
  return row?.id ?? '';
}

test('50 issuers at once get 50 numbers without a duplicate or, when all succeed, a gap', async () => {
  const tenant = await addTenant(database);
  const account = await addAccount(tenant);
  const drafts = await Promise.all(Array.from({ length: 50 }, () => addDraftInvoice(tenant, account)));
  const numbers = await Promise.all(
    drafts.map((id) =>
      as({ tenant, role: 'manager' }, async (query) => {
        const [row] = await query<{ invoice_number: string }>(
          "update invoices set status = 'sent' where id = $1 returning invoice_number",
          [id],
        );
        return row?.invoice_number;
      }),
    ),
  );
  const expected = Array.from({ length: 50 }, (_, index) => `INV-${String(index + 1).padStart(4, '0')}`);
  assert.deepEqual(numbers.sort(), expected);
});

for (const [kind, table, column, prefix] of [
  ['events', 'events', 'event_number', 'EV'],
  ['quotes', 'quotes', 'quote_number', 'Q'],
  ['contracts', 'contracts', 'contract_number', 'C'],
] as const)
  test(`50 who make ${kind} at once get 50 numbers`, async () => {
    const tenant = await addTenant(database);
    const account = await addAccount(tenant);
    const numbers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        as({ tenant, role: 'manager' }, async (query) => {
          if (table === 'quotes') {
            const deal = await add(query, 'opportunities', { name: `Deal ${index}`, account_id: account });
            const id = await add(query, table, { opportunity_id: deal });
            return numberOf(query, table, column, id);
          }
          const row = table === 'contracts' ? { title: 'C', body_html: '<p>x</p>' } : { title: 'E' };
          return numberOf(query, table, column, await add(query, table, { ...row, account_id: account }));
        }),
      ),
    );
    const expected = Array.from(
      { length: 50 },
      (_, index) => `${prefix}-${String(index + 1).padStart(4, '0')}`,
    );
    assert.deepEqual(numbers.sort(), expected);
  });

async function numberOf(query: Query, table: string, column: string, id: string): Promise<string> {
  const [row] = await query<{ number: string }>(`select ${column} as number from ${table} where id = $1`, [
    id,
  ]);
  return row?.number ?? '';
}

test('a rolled-back issuer gives its number back or leaves a gap, never a duplicate', async () => {
  const tenant = await addTenant(database);
  const account = await addAccount(tenant);
  await assert.rejects(
    as({ tenant }, async (query) => {
      await query("insert into events (title, account_id) values ('A', $1)", [account]);
      throw new Error('changed my mind');
    }),
    /changed my mind/,
  );
  const [row] = await as({ tenant }, (query) =>
    query('insert into events (title, account_id) values ($1, $2) returning event_number', ['B', account]),
  );
  assert.deepEqual(row, { event_number: 'EV-0001' });
});

test('tenants count for themselves', async () => {
  const [first, second] = [await addTenant(database), await addTenant(database)];
  for (const tenant of [first, second]) {
    const account = await addAccount(tenant);
    const [row] = await as({ tenant }, (query) =>
      query('insert into events (title, account_id) values ($1, $2) returning event_number', ['A', account]),
    );
    assert.deepEqual(row, { event_number: 'EV-0001' });
  }
});

test('a number given by hand is kept, and skipped by the sequence', async () => {
  const tenant = await addTenant(database);
  const account = await addAccount(tenant);
  await as({ tenant }, async (query) => {
    await query("insert into events (title, account_id, event_number) values ('A', $1, 'EV-0001')", [
      account,
    ]);
    const [row] = await query(
      "insert into events (title, account_id) values ('B', $1) returning event_number",
      [account],
    );
    assert.deepEqual(row, { event_number: 'EV-0002' });
  });
});

test('a sequence that starts anew each year carries the year', async () => {
  await as({ tenant: tenantA }, async (query) => {
    await query(
      "update number_sequences set resets_yearly = true, year = 2019, next_value = 812 where kind = 'event'",
    );
    const account = await query<{ id: string }>("insert into accounts (name) values ('Acme') returning id");
    const [row] = await query<{ event_number: string; year: number }>(
      `insert into events (title, account_id) values ('A', $1)
       returning event_number, extract(year from tenancy.today())::int as year`,
      [account[0]?.id],
    );
    assert.equal(row?.event_number, `EV-${row?.year}-0001`);
  });
});

test('the number that an owner sets is the next, also with numbers that restart each year', async () => {
  const tenant = await addTenant(database);
  const owner = { tenant, role: 'owner' as const };
  const next = () =>
    as(owner, async (query) => {
      const account = await add(query, 'accounts', { name: 'Acme' });
      const [row] = await query<{ rest: string }>(
        `insert into events (title, account_id) values ('A', $1)
         returning replace(event_number, extract(year from tenancy.today())::text, 'year') as rest`,
        [account],
      );
      return row?.rest;
    });
  const set = (changes: string) =>
    as(owner, (query) => query(`update number_sequences set ${changes} where kind = 'event'`));
  await set('next_value = 215, resets_yearly = true');
  assert.equal(await next(), 'EV-year-0215');
  assert.equal(await next(), 'EV-year-0216');
  // The first number of a year that began since.
  await as({ tenant }, (query) => query("update number_sequences set year = 2019 where kind = 'event'"));
  await set("prefix = 'E-', next_value = 217");
  assert.equal(await next(), 'E-year-0001');
  await as({ tenant }, (query) => query("update number_sequences set year = 2019 where kind = 'event'"));
  await set('next_value = 40');
  assert.equal(await next(), 'E-year-0040');
});

test('drafts carry no number', async () => {
  const id = await addDraftInvoice(tenantA, await addAccount(tenantA));
  const [row] = await as({ tenant: tenantA }, (query) =>
    query('select invoice_number from invoices where id = $1', [id]),
  );
  assert.deepEqual(row, { invoice_number: null });
});
