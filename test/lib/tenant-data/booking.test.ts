// No double booking: of booths, equipment and people, also when many ask at once, and when dates move.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import {
  add,
  addBooth,
  addDate,
  addDeal,
  addEquipment,
  addEvent,
  addOffer,
  addPackage,
  staffRole,
} from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

/** Runs all at once; answers how many succeeded, and checks that the others were refused in words. */
async function race(attempts: (() => Promise<unknown>)[]): Promise<number> {
  const results = await Promise.allSettled(attempts.map((attempt) => attempt()));
  for (const result of results)
    if (result.status === 'rejected')
      assert.ok(
        result.reason instanceof pg.DatabaseError && ['PT409', '23P01'].includes(result.reason.code ?? ''),
        String(result.reason),
      );
  return results.filter(({ status }) => status === 'fulfilled').length;
}

test('of 12 who book one booth for one evening at once, one gets it', async () => {
  const { booth, dates } = await service(async (query) => {
    const dates: string[] = [];
    for (let index = 0; index < 12; index++) dates.push(await addDate(query));
    return { booth: await addBooth(query), dates };
  });
  const won = await race(
    dates.map(
      (date) => () =>
        service((query) => add(query, 'booth_assignments', { event_date_id: date, booth_id: booth })),
    ),
  );
  assert.equal(won, 1);
});

test('of 8 who book one serialized item at once, one gets it', async () => {
  const { item, dates } = await service(async (query) => {
    const dates: string[] = [];
    for (let index = 0; index < 8; index++) dates.push(await addDate(query));
    return { item: await addEquipment(query, 'serialized'), dates };
  });
  const won = await race(
    dates.map(
      (date) => () =>
        service((query) =>
          add(query, 'equipment_assignments', { event_date_id: date, equipment_item_id: item }),
        ),
    ),
  );
  assert.equal(won, 1);
});

test('of 6 who check one thing out at once, one does; the others are told that it is out', async () => {
  const [booth, item] = await service(async (query) => {
    const event_date_id = await addDate(query);
    const equipment_item_id = await addEquipment(query, 'serialized');
    return [
      await add(query, 'booth_assignments', { event_date_id, booth_id: await addBooth(query) }),
      await add(query, 'equipment_assignments', { event_date_id, equipment_item_id, status: 'reserved' }),
    ];
  });
  for (const [step, assignment] of [
    ['check_out_booth', booth],
    ['undo_check_out_booth', booth],
    ['check_out_booth', booth],
    ['check_in_booth', booth],
    ['check_out_equipment', item],
    ['check_in_equipment', item],
  ] as const) {
    const attempt = () => service((query) => query(`select ${step}($1)`, [assignment]));
    assert.equal(await race(Array.from({ length: 6 }, () => attempt)), 1, step);
  }
});

test('of bulk equipment no more goes out at once than there is', async () => {
  const { item, dates } = await service(async (query) => {
    const dates: string[] = [];
    for (let index = 0; index < 12; index++) dates.push(await addDate(query));
    return { item: await addEquipment(query, 'bulk', { quantity: 50 }), dates };
  });
  const won = await race(
    dates.map(
      (date) => () =>
        service((query) =>
          add(query, 'equipment_assignments', { event_date_id: date, equipment_item_id: item, quantity: 12 }),
        ),
    ),
  );
  assert.equal(won, 4);
});

test('of 8 assignments of one person accepted at once, one stands; two roles on one date are fine', async () => {
  const user = randomUUID();
  const { dates, role } = await service(async (query) => {
    const dates: { event: string; date: string }[] = [];
    for (let index = 0; index < 8; index++) {
      const event = await addEvent(query);
      dates.push({ event, date: await addDate(query, { event_id: event }) });
    }
    return { dates, role: await staffRole(query) };
  });
  const won = await race(
    dates.map(
      ({ event, date }) =>
        () =>
          service((query) =>
            add(query, 'event_staff_assignments', {
              event_id: event,
              event_date_id: date,
              user_id: user,
              staff_role_id: role,
              status: 'accepted',
            }),
          ),
    ),
  );
  assert.equal(won, 1);
  await service(async (query) => {
    const [standing] = await query<{ event_id: string; event_date_id: string }>(
      'select event_id, event_date_id from event_staff_assignments where user_id = $1',
      [user],
    );
    const [driver] = await query<{ id: string }>("select id from staff_roles where name = 'Driver'");
    await add(query, 'event_staff_assignments', {
      event_id: standing?.event_id,
      event_date_id: standing?.event_date_id,
      user_id: user,
      staff_role_id: driver?.id,
      status: 'accepted',
    });
  });
});

test('whatever is booked, moved, cancelled and returned, no booth is in two places', async () => {
  const action = fc.record({
    kind: fc.constantFrom('book', 'move', 'cancel', 'return'),
    booth: fc.nat(1),
    date: fc.nat(4),
    hour: fc.integer({ min: 0, max: 23 }),
    day: fc.integer({ min: 10, max: 13 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 25 }), async (actions) => {
      await service(async (query) => {
        const buffers = { buffer_before_minutes: 60, buffer_after_minutes: 90 };
        const booths = [await addBooth(query, buffers), await addBooth(query, buffers)];
        const dates: string[] = [];
        for (let index = 0; index < 5; index++)
          dates.push(await addDate(query, { event_date: `2027-03-1${index}` }));
        for (const { kind, booth, date, hour, day } of actions) {
          await query('savepoint step');
          try {
            if (kind === 'book')
              await add(query, 'booth_assignments', { event_date_id: dates[date], booth_id: booths[booth] });
            else if (kind === 'move')
              await query(
                'update event_dates set event_date = $2, start_time = $3, end_time = $4 where id = $1',
                [dates[date], `2027-03-${day}`, `${hour}:00`, `${(hour + 5) % 24}:00`],
              );
            else
              await query(
                'update booth_assignments set status = $3 where event_date_id = $1 and booth_id = $2',
                [dates[date], booths[booth], kind === 'cancel' ? 'cancelled' : 'returned'],
              );
          } catch (error) {
            assert.ok(error instanceof pg.DatabaseError && error.code === 'PT409', String(error));
            await query('rollback to savepoint step');
          }
        }
        const overlapping = await query(
          `select from booth_assignments a join booth_assignments b on a.booth_id = b.booth_id and a.id < b.id and a.per && b.per
           where a.booth_id = any ($1) and a.status in ('hold', 'reserved') and b.status in ('hold', 'reserved')`,
          [booths],
        );
        assert.equal(overlapping.length, 0);
        const wrong = await query(
          `select from booth_assignments a join event_dates d on d.id = a.event_date_id
           where a.booth_id = any ($1) and a.status = 'reserved'
             and a.per <> tstzrange(lower(d.occupied) - interval '60 min', upper(d.occupied) + interval '90 min')`,
          [booths],
        );
        assert.equal(wrong.length, 0);
      });
    }),
    { numRuns: 25 },
  );
});

test('a date occupies set-up to teardown, past midnight and over the clock change', async () => {
  await service(async (query) => {
    const occupied = async (row: Record<string, unknown>) => {
      const id = await addDate(query, row);
      const [found] = await query<{ from: string; to: string }>(
        `select to_char(lower(occupied) at time zone 'UTC', 'MM-DD HH24:MI') as from,
          to_char(upper(occupied) at time zone 'UTC', 'MM-DD HH24:MI') as to from event_dates where id = $1`,
        [id],
      );
      return found;
    };
    assert.deepEqual(
      await occupied({ setup_time: '16:30', start_time: '20:00', end_time: '02:00', teardown_minutes: 45 }),
      { from: '06-12 14:30', to: '06-13 00:45' },
    );
    // The night the clocks go back in Amsterdam: from 20:00 (UTC+2) to 04:00 (UTC+1) is nine hours.
    assert.deepEqual(await occupied({ event_date: '2027-10-30', start_time: '20:00', end_time: '04:00' }), {
      from: '10-30 18:00',
      to: '10-31 03:00',
    });
    // Set up the evening before.
    assert.deepEqual(
      await occupied({
        event_date: '2027-01-05',
        setup_time: '21:00',
        start_time: '08:00',
        end_time: '12:00',
      }),
      { from: '01-04 20:00', to: '01-05 11:00' },
    );
  });
});

test('times that do not exist and timezones that do not exist are refused', async () => {
  for (const row of [
    { event_date: '2027-03-28', start_time: '02:30', end_time: '06:00' },
    { timezone: 'Europe/Atlantis' },
  ])
    await assert.rejects(
      service((query) => addDate(query, row)),
      sqlState('PT400'),
    );
});

test('a date that cannot move says what is in the way, and nothing moves', async () => {
  const { date } = await service(async (query) => {
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized');
    const [date, other] = [await addDate(query), await addDate(query, { event_date: '2027-06-19' })];
    for (const event_date_id of [date, other]) {
      await add(query, 'booth_assignments', { event_date_id, booth_id: booth });
      await add(query, 'equipment_assignments', { event_date_id, equipment_item_id: item });
    }
    return { date, other };
  });
  await assert.rejects(
    service((query) => query("update event_dates set event_date = '2027-06-19' where id = $1", [date])),
    (error) => {
      assert.ok(error instanceof pg.DatabaseError && error.code === 'PT409');
      const kinds = (JSON.parse(error.detail ?? '[]') as { kind: string }[]).map(({ kind }) => kind);
      assert.deepEqual(kinds.sort(), ['booth', 'equipment']);
      return true;
    },
  );
});

test('what a move would do is said before it: what moves along, and what is in the way', async () => {
  const person = randomUUID();
  const preview = (date: string, day: string, [begins, ends] = ['10:00', '14:00']) =>
    service(async (query) => {
      const [row] = await query("select preview_move($1, $2, $3, $4, '08:00') as answer", [
        date,
        day,
        begins,
        ends,
      ]);
      return row?.answer as {
        is_refused: boolean;
        conflicts: { kind: string; away?: string[] }[];
        booths: string[];
        equipment: number;
        people: string[];
      };
    });
  const date = await service(async (query) => {
    const event_id = await addEvent(query);
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized');
    const [date, other] = [
      await addDate(query, { event_id }),
      await addDate(query, { event_date: '2027-06-19' }),
    ];
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    await add(query, 'equipment_assignments', { event_date_id: date, equipment_item_id: item });
    await add(query, 'booth_assignments', { event_date_id: other, booth_id: booth });
    await add(query, 'event_staff_assignments', {
      event_id,
      event_date_id: date,
      user_id: person,
      staff_role_id: await staffRole(query),
      status: 'accepted',
    });
    await query("select enter_time_off('2027-06-26', '2027-06-27', $1)", [person]);
    return date;
  });
  const free = await preview(date, '2027-06-20');
  assert.deepEqual([free.conflicts, free.booths.length, free.equipment, free.people], [[], 1, 1, [person]]);
  const away = await preview(date, '2027-06-26');
  assert.deepEqual(
    away.conflicts.map(({ kind, away }) => [kind, away]),
    [['person', ['2027-06-26', '2027-06-27']]],
  );
  assert.deepEqual((await preview(date, '2027-06-19')).conflicts, [], 'in the morning the booth is free');
  const evening = await preview(date, '2027-06-19', ['18:00', '22:00']);
  assert.deepEqual([evening.is_refused, evening.conflicts.map(({ kind }) => kind)], [true, ['booth']]);
  // What the preview says is what happens.
  await service((query) =>
    query(
      "update event_dates set event_date = '2027-06-20', start_time = '10:00', end_time = '14:00' where id = $1",
      [date],
    ),
  );
  await assert.rejects(
    service((query) => query("update event_dates set event_date = '2027-06-26' where id = $1", [date])),
    sqlState('PT409'),
  );
});

test('a preview names shifts with hours of their own that would meet others', async () => {
  const person = randomUUID();
  const { date, role } = await service(async (query) => {
    const role = await staffRole(query);
    const [date, other] = [
      await addDate(query),
      await addDate(query, { event_date: '2027-06-19', start_time: '08:00', end_time: '12:00' }),
    ];
    for (const [event_date_id, hours] of [
      [date, { arrival_time: '11:00', end_time: '23:00' }],
      [other, {}],
    ] as const) {
      const [row] = await query<{ id: string }>('select event_id as id from event_dates where id = $1', [
        event_date_id,
      ]);
      await add(query, 'event_staff_assignments', {
        ...{ event_id: row?.id, event_date_id, user_id: person, staff_role_id: role, status: 'confirmed' },
        ...hours,
      });
    }
    return { date, role };
  });
  const preview = async (day: string) => {
    const [row] = await service((query) =>
      query<{ answer: { conflicts: { kind: string; id: string }[] } }>(
        "select preview_move($1, $2, '18:00', '23:00') as answer",
        [date, day],
      ),
    );
    return row?.answer.conflicts.map(({ kind, id }) => [kind, id]);
  };
  assert.deepEqual(await preview('2027-06-20'), []);
  assert.deepEqual(await preview('2027-06-19'), [['person', person]]);
  await assert.rejects(
    service((query) => query("update event_dates set event_date = '2027-06-19' where id = $1", [date])),
    sqlState('PT409'),
  );
  // One who comes later meets no other shift, though the date would.
  await service((query) =>
    query(
      "update event_staff_assignments set arrival_time = '13:00' where event_date_id = $1 and staff_role_id = $2",
      [date, role],
    ),
  );
  assert.deepEqual(await preview('2027-06-19'), []);
  await service((query) =>
    query("update event_dates set event_date = '2027-06-19', setup_time = '10:00' where id = $1", [date]),
  );
});

test('a move that leaves too few of bulk equipment is refused as its preview says', async () => {
  await service(async (query) => {
    const chairs = await addEquipment(query, 'bulk', { quantity: 5 });
    const [date, other] = [await addDate(query), await addDate(query, { event_date: '2027-06-19' })];
    for (const event_date_id of [date, other])
      await add(query, 'equipment_assignments', { event_date_id, equipment_item_id: chairs, quantity: 3 });
    const [row] = await query<{ conflicts: { id: string; needed: number; free: number }[] }>(
      "select preview_move($1, '2027-06-19', '18:00', '23:00') -> 'conflicts' as conflicts",
      [date],
    );
    assert.deepEqual(
      row?.conflicts.map(({ id, needed, free }) => [id, needed, free]),
      [[chairs, 3, 2]],
    );
    await assert.rejects(
      query("update event_dates set event_date = '2027-06-19' where id = $1", [date]),
      sqlState('PT409'),
    );
  });
});

test('dates keep their hours when their place or the company gets another time zone', async () => {
  const company = await addTenant(database);
  await as({ tenant: company }, async (query) => {
    const at = async (date: string) => {
      const [row] = await query<{ timezone: string; begins: string }>(
        "select timezone, to_char(lower(occupied) at time zone 'UTC', 'HH24:MI') as begins from event_dates where id = $1",
        [date],
      );
      return [row?.timezone, row?.begins];
    };
    const evening = { event_date: '2032-06-12', start_time: '18:00', end_time: '22:00' };
    const event_id = await addEvent(query);
    const addOne = (row: Record<string, unknown> = {}) =>
      add(query, 'event_dates', { event_id, ...evening, ...row });
    const place = await add(query, 'locations', { name: 'Hall', timezone: 'America/Denver' });
    const bare = await add(query, 'locations', { name: 'Barn' });
    const [own, there, chosen, later] = [
      await addOne(),
      await addOne({ location_id: place }),
      await addOne({ timezone: 'Asia/Tokyo' }),
      await addOne({ location_id: bare, start_time: '22:00', end_time: '23:30' }),
    ];
    const over = await addOne({ event_date: '2020-06-12' });
    const booth = await addBooth(query);
    for (const event_date_id of [own, later])
      await add(query, 'booth_assignments', { event_date_id, booth_id: booth });

    const setZone = (zone: string) =>
      query("update tenant_settings set value = $1 where key = 'timezone'", [JSON.stringify(zone)]);
    await setZone('Europe/Berlin');
    assert.deepEqual(await at(own), ['Europe/Berlin', '16:00']);
    assert.deepEqual(await at(later), ['Europe/Berlin', '20:00']);
    assert.deepEqual(await at(there), ['America/Denver', '00:00'], 'the place has its own zone');
    assert.deepEqual(await at(chosen), ['Asia/Tokyo', '09:00'], 'chosen by hand');
    assert.deepEqual(await at(over), ['America/New_York', '22:00'], 'over');
    const same = await addOne({ start_time: '19:00' });
    await query('savepoint taken');
    await assert.rejects(
      add(query, 'booth_assignments', { event_date_id: same, booth_id: booth }),
      sqlState('PT409'),
    );
    await query('rollback to taken');
    await setZone('America/Los_Angeles');
    assert.deepEqual(await at(own), ['America/Los_Angeles', '01:00']);

    await query("update locations set timezone = 'Europe/London' where id = $1", [bare]);
    assert.deepEqual(await at(later), ['Europe/London', '21:00']);
    assert.deepEqual(await at(own), ['America/Los_Angeles', '01:00']);
  });
});

test('an event and its dates have one place, but for the dates that have another', async () => {
  await service(async (query) => {
    const [hall, barn, park] = [
      await add(query, 'locations', { name: 'Hall' }),
      await add(query, 'locations', { name: 'Barn' }),
      await add(query, 'locations', { name: 'Park' }),
    ];
    const event = await addEvent(query, { location_id: hall });
    const [first, second] = [
      await addDate(query, { event_id: event }),
      await addDate(query, { event_id: event, event_date: '2027-06-13', location_id: park }),
    ];
    const places = async () => {
      const [row] = await query(
        `select location_id, (select array_agg(d.location_id order by d.event_date) from event_dates d where d.event_id = e.id) as dates
           from events e where id = $1`,
        [event],
      );
      return [row?.location_id, ...((row?.dates as string[] | undefined) ?? [])];
    };
    assert.deepEqual(await places(), [hall, hall, park]);
    await query('update events set location_id = $2 where id = $1', [event, barn]);
    assert.deepEqual(await places(), [barn, barn, park]);
    await query('update event_dates set location_id = $2 where id = $1', [first, hall]);
    assert.deepEqual(await places(), [hall, hall, park]);
    await query('update event_dates set location_id = $2 where id = $1', [second, hall]);
    await query('update event_dates set location_id = $2 where id = $1', [second, barn]);
    assert.deepEqual(await places(), [hall, hall, barn], 'another date is still at the event’s place');
    await addDate(query, { event_id: event, event_date: '2020-06-12' });
    await query('update events set location_id = $2 where id = $1', [event, park]);
    assert.deepEqual(await places(), [park, hall, park, barn], 'a date that is over stays where it was');
    await query('update event_dates set event_date = event_date - 3650 where event_id = $1', [event]);
    await query('update event_dates set location_id = $2 where event_id = $1', [event, park]);
    await query('update events set location_id = $2 where id = $1', [event, barn]);
    assert.deepEqual(await places(), [barn, barn, barn, barn], 'unless the event is over');
  });
});

test('a booth is free only with its kit, and a promise takes one whose kit is', async () => {
  const company = await addTenant(database);
  await as({ tenant: company }, async (query) => {
    const packageId = await addPackage(query, 2);
    const booths = await query<{ id: string; name: string }>('select id, name from booths order by name');
    const [first, second] = booths.map(({ id }) => id);
    const printer = await addEquipment(query, 'serialized', { booth_id: first });
    await query(
      'update equipment_types set buffer_after_minutes = 1440 where id = (select equipment_type_id from equipment_items where id = $1)',
      [printer],
    );
    // The printer alone is on its way to another event.
    await add(query, 'equipment_assignments', {
      event_date_id: await addDate(query, { event_date: '2027-06-11' }),
      equipment_item_id: printer,
    });
    const free = async (event_date: string) => {
      const [row] = await query<{ free: { id: string }[] }>(
        "select check_availability($1) -> 'dates' -> 0 -> 'booths' -> 'free' as free",
        [
          JSON.stringify([
            { event_date, start_time: '18:00', end_time: '23:00', timezone: 'Europe/Amsterdam' },
          ]),
        ],
      );
      return row?.free.map(({ id }) => id);
    };
    assert.deepEqual(await free('2027-06-12'), [second]);
    assert.deepEqual(await free('2027-06-14'), [first, second]);
    const { quote } = await addOffer(query, packageId);
    await query("select accept_quote($1, 'Ada')", [quote]);
    assert.deepEqual(await query('select booth_id from booth_assignments'), [{ booth_id: second }]);
    const { deal } = await addOffer(query, packageId);
    const days = await query('select state, free from deal_days(array[$1::uuid])', [deal]);
    assert.deepEqual(days, [{ state: 'taken', free: 0 }]);
  });
});

test('the event begins and ends with its dates; a cancelled event frees what it held', async () => {
  await service(async (query) => {
    const event = await addEvent(query);
    const booth = await addBooth(query);
    const date = await addDate(query, { event_id: event });
    await addDate(query, { event_id: event, event_date: '2027-06-14', end_time: '01:00' });
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    const [span] = await query('select start_date::text, end_date::text from events where id = $1', [event]);
    assert.deepEqual(span, { start_date: '2027-06-12', end_date: '2027-06-15' });
    await query("update events set status = 'cancelled' where id = $1", [event]);
    const [freed] = await query('select status from booth_assignments where booth_id = $1', [booth]);
    assert.deepEqual(freed, { status: 'cancelled' });
    await add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booth });
  });
});

test('a booth comes with its kit, out and back; staff of the event check it, others cannot', async () => {
  const user = randomUUID();
  const { assignment, item } = await service(async (query) => {
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized', { booth_id: booth });
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event, event_date: '2026-06-13' });
    await add(query, 'event_staff_assignments', {
      event_id: event,
      event_date_id: date,
      user_id: user,
      staff_role_id: await staffRole(query),
    });
    return {
      assignment: await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth }),
      item,
    };
  });
  const kit = async () => {
    const [row] = await service((query) =>
      query('select status from equipment_assignments where equipment_item_id = $1', [item]),
    );
    return row?.status;
  };
  assert.equal(await kit(), 'reserved');
  await assert.rejects(
    as({ tenant, role: 'staff', userId: randomUUID() }, (query) =>
      query('select check_out_booth($1)', [assignment]),
    ),
    sqlState('PT404'),
  );
  await assert.rejects(
    as({ tenant, role: 'viewer' }, (query) => query('select check_out_booth($1)', [assignment])),
    sqlState('PT403'),
  );
  await as({ tenant, role: 'staff', userId: user }, (query) =>
    query('select check_out_booth($1)', [assignment]),
  );
  assert.equal(await kit(), 'checked_out');
  for (const other of [randomUUID(), 'lens', await service((query) => addEquipment(query, 'serialized'))])
    await assert.rejects(
      as({ tenant, role: 'staff', userId: user }, (query) =>
        query("select check_in_booth($1, 'good', $2)", [assignment, JSON.stringify([other])]),
      ),
      sqlState('PT409'),
      'what is not on the booth does not go missing with it',
    );
  await as({ tenant, role: 'staff', userId: user }, (query) =>
    query("select check_in_booth($1, 'needs_repair', '[]', $2)", [assignment, JSON.stringify([item])]),
  );
  assert.equal(await kit(), 'returned');
});

test('sales hold a booth for a deal, no more; a hold past its time gives way', async () => {
  const { booth, deal } = await service(async (query) => ({
    booth: await addBooth(query),
    deal: await addDeal(query),
  }));
  const hold = { event_date_id: deal.date, booth_id: booth };
  await assert.rejects(
    as({ tenant, role: 'sales' }, (query) => add(query, 'booth_assignments', hold)),
    sqlState('42501'),
  );
  await as({ tenant, role: 'sales' }, (query) =>
    add(query, 'booth_assignments', { ...hold, status: 'hold', hold_expires_at: '2199-01-01' }),
  );
  await service(async (query) => {
    const date = await addDate(query);
    await query('savepoint held');
    await assert.rejects(
      add(query, 'booth_assignments', { event_date_id: date, booth_id: booth }),
      sqlState('PT409'),
    );
    await query('rollback to savepoint held');
    await query(
      "update booth_assignments set hold_expires_at = now() - interval '1 min' where booth_id = $1",
      [booth],
    );
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
  });
});

test('times that come twice when the clocks go back: the booking takes in both', async () => {
  const spans = await service(async (query) => {
    const occupied = async (row: Record<string, unknown>) => {
      const [found] = await query<{ from: string; to: string }>(
        `select to_char(lower(occupied) at time zone 'UTC', 'MM-DD HH24:MI') as from,
          to_char(upper(occupied) at time zone 'UTC', 'MM-DD HH24:MI') as to from event_dates where id = $1`,
        [await addDate(query, row)],
      );
      return `${found?.from} – ${found?.to}`;
    };
    return [
      // 02:30 is at 00:30 and at 01:30 UTC.
      await occupied({ event_date: '2027-10-31', start_time: '02:30', end_time: '06:00' }),
      await occupied({ event_date: '2027-10-30', start_time: '20:00', end_time: '02:30' }),
      await occupied({
        event_date: '2027-11-07',
        start_time: '01:30',
        end_time: '05:00',
        timezone: 'America/New_York',
      }),
      // Half an hour, in the other hemisphere.
      await occupied({
        event_date: '2027-04-04',
        start_time: '01:45',
        end_time: '05:00',
        timezone: 'Australia/Lord_Howe',
      }),
    ];
  });
  assert.deepEqual(spans, [
    '10-31 00:30 – 10-31 05:00',
    '10-30 18:00 – 10-31 01:30',
    '11-07 05:30 – 11-07 10:00',
    '04-03 14:45 – 04-03 18:30',
  ]);
});

test('hours are those of the place: a date takes its timezone, unless another was chosen', async () => {
  await service(async (query) => {
    const [{ zone: company } = { zone: '' }] = await query<{ zone: string }>(
      'select tenancy.default_timezone() as zone',
    );
    const [denver, perth, here] = [
      await add(query, 'locations', { name: 'Denver hall', timezone: 'America/Denver' }),
      await add(query, 'locations', { name: 'Perth hall', timezone: 'Australia/Perth' }),
      await add(query, 'locations', { name: 'Hall next door' }),
    ];
    const zoneOf = async (id: string) =>
      (
        await query<{ timezone: string; fits: boolean }>(
          'select timezone, lower(occupied) = (event_date + start_time) at time zone timezone as fits from event_dates where id = $1',
          [id],
        )
      )[0];
    const date = await addDate(query, { timezone: company, location_id: denver });
    assert.deepEqual(await zoneOf(date), { timezone: 'America/Denver', fits: true });
    const moves: [place: string | null, zone: string][] = [
      [perth, 'Australia/Perth'],
      [here, company],
      [denver, 'America/Denver'],
      [null, company],
    ];
    for (const [place, zone] of moves) {
      await query('update event_dates set location_id = $2 where id = $1', [date, place]);
      assert.deepEqual(await zoneOf(date), { timezone: zone, fits: true });
    }
    const byHand = await addDate(query, { timezone: 'Asia/Tokyo', location_id: denver });
    await query('update event_dates set location_id = $2 where id = $1', [byHand, perth]);
    assert.deepEqual(await zoneOf(byHand), { timezone: 'Asia/Tokyo', fits: true });
    await query("update event_dates set location_id = $2, timezone = 'Asia/Tokyo' where id = $1", [
      date,
      perth,
    ]);
    assert.deepEqual(await zoneOf(date), { timezone: 'Asia/Tokyo', fits: true });
  });
});

test('a timezone is a place: what PostgreSQL would read with the sign turned round is refused', async () => {
  for (const timezone of ['UTC+3', 'EST5', 'PST', '+02:00', 'Europe/Amsterdam; drop', ''])
    await assert.rejects(
      service((query) => addDate(query, { timezone })),
      sqlState('PT400'),
      timezone,
    );
  await assert.rejects(
    service((query) => add(query, 'locations', { name: 'Hall', timezone: 'GMT+2' })),
    sqlState('PT400'),
  );
});

test('of bulk equipment what is out at one moment counts, not what is out on one day', async () => {
  await service(async (query) => {
    const item = await addEquipment(query, 'bulk', { quantity: 10 });
    const take = async (quantity: number, start_time: string, end_time: string) =>
      add(query, 'equipment_assignments', {
        event_date_id: await addDate(query, { start_time, end_time }),
        equipment_item_id: item,
        quantity,
      });
    await take(5, '08:00', '11:00');
    await take(5, '14:00', '17:00');
    await take(5, '07:00', '20:00');
    await query('savepoint taken');
    const taken: [from: string, to: string][] = [
      ['08:30', '09:00'],
      ['16:00', '23:00'],
    ];
    for (const [from, to] of taken) {
      await assert.rejects(take(1, from, to), sqlState('PT409'));
      await query('rollback to savepoint taken');
    }
    await take(5, '11:30', '13:30');
    await query('savepoint fewer');
    await assert.rejects(
      query('update equipment_items set quantity = 9 where id = $1', [item]),
      sqlState('PT409'),
    );
    await query('rollback to savepoint fewer');
    await assert.rejects(
      query(
        "update equipment_types set tracking = 'serialized' where id = (select equipment_type_id from equipment_items where id = $1)",
        [item],
      ),
      sqlState('PT409'),
    );
  });
});

test('longer buffers hold for what is booked already; they are refused where two would meet', async () => {
  await service(async (query) => {
    const booth = await addBooth(query);
    for (const [start_time, end_time] of [
      ['08:00', '12:00'],
      ['14:00', '18:00'],
    ])
      await add(query, 'booth_assignments', {
        event_date_id: await addDate(query, { start_time, end_time }),
        booth_id: booth,
      });
    const buffer = (minutes: number) =>
      query(
        'update booth_types set buffer_after_minutes = $2 where id = (select booth_type_id from booths where id = $1)',
        [booth, minutes],
      );
    await buffer(90);
    const spans = await query(
      'select extract(epoch from upper(per) - lower(per))::int / 60 as minutes from booth_assignments where booth_id = $1',
      [booth],
    );
    assert.deepEqual(spans, [{ minutes: 330 }, { minutes: 330 }]);
    await assert.rejects(buffer(150), sqlState('PT409'));
  });
});

test('a cancelled booth that is taken up again comes with its kit again', async () => {
  await service(async (query) => {
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized', { booth_id: booth });
    const date = await addDate(query);
    const assignment = await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    for (const status of ['cancelled', 'reserved'])
      await query('update booth_assignments set status = $2 where id = $1', [assignment, status]);
    const kit = await query('select status from equipment_assignments where equipment_item_id = $1', [item]);
    assert.deepEqual(kit, [{ status: 'reserved' }]);
  });
});

test('equipment that joins a kit is booked with its booth, once; what leaves the kit is released', async () => {
  await service(async (query) => {
    const kitOf = (item: string) =>
      query<{ booth_assignment_id: string; status: string; quantity: number; lasts: boolean }>(
        `select a.booth_assignment_id, a.status, a.quantity, a.hold_expires_at is not distinct from b.hold_expires_at as lasts
           from equipment_assignments a join booth_assignments b on b.id = a.booth_assignment_id
           where a.equipment_item_id = $1 order by lower(a.per)`,
        [item],
      );
    const [booth, other] = [await addBooth(query), await addBooth(query)];
    const date = await addDate(query);
    const reserved = await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    const held = await add(query, 'booth_assignments', {
      event_date_id: await addDate(query, { event_date: '2027-06-19' }),
      booth_id: booth,
      status: 'hold',
    });
    const elsewhere = await add(query, 'booth_assignments', { event_date_id: date, booth_id: other });
    const item = await addEquipment(query, 'serialized', { booth_id: booth });
    const bulk = await addEquipment(query, 'bulk', { booth_id: booth, quantity: 4 });
    const booked = [
      { booth_assignment_id: reserved, status: 'reserved', quantity: 1, lasts: true },
      { booth_assignment_id: held, status: 'hold', quantity: 1, lasts: true },
    ];
    assert.deepEqual(await kitOf(item), booked);
    assert.deepEqual(
      await kitOf(bulk),
      booked.map((one) => ({ ...one, quantity: 4 })),
    );
    await query('update equipment_items set quantity = 6 where id = $1', [bulk]);
    assert.deepEqual(
      (await kitOf(bulk)).map(({ quantity }) => quantity),
      [6, 6],
    );

    const parallel = await addDate(query, { start_time: '20:00', end_time: '21:00' });
    const again = () =>
      add(query, 'equipment_assignments', { event_date_id: parallel, equipment_item_id: item });
    await query('savepoint one');
    await assert.rejects(again(), sqlState('PT409'));
    await query('rollback to one');
    // Out of service it stays promised; back again it is not promised twice.
    for (const status of ['maintenance', 'available'])
      await query('update equipment_items set status = $2 where id = $1', [item, status]);
    assert.deepEqual(await kitOf(item), booked);

    await query('update equipment_items set booth_id = $2 where id = $1', [item, other]);
    assert.deepEqual(
      (await kitOf(item)).map(({ booth_assignment_id }) => booth_assignment_id),
      [elsewhere],
    );
    await query('update equipment_items set booth_id = null where id = $1', [item]);
    assert.deepEqual(await kitOf(item), []);
    await again();
    await query('savepoint two');
    await assert.rejects(
      query('update equipment_items set booth_id = $2 where id = $1', [item, booth]),
      sqlState('PT409'),
      'what is promised to another event does not join the kit',
    );
    await query('rollback to two');
  });
});

test('equipment in maintenance joins the bookings of its booth when it comes back; so does what is restored', async () => {
  const { booth, item, date } = await service(async (query) => {
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized', { booth_id: booth, status: 'maintenance' });
    const date = await addDate(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    return { booth, item, date };
  });
  const booked = (item: string) =>
    service((query) =>
      query('select event_date_id, status from equipment_assignments where equipment_item_id = $1', [item]),
    );
  const reserved = [{ event_date_id: date, status: 'reserved' }];
  assert.deepEqual(await booked(item), []);
  const manager = { tenant, role: 'manager' as const, userId: randomUUID() };
  await as(manager, (query) =>
    query("update equipment_items set status = 'available' where id = $1", [item]),
  );
  assert.deepEqual(await booked(item), reserved);

  const spare = await service((query) =>
    addEquipment(query, 'serialized', { booth_id: booth, status: 'lost' }),
  );
  await as(manager, async (query) => {
    const [gone] = await query<{ answer: { archived: string }[] }>(
      "select delete_records('equipment_items', array[$1::uuid]) as answer",
      [spare],
    );
    await query('select restore_archived(array[$1::uuid])', [gone?.answer[0]?.archived]);
  });
  assert.deepEqual(await booked(spare), [], 'what is lost is not booked');
  const found = await service((query) => addEquipment(query, 'serialized'));
  await as(manager, (query) => query("select delete_records('equipment_items', array[$1::uuid])", [found]));
  await service((query) =>
    query(
      `update tenancy.archive set rows = jsonb_set(rows, '{0,row,booth_id}', to_jsonb($2::uuid)) where record_id = $1`,
      [found, booth],
    ),
  );
  await as(manager, (query) =>
    query('select restore_archived(array(select a.id from archived_records() a where a.record_id = $1))', [
      found,
    ]),
  );
  assert.deepEqual(await booked(found), reserved);
});

test('of a piece that joins a kit while its booth is booked, both or one see the other', async () => {
  for (let turn = 0; turn < 8; turn++) {
    const { booth, item, date } = await service(async (query) => ({
      booth: await addBooth(query),
      item: await addEquipment(query, 'serialized'),
      date: await addDate(query),
    }));
    await Promise.all([
      service((query) => add(query, 'booth_assignments', { event_date_id: date, booth_id: booth })),
      service((query) => query('update equipment_items set booth_id = $2 where id = $1', [item, booth])),
    ]);
    const booked = await service((query) =>
      query('select status from equipment_assignments where equipment_item_id = $1', [item]),
    );
    assert.deepEqual(booked, [{ status: 'reserved' }]);
  }
});

test('a hold that is extended after it ran out takes its kit anew, or is refused', async () => {
  await service(async (query) => {
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized', { booth_id: booth });
    const date = await addDate(query);
    const hold = await add(query, 'booth_assignments', {
      event_date_id: date,
      booth_id: booth,
      status: 'hold',
      hold_expires_at: '2020-01-01T00:00:00Z',
    });
    const rival = await add(query, 'equipment_assignments', {
      event_date_id: await addDate(query),
      equipment_item_id: item,
    });
    const reserve = () =>
      query("update booth_assignments set status = 'reserved', hold_expires_at = null where id = $1", [hold]);
    await query('savepoint one');
    await assert.rejects(reserve(), sqlState('PT409'));
    await query('rollback to one');
    await query("update equipment_assignments set status = 'cancelled' where id = $1", [rival]);
    await reserve();
    const kit = await query('select status from equipment_assignments where booth_assignment_id = $1', [
      hold,
    ]);
    assert.deepEqual(kit, [{ status: 'reserved' }]);
  });
});

test('who works an event works one of its dates: there is no booking without a time', async () => {
  await service(async (query) => {
    const [user_id, staff_role_id] = [randomUUID(), await staffRole(query)];
    const dated = async (...days: string[]) => {
      const event = await addEvent(query);
      for (const event_date of days) await addDate(query, { event_id: event, event_date });
      return event;
    };
    const serve = (event_id: string, status = 'accepted') =>
      add(query, 'event_staff_assignments', { event_id, user_id, staff_role_id, status });
    await serve(await dated('2027-06-12'));
    await query('savepoint refused');
    // The same evening elsewhere; one of two days, unsaid; no day at all.
    await assert.rejects(serve(await dated('2027-06-12')), sqlState('PT409'));
    await query('rollback to savepoint refused');
    await assert.rejects(serve(await dated('2027-07-01', '2027-07-02')), sqlState('PT400'));
    await query('rollback to savepoint refused');
    await assert.rejects(serve(await dated()), sqlState('PT400'));
    await query('rollback to savepoint refused');
    // Asked before there is a date: asked for the first.
    const event = await dated();
    const asked = await serve(event, 'invited');
    const date = await addDate(query, { event_id: event, event_date: '2027-06-20' });
    const [now] = await query('select event_date_id from event_staff_assignments where id = $1', [asked]);
    assert.deepEqual(now, { event_date_id: date });
  });
});

test('an event spans its dates whatever is written by hand; deleted softly it holds nothing', async () => {
  await service(async (query) => {
    const event = await addEvent(query, { start_date: '2027-01-01' });
    const span = async () => {
      const [row] = await query<{ s: string | null; e: string | null }>(
        'select start_date::text as s, end_date::text as e from events where id = $1',
        [event],
      );
      return `${row?.s} ${row?.e}`;
    };
    assert.equal(await span(), '2027-01-01 null');
    const date = await addDate(query, { event_id: event, end_time: '01:00' });
    await query("update events set start_date = '2020-01-01', end_date = '2020-01-02' where id = $1", [
      event,
    ]);
    assert.equal(await span(), '2027-06-12 2027-06-13');
    const booth = await addBooth(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    await query('update events set deleted_at = now() where id = $1', [event]);
    assert.equal(await span(), '2027-06-12 2027-06-13');
    await add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booth });
    await query('delete from event_dates where id = $1', [date]);
    assert.equal(await span(), 'null null');
  });
});

test('a date moves over a hold that has run out', async () => {
  await service(async (query) => {
    const booth = await addBooth(query);
    const held = await add(query, 'booth_assignments', {
      event_date_id: await addDate(query, { event_date: '2027-06-19' }),
      booth_id: booth,
      status: 'hold',
    });
    const date = await addDate(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    const move = () => query("update event_dates set event_date = '2027-06-19' where id = $1", [date]);
    await query('savepoint held');
    await assert.rejects(move(), sqlState('PT409'));
    await query('rollback to savepoint held');
    await query("update booth_assignments set hold_expires_at = now() - interval '1 min' where id = $1", [
      held,
    ]);
    await move();
    const [gone] = await query('select status from booth_assignments where id = $1', [held]);
    assert.deepEqual(gone, { status: 'cancelled' });
  });
});

test('a kit that comes back incomplete or damaged is known to be; single pieces go out and back as booths do', async () => {
  const made = await service(async (query) => {
    const booth = await addBooth(query);
    const lost = await addEquipment(query, 'serialized', { booth_id: booth });
    const broken = await addEquipment(query, 'serialized', { booth_id: booth });
    const lamp = await addEquipment(query, 'serialized');
    const date = await addDate(query, { event_date: '2026-06-12' });
    const [assigned, single] = [
      await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth }),
      await add(query, 'equipment_assignments', { event_date_id: date, equipment_item_id: lamp }),
    ];
    return { booth, lost, broken, lamp, assigned, single };
  });
  await as({ tenant, role: 'manager' }, async (query) => {
    await query('select check_out_booth($1)', [made.assigned]);
    await query('select check_in_booth($1, $2, $3, $4)', [
      made.assigned,
      'good',
      JSON.stringify([made.lost]),
      JSON.stringify([made.broken]),
    ]);
    await query('select check_out_equipment($1)', [made.single]);
    await query('select check_in_equipment($1, $2)', [made.single, 'fair']);
    const items = await query('select id, status, condition from equipment_items where id = any ($1)', [
      [made.lost, made.broken, made.lamp],
    ]);
    assert.deepEqual(
      new Map(items.map(({ id, status, condition }) => [id, [status, condition]])),
      new Map([
        [made.lost, ['lost', 'good']],
        [made.broken, ['available', 'needs_repair']],
        [made.lamp, ['available', 'fair']],
      ]),
    );
    assert.deepEqual(await query('select status from booths where id = $1', [made.booth]), [
      { status: 'incomplete' },
    ]);
  });
  await assert.rejects(
    as({ tenant, role: 'manager' }, (query) => query('select check_in_equipment($1)', [made.single])),
    sqlState('PT409'),
  );
  await assert.rejects(
    as({ tenant, role: 'staff' }, (query) => query('select check_out_equipment($1)', [made.single])),
    sqlState('PT404'),
  );
});

test('what is checked in before its event is still reserved for it; later it is free at once', async () => {
  const { booth, item, lost, date, booking, single } = await service(async (query) => {
    const booth = await addBooth(query);
    const lost = await addEquipment(query, 'serialized', { booth_id: booth });
    const item = await addEquipment(query, 'serialized');
    const date = await addDate(query);
    const [booking, single] = [
      await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth }),
      await add(query, 'equipment_assignments', { event_date_id: date, equipment_item_id: item }),
    ];
    return { booth, item, lost, date, booking, single };
  });
  const act = (sql: string, ...values: unknown[]) =>
    as({ tenant, role: 'manager' }, (query) => query(sql, values));
  const states = () =>
    act(
      `select status, checked_out_at is null and checked_in_at is null as here from booth_assignments where id = $1
       union all select status, checked_out_at is null and checked_in_at is null from equipment_assignments where event_date_id = $2`,
      booking,
      date,
    );
  const others = () => [
    (query: Query) =>
      addDate(query).then((event_date_id) =>
        add(query, 'booth_assignments', { event_date_id, booth_id: booth }),
      ),
    (query: Query) =>
      addDate(query).then((event_date_id) =>
        add(query, 'equipment_assignments', { event_date_id, equipment_item_id: item }),
      ),
  ];
  const outAndIn = async () => {
    await act('select check_out_booth($1)', booking);
    await act('select check_out_equipment($1)', single);
    await act("select check_in_booth($1, 'good', $2)", booking, JSON.stringify([lost]));
    await act('select check_in_equipment($1)', single);
  };
  const found = async () => (await act('select status from equipment_items where id = $1', lost))[0]?.status;
  await outAndIn();
  assert.deepEqual(await states(), Array(3).fill({ status: 'reserved', here: true }));
  assert.equal(await found(), 'lost');
  for (const other of others()) await assert.rejects(service(other), sqlState('PT409'));
  // What was found again and is missing again is lost again.
  await act("update equipment_items set status = 'available' where id = $1", lost);
  await outAndIn();
  assert.equal(await found(), 'lost');
  // The same once the event has begun.
  await act('select check_out_booth($1)', booking);
  await act('select check_out_equipment($1)', single);
  await service((query) =>
    query(
      `update event_dates set event_date = (now() at time zone timezone)::date, start_time = '00:00', end_time = '00:00' where id = $1`,
      [date],
    ),
  );
  await act('select check_in_booth($1)', booking);
  await act('select check_in_equipment($1)', single);
  assert.deepEqual(await states(), Array(3).fill({ status: 'returned', here: false }));
  for (const [table, thing] of [
    ['booth_assignments', { booth_id: booth }],
    ['equipment_assignments', { equipment_item_id: item }],
  ] as const)
    await service(async (query) => {
      const [now] = await query(
        'select event_date::text, start_time, end_time from event_dates where id = $1',
        [date],
      );
      await add(query, table, { event_date_id: await addDate(query, now), ...thing });
    });
});

test('a date that moves to a later day after its booth came back has the booth again, or is told that it is taken', async () => {
  await service(async (query) => {
    const booth = await addBooth(query);
    const piece = await addEquipment(query, 'serialized', { booth_id: booth });
    const date = await addDate(query, { event_date: '2026-06-12' });
    const booking = await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    await query('select check_out_booth($1)', [booking]);
    await query('select check_in_booth($1)', [booking]);
    const taken = await addDate(query, { event_date: '2027-08-01' });
    await add(query, 'booth_assignments', { event_date_id: taken, booth_id: booth });
    const move = (day: string) => query('update event_dates set event_date = $2 where id = $1', [date, day]);
    // To another day that is over: it was there.
    await move('2026-06-13');
    const state = async () =>
      query(
        `select status, checked_in_at is null as open from booth_assignments where id = $1
         union all select status, checked_in_at is null from equipment_assignments where equipment_item_id = $2 and event_date_id = $3`,
        [booking, piece, date],
      );
    assert.deepEqual(await state(), Array(2).fill({ status: 'returned', open: false }));
    await query('savepoint before');
    await assert.rejects(move('2027-08-01'), sqlState('PT409'));
    await query('rollback to savepoint before');
    await move('2027-08-02');
    assert.deepEqual(await state(), Array(2).fill({ status: 'reserved', open: true }));
  });
});

test('a shift with hours of its own follows its date also where set-up and teardown stay as long', async () => {
  await service(async (query) => {
    const event = await addEvent(query);
    const date = await addDate(query, {
      ...{ event_id: event, setup_time: '14:00', start_time: '18:00', end_time: '23:00' },
    });
    const shift = await add(query, 'event_staff_assignments', {
      ...{
        event_id: event,
        event_date_id: date,
        user_id: randomUUID(),
        staff_role_id: await staffRole(query),
      },
      ...{ arrival_time: '17:00', status: 'accepted' },
    });
    const begins = async () => {
      const [row] = await query<{ at: string }>(
        "select (lower(per) at time zone 'Europe/Amsterdam')::text as at from event_staff_assignments where id = $1",
        [shift],
      );
      return row?.at;
    };
    assert.equal(await begins(), '2027-06-12 17:00:00');
    // An arrival after the start would be on the evening before.
    await query("update event_dates set start_time = '16:00' where id = $1", [date]);
    assert.equal(await begins(), '2027-06-11 17:00:00');
    await query("update event_dates set start_time = '18:00' where id = $1", [date]);
    assert.equal(await begins(), '2027-06-12 17:00:00');
  });
});
