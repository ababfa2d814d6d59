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

test('canceled dates follow a new place or zone, and come back with what was released with them', async () => {
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
      { timezone: 'Europe/Lisbon', place: hall, status: 'cancelled' },
      { timezone: 'Europe/Lisbon', place: hall, status: 'scheduled' },
    ],
  );
  await act("update event_dates set status = 'scheduled' where id = any ($1)", [[first, second]]);
  await as({ tenant }, async (query) =>
    assert.deepEqual((await stateOf(query, event)).booths, ['reserved', 'reserved']),
  );
});

test('what comes back with a date does not depend on what was written meanwhile', async () => {
  const tenant = await addTenant(database);
  const { event, dates } = await as({ tenant }, addBooked);
  const [first = '', second = ''] = dates;
  const act = (sql: string, values: unknown[] = []) =>
    as({ tenant, role: 'manager' }, (query) => query(sql, values));
  const note = () =>
    as({ tenant }, async (query) => {
      for (const table of ['event_dates', 'booth_assignments', 'event_staff_assignments'])
        await query(`update ${table} set notes = 'Client was ill' where event_id = $1`, [event]);
    });
  const booths = async () => (await as({ tenant }, (query) => stateOf(query, event))).booths;
  // One date.
  await act("update event_dates set status = 'cancelled' where id = $1", [first]);
  await note();
  await act("update event_dates set status = 'scheduled' where id = $1", [first]);
  assert.deepEqual(await booths(), ['reserved', 'reserved']);
  // One that is moved in between has its booth on the new day.
  await act("update event_dates set status = 'cancelled' where id = $1", [first]);
  await act("update event_dates set event_date = '2027-06-11' where id = $1", [first]);
  await act("update event_dates set status = 'scheduled' where id = $1", [first]);
  assert.deepEqual(await booths(), ['reserved', 'reserved']);
  // What was canceled before its event does not come back with it; a booking that was released before its date does not come back either.
  await act("update booth_assignments set status = 'cancelled' where event_date_id = $1", [second]);
  await act("update event_dates set status = 'cancelled' where id = $1", [first]);
  await act("update events set status = 'cancelled' where id = $1", [event]);
  await note();
  await act("update events set status = 'tentative' where id = $1", [event]);
  const { dates: after, booths: left } = await as({ tenant }, (query) => stateOf(query, event));
  assert.deepEqual(after, ['2027-06-11 cancelled', '2027-06-13 scheduled']);
  assert.deepEqual(left, ['cancelled', 'cancelled']);
});

test('a check-out that is taken back for a canceled date leaves its booth free', async () => {
  const tenant = await addTenant(database);
  const { event, dates, booth } = await as({ tenant }, addBooked);
  const [first = ''] = dates;
  const act = <R extends Record<string, unknown>>(sql: string, values: unknown[] = []) =>
    as({ tenant, role: 'manager' }, (query) => query<R>(sql, values));
  const [booking] = await act<{ id: string }>('select id from booth_assignments where event_date_id = $1', [
    first,
  ]);
  const isFree = async () => {
    const [row] = await act<{ free: number }>(
      `select jsonb_array_length(check_availability('[{"event_date": "2027-06-12", "start_time": "18:00", "end_time": "23:00",
         "timezone": "Europe/Amsterdam"}]') #> '{dates,0,booths,free}') as free`,
    );
    return row?.free === 1;
  };
  await act('select check_out_booth($1)', [booking?.id]);
  await act("update events set status = 'cancelled' where id = $1", [event]);
  assert.equal(await isFree(), false, 'it is still out');
  await act('select undo_check_out_booth($1)', [booking?.id]);
  assert.equal(await isFree(), true);
  await act("update events set status = 'tentative' where id = $1", [event]);
  const [row] = await act('select status, booth_id from booth_assignments where id = $1', [booking?.id]);
  assert.deepEqual(row, { status: 'reserved', booth_id: booth }, 'it comes back with its event');
});

test('a booth that came back from the former day is booked anew for the new one', async () => {
  const tenant = await addTenant(database);
  const { event, dates, booth } = await as({ tenant }, addBooked);
  const act = (sql: string, values: unknown[] = []) =>
    as({ tenant, role: 'manager' }, (query) => query(sql, values));
  const [booking] = await act('select id from booth_assignments where event_date_id = $1', [dates[0]]);
  await act('select check_out_booth($1)', [booking?.id]);
  await act("update events set status = 'postponed' where id = $1", [event]);
  await act('select check_in_booth($1)', [booking?.id]);
  await act("select reschedule_event($1, '2027-07-10')", [event]);
  assert.deepEqual(
    await act('select status, checked_out_at from booth_assignments where id = $1', [booking?.id]),
    [{ status: 'reserved', checked_out_at: null }],
  );
  await assert.rejects(
    as({ tenant }, async (query) =>
      add(query, 'booth_assignments', {
        event_date_id: await addDate(query, { event_date: '2027-07-10' }),
        booth_id: booth,
      }),
    ),
    sqlState('PT409'),
  );
});

test('no one is asked to work on a canceled date, or accepts a shift there', async () => {
  const tenant = await addTenant(database);
  const { event, dates } = await as({ tenant }, addBooked);
  const answer = (status: string) =>
    as({ tenant, role: 'staff', userId: PERSON }, (query) =>
      query('update event_staff_assignments set status = $2 where event_id = $1', [event, status]),
    );
  await as({ tenant }, (query) =>
    query("update event_staff_assignments set status = 'invited' where event_id = $1", [event]),
  );
  await answer('declined');
  await as({ tenant, role: 'manager' }, (query) =>
    query("update event_dates set status = 'cancelled' where id = $1", [dates[0]]),
  );
  await assert.rejects(answer('accepted'), sqlState('PT409'));
  await assert.rejects(
    as({ tenant, role: 'manager' }, async (query) => {
      const [role] = await query<{ id: string }>('select id from staff_roles offset 1 limit 1');
      await add(query, 'event_staff_assignments', {
        ...{ event_id: event, event_date_id: dates[0], user_id: PERSON, staff_role_id: role?.id },
      });
    }),
    sqlState('PT409'),
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
  await assert.rejects(setDate('scheduled'), sqlState('PT409'));
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

test('an event that is called off has no date that takes place', async () => {
  const tenant = await addTenant(database);
  const { event, dates } = await as({ tenant }, addBooked);
  const act = (sql: string, values: unknown[] = []) =>
    as({ tenant, role: 'manager' }, (query) => query(sql, values));
  await act("update events set status = 'cancelled' where id = $1", [event]);
  const isCanceled = (error: unknown) => sqlState('PT409')(error) && /event is canceled/.test(String(error));
  await assert.rejects(
    act("update event_dates set status = 'scheduled' where id = $1", [dates[0]]),
    isCanceled,
  );
  await assert.rejects(
    as({ tenant, role: 'manager' }, (query) => addDate(query, { event_id: event })),
    isCanceled,
  );
  await act("update event_dates set notes = 'Rain' where id = $1", [dates[0]]);
  await act("update events set status = 'confirmed' where id = $1", [event]);
  await as({ tenant }, async (query) => {
    const { booths, dates: stand } = await stateOf(query, event);
    assert.deepEqual(booths, ['reserved', 'reserved']);
    assert.deepEqual(stand, ['2027-06-12 scheduled', '2027-06-13 scheduled']);
  });
});

test('what is out when its event is canceled, and is checked in, comes back with the event', async () => {
  const tenant = await addTenant(database);
  const { event, dates, booth } = await as({ tenant }, addBooked);
  const act = (sql: string, values: unknown[] = []) =>
    as({ tenant, role: 'manager' }, (query) => query(sql, values));
  const [booking] = await act('select id from booth_assignments where event_date_id = $1', [dates[0]]);
  await act('select check_out_booth($1)', [booking?.id]);
  await act("update events set status = 'cancelled' where id = $1", [event]);
  await act('select check_in_booth($1)', [booking?.id]);
  await act("update events set status = 'tentative' where id = $1", [event]);
  assert.deepEqual((await as({ tenant }, (query) => stateOf(query, event))).booths, ['reserved', 'reserved']);
  await assert.rejects(
    as({ tenant }, async (query) =>
      add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booth }),
    ),
    sqlState('PT409'),
  );
});
