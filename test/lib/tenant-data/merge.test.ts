// Duplicates of accounts and contacts: found, looked at before, merged with everything that pointed at them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addAccount, addBooth, addDate, addEvent, unique } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, owner, tenantA: tenant, tenantB } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);
const manager = <T>(work: (query: Query) => Promise<T>) => as({ tenant, role: 'manager' }, work);

interface Merged {
  archived: string;
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

test('every role stays, and a merge is taken back: what moved, the values, the links; what changed since stays', async () => {
  const { kept, gone, account, event, contact } = await service(async (query) => {
    const account = await addAccount(query);
    const kept = await add(query, 'contacts', { first_name: 'Anna', last_name: 'Roe', job_title: 'Planner' });
    const gone = await add(query, 'contacts', {
      first_name: 'Ana',
      last_name: 'Roe',
      email: 'ana@roe.example',
      notes: 'VIP',
    });
    await add(query, 'contact_accounts', {
      contact_id: kept,
      account_id: account,
      role: 'planner',
      is_primary: true,
    });
    await add(query, 'contact_accounts', {
      contact_id: gone,
      account_id: account,
      role: 'billing',
      is_primary: true,
    });
    const event = await addEvent(query, { primary_contact_id: gone, planner_contact_id: gone });
    await add(query, 'notes', { entity_type: 'contact', entity_id: gone, content: 'Call after six' });
    return { kept, gone, account, event, contact: gone };
  });
  const links = () =>
    service((query) =>
      query(
        'select contact_id, role, other_roles, is_primary from contact_accounts where account_id = $1 order by contact_id, role',
        [account],
      ),
    );
  const people = () =>
    service((query) =>
      query(
        `select id, first_name, email, notes, deleted_at is null as alive, merged_into_id from contacts where id = any ($1) order by id`,
        [[kept, gone]],
      ),
    );
  const [linksBefore, peopleBefore] = [await links(), await people()];
  const { archived } = await manager((query) =>
    merge(query, 'contact', kept, [gone], { chosen: { first_name: 'Ana' } }),
  );
  assert.deepEqual(await links(), [
    { contact_id: kept, role: 'planner', other_roles: ['billing'], is_primary: true },
  ]);
  const later = await service(async (query) => {
    await query('update events set planner_contact_id = null where id = $1', [event]);
    await query("update contacts set first_name = 'Anne' where id = $1", [kept]);
    return add(query, 'notes', { entity_type: 'contact', entity_id: kept, content: 'Written since' });
  });
  const [answer] = await manager((query) =>
    query<{ restored: { left: string[] }[] }>('select restore_archived($1) as restored', [[archived]]),
  );
  assert.deepEqual(answer?.restored[0]?.left, ['first name was changed since and stays']);
  assert.deepEqual(await links(), linksBefore);
  assert.deepEqual(
    await people(),
    peopleBefore.map((row) => (row.id === kept ? { ...row, first_name: 'Anne' } : row)),
  );
  const [moved] = await service((query) =>
    query('select primary_contact_id, planner_contact_id from events where id = $1', [event]),
  );
  assert.deepEqual(moved, { primary_contact_id: contact, planner_contact_id: null });
  const notes = await service((query) =>
    query<{ entity_id: string; id: string; content: string }>(
      `select id, entity_id, content from notes where entity_type = 'contact' and entity_id = any ($1) order by content`,
      [[kept, gone]],
    ),
  );
  assert.deepEqual(
    notes.map(({ entity_id, content }) => [entity_id, content]),
    [
      [gone, 'Call after six'],
      [kept, 'Written since'],
    ],
  );
  assert.equal(notes[1]?.id, later);
});

test('a merge of accounts is taken back with issued documents', async () => {
  const { kept, gone, sent } = await service(async (query) => {
    const kept = await addAccount(query);
    const gone = await addAccount(query);
    const sent = await add(query, 'invoices', { account_id: gone });
    const line = { item_type: 'custom', name: 'Booth', quantity: 1, unit_price: 10_000 };
    await add(query, 'invoice_line_items', { ...line, invoice_id: sent });
    await query(`update invoices set status = 'sent' where id = $1`, [sent]);
    return { kept, gone, sent };
  });
  const whose = async () =>
    (
      await service((query) =>
        query<{ account_id: string }>('select account_id from invoices where id = $1', [sent]),
      )
    )[0]?.account_id;
  const { archived } = await manager((query) => merge(query, 'account', kept, [gone]));
  assert.equal(await whose(), kept);
  const [answer] = await manager((query) =>
    query<{ restored: { left: string[] }[] }>('select restore_archived($1) as restored', [[archived]]),
  );
  assert.deepEqual(answer?.restored[0]?.left, []);
  assert.equal(await whose(), gone);
});

test('names close in spelling are found, digits and short names are not taken for mistakes', async () => {
  const names = [
    'Katharine Holloway',
    'Katherine Holloway',
    'Holloway, Katharin',
    'Suite Nr 1',
    'Suite Nr 2',
    'Ann L',
    'Ann K',
  ];
  await service(async (query) => {
    for (const first_name of names) await add(query, 'contacts', { first_name });
  });
  const found = await manager((query) =>
    query<{ reason: string; value: string }>("select reason, value from find_duplicates('contact', 200)"),
  );
  const text = found.map(({ value }) => value).join('\n');
  assert.ok(found.some(({ reason }) => reason === 'similar'));
  assert.match(text, /Katharine Holloway · Katherine Holloway|Katherine Holloway/);
  assert.doesNotMatch(text, /Suite|Ann [LK]/);
});

test('the time to find duplicates grows with the number of contacts, not with its square', async () => {
  const big = await addTenant(database);
  await as({ tenant: big }, (query) =>
    query(
      `insert into contacts (first_name, last_name, email, phone)
       select substr(md5(n::text), 1, 7), translate(substr(md5((n + 1)::text), 1, 9), '0123456789', 'ghijklmnop'),
         'p' || n || '@many.example', '+1512' || (2000000 + n) from generate_series(1, $1) n`,
      [Number(process.env.MARQUEE_CONTACTS ?? 3_000)],
    ),
  );
  const started = performance.now();
  const found = await as({ tenant: big, role: 'owner' }, (query) =>
    query("select * from find_duplicates('contact')"),
  );
  const seconds = (performance.now() - started) / 1000;
  assert.deepEqual(found, []);
  // Half a second for 3,000, ten for 50,000 on a busy machine; comparing all pairs would take hours.
  assert.ok(seconds < 20, `${seconds} s`);
});

/** Every row of the tenant, without what a merge and its undoing may leave: versions, stamps, the history and the archive. */
async function everything(): Promise<string[]> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
     where c.relkind = 'r' and n.nspname in ('public', 'tenancy') and c.relname not in ('archive', 'changes', 'outbox', 'realtime_changes') order by 1`,
  );
  const all: string[] = [];
  for (const { name } of tables) {
    const { rows } = await owner.query<{ row: string }>(
      `select (to_jsonb(t) - '{version,updated_at,updated_by}'::text[])::text as row from ${name} t where tenant_id = $1 order by 1`,
      [tenant],
    );
    all.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return all;
}

test('clients with events, bookings, documents and mails on both sides are merged and parted without a loss', async () => {
  const line = { item_type: 'custom', name: 'Booth', quantity: 1, unit_price: 10_000, tax_rate: 10 };
  const side = (query: Query, name: string, isExempt: boolean) => async (): Promise<[string, string]> => {
    const account = await add(query, 'accounts', { name, tax_exempt: isExempt });
    const contact = await add(query, 'contacts', { first_name: name, email: `${name}@both.example` });
    await add(query, 'contact_accounts', { contact_id: contact, account_id: account, is_primary: true });
    const of = { account_id: account, contact_id: contact };
    const opportunity = await add(query, 'opportunities', { name, ...of });
    const event = await addEvent(query, {
      account_id: account,
      primary_contact_id: contact,
      opportunity_id: opportunity,
    });
    const date = await addDate(query, { event_id: event });
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: await addBooth(query) });
    await query("update events set status = 'confirmed' where id = $1", [event]);
    await add(query, 'leads', {
      first_name: name,
      converted_account_id: account,
      converted_contact_id: contact,
    });
    for (const status of ['draft', 'sent']) {
      const deal = status === 'sent' ? opportunity : await add(query, 'opportunities', { name, ...of });
      const quote = await add(query, 'quotes', { ...of, opportunity_id: deal });
      await add(query, 'quote_line_items', { ...line, quote_id: quote });
      const invoice = await add(query, 'invoices', { ...of, event_id: event });
      await add(query, 'invoice_line_items', { ...line, invoice_id: invoice });
      if (status === 'draft') continue;
      await query("update quotes set status = 'sent' where id = $1", [quote]);
      await query("update invoices set status = 'sent' where id = $1", [invoice]);
      await add(query, 'payments', { invoice_id: invoice, amount: 500, currency: 'USD' });
    }
    await add(query, 'contracts', { ...of, event_id: event, title: name, body_html: '<p>x</p>' });
    await add(query, 'communications', { ...of, event_id: event, subject: name, type: 'email' });
    for (const [kind, id] of [
      ['account', account],
      ['contact', contact],
    ] as const) {
      await add(query, 'notes', { entity_type: kind, entity_id: id, content: name });
      await add(query, 'tasks', { title: name, entity_type: kind, entity_id: id });
      const file = { file_name: 'a.txt', mime_type: 'text/plain', size_bytes: 1, storage_key: unique('k') };
      await add(query, 'attachments', { ...file, entity_type: kind, entity_id: id });
    }
    return [account, contact];
  };
  const [[kept, keptContact], [gone, goneContact]] = await service(async (query) => [
    await side(query, 'left', false)(),
    await side(query, 'right', true)(),
  ]);
  const before = await everything();
  const archived = [
    await manager((query) => merge(query, 'contact', keptContact, [goneContact])),
    await manager((query) => merge(query, 'account', kept, [gone])),
  ].map((merged) => merged.archived);
  const pointing = (await everything()).filter(
    (row) => (row.includes(gone) || row.includes(goneContact)) && !/^public\.(accounts|contacts) /.test(row),
  );
  assert.deepEqual(pointing, [], 'everything moved');
  for (const id of archived.toReversed()) {
    const [answer] = await manager((query) =>
      query<{ restored: { left: string[] }[] }>('select restore_archived($1) as restored', [[id]]),
    );
    assert.deepEqual(answer?.restored[0]?.left, []);
  }
  const after = await everything();
  assert.deepEqual(
    {
      lost: before.filter((row) => !after.includes(row)),
      added: after.filter((row) => !before.includes(row)),
    },
    { lost: [], added: [] },
  );
});
