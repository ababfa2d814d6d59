// What the start screen and the pipeline board show: numbers and first cards, not rows to count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addAccount, addBooth, addDate, addEvent, confirmEvent, unique } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { tenantA, tenantB } = database;
const service = { tenant: tenantA };
const sales = { tenant: tenantA, role: 'sales' } as const;

interface Card {
  id: string;
  stage: string;
  column: string;
  event_date: string | null;
  account: string | null;
}

interface Board {
  rows: Card[];
  columns: { stage: string; count: number; amounts: Record<string, number> }[];
  owners: string[];
  months: string[];
  sources: string[];
}

const OWNER = '00000000-0000-4000-8000-00000000000a';

async function addDeal(query: Query, row: Record<string, unknown> = {}): Promise<string> {
  return add(query, 'opportunities', {
    ...{ name: unique('Deal'), account_id: await addAccount(query), stage: 'prospecting', amount: 100 },
    ...row,
  });
}

async function boardOf(query: Query, given = ''): Promise<Board> {
  const [row] = await query<{ board: Board }>(`select pipeline_board(${given}) as board`);
  assert.ok(row);
  return row.board;
}

test('a column has its first cards, its count and its sum; further cards come by column', async () => {
  await database.as(service, async (query) => {
    for (let index = 0; index < 7; index += 1) await addDeal(query, { amount: 100 * index });
    await addDeal(query, { stage: 'proposal', amount: 5 });
    await addDeal(query, { stage: 'proposal', amount: 7, currency: 'EUR' });
  });
  await database.as(sales, async (query) => {
    const board = await boardOf(query, "sort => 'value', most => 3");
    assert.deepEqual(
      board.columns.toSorted((a, b) => b.count - a.count),
      [
        { stage: 'prospecting', count: 7, amounts: { USD: 2100 } },
        { stage: 'proposal', count: 2, amounts: { EUR: 7, USD: 5 } },
      ],
    );
    const first = board.rows.filter(({ column }) => column === 'prospecting');
    assert.equal(first.length, 3);
    const more = await boardOf(query, "sort => 'value', in_stage => 'prospecting', skip => 3, most => 200");
    assert.deepEqual(Object.keys(more), ['rows']);
    assert.equal(more.rows.length, 4);
    assert.equal(new Set([...first, ...more.rows].map(({ id }) => id)).size, 7);
  });
  const other = await database.as({ tenant: tenantB, role: 'owner' }, (query) => boardOf(query));
  assert.deepEqual(other, { rows: [], columns: [], owners: [], months: [], sources: [] });
  await assert.rejects(
    database.as({ tenant: tenantA, role: 'staff' }, (query) => boardOf(query)),
    sqlState('PT403'),
  );
});

test('the board is filtered and ordered before it is cut', async () => {
  const [near, far, lead] = await database.as(service, async (query) => {
    const leadId = await add(query, 'leads', { first_name: 'Ana', source: 'Radio' });
    const soon = await addDeal(query, { stage: 'negotiation', name: 'b' });
    const later = await addDeal(query, { stage: 'negotiation', name: 'a', lead_id: leadId });
    await addDate(query, { opportunity_id: soon, event_date: '2031-05-02' });
    // A date that is over and a cancelled one do not place the deal.
    await addDate(query, { opportunity_id: soon, event_date: '2020-05-02' });
    await addDate(query, { opportunity_id: soon, event_date: '2030-05-02', status: 'cancelled' });
    await addDate(query, { opportunity_id: later, event_date: '2031-06-30' });
    return [soon, later, leadId];
  });
  assert.ok(lead);
  await database.as(sales, async (query) => {
    const ids = async (given: string) => (await boardOf(query, given)).rows.map(({ id }) => id);
    const cards = (await boardOf(query, "in_stage => 'negotiation', sort => 'date'")).rows;
    assert.deepEqual(
      cards.map(({ id, event_date }) => [id, event_date]),
      [
        [near, '2031-05-02'],
        [far, '2031-06-30'],
      ],
    );
    assert.deepEqual(await ids("in_stage => 'negotiation', sort => 'name'"), [far, near]);
    assert.deepEqual(await ids("month => '2031-06-01'"), [far]);
    assert.deepEqual(await ids("source => 'Radio'"), [far]);
    const filtered = await boardOf(query, "source => 'Radio'");
    assert.deepEqual(
      filtered.columns.map(({ stage, count }) => [stage, count]),
      [['negotiation', 1]],
    );
    // What can be chosen does not shrink with the choice.
    assert.deepEqual(filtered.months, ['2031-05', '2031-06']);
    assert.deepEqual(filtered.sources, ['Radio']);
  });
});

test('closed deals stay for three weeks, deals of one owner can be shown alone', async () => {
  const [mine, fresh, old] = await database.as(service, async (query) => {
    const own = await addDeal(query, { stage: 'qualification' });
    return [
      own,
      await addDeal(query, { stage: 'closed_lost' }),
      await addDeal(query, { stage: 'closed_lost' }),
    ];
  });
  await database.owner.query('set session_replication_role = replica');
  await database.owner.query('update opportunities set owner_id = $2 where id = $1', [mine, OWNER]);
  await database.owner.query(
    "update opportunities set closed_at = now() - interval '23 days' where id = $1",
    [old],
  );
  await database.owner.query('reset session_replication_role');
  await database.as(sales, async (query) => {
    const closed = await boardOf(query, "in_stage => 'closed_lost'");
    assert.deepEqual(
      closed.rows.map(({ id }) => id),
      [fresh],
    );
    const own = await boardOf(query, `owner => '${OWNER}'`);
    assert.deepEqual(
      own.rows.map(({ id }) => id),
      [mine],
    );
    assert.ok(own.owners.includes(OWNER));
  });
});

test('the start screen’s figures are those of the rows', async () => {
  await database.as(service, async (query) => {
    const [{ today } = { today: '' }] = await query<{ today: string }>(
      'select tenancy.today()::text as today',
    );
    const event = await addEvent(query);
    await addDate(query, { event_id: event, event_date: today });
    await confirmEvent(query, event);
    const gone = await addEvent(query);
    await addDate(query, { event_id: gone, event_date: today });
    await query("update events set status = 'cancelled' where id = $1", [gone]);
    await add(query, 'leads', { first_name: 'Ben', status: 'contacted' });
  });
  await database.as(sales, async (query) => {
    const [row] = await query<{ today_numbers: Record<string, unknown> }>('select today_numbers()');
    const [counts] = await query<Record<string, number>>(`select
      (select count(*)::int from events where status = 'confirmed' and start_date between tenancy.today() and tenancy.today() + 30) as events,
      (select count(*)::int from leads where status = 'new') as leads`);
    const amounts = await query(`select currency,
      (select coalesce(sum(balance), 0)::int from invoices where status in ('sent', 'partially_paid') and currency = c.currency) as balance,
      (select coalesce(sum(overdue_amount(i)), 0)::int from invoices i where currency = c.currency) as overdue,
      (select coalesce(sum(amount), 0)::int from opportunities where closed_at is null and currency = c.currency) as pipeline,
      (select coalesce(round(sum(amount * probability / 100.0)), 0)::int from opportunities
        where closed_at is null and currency = c.currency) as weighted
      from (values ('USD'), ('EUR')) c (currency)`);
    assert.deepEqual(row?.today_numbers, { ...counts, amounts });
    assert.equal(counts?.events, 1);
  });
});

test('a month of bookings is counted by thing and day; what ends in the small hours belongs to the day before', async () => {
  const booth = await database.as(service, async (query) => {
    const id = await addBooth(query, { buffer_before_minutes: 0, buffer_after_minutes: 0 });
    const at = async (row: Record<string, unknown>) =>
      add(query, 'booth_assignments', {
        booth_id: id,
        event_date_id: await addDate(query, { timezone: 'UTC', teardown_minutes: 0, ...row }),
      });
    await at({ event_date: '2032-03-05', start_time: '10:00', end_time: '12:00' });
    await at({ event_date: '2032-03-05', start_time: '20:00', end_time: '02:00' });
    await at({ event_date: '2032-04-05', start_time: '10:00', end_time: '12:00' });
    return id;
  });
  const counted = await database.as(sales, (query) =>
    query(
      "select kind, thing_id, day::text, bookings, holds, overbooked from booking_counts('2032-03-01', '2032-03-31')",
    ),
  );
  assert.deepEqual(counted, [
    { kind: 'booth', thing_id: booth, day: '2032-03-05', bookings: 2, holds: 0, overbooked: false },
  ]);
});

test('a long booking is counted on each of its days, however long before it began', async () => {
  const { long, buffered } = await database.as(service, async (query) => {
    const [long, buffered] = [
      await addBooth(query, { buffer_before_minutes: 0, buffer_after_minutes: 0 }),
      await addBooth(query, { buffer_before_minutes: 0, buffer_after_minutes: 7 * 1440 }),
    ];
    const day = { event_date: '2033-03-01', start_time: '20:00', end_time: '19:00', timezone: 'UTC' };
    await add(query, 'booth_assignments', {
      booth_id: long,
      event_date_id: await addDate(query, { ...day, teardown_minutes: 2880 }),
    });
    await add(query, 'booth_assignments', {
      booth_id: buffered,
      event_date_id: await addDate(query, { ...day, end_time: '22:00' }),
    });
    return { long, buffered };
  });
  const countedFrom = (day: string) =>
    database.as(sales, (query) =>
      query<{ thing_id: string; day: string }>(
        "select thing_id, day::text from booking_counts($1, '2033-03-31') order by day, thing_id",
        [day],
      ),
    );
  const whole = await countedFrom('2033-03-01');
  assert.deepEqual(
    [long, buffered].map((booth) => whole.filter(({ thing_id }) => thing_id === booth).at(-1)?.day),
    ['2033-03-04', '2033-03-08'],
  );
  for (const day of ['2033-03-04', '2033-03-05', '2033-03-08', '2033-03-09'])
    assert.deepEqual(
      await countedFrom(day),
      whole.filter((one) => one.day >= day),
    );
});
