// A lead becomes a deal, a deal an event, a quote an invoice: once, with everything, or not at all.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { add, addBooth, addDate, addDeal, unique } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

interface Lead {
  status: string;
  converted_contact_id: string;
  converted_account_id: string;
  converted_opportunity_id: string;
}

const convertLead = async (query: Query, lead: string) => {
  const [row] = await query<Lead & Record<string, unknown>>('select * from convert_lead($1)', [lead]);
  assert.ok(row);
  return row;
};

const addLead = (query: Query, row: Record<string, unknown> = {}) =>
  add(query, 'leads', {
    first_name: 'Ada',
    last_name: unique('L'),
    email: `${randomUUID()}@example.com`,
    ...row,
  });

/** Rows of every business table of the tenant, to see whether anything was left behind. */
async function countRows(query: Query): Promise<Record<string, number>> {
  const tables = await query<{ name: string }>(
    "select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1",
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [row] = await query<{ count: string }>(`select count(*) from ${name}`);
    counts[name] = Number(row?.count);
  }
  return counts;
}

test('sales convert a lead into a contact, an account and a deal; what was said and written follows', async () => {
  await as({ tenant, role: 'sales' }, async (query) => {
    const lead = await addLead(query);
    const message = await add(query, 'communications', { type: 'email', lead_id: lead, subject: 'Hello' });
    const note = await add(query, 'notes', { entity_type: 'lead', entity_id: lead, content: 'Wants gold' });
    const converted = await convertLead(query, lead);
    assert.equal(converted.status, 'converted');
    const [moved] = await query(
      `select c.contact_id, c.opportunity_id, n.entity_type, n.entity_id from communications c, notes n
       where c.id = $1 and n.id = $2`,
      [message, note],
    );
    assert.deepEqual(moved, {
      contact_id: converted.converted_contact_id,
      opportunity_id: converted.converted_opportunity_id,
      entity_type: 'opportunity',
      entity_id: converted.converted_opportunity_id,
    });
    const [role] = await query('select current_user as name');
    assert.deepEqual(role, { name: 'tenant_sales' });
  });
});

test('converting again, also by ten at once, gives the same deal', async () => {
  const lead = await service((query) => addLead(query));
  const all = await Promise.all(
    Array.from({ length: 10 }, () => as({ tenant, role: 'sales' }, (query) => convertLead(query, lead))),
  );
  assert.equal(new Set(all.map((one) => one.converted_opportunity_id)).size, 1);
});

test('an existing contact is found by e-mail in any case, then by phone in any spelling', async () => {
  await service(async (query) => {
    const email = `${randomUUID()}@example.com`;
    const phone = `+1 (555) ${Math.floor(Math.random() * 1e7)}`;
    const contact = await add(query, 'contacts', { first_name: 'Ada', email: email.toUpperCase(), phone });
    const byMail = await convertLead(query, await addLead(query, { email: ` ${email}` }));
    const byPhone = await convertLead(query, await addLead(query, { phone: phone.replace(/\D/g, '') }));
    assert.equal(byMail.converted_contact_id, contact);
    assert.equal(byPhone.converted_contact_id, contact);
    assert.equal(byMail.converted_account_id, byPhone.converted_account_id);
  });
});

test('colleagues share a phone: another address and another name is another person, with an account of their own', async () => {
  await service(async (query) => {
    const phone = `+1 614 555 ${Math.floor(1000 + Math.random() * 9000)}`;
    const first = await convertLead(
      query,
      await addLead(query, { first_name: 'Alice', email: `${randomUUID()}@example.com`, phone }),
    );
    const second = await convertLead(
      query,
      await addLead(query, { first_name: 'Bob', email: `${randomUUID()}@example.com`, phone }),
    );
    const again = await convertLead(
      query,
      await addLead(query, { first_name: 'bob', email: `${randomUUID()}@example.com`, phone }),
    );
    assert.notEqual(second.converted_contact_id, first.converted_contact_id);
    assert.notEqual(second.converted_account_id, first.converted_account_id);
    assert.equal(again.converted_contact_id, second.converted_contact_id);
  });
});

test('a lost lead is not converted; a converted one stays so; viewers and staff may not', async () => {
  const { lost, lead } = await service(async (query) => ({
    lost: await addLead(query, { status: 'lost' }),
    lead: await addLead(query),
  }));
  await assert.rejects(
    service((query) => convertLead(query, lost)),
    sqlState('PT409'),
  );
  for (const role of ['viewer', 'staff'] as const)
    await assert.rejects(
      as({ tenant, role }, (query) => convertLead(query, lead)),
      sqlState('PT403'),
    );
  await service((query) => convertLead(query, lead));
  await assert.rejects(
    service((query) => query("update leads set status = 'new', converted_at = null where id = $1", [lead])),
    sqlState('PT409'),
  );
});

/** A deal with a held booth, an accepted quote with discount and tax, and a product that needs a design. */
async function addSoldDeal(query: Query) {
  const { deal, date } = await addDeal(query);
  const booth = await addBooth(query);
  const hold = await add(query, 'booth_assignments', {
    event_date_id: date,
    booth_id: booth,
    status: 'hold',
    hold_expires_at: '2199-01-01',
  });
  const [type] = await query<{ id: string }>("select id from design_item_types where name = 'Backdrop'");
  const product = await add(query, 'products', {
    name: unique('Backdrop'),
    price: 20_000,
    requires_design: true,
    design_item_type_id: type?.id,
  });
  const quote = await add(query, 'quotes', {
    opportunity_id: deal,
    discount_type: 'percent',
    discount_value: 10,
    deposit_type: 'percent',
    deposit_value: 50,
  });
  const line = { quote_id: quote, taxable: true, tax_rate: 8.875 };
  await add(query, 'quote_line_items', { ...line, item_type: 'custom', name: 'Booth', unit_price: 99_999 });
  await add(query, 'quote_line_items', {
    ...line,
    item_type: 'product',
    product_id: product,
    name: 'Backdrop',
    unit_price: 20_000,
    quantity: 2,
  });
  await query("update quotes set status = 'sent' where id = $1", [quote]);
  await query("select accept_quote($1, 'Ada Lovelace')", [quote]);
  return { deal, date, booth, hold, quote };
}

test('sales convert a sold deal: event, reservation, checklist, designs, invoice with the same money', async () => {
  const sold = await service(addSoldDeal);
  const [event] = await as({ tenant, role: 'sales' }, (query) =>
    query<{ id: string; event_number: string; start_date: Date }>('select * from convert_opportunity($1)', [
      sold.deal,
    ]),
  );
  assert.ok(event?.event_number);
  await service(async (query) => {
    const [facts] = await query(
      `select o.stage, o.probability, o.closed_at is not null as closed, d.event_id = $2 as dated, h.status as held,
        (select count(*)::int from event_core_task_completion where event_id = $2) as checklist,
        (select array_agg(name order by name) from event_design_items where event_id = $2) as designs,
        (select to_char(min(due_date), 'MM-DD') from event_design_items where event_id = $2) as first_design
       from opportunities o, event_dates d, booth_assignments h where o.id = $1 and d.id = $3 and h.id = $4`,
      [sold.deal, event.id, sold.date, sold.hold],
    );
    assert.deepEqual(facts, {
      stage: 'closed_won',
      probability: 100,
      closed: true,
      dated: true,
      held: 'reserved',
      checklist: 5,
      designs: ['Backdrop', 'Photo strip'],
      first_design: '05-22',
    });
    const [money] = await query(
      `select q.subtotal = i.subtotal and q.discount = i.discount and q.tax = i.tax and q.total = i.total as same,
        i.event_id = $2 as of_event, i.payment_schedule -> 0 ->> 'label' as first_due,
        (select count(*)::int from invoice_line_items l join quote_line_items s on s.id = l.source_line_id
          where l.invoice_id = i.id and l.line_total = s.line_total) as lines
       from quotes q join invoices i on i.quote_id = q.id where q.id = $1`,
      [sold.quote, event.id],
    );
    assert.deepEqual(money, { same: true, of_event: true, first_due: 'Deposit', lines: 2 });
  });
  const [again] = await service((query) => query('select id from convert_opportunity($1)', [sold.deal]));
  assert.equal(again?.id, event.id);
});

test('a conversion that fails at any step leaves nothing behind', async () => {
  const steps = [
    'events',
    'event_dates',
    'booth_assignments',
    'event_core_task_completion',
    'event_design_items',
    'opportunities',
    'invoices',
    'invoice_line_items',
    'number_sequences',
  ];
  const { deal } = await service(addSoldDeal);
  const before = await service(countRows);
  await database.owner.query(
    `create function fail_here() returns trigger language plpgsql as $$
     begin raise exception 'disk on fire' using errcode = 'XX999'; end $$`,
  );
  for (const table of steps) {
    await database.owner.query(
      `create trigger fail_here after insert or update on ${table} for each row execute function fail_here()`,
    );
    await assert.rejects(
      as({ tenant, role: 'sales' }, (query) => query('select convert_opportunity($1)', [deal])),
      sqlState('XX999'),
    );
    await database.owner.query(`drop trigger fail_here on ${table}`);
    assert.deepEqual(await service(countRows), before);
  }
  const [kept] = await service((query) =>
    query('select converted_event_id, stage from opportunities where id = $1', [deal]),
  );
  assert.deepEqual(kept, { converted_event_id: null, stage: 'prospecting' });
});

test('a lead’s conversion that fails at any step leaves nothing behind', async () => {
  const lead = await service((query) => addLead(query));
  await service((query) => add(query, 'notes', { entity_type: 'lead', entity_id: lead, content: 'x' }));
  const before = await service(countRows);
  await database.owner.query(
    `create or replace function fail_here() returns trigger language plpgsql as $$
     begin raise exception 'disk on fire' using errcode = 'XX999'; end $$`,
  );
  for (const table of ['contacts', 'accounts', 'contact_accounts', 'opportunities', 'notes', 'leads']) {
    await database.owner.query(
      `create trigger fail_here after insert or update on ${table} for each row execute function fail_here()`,
    );
    await assert.rejects(
      service((query) => convertLead(query, lead)),
      sqlState('XX999'),
    );
    await database.owner.query(`drop trigger fail_here on ${table}`);
    assert.deepEqual(await service(countRows), before);
  }
});

test('one link closes a deal: accepted, signed, invoiced, staffed, or nothing at all', async () => {
  const client = { name: 'Ada Lovelace', signature: 'Ada', consent_text: 'I agree', ip: '192.0.2.7' };
  const { quote, contract, role } = await service(async (query) => {
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', {
      opportunity_id: deal,
      deposit_type: 'percent',
      deposit_value: 50,
    });
    await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'Booth',
      unit_price: 1_001,
    });
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    const [account] = await query<{ account_id: string }>(
      'select account_id from opportunities where id = $1',
      [deal],
    );
    const contract = await add(query, 'contracts', {
      account_id: account?.account_id,
      quote_id: quote,
      title: 'Contract',
      body_html: '<p>We agree.</p>',
      status: 'sent',
    });
    const [role] = await query<{ id: string }>("select id from staff_roles where name = 'Driver'");
    return { quote, contract, role: role?.id };
  });
  const crew = [{ user_id: randomUUID(), staff_role_id: role }];
  const close = (given: unknown) =>
    service(async (query) => {
      const [row] = await query<{ answer: Record<string, unknown> }>(
        'select close_deal($1, $2, $3, $4) as answer',
        [quote, JSON.stringify(given), contract, JSON.stringify(crew)],
      );
      return row?.answer;
    });
  const before = await service(countRows);
  await assert.rejects(close({ ...client, consent_text: '' }), sqlState('PT400'));
  assert.deepEqual(await service(countRows), before);

  const closed = await close(client);
  assert.equal(closed?.deposit, 501);
  assert.deepEqual(await close(client), closed);
  const [facts] = await service((query) =>
    query(
      `select e.status as event, i.status as invoice, c.status as contract, host(c.signed_ip) as ip,
        (select count(*)::int from event_staff_assignments where event_id = e.id and status = 'invited') as invited
       from events e, invoices i, contracts c where e.id = $1 and i.id = $2 and c.id = $3`,
      [closed?.event_id, closed?.invoice_id, contract],
    ),
  );
  assert.deepEqual(facts, {
    // A line of its own names no booth, so nothing is reserved yet.
    event: 'tentative',
    invoice: 'sent',
    contract: 'signed',
    ip: '192.0.2.7',
    invited: 1,
  });
});

test('a deal without a date is not converted; ten at once make one event', async () => {
  const { bare, dated } = await service(async (query) => {
    const { deal: bare, date } = await addDeal(query);
    await query('delete from event_dates where id = $1', [date]);
    return { bare, dated: (await addDeal(query)).deal };
  });
  await assert.rejects(
    service((query) => query('select convert_opportunity($1)', [bare])),
    sqlState('PT409'),
  );
  const events = await Promise.all(
    Array.from({ length: 10 }, () =>
      service(async (query) => (await query('select id from convert_opportunity($1)', [dated]))[0]?.id),
    ),
  );
  assert.equal(new Set(events).size, 1);
});

test('a deal’s dates keep their holds when it becomes an event', async () => {
  await service(async (query) => {
    const { deal, date } = await addDeal(query);
    const booth = await addBooth(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    await query('select convert_opportunity($1)', [deal]);
    await query('savepoint taken');
    await assert.rejects(
      add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booth }),
      sqlState('PT409'),
    );
    await query('rollback to savepoint taken');
  });
});

test('two leads of one person converted at once make one contact and one account', async () => {
  const email = `${randomUUID()}@example.com`;
  const leads = await as({ tenant }, async (query) => {
    const ids: string[] = [];
    for (let index = 0; index < 5; index++)
      ids.push(await add(query, 'leads', { first_name: 'Ada', last_name: 'Twice', email }));
    return ids;
  });
  await Promise.all(
    leads.map((lead) => as({ tenant, role: 'sales' }, (query) => query('select convert_lead($1)', [lead]))),
  );
  const [made] = await as({ tenant }, (query) =>
    query(
      `select (select count(*)::int from contacts where email = $1) as contacts, (select count(*)::int from accounts where email = $1) as accounts`,
      [email],
    ),
  );
  assert.deepEqual(made, { contacts: 1, accounts: 1 });
});

test('nothing that a lead says is typed again: every column reaches the deal, and the deal’s the event', async () => {
  const said = {
    event_date: '2028-09-16',
    start_time: '16:00:00',
    end_time: '23:30:00',
    event_place: 'The Old Mill',
    guest_count: 120,
    budget: 180_000,
    source: 'Instagram',
    message: 'We would love a gold backdrop.',
    phone: '+1 614 555 0100',
    consent_text: 'You may write to me.',
    consented_at: '2028-01-01T10:00:00Z',
  };
  await service(async (query) => {
    const [type] = await query<{ id: string; category_id: string }>(
      "select id, category_id from event_types where slug = 'wedding'",
    );
    const owner = randomUUID();
    const lead = await addLead(query, { ...said, event_type_id: type?.id, owner_id: owner });
    const converted = await convertLead(query, lead);
    const [deal] = await query(
      `select o.source, o.guest_count, o.budget::int, o.amount::int, o.message, o.event_type_id, o.owner_id, o.contact_id, o.account_id,
        d.event_date::text, d.start_time::text, d.end_time::text, d.timezone, l.name as event_place, l.is_one_time,
        c.phone, c.consent_text, c.consented_at
       from opportunities o join event_dates d on d.opportunity_id = o.id join locations l on l.id = d.location_id
       join contacts c on c.id = o.contact_id where o.lead_id = $1`,
      [lead],
    );
    assert.deepEqual(deal, {
      ...said,
      amount: 180_000,
      is_one_time: true,
      timezone: 'America/New_York',
      event_type_id: type?.id,
      owner_id: owner,
      contact_id: converted.converted_contact_id,
      account_id: converted.converted_account_id,
      consented_at: new Date(said.consented_at),
    });
    const talk = await add(query, 'communications', {
      type: 'phone',
      opportunity_id: converted.converted_opportunity_id,
    });
    const [event] = await query(
      `select e.guest_count, e.message, e.start_date::text as event_date, l.name as event_place, e.event_type_id, e.event_category_id,
        e.owner_id, e.primary_contact_id, e.onsite_contact_phone as phone, e.onsite_contact_email is not null as mail, e.id
       from convert_opportunity($1) e join locations l on l.id = e.location_id`,
      [converted.converted_opportunity_id],
    );
    assert.deepEqual(await query('select event_id from communications where id = $1', [talk]), [
      { event_id: event?.id },
    ]);
    assert.deepEqual(event, {
      id: event?.id,
      guest_count: 120,
      message: said.message,
      event_date: said.event_date,
      event_place: said.event_place,
      event_type_id: type?.id,
      event_category_id: type?.category_id,
      owner_id: owner,
      primary_contact_id: converted.converted_contact_id,
      phone: said.phone,
      mail: true,
    });
  });
});

test('a lead without times gets the usual hours of its event type; a known place is found in any spelling', async () => {
  await service(async (query) => {
    const place = unique('Town Hall');
    const location = await add(query, 'locations', { name: place });
    const [type] = await query<{ id: string }>("select id from event_types where slug = 'birthday'");
    const lead = await addLead(query, {
      event_date: '2028-03-04',
      event_place: ` ${place.toUpperCase()} `,
      event_type_id: type?.id,
    });
    const converted = await convertLead(query, lead);
    assert.deepEqual(
      await query(
        'select start_time::text, end_time::text, location_id from event_dates where opportunity_id = $1',
        [converted.converted_opportunity_id],
      ),
      [{ start_time: '18:00:00', end_time: '21:00:00', location_id: location }],
    );
  });
});

test('a conversion completes a known contact and overwrites nothing', async () => {
  await service(async (query) => {
    const email = `${randomUUID()}@example.com`;
    const contact = await add(query, 'contacts', { first_name: 'Ada', last_name: 'Lovelace', email });
    await convertLead(query, await addLead(query, { email, last_name: 'King', phone: '614 555 0101' }));
    assert.deepEqual(await query('select last_name, phone from contacts where id = $1', [contact]), [
      { last_name: 'Lovelace', phone: '614 555 0101' },
    ]);
  });
});

test('an event is added with its first date, or not at all; only by those who may', async () => {
  const addEvent = (query: Query, event: object, date: object) =>
    query<{ id: string; start_date: string; number: string }>(
      'select id, start_date::text, event_number as number from add_event($1, $2)',
      [JSON.stringify(event), JSON.stringify(date)],
    );
  const account = await service((query) => add(query, 'accounts', { name: unique('Account') }));
  const hours = { event_date: '2028-05-06', start_time: '17:00', end_time: '21:00' };
  await as({ tenant, role: 'manager' }, async (query) => {
    const place = await add(query, 'locations', { name: unique('Hall') });
    const [event] = await addEvent(query, { title: 'Gala', account_id: account, location_id: place }, hours);
    assert.equal(event?.start_date, hours.event_date);
    assert.ok(event?.number);
    assert.deepEqual(
      await query('select timezone, location_id from event_dates where event_id = $1', [event?.id]),
      [{ timezone: 'America/New_York', location_id: place }],
    );
  });
  const before = await service(countRows);
  const refused = [
    ['manager', { title: 'Gala', account_id: account }, { ...hours, start_time: null }, '23502'],
    ['manager', { title: 'Gala', account_id: account, briefed_at: '2028-01-01' }, hours, '42501'],
    ['sales', { title: 'Gala', account_id: account }, hours, '42501'],
  ] as const;
  for (const [role, event, date, state] of refused)
    await assert.rejects(
      as({ tenant, role }, (query) => addEvent(query, event, date)),
      sqlState(state),
    );
  assert.deepEqual(await service(countRows), before);
});

test('sales add an opportunity with its date, or without one', async () => {
  const account = await service((query) => add(query, 'accounts', { name: unique('Account') }));
  await as({ tenant, role: 'sales' }, async (query) => {
    const opportunity = JSON.stringify({ name: 'Gala', account_id: account });
    const date = JSON.stringify({ event_date: '2028-05-06', start_time: '17:00', end_time: '21:00' });
    const [dated] = await query('select id, stage from add_opportunity($1, $2)', [opportunity, date]);
    const [bare] = await query('select id from add_opportunity($1)', [opportunity]);
    assert.equal(dated?.stage, 'prospecting');
    assert.deepEqual(
      await query(
        'select opportunity_id, event_date::text from event_dates where opportunity_id in ($1, $2)',
        [dated?.id, bare?.id],
      ),
      [{ opportunity_id: dated?.id, event_date: '2028-05-06' }],
    );
  });
});

test('a category, an event type and a design status need no slug: it is made from the name', async () => {
  await as({ tenant, role: 'manager' }, async (query) => {
    const category = await add(query, 'event_categories', { name: 'Fêtes & Fairs' });
    await add(query, 'event_types', { name: '婚礼', category_id: category });
    await add(query, 'design_statuses', { name: 'On hold' });
    const slugs = await query<{ slug: string }>(
      `select slug from event_categories where id = $1 union all select slug from event_types where category_id = $1
       union all select slug from design_statuses where name = 'On hold'`,
      [category],
    );
    assert.equal(slugs[0]?.slug, 'fetes-fairs');
    assert.match(slugs[1]?.slug ?? '', /^n-[0-9a-f]{8}$/);
    assert.equal(slugs[2]?.slug, 'on-hold');
  });
});

test('the crew of an event reads what was ordered, without prices; others’ crew reads nothing', async () => {
  const person = randomUUID();
  const { event, deal } = await service(async (query) => {
    const { deal, date } = await addDeal(query);
    const type = await add(query, 'booth_types', { name: unique('Mirror') });
    const row = { name: unique('Gold'), base_price: 90_000, booth_type_id: type };
    const gold = await add(query, 'packages', { ...row, includes: JSON.stringify(['Prints', 'Gallery']) });
    const extra = await add(query, 'add_ons', { name: unique('Guest book'), price: 5_000 });
    const lines = [
      {
        item_type: 'add_on',
        add_on_id: extra,
        name: 'Guest book',
        unit_price: 5_000,
        quantity: 2,
        sort_order: 1,
      },
      { item_type: 'package', package_id: gold, name: 'Gold', unit_price: 90_000, sort_order: 2 },
      { item_type: 'discount', name: 'For friends', unit_price: -1_000, sort_order: 3 },
    ];
    for (const line of lines) await add(query, 'opportunity_line_items', { opportunity_id: deal, ...line });
    await add(query, 'booths', { name: unique('Booth'), booth_type_id: type });
    const [event] = await query<{ id: string }>('select id from convert_opportunity($1)', [deal]);
    const [role] = await query<{ id: string }>("select id from staff_roles where name = 'Driver'");
    await add(query, 'event_staff_assignments', {
      event_id: event?.id,
      event_date_id: date,
      user_id: person,
      staff_role_id: role?.id,
    });
    return { event: event?.id, deal };
  });
  const ordered = (query: Query) =>
    query('select name, quantity::int, includes, booth_type is not null as booth from event_order($1)', [
      event,
    ]);
  const crew = await as({ tenant, role: 'staff', userId: person }, ordered);
  assert.deepEqual(crew, [
    { name: 'Gold', quantity: 1, includes: ['Prints', 'Gallery'], booth: true },
    { name: 'Guest book', quantity: 2, includes: [], booth: false },
  ]);
  assert.deepEqual(await as({ tenant, role: 'staff', userId: randomUUID() }, ordered), []);
  assert.deepEqual(
    await as({ tenant, role: 'staff', userId: person }, (query) =>
      query('select id from opportunity_line_items where opportunity_id = $1', [deal]),
    ),
    [],
  );
});
