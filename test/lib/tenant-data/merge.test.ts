// Duplicates of accounts and contacts: found, looked at before, merged with everything that pointed at them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addAccount, addEvent, unique } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, owner, tenantA: tenant, tenantB } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);
const manager = <T>(work: (query: Query) => Promise<T>) => as({ tenant, role: 'manager' }, work);

interface Merged {
  moved: Record<string, number>;
  values: Record<string, unknown>;
}

async function merge(
  query: Query,
  kind: string,
  survivor: string,
  duplicates: string[],
  { chosen = {}, preview = false } = {},
): Promise<Merged> {
  const [answer] = await query<{ merged: Merged }>('select merge_records($1, $2, $3, $4, $5) as merged', [
    kind,
    survivor,
    duplicates,
    chosen,
    preview,
  ]);
  return (answer as { merged: Merged }).merged;
}

test('everything of a duplicate account moves: drafts, what was sent, what was signed', async () => {
  const { kept, gone, ids } = await service(async (query) => {
    const kept = await add(query, 'accounts', { name: 'Hotel Lux', phone: '1', tax_exempt: true });
    const gone = await add(query, 'accounts', {
      name: 'Hotel Lux Ltd',
      email: 'lux@example.com',
      notes: 'b',
    });
    const contact = await add(query, 'contacts', { first_name: 'Lea' });
    const onBoth = { contact_id: contact };
    await add(query, 'contact_accounts', { ...onBoth, account_id: kept });
    await add(query, 'contact_accounts', { ...onBoth, account_id: gone, is_primary: true });
    const event = await addEvent(query, { account_id: gone });
    const line = { item_type: 'custom', name: 'Booth', quantity: 1, unit_price: 10_000, tax_rate: 10 };
    const sent = await add(query, 'invoices', { account_id: gone });
    await add(query, 'invoice_line_items', { ...line, invoice_id: sent });
    await query(`update invoices set status = 'sent' where id = $1`, [sent]);
    const draft = await add(query, 'invoices', { account_id: gone });
    await add(query, 'invoice_line_items', { ...line, invoice_id: draft });
    const contract = await add(query, 'contracts', {
      account_id: gone,
      title: 'C',
      body_html: '<p>x</p>',
      status: 'sent',
    });
    await query(
      `update contracts set status = 'signed', signed_at = now(), signer_name = 'Lea', signature = 'Lea', consent_text = 'yes' where id = $1`,
      [contract],
    );
    const note = await add(query, 'notes', {
      entity_type: 'account',
      entity_id: gone,
      content: 'Parks behind',
    });
    return { kept, gone, ids: { event, sent, draft, contract, note, contact } };
  });

  const preview = await manager((query) => merge(query, 'account', kept, [gone], { preview: true }));
  const before = await service((query) =>
    query<{ n: string }>('select count(*) as n from events where account_id = $1', [gone]),
  );
  assert.equal(before[0]?.n, '1', 'a preview changes nothing');
  const merged = await manager((query) => merge(query, 'account', kept, [gone], { chosen: { phone: '2' } }));
  const { contact_accounts, ...rest } = preview.moved;
  assert.equal(contact_accounts, 1);
  assert.deepEqual(merged.moved, rest, 'and says what moves');
  assert.deepEqual(rest, { contracts: 1, events: 1, invoices: 2, notes: 1 });

  await service(async (query) => {
    const left = await query(
      `select 'events' from events where account_id = $1 union all select 'invoices' from invoices where account_id = $1
       union all select 'contracts' from contracts where account_id = $1
       union all select 'contact_accounts' from contact_accounts where account_id = $1
       union all select 'notes' from notes where entity_id = $1`,
      [gone],
    );
    assert.deepEqual(left, []);
    const [account] = await query(
      'select name, phone, email, notes, tax_exempt from accounts where id = $1',
      [kept],
    );
    assert.deepEqual(account, {
      name: 'Hotel Lux',
      phone: '2',
      email: 'lux@example.com',
      notes: 'b',
      tax_exempt: true,
    });
    const invoices = await query<{ id: string; tax: string }>(
      'select id, tax from invoices where account_id = $1',
      [kept],
    );
    const taxOf = (id: string) => invoices.find((invoice) => invoice.id === id)?.tax;
    assert.equal(taxOf(ids.sent), '1000', 'what was sent stays as it was');
    assert.equal(taxOf(ids.draft), '0', 'a draft is taxed as the account that stays is');
    const links = await query('select account_id, is_primary from contact_accounts where contact_id = $1', [
      ids.contact,
    ]);
    assert.deepEqual(links, [{ account_id: kept, is_primary: true }]);
    const [trace] = await query(
      'select merged_into_id, deleted_at is not null as deleted from accounts where id = $1',
      [gone],
    );
    assert.deepEqual(trace, { merged_into_id: kept, deleted: true });
    const notes = await query<{ content: string }>(
      'select content from notes where entity_id = $1 order by created_at',
      [kept],
    );
    assert.match(
      notes.at(-1)?.content ?? '',
      /Hotel Lux Ltd, lux@example\.com was merged .*1 events, 2 invoices/,
    );
  });
});

test('contacts keep one main account and every wish not to be written to', async () => {
  await service(async (query) => {
    const kept = await add(query, 'contacts', { first_name: 'Ana', last_name: 'Ruiz' });
    const gone = await add(query, 'contacts', { first_name: 'Ana', last_name: 'Ruiz', email_opt_out: true });
    const [one, two] = [await addAccount(query), await addAccount(query)];
    await add(query, 'contact_accounts', { contact_id: kept, account_id: one, is_primary: true });
    await add(query, 'contact_accounts', { contact_id: gone, account_id: two, is_primary: true });
    await add(query, 'contact_accounts', { contact_id: gone, account_id: one });
    const event = await addEvent(query, { primary_contact_id: gone, planner_contact_id: gone });
    await merge(query, 'contact', kept, [gone]);
    const links = await query<{ account_id: string }>(
      'select account_id, is_primary from contact_accounts where contact_id = $1 order by is_primary desc',
      [kept],
    );
    assert.deepEqual(links, [
      { account_id: one, is_primary: true },
      { account_id: two, is_primary: false },
    ]);
    assert.deepEqual(await query('select email_opt_out from contacts where id = $1', [kept]), [
      { email_opt_out: true },
    ]);
    assert.deepEqual(
      await query('select primary_contact_id, planner_contact_id from events where id = $1', [event]),
      [{ primary_contact_id: kept, planner_contact_id: kept }],
    );
  });
});

test('no column that points to an account or a contact is forgotten', async () => {
  const { rows } = await owner.query(
    `select source || '.' || pointer as one from tenancy.references_to('public.accounts')
     union select source || '.' || pointer from tenancy.references_to('public.contacts') order by 1`,
  );
  const named = await owner.query(
    `select table_name || '.' || column_name as one from information_schema.columns where table_schema = 'public'
       and (column_name like '%account_id' or column_name like '%contact_id') and column_name <> 'external_account_id' order by 1`,
  );
  assert.deepEqual(rows, named.rows);
});

test('a merge is refused to those who may not delete, across tenants, and for what is not there', async () => {
  const [one, two] = await service(
    async (query) => [await addAccount(query), await addAccount(query)] as const,
  );
  const foreign = await as({ tenant: tenantB }, addAccount);
  await assert.rejects(
    as({ tenant, role: 'sales' }, (query) => merge(query, 'account', one, [two])),
    sqlState('PT403'),
  );
  await assert.rejects(
    manager((query) => merge(query, 'account', one, [foreign])),
    sqlState('PT404'),
  );
  await assert.rejects(
    manager((query) => merge(query, 'account', one, [one])),
    sqlState('PT400'),
  );
  await assert.rejects(
    manager((query) => merge(query, 'event', one, [two])),
    sqlState('PT400'),
  );
  await assert.rejects(
    manager((query) => merge(query, 'account', one, [two], { chosen: { deleted_at: 'now' } })),
    sqlState('PT400'),
  );
  await manager((query) => merge(query, 'account', one, [two]));
  await assert.rejects(
    manager((query) => merge(query, 'account', one, [two])),
    sqlState('PT404'),
  );
  await assert.rejects(
    manager((query) => query('update accounts set merged_into_id = null where id = $1', [two])),
    sqlState('42501'),
  );
});

test('two merges of the same accounts at once: one happens', async () => {
  const [one, two] = await service(
    async (query) => [await addAccount(query), await addAccount(query)] as const,
  );
  const results = await Promise.allSettled([
    manager((query) => merge(query, 'account', one, [two])),
    manager((query) => merge(query, 'account', two, [one])),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('duplicates are found by e-mail address, phone number and name', async () => {
  const name = unique('Same name');
  const [a, b, c, d] = await service(
    async (query) =>
      [
        await add(query, 'accounts', {
          name: unique('x'),
          email: 'same@example.com',
          phone: '+1 (555) 010-7788',
        }),
        await add(query, 'accounts', { name: unique('y'), email: 'same@example.com' }),
        await add(query, 'accounts', { name, phone: '1555 0107788' }),
        await add(query, 'accounts', { name: name.toUpperCase() }),
      ] as const,
  );
  const found = await manager((query) =>
    query<{ reason: string; ids: string[] }>(`select reason, ids from find_duplicates('account')`),
  );
  assert.deepEqual(
    found
      .filter(({ ids }) => ids.some((id) => [a, b, c, d].includes(id)))
      .map(({ reason, ids }) => [reason, [...ids].sort()]),
    [
      ['email', [a, b].sort()],
      ['phone', [a, c].sort()],
      ['name', [c, d].sort()],
    ],
  );
  await assert.rejects(
    as({ tenant, role: 'viewer' }, (query) => query(`select * from find_duplicates('account')`)),
    sqlState('PT403'),
  );
});
