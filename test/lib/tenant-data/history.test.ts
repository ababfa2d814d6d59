// What is written down of who changed what of an event, and who reads it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { add, addBooth, addDate, addEquipment, addEvent, addSentInvoice, staffRole } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;
const [manager, worker, colleague] = [randomUUID(), randomUUID(), randomUUID()];
let tenant: string;
let event: string;

interface Entry {
  entity: string;
  entity_id: string;
  action: string;
  subject: Record<string, unknown>;
  columns: Record<string, [unknown, unknown]>;
  changed_by: string | null;
  names: Record<string, string>;
}

const history = (query: Query, most = 200) =>
  query<Entry>("select * from record_history('events', $1, most => $2)", [event, most]);

const of = (query: Query, kind: string, id: string) =>
  query<Entry>('select * from record_history($1, $2)', [kind, id]);

before(async () => {
  tenant = await addTenant(database);
  await as({ tenant, role: 'manager', userId: manager }, async (query) => {
    event = await addEvent(query, { title: 'Gala', guest_count: 80 });
    const date = await addDate(query, { event_id: event });
    await query("update events set title = 'Grand gala', guest_count = 120 where id = $1", [event]);
    await query("update event_dates set start_time = '19:00' where id = $1", [date]);
    const booth = await addBooth(query);
    const booked = await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    await query("update booth_assignments set status = 'cancelled' where id = $1", [booked]);
    for (const user_id of [worker, colleague])
      await add(query, 'event_staff_assignments', {
        event_id: event,
        event_date_id: date,
        user_id,
        staff_role_id: await staffRole(query),
        rate_snapshot: 2_000,
      });
    await query('update event_staff_assignments set rate_snapshot = 2500 where event_id = $1', [event]);
    const invoice = await addSentInvoice(query, 10_000, {
      event_id: event,
      issue_date: '2027-01-01',
      due_date: '2027-02-01',
    });
    await add(query, 'payments', {
      invoice_id: invoice,
      amount: 4_000,
      currency: 'USD',
      method: 'card',
      status: 'succeeded',
      fee: 120,
    });
    await add(query, 'contracts', {
      event_id: event,
      account_id: (
        await query<{ account_id: string }>('select account_id from events where id = $1', [event])
      )[0]?.account_id,
      title: 'Agreement',
      body_html: '<p>…</p>',
    });
    await query('delete from event_staff_assignments where user_id = $1', [colleague]);
  });
});

test('every change is written down with what it was and became, and who made it', async () => {
  const entries = await as({ tenant, role: 'manager', userId: manager }, (query) => history(query));
  const find = (entity: string, action: string) =>
    entries.filter((entry) => entry.entity === entity && entry.action === action);
  assert.ok(entries.every(({ changed_by }) => changed_by === manager));
  // The newest comes first, the event's own beginning last.
  assert.deepEqual([entries[0]?.entity, entries[0]?.action], ['event_staff_assignments', 'removed']);
  assert.deepEqual([entries.at(-1)?.entity, entries.at(-1)?.action], ['events', 'added']);
  assert.deepEqual(find('events', 'changed').find(({ columns }) => 'title' in columns)?.columns, {
    title: ['Gala', 'Grand gala'],
    guest_count: [80, 120],
  });
  assert.deepEqual(find('event_dates', 'changed')[0]?.columns, { start_time: ['18:00:00', '19:00:00'] });
  const [booked] = find('booth_assignments', 'changed');
  assert.deepEqual(booked?.columns.status, ['reserved', 'cancelled']);
  assert.match(booked?.names[String(booked.subject.booth_id)] ?? '', /^Booth /);
  assert.equal(find('event_staff_assignments', 'added').length, 2);
  assert.deepEqual(
    find('event_staff_assignments', 'changed').map(({ columns }) => columns),
    [{ rate_snapshot: [2000, 2500] }, { rate_snapshot: [2000, 2500] }],
  );
  const [payment] = find('payments', 'added');
  assert.deepEqual(payment?.subject, { kind: 'payment', amount: 4000, currency: 'USD' });
  assert.deepEqual(
    find('invoices', 'changed').some(({ columns }) => columns.status?.[1] === 'partially_paid'),
    true,
  );
  assert.equal(find('contracts', 'added')[0]?.subject.title, 'Agreement');
});

test('a history that is read page by page has no gap and no repetition', async () => {
  await as({ tenant, role: 'owner' }, async (query) => {
    const all = await query<{ id: string }>("select id from record_history('events', $1, most => 200)", [
      event,
    ]);
    const paged: string[] = [];
    let last: { id: string; changed_at: string } | undefined;
    do {
      const page = await query<{ id: string; changed_at: string }>(
        "select id, changed_at::text from record_history('events', $1, $2, $3, 4)",
        [event, last?.changed_at ?? null, last?.id ?? null],
      );
      paged.push(...page.map(({ id }) => id));
      last = page.at(-1);
    } while (last);
    assert.deepEqual(
      paged,
      all.map(({ id }) => id),
    );
  });
});

test('what a role may not see is not in its history', async () => {
  const sales = await as({ tenant, role: 'sales' }, (query) => history(query));
  assert.ok(!JSON.stringify(sales).includes('rate_snapshot'));
  assert.ok(sales.some(({ entity }) => entity === 'payments'));
  const staff = await as({ tenant, role: 'staff', userId: worker }, (query) => history(query));
  const seen = new Set(staff.map(({ entity }) => entity));
  for (const hidden of ['invoices', 'payments', 'contracts']) assert.ok(!seen.has(hidden), hidden);
  assert.ok(seen.has('event_dates'));
  assert.ok(!JSON.stringify(staff).includes(colleague));
  assert.ok(JSON.stringify(staff).includes(worker));
  for (const actor of [
    { tenant, role: 'staff', userId: randomUUID() },
    { tenant: database.tenantB, role: 'owner' },
  ] as const)
    await assert.rejects(
      as(actor, (query) => history(query)),
      sqlState('PT404'),
    );
});

test('an event that is deleted takes its history along', async () => {
  const count = async () => {
    const [row] = await as({ tenant }, (query) => query('select count(*)::int from tenancy.changes'));
    return row?.count;
  };
  const before_ = await count();
  await as({ tenant }, async (query) => {
    const gone = await addEvent(query);
    await addDate(query, { event_id: gone });
    assert.ok((await query('select from tenancy.changes where event_id = $1', [gone])).length > 1);
    await query('delete from events where id = $1', [gone]);
  });
  assert.equal(await count(), before_);
});

test('records other than events have a history too: their own changes and those of their parts', async () => {
  await as({ tenant, role: 'manager', userId: manager }, async (query) => {
    const account = await add(query, 'accounts', { name: 'Rivera' });
    await query("update accounts set name = 'Rivera & Sons', payment_terms = 'net 14' where id = $1", [
      account,
    ]);
    const [changed, ...others] = await of(query, 'accounts', account);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [changed?.action, changed?.changed_by, changed?.columns],
      ['changed', manager, { name: ['Rivera', 'Rivera & Sons'], payment_terms: [null, 'net 14'] }],
    );
    const deal = await add(query, 'opportunities', { name: 'Gala', account_id: account });
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    const line = await add(query, 'quote_line_items', {
      ...{ quote_id: quote, item_type: 'custom', name: 'Backdrop', unit_price: 5_000 },
    });
    await query('update quote_line_items set unit_price = 6000 where id = $1', [line]);
    await query('delete from quote_line_items where id = $1', [line]);
    assert.deepEqual(
      (await of(query, 'quotes', quote)).map(({ action, subject, columns }) => [
        action,
        subject.name,
        columns,
      ]),
      [
        ['changed', undefined, { total: [6000, 0] }],
        ['removed', 'Backdrop', {}],
        ['changed', undefined, { total: [5000, 6000] }],
        ['changed', 'Backdrop', { unit_price: [5000, 6000] }],
        ['changed', undefined, { total: [0, 5000] }],
        ['added', 'Backdrop', {}],
      ],
    );
    await query('delete from quotes where id = $1', [quote]);
  });
  const item = await as({ tenant, role: 'manager' }, async (query) => {
    const added = await addEquipment(query, 'serialized', { purchase_price: 90_000 });
    await query("update equipment_items set purchase_price = 80000, condition = 'fair' where id = $1", [
      added,
    ]);
    return added;
  });
  const columns = (role: 'manager' | 'sales' | 'staff') =>
    as({ tenant, role, userId: worker }, async (query) =>
      (await of(query, 'equipment_items', item)).map((entry) => Object.keys(entry.columns).sort()),
    );
  assert.deepEqual(await columns('manager'), [['condition', 'purchase_price']]);
  for (const role of ['sales', 'staff'] as const) assert.deepEqual(await columns(role), [['condition']]);
  const [account] = await as({ tenant }, (query) => query<{ id: string }>('select id from accounts limit 1'));
  await assert.rejects(
    as({ tenant, role: 'staff', userId: worker }, (query) => of(query, 'accounts', account?.id ?? '')),
    sqlState('PT404'),
  );
  await assert.rejects(
    as({ tenant, role: 'owner' }, (query) => of(query, 'user_integrations', item)),
    sqlState('PT400'),
  );
});

test('no history shows a column that only managers may read', async () => {
  const [{ text } = { text: '' }] = await as({ tenant }, (query) =>
    query<{ text: string }>("select pg_get_functiondef('record_history'::regproc) as text"),
  );
  const hidden = await as({ tenant }, (query) =>
    query<{ column: string }>(`select distinct a.attname as column from pg_trigger g
      join pg_proc f on f.oid = g.tgfoid and f.proname = 'record_change'
      join pg_attribute a on a.attrelid = g.tgrelid and a.attnum > 0 and not a.attisdropped
      -- What stands in internal tables is in histories that owners and admins alone may read.
      join pg_class c on c.oid = g.tgrelid and c.relnamespace = 'public'::regnamespace
      where not has_column_privilege('authenticated', g.tgrelid, a.attnum, 'select')`),
  );
  const listed = /'\{(rate_snapshot[^}]*)\}'/.exec(text)?.[1]?.split(',').sort();
  assert.deepEqual(hidden.map(({ column }) => column).sort(), listed);
});

test('a deleted record that is restored has its history again', async () => {
  await as({ tenant, role: 'manager', userId: manager }, async (query) => {
    const lead = await add(query, 'leads', { first_name: 'Mia', email: 'mia@example.com' });
    await query("update leads set first_name = 'Maya' where id = $1", [lead]);
    const before = await of(query, 'leads', lead);
    await query('delete from leads where id = $1', [lead]);
    const [entry] = await query<{ id: string }>("select id from archived_records('leads')");
    await query('select restore_archived($1)', [[entry?.id]]);
    assert.deepEqual((await of(query, 'leads', lead)).slice(-before.length), before);
  });
});

test('settings and a person’s pay and time off have a history, for owners and admins', async () => {
  const [owner, person] = [randomUUID(), randomUUID()];
  const own = await addTenant(database);
  await as({ tenant: own, role: 'owner', userId: owner }, async (query) => {
    const set = (key: string, value: unknown) =>
      query(
        `insert into tenant_settings (key, value) values ($1, $2)
         on conflict (tenant_id, key) do update set value = excluded.value`,
        [key, JSON.stringify(value)],
      );
    await set('hold', { expires_after_hours: 48 });
    await set('hold', { expires_after_hours: 24 });
    await set('overlap_policy', 'warn');
    await set('overlap_policy', 'warn');
    const rate = await add(query, 'user_pay_rate_history', {
      user_id: person,
      rate: 2_500,
      effective: '[2027-01-01,)',
    });
    await query('update user_pay_rate_history set rate = 3000 where id = $1', [rate]);
    await query("select enter_time_off('2027-02-01', '2027-02-05', $1)", [person]);
    const settings = await of(query, 'tenant_settings', randomUUID());
    assert.deepEqual(
      settings
        .toReversed()
        .map(({ subject, columns, changed_by }) => [subject.key, columns, changed_by === owner]),
      [
        ['hold', { expires_after_hours: [72, 48] }, true],
        ['hold', { expires_after_hours: [48, 24] }, true],
        ['overlap_policy', { value: ['refuse', 'warn'] }, true],
      ],
    );
    const pay = await of(query, 'people', person);
    assert.deepEqual(
      pay.toReversed().map(({ entity, action, columns }) => [entity, action, columns]),
      [
        ['user_pay_rate_history', 'added', {}],
        ['user_pay_rate_history', 'changed', { rate: [2_500, 3_000] }],
        ['time_off', 'added', {}],
      ],
    );
  });
  for (const kind of ['tenant_settings', 'people'])
    await assert.rejects(
      as({ tenant: own, role: 'manager', userId: manager }, (query) => of(query, kind, person)),
      sqlState('PT403'),
    );
  const seeded = await as({ tenant: await addTenant(database), role: 'owner' }, (query) =>
    of(query, 'tenant_settings', person),
  );
  assert.deepEqual(seeded, [], 'what a company begins with is no change');
});
