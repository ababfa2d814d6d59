// Holds, reservations, acceptances and moves compete for booths under one lock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { add, addAccount, addBooth, addDate, addDeal, addEvent, addOffer, addPackage } from './business';
import { type Actor, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);
const sales: Actor = { tenant, role: 'sales' };

const hold = (deal: string, given: Record<string, unknown> = {}, actor: Actor = sales) =>
  as(actor, (query) =>
    query<{ id: string; booth_id: string; status: string; event_date_id: string }>(
      'select * from hold_booths($1, booth_type_id => $2, booth_id => $3, expires_at => $4)',
      [deal, given.booth_type_id ?? null, given.booth_id ?? null, given.expires_at ?? null],
    ),
  );
const accept = (quote: string) =>
  as(sales, (query) => query("select accept_quote($1, 'Ada Lovelace')", [quote]));
const convert = (deal: string) =>
  as(sales, async (query) => {
    const [event] = await query<{ id: string; status: string }>(
      'select id, status from convert_opportunity($1)',
      [deal],
    );
    assert.ok(event);
    return event;
  });
const statesOf = (deals: string[]) =>
  as({ tenant, role: 'viewer' }, (query) =>
    query<{ opportunity_id: string; state: string; free: number; booths: number }>(
      'select * from deal_days($1)',
      [deals],
    ),
  );
const stateOf = async (deal: string) => (await statesOf([deal]))[0]?.state;
/** Lets the holds of a deal expire, one after another. */
async function expire(deal: string): Promise<void> {
  const held = await service((query) =>
    query<{ id: string }>(
      "select a.id from booth_assignments a join event_dates d on d.id = a.event_date_id where d.opportunity_id = $1 and a.status = 'hold'",
      [deal],
    ),
  );
  for (const { id } of held)
    await service((query) =>
      query(
        "update booth_assignments set hold_expires_at = now() - interval '1 min' where id = $1 and status = 'hold'",
        [id],
      ),
    );
}
const boothsOf = (packageId: string) =>
  service((query) =>
    query<{ id: string; type: string }>(
      'select b.id, b.booth_type_id as type from booths b join packages p on p.booth_type_id = b.booth_type_id where p.id = $1 order by b.name',
      [packageId],
    ),
  );

/** So many deals with a sent quote for the package each, all on one evening. */
async function addOffers(booths: number, deals: number) {
  return service(async (query) => {
    const offered = await addPackage(query, booths);
    const offers: Awaited<ReturnType<typeof addOffer>>[] = [];
    for (let index = 0; index < deals; index += 1) offers.push(await addOffer(query, offered));
    return { offered, offers };
  });
}

/** Runs all at once. @returns the failures; each must be a refusal */
async function race(works: (() => Promise<unknown>)[]): Promise<string[]> {
  const answers = await Promise.allSettled(works.map((work) => work()));
  return answers.flatMap((answer) => {
    if (answer.status === 'fulfilled') return [];
    assert.ok(answer.reason instanceof pg.DatabaseError, String(answer.reason));
    assert.match(answer.reason.code ?? '', /^PT40[09]$/, String(answer.reason));
    return [answer.reason.message];
  });
}

test('an acceptance that the company records reserves too, before there is an event', async () => {
  const { offers } = await addOffers(1, 3);
  assert.equal(
    (
      await race(
        offers.map(
          ({ quote }) =>
            () =>
              accept(quote),
        ),
      )
    ).length,
    2,
  );
  const rows = await service((query) =>
    query(
      `select q.status, a.status as booking from quotes q join event_dates d on d.opportunity_id = q.opportunity_id
       left join booth_assignments a on a.event_date_id = d.id where q.id = any ($1) order by q.status`,
      [offers.map(({ quote }) => quote)],
    ),
  );
  assert.deepEqual(rows, [
    { status: 'accepted', booking: 'reserved' },
    { status: 'sent', booking: null },
    { status: 'sent', booking: null },
  ]);
});

test('a quote set to accepted by trusted code, whatever the way, reserves or is refused', async () => {
  const { offers } = await addOffers(1, 2);
  const set = ({ quote }: { quote: string }) =>
    service((query) => query("update quotes set status = 'accepted' where id = $1", [quote]));
  assert.equal((await race(offers.map((offer) => () => set(offer)))).length, 1);
});

test('of an acceptance, a conversion, a hold and a booking by hand at once, one gets the booth', async () => {
  const { offered, offers } = await addOffers(1, 3);
  const [booth] = await boothsOf(offered);
  const [accepted, converted, held] = offers;
  const date = await service((query) => addDate(query));
  const refused = await race([
    () => accept(accepted?.quote ?? ''),
    () => convert(converted?.deal ?? ''),
    () => hold(held?.deal ?? ''),
    () => service((query) => add(query, 'booth_assignments', { event_date_id: date, booth_id: booth?.id })),
  ]);
  assert.equal(refused.length, 3, refused.join('\n'));
});

test('a hold covers what the quote promises, on each date, and becomes the reservation', async () => {
  const { offered, offers } = await addOffers(2, 2);
  const [first, second] = offers;
  await service((query) => addDate(query, { opportunity_id: first?.deal, event_date: '2027-06-13' }));
  const held = await hold(first?.deal ?? '');
  assert.deepEqual(
    held.map(({ status }) => status),
    ['hold', 'hold'],
  );
  assert.equal(new Set(held.map(({ event_date_id }) => event_date_id)).size, 2);
  assert.equal((await hold(first?.deal ?? '')).length, 2, 'once');
  assert.deepEqual(await statesOf([first?.deal ?? '']).then((rows) => rows.map(({ state }) => state)), [
    'held',
    'held',
  ]);
  // The other booth of the type is free for another deal; then there is none for a third.
  await hold(second?.deal ?? '');
  const third = await service((query) => addOffer(query, offered));
  assert.equal(await stateOf(third.deal), 'on_hold');
  await assert.rejects(hold(third.deal), sqlState('PT409'));
  await assert.rejects(accept(third.quote), sqlState('PT409'));
  const event = await convert(first?.deal ?? '');
  assert.equal(event.status, 'confirmed');
  const kept = await service((query) =>
    query('select id, status, hold_expires_at from booth_assignments where event_id = $1 order by id', [
      event.id,
    ]),
  );
  assert.deepEqual(
    kept,
    held
      .map(({ id }) => ({ id, status: 'reserved', hold_expires_at: null }))
      .sort((a, b) => a.id.localeCompare(b.id)),
  );
  assert.equal(await stateOf(first?.deal ?? ''), 'reserved');
});

test('a hold of a booth or of a type is refused where it makes no sense', async () => {
  const { deal } = await service((query) => addDeal(query));
  const booth = await service((query) => addBooth(query));
  const [{ type } = { type: '' }] = await service((query) =>
    query<{ type: string }>('select booth_type_id as type from booths where id = $1', [booth]),
  );
  await assert.rejects(hold(deal), /names no booth yet/);
  await assert.rejects(hold(deal, { booth_id: booth, booth_type_id: type }), sqlState('PT400'));
  await assert.rejects(hold(deal, { booth_id: booth, expires_at: '2020-01-01' }), sqlState('PT400'));
  await assert.rejects(hold(deal, { booth_id: booth }, { tenant, role: 'staff' }), sqlState('PT403'));
  assert.equal((await hold(deal, { booth_id: booth })).length, 1);
  assert.equal((await hold(deal, { booth_type_id: type })).length, 1, 'the deal has one of the type');
  const other = await service((query) => addDeal(query));
  await assert.rejects(hold(other.deal, { booth_id: booth }), /is taken/);
  await assert.rejects(hold(other.deal, { booth_type_id: type }), /is free on 2027-06-12/);
  await service((query) => query("update opportunities set stage = 'closed_lost' where id = $1", [deal]));
  assert.equal((await hold(other.deal, { booth_id: booth })).length, 1, 'a lost deal releases');
  await assert.rejects(hold(deal, { booth_id: booth }), /is closed/);
});

test('a hold past its expiry is over for all, though no job has run', async () => {
  const { offered, offers } = await addOffers(1, 2);
  const [first, second] = offers;
  const [booth] = await boothsOf(offered);
  await hold(first?.deal ?? '');
  assert.equal(await stateOf(second?.deal ?? ''), 'on_hold');
  await expire(first?.deal ?? '');
  assert.deepEqual([await stateOf(first?.deal ?? ''), await stateOf(second?.deal ?? '')], ['free', 'free']);
  await hold(second?.deal ?? '', { booth_id: booth?.id });
  // Neither an extension nor a reservation brings the expired one back over the new one.
  const change = (set: string) =>
    as({ tenant, role: 'manager' }, (query) =>
      query(
        `update booth_assignments a set ${set} from event_dates d where d.id = a.event_date_id and d.opportunity_id = $1`,
        [first?.deal],
      ),
    );
  await assert.rejects(
    change("status = 'hold', hold_expires_at = now() + interval '1 day'"),
    sqlState('PT409'),
  );
  await assert.rejects(change("status = 'reserved', hold_expires_at = null"), sqlState('PT409'));
  // The deal's own expired hold is no obstacle to its acceptance once the booth is free again.
  await service((query) =>
    query(
      "update booth_assignments a set status = 'cancelled' from event_dates d where d.id = a.event_date_id and d.opportunity_id = $1",
      [second?.deal],
    ),
  );
  await accept(first?.quote ?? '');
  assert.equal(await stateOf(first?.deal ?? ''), 'reserved');
});

test('an expired hold of bulk equipment is not reserved over what was booked since', async () => {
  const { item, dates } = await service(async (query) => {
    const type = await add(query, 'equipment_types', { name: `Chairs ${Date.now()}`, tracking: 'bulk' });
    const item = await add(query, 'equipment_items', {
      ...{ name: 'Chairs', asset_tag: `C-${Date.now()}`, equipment_type_id: type, quantity: 10 },
    });
    return { item, dates: [await addDate(query), await addDate(query)] };
  });
  const book = (date: string | undefined, row: object) =>
    service((query) =>
      add(query, 'equipment_assignments', {
        event_date_id: date,
        equipment_item_id: item,
        quantity: 8,
        ...row,
      }),
    );
  const expired = await book(dates[0], { status: 'hold' });
  await service((query) =>
    query("update equipment_assignments set hold_expires_at = now() - interval '1 min' where id = $1", [
      expired,
    ]),
  );
  await book(dates[1], {});
  await assert.rejects(
    service((query) =>
      query("update equipment_assignments set status = 'reserved' where id = $1", [expired]),
    ),
    sqlState('PT409'),
  );
  // Fewer may be owned than the expired hold and the booking need together.
  await service((query) => query('update equipment_items set quantity = 8 where id = $1', [item]));
});

test('an acceptance takes another booth where the held or reserved one is out of service', async () => {
  const { offered, offers } = await addOffers(2, 1);
  const [{ deal, quote } = { deal: '', quote: '' }] = offers;
  const [held] = await hold(deal);
  await service((query) => query("update booths set status = 'retired' where id = $1", [held?.booth_id]));
  const out = await as(sales, (query) =>
    query('select * from bookings_out_of_service($1)', [held?.booth_id]),
  );
  assert.deepEqual(
    out.map(({ kind, status, assignment_id }) => [kind, status, assignment_id]),
    [['booth', 'retired', held?.id]],
  );
  await assert.rejects(
    as({ tenant, role: 'manager' }, (query) =>
      query("update booth_assignments set status = 'reserved' where id = $1", [held?.id]),
    ),
    /is retired/,
  );
  await accept(quote);
  const bookings = () =>
    service((query) =>
      query<{ booth_id: string; status: string }>(
        'select booth_id, a.status from booth_assignments a join event_dates d on d.id = a.event_date_id where d.opportunity_id = $1 order by a.status',
        [deal],
      ),
    );
  const [cancelled, reserved] = await bookings();
  assert.deepEqual([cancelled?.status, cancelled?.booth_id], ['cancelled', held?.booth_id]);
  assert.equal(reserved?.status, 'reserved');
  // Retired between acceptance and conversion, with none left: refused.
  await service((query) => query("update booths set status = 'retired' where id = $1", [reserved?.booth_id]));
  await assert.rejects(convert(deal), sqlState('PT409'));
  await service((query) => query("update booths set status = 'ready' where id = $1", [held?.booth_id]));
  assert.equal((await convert(deal)).status, 'confirmed');
  assert.equal((await boothsOf(offered)).length, 2);
});

test('a booking made while its date moves has the new time', async () => {
  const { date, booth, item, event, role } = await service(async (query) => {
    const event = await addEvent(query);
    const [role] = await query<{ id: string }>('select id from staff_roles limit 1');
    const type = await add(query, 'equipment_types', { name: `Type ${Date.now()}` });
    return {
      event,
      role: role?.id,
      date: await addDate(query, { event_id: event }),
      booth: await addBooth(query),
      item: await add(query, 'equipment_items', {
        ...{ name: 'Printer', asset_tag: `P-${Date.now()}`, equipment_type_id: type },
      }),
    };
  });
  const rows: [string, object][] = [
    ['booth_assignments', { event_date_id: date, booth_id: booth }],
    ['equipment_assignments', { event_date_id: date, equipment_item_id: item }],
    [
      'event_staff_assignments',
      {
        ...{ event_id: event, event_date_id: date, staff_role_id: role, status: 'accepted' },
        user_id: '00000000-0000-4000-8000-000000000001',
      },
    ],
  ];
  let bookings: Promise<unknown> = Promise.resolve();
  await service(async (query) => {
    await query("update event_dates set event_date = '2027-06-20' where id = $1", [date]);
    bookings = Promise.all(
      rows.map(([table, row]) => service((other) => add(other, table, row as Record<string, unknown>))),
    );
    // All three wait for this transaction, or have not waited at all.
    let settled = false;
    void bookings.finally(() => {
      settled = true;
    });
    for (let waiting = 0; waiting < 3 && !settled; )
      [{ waiting } = { waiting: 0 }] = (
        await database.owner.query(
          "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rows;
  });
  await bookings;
  for (const [table] of rows) {
    const stale = await service((query) =>
      query(
        `select from ${table} a join event_dates d on d.id = a.event_date_id where d.id = $1 and a.per <> d.occupied`,
        [date],
      ),
    );
    assert.equal(stale.length, 0, table);
  }
});

test('no way leads to a confirmed event without its reservation', async () => {
  const confirm = (event: string, role?: 'manager') =>
    as(role ? { tenant, role } : { tenant }, (query) =>
      query("update events set status = 'confirmed' where id = $1", [event]),
    );
  const statusOf = (event: string) =>
    service(async (query) => (await query('select status from events where id = $1', [event]))[0]?.status);
  const account = await service(addAccount);
  const event = await as({ tenant, role: 'manager' }, (query) =>
    add(query, 'events', { title: 'New', account_id: account, status: 'confirmed' }),
  );
  const { booth, date } = await service(async (query) => {
    return { booth: await addBooth(query), date: await addDate(query, { event_id: event }) };
  });
  assert.equal(await statusOf(event), 'tentative', 'a new event has nothing reserved yet');
  // Trusted code inserts a confirmed event with its reservation in one transaction, or one that is over.
  const insert = (day: string, isReserved: boolean) =>
    service(async (query) => {
      const inserted = await add(query, 'events', {
        title: 'Trusted',
        account_id: account,
        status: 'confirmed',
      });
      const event_date_id = await addDate(query, { event_id: inserted, event_date: day });
      const free = await addBooth(query);
      if (isReserved)
        await add(query, 'booth_assignments', { event_date_id, booth_id: free, status: 'reserved' });
      return inserted;
    });
  await assert.rejects(
    service((query) => add(query, 'events', { title: 'Bare', account_id: account, status: 'confirmed' })),
    sqlState('PT409'),
  );
  await assert.rejects(insert('2027-06-12', false), sqlState('PT409'));
  assert.equal(await statusOf(await insert('2027-06-12', true)), 'confirmed');
  assert.equal(
    await statusOf(await insert('2020-06-12', false)),
    'confirmed',
    'history is written as it was',
  );
  for (const status of ['tentative', 'postponed', 'in_progress', 'completed', 'cancelled']) {
    await service((query) => query('update events set status = $2 where id = $1', [event, status]));
    await assert.rejects(confirm(event, 'manager'), sqlState('PT409'));
    await assert.rejects(confirm(event), sqlState('PT409'));
  }
  const assignment = await service(async (query) => {
    await query("update events set status = 'tentative' where id = $1", [event]);
    return add(query, 'booth_assignments', { event_date_id: date, booth_id: booth, status: 'hold' });
  });
  await assert.rejects(confirm(event), sqlState('PT409'), 'a hold is no reservation');
  await service((query) =>
    query("update booth_assignments set status = 'reserved' where id = $1", [assignment]),
  );
  await confirm(event, 'manager');
  assert.equal(await statusOf(event), 'confirmed');
  // A second date without a booth, or the booth taken off: the next step says so.
  const nextStep = () =>
    service(async (query) => (await query('select next_fix from event_readiness($1)', [event]))[0]?.next_fix);
  assert.notEqual(await nextStep(), 'Reserve a booth.');
  const later = await service((query) => addDate(query, { event_id: event, event_date: '2027-06-13' }));
  assert.equal(await nextStep(), 'Reserve a booth.');
  await service((query) => query('delete from event_dates where id = $1', [later]));
  await service((query) =>
    query("update booth_assignments set status = 'cancelled' where id = $1", [assignment]),
  );
  assert.equal(await nextStep(), 'Reserve a booth.');
});

test('an event that is no longer cancelled or deleted has its dates and crew again, and the booths that are still free', async () => {
  const { event, date, dropped, booths, role } = await service(async (query) => {
    const event = await addEvent(query);
    const dropped = await addDate(query, { event_id: event, event_date: '2027-06-10' });
    const date = await addDate(query, { event_id: event });
    const booths = [await addBooth(query), await addBooth(query)];
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booths[0] });
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booths[1], status: 'hold' });
    const [role] = await query<{ id: string }>('select id from staff_roles limit 1');
    return { event, date, dropped, booths, role: role?.id };
  });
  const set = (sql: string, id = event) => service((query) => query(`${sql} where id = $1`, [id]));
  const standing = () =>
    service(async (query) => ({
      dates: await query('select id, status from event_dates where event_id = $1 order by event_date', [
        event,
      ]),
      booths: (
        await query<{ status: string }>(
          'select a.status from booth_assignments a where a.event_id = $1 order by a.booth_id = $2',
          [event, booths[0]],
        )
      ).map(({ status }) => status),
      crew: await query('select status from event_staff_assignments where event_id = $1', [event]),
    }));
  const dates = [
    { id: dropped, status: 'cancelled' },
    { id: date, status: 'scheduled' },
  ];
  await service((query) =>
    add(query, 'event_staff_assignments', {
      ...{ event_id: event, event_date_id: date, staff_role_id: role, status: 'confirmed' },
      user_id: '00000000-0000-4000-8000-000000000003',
    }),
  );
  await set("update event_dates set status = 'cancelled'", dropped);
  await set("update events set status = 'cancelled'");
  // Undone: confirmed again in one step.
  await set("update events set status = 'confirmed'");
  assert.deepEqual(await standing(), { dates, booths: ['hold', 'reserved'], crew: [{ status: 'invited' }] });
  await set('update events set deleted_at = now()');
  await set('update events set deleted_at = null');
  assert.deepEqual((await standing()).booths, ['hold', 'reserved']);
  // The booth goes to another event meanwhile: the event comes back without it, and is not confirmed.
  await set("update events set status = 'cancelled'");
  await service(async (query) =>
    add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booths[0] }),
  );
  await assert.rejects(set("update events set status = 'confirmed'"), sqlState('PT409'));
  await set("update events set status = 'tentative'");
  assert.deepEqual(await standing(), { dates, booths: ['hold', 'cancelled'], crew: [{ status: 'invited' }] });
});

test('days of leads are free, on hold or taken', async () => {
  const day = '2031-02-03';
  const states = () =>
    as({ tenant, role: 'viewer' }, (query) => query('select state, free from day_states($1)', [[day]]));
  const before = await states();
  const booths = await service((query) =>
    query<{ id: string }>("select id from booths where status = 'ready'"),
  );
  assert.deepEqual(before, [{ state: 'free', free: booths.length }]);
  const ids = await service(async (query) => {
    const date = await addDate(query, { event_date: day });
    const ids: string[] = [];
    for (const { id } of booths)
      ids.push(await add(query, 'booth_assignments', { event_date_id: date, booth_id: id }));
    // The night before ends at one in the morning: it does not take the day.
    const [first] = ids;
    await query('update booth_assignments set status = $2 where id = $1', [first, 'cancelled']);
    const night = await addDate(query, { event_date: '2031-02-02', end_time: '01:00' });
    await add(query, 'booth_assignments', { event_date_id: night, booth_id: booths[0]?.id });
    return ids;
  });
  assert.deepEqual(await states(), [{ state: 'free', free: 1 }]);
  await service((query) =>
    query(
      "update booth_assignments set status = 'hold', hold_expires_at = now() + interval '1 day' where id = $1",
      [ids[0]],
    ),
  );
  assert.deepEqual(await states(), [{ state: 'on_hold', free: 0 }]);
  await service((query) =>
    query("update booth_assignments set status = 'reserved', hold_expires_at = null where id = $1", [ids[0]]),
  );
  assert.deepEqual(await states(), [{ state: 'taken', free: 0 }]);
});

test('a check-out is taken back with the kit, by those who may check out', async () => {
  const user = '00000000-0000-4000-8000-000000000002';
  const { assignment, piece } = await service(async (query) => {
    const booth = await addBooth(query);
    const type = await add(query, 'equipment_types', { name: `Kit ${Date.now()}` });
    const item = (row: object) =>
      add(query, 'equipment_items', {
        ...{ name: 'Printer', asset_tag: `K-${Math.random()}`, equipment_type_id: type },
        ...row,
      });
    await item({ booth_id: booth });
    const event = await addEvent(query);
    const event_date_id = await addDate(query, { event_id: event });
    const [role] = await query<{ id: string }>('select id from staff_roles limit 1');
    await add(query, 'event_staff_assignments', {
      ...{ event_id: event, event_date_id, user_id: user, staff_role_id: role?.id },
    });
    return {
      assignment: await add(query, 'booth_assignments', { event_date_id, booth_id: booth }),
      piece: await add(query, 'equipment_assignments', { event_date_id, equipment_item_id: await item({}) }),
    };
  });
  const call = (name: string, id: string, actor: Actor = { tenant, role: 'staff', userId: user }) =>
    as(actor, (query) => query(`select ${name}($1)`, [id]));
  await assert.rejects(call('undo_check_out_booth', assignment), sqlState('PT409'));
  await call('check_out_booth', assignment);
  await call('check_out_equipment', piece);
  await assert.rejects(call('undo_check_out_booth', assignment, sales), sqlState('PT403'));
  await call('undo_check_out_booth', assignment);
  await call('undo_check_out_equipment', piece);
  const rows = await service((query) =>
    query(
      `select status, checked_out_at, checked_out_by from booth_assignments where id = $1 union all
       select status, checked_out_at, checked_out_by from equipment_assignments where booth_assignment_id = $1 or id = $2`,
      [assignment, piece],
    ),
  );
  assert.deepEqual(
    rows,
    [1, 2, 3].map(() => ({ status: 'reserved', checked_out_at: null, checked_out_by: null })),
  );
  await call('check_out_booth', assignment);
});

test('an event that ends at midnight keeps its day', async () => {
  const span = await service(async (query) => {
    const event = await addEvent(query);
    await addDate(query, { event_id: event, end_time: '00:00' });
    const [span] = await query('select start_date::text, end_date::text from events where id = $1', [event]);
    return span;
  });
  assert.deepEqual(span, { start_date: '2027-06-12', end_date: '2027-06-12' });
});

test('deals with and without reservations become events at once, none waits for another in a circle', async () => {
  await setPolicy('warn');
  for (let round = 0; round < 5; round += 1) {
    const { offers } = await addOffers(2, 6);
    for (const { quote } of offers.slice(0, 3)) await accept(quote);
    assert.deepEqual(
      await race(
        offers.map(
          ({ deal }) =>
            () =>
              convert(deal),
        ),
      ),
      [],
    );
  }
  await setPolicy('refuse');
});

test('whatever several people do at once, no booth is promised twice unless it is marked', async () => {
  const step = fc.record({
    kind: fc.constantFrom(
      ...['hold', 'accept', 'convert', 'book', 'release', 'expire', 'run', 'move', 'lose', 'revive'],
    ),
    deal: fc.nat(3),
    booth: fc.nat(1),
    day: fc.integer({ min: 12, max: 14 }),
  });
  const people = fc.array(fc.array(step, { minLength: 2, maxLength: 5 }), { minLength: 3, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(people, fc.constantFrom('refuse' as const, 'warn' as const), async (scripts, policy) => {
      await setPolicy(policy);
      const { offered, offers } = await addOffers(2, 4);
      const booths = await boothsOf(offered);
      const steps: Record<string, (deal: number, booth: number, day: number) => Promise<unknown>> = {
        hold: (deal) => hold(offers[deal]?.deal ?? ''),
        accept: (deal) => accept(offers[deal]?.quote ?? ''),
        convert: (deal) => convert(offers[deal]?.deal ?? ''),
        book: (deal, booth) =>
          service((query) =>
            add(query, 'booth_assignments', {
              event_date_id: offers[deal]?.date,
              booth_id: booths[booth]?.id,
            }),
          ),
        release: (deal) => setBookings(offers[deal]?.date, "status = 'cancelled'"),
        expire: (deal) => expire(offers[deal]?.deal ?? ''),
        run: () => service((query) => query('select expire_holds()')),
        revive: (deal) => setBookings(offers[deal]?.date, "status = 'reserved', hold_expires_at = null"),
        move: (deal, _, day) =>
          service((query) =>
            query('update event_dates set event_date = $2 where id = $1', [
              offers[deal]?.date,
              `2027-06-${day}`,
            ]),
          ),
        lose: (deal) =>
          service((query) =>
            query("update opportunities set stage = 'closed_lost' where id = $1", [offers[deal]?.deal]),
          ),
      };
      await Promise.all(
        scripts.map(async (script) => {
          for (const { kind, deal, booth, day } of script) {
            await race([() => steps[kind]?.(deal, booth, day) ?? Promise.reject(new Error(kind))]);
          }
        }),
      );
      const twice = await service((query) =>
        query(
          `with active as (select * from booth_assignments where booth_id = any ($1)
             and (status in ('reserved', 'checked_out') or status = 'hold' and hold_expires_at > now()))
           select a.status, b.status as other from active a join active b on a.booth_id = b.booth_id and a.id < b.id and a.per && b.per
             where not (a.overbooked or b.overbooked) or $2 = 'refuse'
           union all
           select 'stale', null from active a join event_dates d on d.id = a.event_date_id where a.per <> d.occupied
           union all
           select 'unreserved', e.status from events e where e.opportunity_id = any ($3) and e.status = 'confirmed'
             and not exists (select from booth_assignments x where x.event_id = e.id and x.status <> 'hold')`,
          [booths.map(({ id }) => id), policy, offers.map(({ deal }) => deal)],
        ),
      );
      assert.deepEqual(twice, []);
    }),
    { numRuns: 15 },
  );
});

async function setPolicy(policy: 'refuse' | 'warn'): Promise<void> {
  await service((query) =>
    query(
      `insert into tenant_settings (key, value) values ('overlap_policy', to_jsonb($1::text))
       on conflict (tenant_id, key) do update set value = excluded.value`,
      [policy],
    ),
  );
}

/** Changes the bookings of a date one after another, as screens do. */
async function setBookings(date: string | undefined, set: string): Promise<void> {
  const rows = await service((query) =>
    query<{ id: string }>('select id from booth_assignments where event_date_id = $1', [date]),
  );
  for (const { id } of rows)
    await service((query) => query(`update booth_assignments set ${set} where id = $1`, [id]));
}
