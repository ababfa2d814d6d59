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
    assert.deepEqual(role, { name: 'authenticated' });
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

test('design dates follow the event unless set by hand', async () => {
  await service(async (query) => {
    const { deal, date } = await addDeal(query);
    const [event] = await query<{ id: string }>('select id from convert_opportunity($1)', [deal]);
    const [type] = await query<{ id: string }>("select id from design_item_types where name = 'Backdrop'");
    const byHand = await add(query, 'event_design_items', {
      event_id: event?.id,
      design_item_type_id: type?.id,
      name: 'By hand',
      due_date: '2027-02-01',
    });
    await query("update event_dates set event_date = '2027-07-12' where id = $1", [date]);
    const rows = await query(
      `select name, due_date::text, urgent_date::text, missed_date::text from event_design_items where event_id = $1 order by name`,
      [event?.id],
    );
    assert.deepEqual(rows, [
      { name: 'By hand', due_date: '2027-02-01', urgent_date: null, missed_date: null },
      { name: 'Photo strip', due_date: '2027-06-28', urgent_date: '2027-07-05', missed_date: '2027-07-09' },
    ]);
    const [task] = await query(
      "select due_date::text from event_core_task_completion where event_id = $1 and name_snapshot = 'Payment Received'",
      [event?.id],
    );
    assert.deepEqual(task, { due_date: '2027-07-05' });
    assert.ok(byHand);
  });
});

test('priority by the days that are left, in the tenant’s windows', async () => {
  await service(async (query) => {
    const expected: [days: number, priority: string | null][] = [
      [-1, null],
      [0, 'critical'],
      [2, 'critical'],
      [3, 'high'],
      [7, 'high'],
      [8, 'medium'],
      [14, 'medium'],
      [15, 'low'],
      [30, 'low'],
      [31, null],
    ];
    const [account] = await query<{ id: string }>("insert into accounts (name) values ('A') returning id");
    for (const [days, priority] of expected) {
      const [row] = await query(
        `with e as (insert into events (title, account_id, start_date) values ('E', $1, tenancy.today() + $2::int) returning *)
         select priority(e) from e`,
        [account?.id, days],
      );
      assert.deepEqual(row, { priority });
    }
  });
});

test('a quote is revised by a copy, accepted once, and not after its last day', async () => {
  await service(async (query) => {
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'x',
      unit_price: 500,
    });
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    const [second] = await query<{ id: string; revision: number; total: string }>(
      'select id, revision, total from revise_quote($1)',
      [quote],
    );
    assert.equal(second?.revision, 2);
    assert.equal(second?.total, '500');
    await query("update quotes set status = 'sent' where id = $1", [second?.id]);
    const [first] = await query('select status from quotes where id = $1', [quote]);
    assert.deepEqual(first, { status: 'superseded' });
    const [accepted] = await query("select status from accept_quote($1, 'Ada')", [second?.id]);
    assert.deepEqual(accepted, { status: 'accepted' });
  });
  await assert.rejects(
    service(async (query) => {
      const { deal } = await addDeal(query);
      const quote = await add(query, 'quotes', {
        opportunity_id: deal,
        issue_date: '2020-01-01',
        valid_until: '2020-02-01',
        status: 'sent',
      });
      await query("select accept_quote($1, 'Ada')", [quote]);
    }),
    sqlState('PT409'),
  );
});

test('deleting a stage sends its deals where one says; the last won stage stays', async () => {
  await as({ tenant: database.tenantB, role: 'admin' }, async (query) => {
    const { deal } = await addDeal(query, { stage: 'proposal' });
    const [moved] = await query("select delete_pipeline_stage('proposal', 'negotiation') as deals");
    assert.deepEqual(moved, { deals: 1 });
    const [row] = await query('select stage, probability from opportunities where id = $1', [deal]);
    assert.deepEqual(row, { stage: 'negotiation', probability: 75 });
  });
  const inB = { tenant: database.tenantB, role: 'admin' as const };
  await assert.rejects(
    as(inB, (query) => query("select delete_pipeline_stage('closed_won', 'negotiation')")),
    sqlState('PT409'),
  );
  await assert.rejects(
    as({ ...inB, role: 'manager' }, (query) =>
      query("select delete_pipeline_stage('negotiation', 'prospecting')"),
    ),
    sqlState('PT403'),
  );
  await assert.rejects(
    as(inB, async (query) => addDeal(query, { stage: 'proposal' })),
    sqlState('PT400'),
  );
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
