// Events that are postponed or cancelled: what they release, what comes back, and what becomes of their invoices.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addBooth, addDate, addEvent, addSentInvoice, confirmEvent } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;
const PERSON = '00000000-0000-4000-8000-000000000003';

/** A confirmed event of two days with one booth for both, and a confirmed person on the first. */
async function addBooked(query: Query) {
  const event = await addEvent(query);
  const dates = [
    await addDate(query, { event_id: event, event_date: '2027-06-12' }),
    await addDate(query, { event_id: event, event_date: '2027-06-13' }),
  ];
  const booth = await addBooth(query);
  for (const date of dates) await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
  const [role] = await query<{ id: string }>('select id from staff_roles limit 1');
  await add(query, 'event_staff_assignments', {
    event_id: event,
    event_date_id: dates[0],
    staff_role_id: role?.id,
    user_id: PERSON,
    status: 'confirmed',
  });
  await confirmEvent(query, event);
  return { event, dates, booth };
}

async function stateOf(query: Query, event: string) {
  const [row] = await query<{ status: string; start: string }>(
    'select status, start_date::text as start from events where id = $1',
    [event],
  );
  const list = async (sql: string) => (await query<{ it: string }>(sql, [event])).map(({ it }) => it);
  return {
    ...row,
    dates: await list(
      "select event_date || ' ' || status as it from event_dates where event_id = $1 order by event_date",
    ),
    booths: await list(
      'select a.status as it from booth_assignments a join event_dates d on d.id = a.event_date_id where a.event_id = $1 order by d.event_date',
    ),
    crew: await list('select status as it from event_staff_assignments where event_id = $1'),
  };
}

const setStatus = (query: Query, event: string, status: string) =>
  query('update events set status = $2 where id = $1', [event, status]);

test('a postponed event holds nothing, and gets it all back when that is undone', async () => {
  const tenant = await addTenant(database);
  const { event, booth } = await as({ tenant }, addBooked);
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'postponed'));
  await as({ tenant }, async (query) => {
    assert.deepEqual(await stateOf(query, event), {
      status: 'postponed',
      start: '2027-06-12',
      dates: ['2027-06-12 cancelled', '2027-06-13 cancelled'],
      booths: ['cancelled', 'cancelled'],
      crew: ['cancelled'],
    });
    const [readiness] = await query('select next_fix from event_readiness($1)', [event]);
    assert.equal(readiness?.next_fix, 'Choose a new date.');
  });
  // Notes on it meanwhile change nothing about that.
  await as({ tenant, role: 'manager' }, (query) =>
    query("update events set notes = 'Client is ill' where id = $1", [event]),
  );
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'confirmed'));
  const back = {
    status: 'confirmed',
    start: '2027-06-12',
    dates: ['2027-06-12 scheduled', '2027-06-13 scheduled'],
    booths: ['reserved', 'reserved'],
    crew: ['invited'],
  };
  await as({ tenant }, async (query) => assert.deepEqual(await stateOf(query, event), back));
  // The same when it was cancelled in between.
  for (const status of ['postponed', 'cancelled', 'tentative', 'confirmed'])
    await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, status));
  await as({ tenant }, async (query) => assert.deepEqual(await stateOf(query, event), back));
  // Another event takes the booth while it is postponed.
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'postponed'));
  await as({ tenant }, async (query) =>
    add(query, 'booth_assignments', {
      event_date_id: await addDate(query, { event_date: '2027-06-12' }),
      booth_id: booth,
    }),
  );
  await assert.rejects(
    as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'confirmed')),
    sqlState('PT409'),
  );
});

test('a new date reserves again what is free there, and says what is not', async () => {
  const tenant = await addTenant(database);
  const { event, booth } = await as({ tenant }, addBooked);
  await assert.rejects(
    as({ tenant, role: 'manager' }, (query) => query("select reschedule_event($1, '2027-07-10')", [event])),
    sqlState('PT409'),
  );
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'postponed'));
  await assert.rejects(
    as({ tenant, role: 'sales' }, (query) => query("select reschedule_event($1, '2027-07-10')", [event])),
    sqlState('PT403'),
  );
  const name = await as({ tenant }, async (query) => {
    await add(query, 'booth_assignments', {
      event_date_id: await addDate(query, { event_date: '2027-07-11' }),
      booth_id: booth,
    });
    const [row] = await query<{ name: string }>('select name from booths where id = $1', [booth]);
    return row?.name;
  });
  const [answer] = await as({ tenant, role: 'manager' }, (query) =>
    query("select reschedule_event($1, '2027-07-10', '17:00') as it", [event]),
  );
  assert.deepEqual(answer, { it: { taken: [name] } });
  await as({ tenant }, async (query) => {
    assert.deepEqual(await stateOf(query, event), {
      status: 'tentative',
      start: '2027-07-10',
      dates: ['2027-07-10 scheduled', '2027-07-11 scheduled'],
      booths: ['reserved', 'cancelled'],
      crew: ['invited'],
    });
    assert.deepEqual(
      await query(
        'select start_time::text as start from event_dates where event_id = $1 order by event_date',
        [event],
      ),
      [{ start: '17:00:00' }, { start: '18:00:00' }],
    );
  });
});

test('a new date that reserves nothing leaves released what was', async () => {
  const tenant = await addTenant(database);
  const { event } = await as({ tenant }, addBooked);
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'postponed'));
  await as({ tenant, role: 'manager' }, (query) =>
    query("select reschedule_event($1, '2027-07-10', reserve => false)", [event]),
  );
  await as({ tenant }, async (query) =>
    assert.deepEqual(await stateOf(query, event), {
      status: 'tentative',
      start: '2027-07-10',
      dates: ['2027-07-10 scheduled', '2027-07-11 scheduled'],
      booths: ['cancelled', 'cancelled'],
      crew: ['cancelled'],
    }),
  );
});

test('a date that was canceled alone is not touched by a new place or zone; one that was with its event follows', async () => {
  const tenant = await addTenant(database);
  const { event, dates } = await as({ tenant }, addBooked);
  const [first = '', second = ''] = dates;
  const act = (sql: string, values: unknown[] = []) =>
    as({ tenant, role: 'owner' }, (query) => query(sql, values));
  const hall = await as({ tenant }, (query) =>
    add(query, 'locations', { name: 'Hall', timezone: 'Europe/Amsterdam' }),
  );
  const barn = await as({ tenant }, (query) => add(query, 'locations', { name: 'Barn' }));
  await act('update events set location_id = $2 where id = $1', [event, hall]);
  await act("update event_dates set status = 'cancelled' where id = $1", [first]);
  await act("update locations set timezone = 'Europe/London' where id = $1", [hall]);
  await act("update events set status = 'cancelled' where id = $1", [event]);
  await act("update locations set timezone = 'Europe/Lisbon' where id = $1", [hall]);
  await act('update events set location_id = $2 where id = $1', [event, barn]);
  await act("update events set status = 'confirmed', location_id = $2 where id = $1", [event, hall]);
  assert.deepEqual(
    await act(
      'select timezone, location_id as place, status from event_dates where event_id = $1 order by event_date',
      [event],
    ),
    [
      { timezone: 'Europe/Amsterdam', place: hall, status: 'cancelled' },
      { timezone: 'Europe/Lisbon', place: hall, status: 'scheduled' },
    ],
  );
  await act("update event_dates set status = 'scheduled' where id = any ($1)", [[first, second]]);
  await as({ tenant }, async (query) =>
    assert.deepEqual((await stateOf(query, event)).booths, ['reserved', 'reserved']),
  );
});

test('a date that is added to a postponed event ends the postponement; the former dates stay off', async () => {
  const tenant = await addTenant(database);
  const { event } = await as({ tenant }, addBooked);
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'postponed'));
  await as({ tenant, role: 'manager' }, (query) =>
    addDate(query, { event_id: event, event_date: '2027-08-01' }),
  );
  await as({ tenant }, async (query) => {
    assert.deepEqual(await stateOf(query, event), {
      status: 'tentative',
      start: '2027-08-01',
      dates: ['2027-06-12 cancelled', '2027-06-13 cancelled', '2027-08-01 scheduled'],
      booths: ['cancelled', 'cancelled'],
      crew: ['cancelled'],
    });
  });
});

test('one date that is canceled and set back has its booth and crew again; what was released before stays released', async () => {
  const tenant = await addTenant(database);
  const { event, dates } = await as({ tenant }, addBooked);
  const [first = ''] = dates;
  const spare = await as({ tenant }, async (query) => {
    const id = await add(query, 'booth_assignments', {
      event_date_id: first,
      booth_id: await addBooth(query),
    });
    return id;
  });
  const setDate = (status: string) =>
    as({ tenant, role: 'manager' }, (query) =>
      query('update event_dates set status = $2 where id = $1', [first, status]),
    );
  await as({ tenant }, (query) =>
    query("update booth_assignments set status = 'cancelled' where id = $1", [spare]),
  );
  await setDate('cancelled');
  await setDate('scheduled');
  await as({ tenant }, async (query) => {
    const { booths, crew } = await stateOf(query, event);
    assert.deepEqual([booths.toSorted(), crew], [['cancelled', 'reserved', 'reserved'], ['invited']]);
    const [one] = await query('select status from booth_assignments where id = $1', [spare]);
    assert.deepEqual(one, { status: 'cancelled' });
  });
  await setDate('cancelled');
  await as({ tenant, role: 'manager' }, (query) =>
    query("select enter_time_off('2027-06-12', '2027-06-12', $1)", [PERSON]),
  );
  await setDate('scheduled');
  await as({ tenant }, async (query) => {
    const { booths, crew } = await stateOf(query, event);
    assert.deepEqual([booths.toSorted(), crew], [['cancelled', 'reserved', 'reserved'], ['cancelled']]);
  });
  await setDate('cancelled');
  await as({ tenant, role: 'manager' }, (query) => setStatus(query, event, 'cancelled'));
  await setDate('scheduled');
  await as({ tenant }, async (query) =>
    assert.deepEqual(
      (await stateOf(query, event)).booths,
      ['cancelled', 'cancelled', 'cancelled'],
      'nothing is booked for an event that is called off',
    ),
  );
});

test('cancelling an event settles its invoices as chosen, all or nothing', async () => {
  const tenant = await addTenant(database);
  const { event, draft, unpaid, partly, kept, other } = await as({ tenant }, async (query) => {
    const { event } = await addBooked(query);
    const [row] = await query<{ account: string }>('select account_id as account from events where id = $1', [
      event,
    ]);
    const of = { event_id: event, account_id: row?.account };
    const partly = await addSentInvoice(query, 100_000, of);
    await add(query, 'payments', { invoice_id: partly, amount: 30_000, currency: 'USD' });
    return {
      event,
      partly,
      draft: await add(query, 'invoices', of),
      unpaid: await addSentInvoice(query, 50_000, of),
      kept: await addSentInvoice(query, 20_000, of),
      other: await addSentInvoice(query, 10_000),
    };
  });
  const cancel = (invoices: Record<string, string>, role: 'manager' | 'sales' = 'manager') =>
    as({ tenant, role }, (query) =>
      query("select status from cancel_event($1, 'The venue closed', $2)", [event, JSON.stringify(invoices)]),
    );
  await assert.rejects(cancel({}, 'sales'), sqlState('PT403'));
  await assert.rejects(cancel({ [unpaid]: 'void', [other]: 'void' }), sqlState('PT404'));
  await assert.rejects(cancel({ [unpaid]: 'void', [kept]: 'forget' }), sqlState('PT400'));
  await assert.rejects(cancel({ [unpaid]: 'void', [partly]: 'void' }), sqlState('PT409'));
  const invoiceOf = (id: string) =>
    as({ tenant }, async (query) => {
      const [row] = await query(
        'select status, balance::int, credited::int, next_due_amount::int as due from invoices where id = $1',
        [id],
      );
      return row;
    });
  assert.deepEqual(await invoiceOf(unpaid), { status: 'sent', balance: 50_000, credited: 0, due: 50_000 });
  assert.deepEqual(await cancel({ [draft]: 'void', [unpaid]: 'void', [partly]: 'credit' }), [
    { status: 'cancelled' },
  ]);
  assert.equal((await invoiceOf(draft))?.status, 'void');
  assert.equal((await invoiceOf(unpaid))?.status, 'void');
  assert.deepEqual(await invoiceOf(partly), { status: 'paid', balance: 0, credited: 70_000, due: 0 });
  assert.deepEqual(await invoiceOf(kept), { status: 'sent', balance: 20_000, credited: 0, due: 20_000 });
  await as({ tenant }, async (query) => {
    assert.deepEqual(await query('select cancel_reason from events where id = $1', [event]), [
      { cancel_reason: 'The venue closed' },
    ]);
    assert.deepEqual((await stateOf(query, event)).booths, ['cancelled', 'cancelled']);
  });
});
