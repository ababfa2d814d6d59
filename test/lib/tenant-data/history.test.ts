// What is written down of who changed what of an event, and who reads it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { add, addBooth, addDate, addEvent, addSentInvoice, staffRole } from './business';
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
  query<Entry>('select * from event_history($1, most => $2)', [event, most]);

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

test('pages hang together', async () => {
  await as({ tenant, role: 'owner' }, async (query) => {
    const all = await query<{ id: string }>('select id from event_history($1, most => 200)', [event]);
    const paged: string[] = [];
    let last: { id: string; changed_at: string } | undefined;
    do {
      const page = await query<{ id: string; changed_at: string }>(
        'select id, changed_at::text from event_history($1, $2, $3, 4)',
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
