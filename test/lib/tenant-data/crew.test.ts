// Time off, open places, who could take them, and what the crew is paid.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { add, addBooth, addDate, addEvent, staffRole } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;
let tenant: string;
let ada: string;
beforeEach(async () => {
  tenant = await addTenant(database);
  ada = randomUUID();
  await as({ tenant }, async (query) => {
    await query(
      "insert into user_role_history (user_id, role, effective) values ($1, 'staff', '[2020-01-01,)')",
      [ada],
    );
    await query(
      "insert into user_pay_rate_history (user_id, pay_type, rate, effective) values ($1, 'hourly', 2000, '[2020-01-01,2027-06-13)'), ($1, 'hourly', 2500, '[2027-06-13,)')",
      [ada],
    );
  });
});

async function shift(query: Query, event_date: string, row: Record<string, unknown> = {}) {
  const event_id = await addEvent(query);
  const date = await addDate(query, { event_id, event_date });
  const id = await add(query, 'event_staff_assignments', {
    event_id,
    event_date_id: date,
    user_id: ada,
    staff_role_id: await staffRole(query),
    status: 'confirmed',
    ...row,
  });
  return { id, event_id, date };
}

const enter = (query: Query, first: string, last: string, person: string | null = ada) =>
  query<{ id: string }>('select enter_time_off($1, $2, $3) as id', [first, last, person]);

test('staff enter their own time off, and do not see that of others', async () => {
  const other = randomUUID();
  await as({ tenant, role: 'manager' }, (query) => enter(query, '2027-06-01', '2027-06-05', other));
  await as({ tenant, role: 'staff', userId: ada }, async (query) => {
    await query("select enter_time_off('2027-06-10', '2027-06-14', null, 'sick', ' flu ')");
    assert.deepEqual(
      await query("select user_id, first_day::text, reason, note from time_off('2027-01-01', '2027-12-31')"),
      [{ user_id: ada, first_day: '2027-06-10', reason: 'sick', note: 'flu' }],
    );
    const [role] = await query('select current_user as name');
    assert.deepEqual(role, { name: 'tenant_staff' });
  });
  await assert.rejects(
    as({ tenant, role: 'staff', userId: ada }, (query) => enter(query, '2027-07-01', '2027-07-02', other)),
    sqlState('PT403'),
  );
  // Sales see that a crew member is away, not why.
  await as({ tenant, role: 'sales' }, async (query) => {
    const rows = await query<{ reason: string | null }>(
      "select reason from time_off('2027-06-01', '2027-06-30')",
    );
    assert.deepEqual(rows, [{ reason: null }, { reason: null }]);
  });
});

test('time off does not overlap, end before it begins, or last for years', async () => {
  await as({ tenant }, (query) => enter(query, '2027-06-10', '2027-06-14'));
  for (const [first, last, code] of [
    ['2027-06-14', '2027-06-20', 'PT409'],
    ['2027-06-20', '2027-06-19', 'PT400'],
    ['2027-06-20', '2029-06-20', 'PT400'],
    ['0027-06-20', '0027-06-21', 'PT400'],
  ] as const)
    await assert.rejects(
      as({ tenant }, (query) => enter(query, first, last)),
      sqlState(code),
    );
  await assert.rejects(
    as({ tenant }, (query) => enter(query, '2027-08-01', '2027-08-02', null)),
    sqlState('PT400'),
  );
});

test('crew on time off are not asked to work, and cannot accept', async () => {
  await as({ tenant, role: 'staff', userId: ada }, (query) => enter(query, '2027-06-10', '2027-06-14'));
  for (const status of ['invited', 'accepted', 'confirmed'])
    await assert.rejects(
      as({ tenant, role: 'manager' }, (query) => shift(query, '2027-06-12', { status })),
      sqlState('PT409'),
    );
  await as({ tenant }, (query) => shift(query, '2027-06-12', { status: 'declined' }));
  const asked = await as({ tenant }, (query) => shift(query, '2027-06-15', { status: 'invited' }));
  // An invitation follows its date into the time off; it is not accepted there.
  await as({ tenant }, async (query) => {
    await query("update event_dates set event_date = '2027-06-14' where id = $1", [asked.date]);
  });
  await assert.rejects(
    as({ tenant, role: 'staff', userId: ada }, (query) =>
      query("update event_staff_assignments set status = 'accepted' where id = $1", [asked.id]),
    ),
    sqlState('PT409'),
  );
  const promised = await as({ tenant }, (query) => shift(query, '2027-06-16'));
  await assert.rejects(
    as({ tenant }, (query) =>
      query("update event_dates set event_date = '2027-06-13' where id = $1", [promised.date]),
    ),
    sqlState('PT409'),
  );
});

test('accepted shifts are given back before a crew member is away', async () => {
  const { id } = await as({ tenant }, (query) => shift(query, '2027-06-12', { status: 'accepted' }));
  const away = () =>
    as({ tenant, role: 'staff', userId: ada }, (query) => enter(query, '2027-06-12', '2027-06-12'));
  await assert.rejects(away(), (error: Error) =>
    /accepted shifts in this time: 2027-06-12/.test(error.message),
  );
  await as({ tenant, role: 'staff', userId: ada }, (query) =>
    query("update event_staff_assignments set status = 'declined' where id = $1", [id]),
  );
  await away();
});

test('a person who is asked to work answers for themselves, in any role, and for no one else', async () => {
  const status = async (id: string) => {
    const [row] = await as({ tenant }, (query) =>
      query<{ status: string; hours: string | null }>(
        'select status, hours_actual::float as hours from event_staff_assignments where id = $1',
        [id],
      ),
    );
    return [row?.status, row?.hours];
  };
  for (const role of ['sales', 'viewer', 'staff'] as const) {
    const person = randomUUID();
    const [own, other] = await as({ tenant }, async (query) => [
      await shift(query, '2027-06-12', { user_id: person, status: 'invited' }),
      await shift(query, '2027-06-12', { user_id: randomUUID(), status: 'invited' }),
    ]);
    const act = (sql: string, id?: string) =>
      as({ tenant, role, userId: person }, (query) => query(sql, [id]));
    for (const answer of ['accepted', 'declined', 'accepted'])
      await act(`update event_staff_assignments set status = '${answer}' where id = $1`, own?.id);
    await act('update event_staff_assignments set hours_actual = 4.5 where id = $1', own?.id);
    assert.deepEqual(await status(own?.id ?? ''), ['accepted', 4.5], role);
    await act("update event_staff_assignments set status = 'accepted' where id = $1", other?.id);
    assert.deepEqual(await status(other?.id ?? ''), ['invited', null], role);
    for (const refused of ["status = 'confirmed'", "status = 'no_show'"])
      await assert.rejects(
        act(`update event_staff_assignments set ${refused} where id = $1`, own?.id),
        sqlState('PT403'),
        role,
      );
    for (const refused of ["start_time = '10:00'", 'rate_snapshot = 9900', `user_id = '${randomUUID()}'`])
      await assert.rejects(
        act(`update event_staff_assignments set ${refused} where id = $1`, own?.id),
        sqlState('42501'),
        role,
      );
    await act('delete from event_staff_assignments where id = $1', own?.id);
    assert.deepEqual(await status(own?.id ?? ''), ['accepted', 4.5], role);
  }
});

test('of two at once, the shift or the time off is refused', async () => {
  const { id } = await as({ tenant }, (query) => shift(query, '2027-06-12', { status: 'invited' }));
  const confirmed = Promise.withResolvers<void>();
  const results = await Promise.allSettled([
    as({ tenant }, async (query) => {
      await query("update event_staff_assignments set status = 'confirmed' where id = $1", [id]);
      confirmed.resolve();
      await query('select pg_sleep(0.2)');
    }),
    as({ tenant }, async (query) => {
      await confirmed.promise;
      await enter(query, '2027-06-10', '2027-06-14');
    }),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});

test('where overlap_policy is warn, a shift in time off says that it is overbooked until the time off goes', async () => {
  await as({ tenant }, (query) =>
    query(`update tenant_settings set value = '"warn"' where key = 'overlap_policy'`),
  );
  const { id, off } = await as({ tenant }, async (query) => {
    const { id } = await shift(query, '2027-06-12');
    const [entered] = await enter(query, '2027-06-10', '2027-06-14');
    return { id, off: entered?.id };
  });
  const overbooked = () =>
    as({ tenant }, (query) => query('select overbooked from event_staff_assignments where id = $1', [id]));
  assert.deepEqual(await overbooked(), [{ overbooked: true }]);
  await assert.rejects(
    as({ tenant, role: 'staff', userId: randomUUID() }, (query) =>
      query('select remove_time_off($1)', [off]),
    ),
    sqlState('PT404'),
  );
  await as({ tenant, role: 'staff', userId: ada }, (query) => query('select remove_time_off($1)', [off]));
  assert.deepEqual(await overbooked(), [{ overbooked: false }]);
});

test('who is away is not among the free crew of “can we take it?”', async () => {
  const free = async () => {
    const [row] = await as({ tenant, role: 'sales' }, (query) =>
      query<{ answer: { dates: { crew: { free: number } }[] } }>(
        `select check_availability('[{"event_date": "2027-06-12", "start_time": "18:00", "end_time": "23:00"}]') as answer`,
      ),
    );
    return row?.answer.dates[0]?.crew.free;
  };
  assert.equal(await free(), 1);
  await as({ tenant }, (query) => enter(query, '2027-06-12', '2027-06-12'));
  assert.equal(await free(), 0);
});

test('open places are those that booths need and no crew member was asked for', async () => {
  await as({ tenant }, async (query) => {
    const { event_id, date } = await shift(query, '2027-06-12', { status: 'invited' });
    for (let index = 0; index < 2; index++)
      await add(query, 'booth_assignments', {
        event_date_id: date,
        booth_id: await addBooth(query, { crew_needed: 2 }),
      });
    const { event_id: done, date: doneOn } = await shift(query, '2027-06-13', { status: 'confirmed' });
    // A hold that has run out needs no one, though no job has cancelled it yet.
    for (const event_date_id of [date, doneOn])
      await add(query, 'booth_assignments', {
        ...{ event_date_id, status: 'hold', hold_expires_at: '2020-01-01' },
        booth_id: await addBooth(query, { crew_needed: 2 }),
      });
    const cancelled = await addEvent(query);
    await addDate(query, { event_id: cancelled, event_date: '2027-06-14' });
    await query("update events set status = 'cancelled' where id = $1", [cancelled]);
    const open = await query("select event_id, needed, asked from open_shifts('2027-06-01', '2027-06-30')");
    assert.deepEqual(open, [{ event_id, needed: 4, asked: 1 }]);
    assert.deepEqual(await query('select staffed from event_readiness($1)', [done]), [{ staffed: true }]);
  });
});

test('candidates come with the reason why they cannot', async () => {
  const [bob, cem, dee, eva] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  const date = await as({ tenant }, async (query) => {
    for (const user of [bob, cem, dee, eva])
      await query(
        "insert into user_role_history (user_id, role, effective) values ($1, 'staff', '[2020-01-01,)')",
        [user],
      );
    await query(
      "insert into user_role_history (user_id, role, effective) values ($1, 'staff', '[2020-01-01,2021-01-01)')",
      [randomUUID()],
    );
    await shift(query, '2027-06-12', { user_id: bob });
    await shift(query, '2027-06-10', { user_id: eva });
    await enter(query, '2027-06-11', '2027-06-12', cem);
    const wanted = await shift(query, '2027-06-12', { user_id: dee, status: 'invited' });
    return wanted.date;
  });
  await as({ tenant, role: 'manager' }, async (query) => {
    const rows = await query<{ user_id: string; state: string; near: number; rate: string | null }>(
      'select user_id, state, near, rate from crew_candidates($1)',
      [date],
    );
    assert.deepEqual(
      rows.map(({ user_id, state, near }) => [user_id, state, near]),
      [
        [dee, 'on_it', 0],
        [ada, 'free', 0],
        [eva, 'free', 1],
        [bob, 'works', 1],
        [cem, 'time_off', 0],
      ],
    );
    assert.equal(rows.find(({ user_id }) => user_id === ada)?.rate, '2000');
    // A new crew member without any history.
    const newcomer = randomUUID();
    const more = await query<{ user_id: string; state: string }>(
      'select user_id, state from crew_candidates($1, people => $2)',
      [date, JSON.stringify([newcomer, ada])],
    );
    assert.equal(more.length, rows.length + 1);
    assert.equal(more.find(({ user_id }) => user_id === newcomer)?.state, 'free');
  });
  for (const role of ['sales', 'staff', 'viewer'] as const)
    await assert.rejects(
      as({ tenant, role }, (query) => query('select * from crew_candidates($1)', [date])),
      sqlState('PT403'),
    );
});

test('who was released or declined is asked again in the shift that they had, by the role that is wanted', async () => {
  const tenant = await addTenant(database);
  const [person, other] = [randomUUID(), randomUUID()];
  const { date, role, shifts } = await as({ tenant }, async (query) => {
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event, event_date: '2027-06-12' });
    const roles = await query<{ id: string }>(
      "select id from staff_roles where type = 'event_staff' order by name limit 2",
    );
    const shifts: string[] = [];
    for (const [user_id, staff_role_id, status] of [
      [person, roles[0]?.id, 'cancelled'],
      [person, roles[1]?.id, 'declined'],
      [other, roles[0]?.id, 'cancelled'],
    ])
      shifts.push(
        await add(query, 'event_staff_assignments', {
          ...{ event_id: event, event_date_id: date, user_id, staff_role_id, status },
        }),
      );
    return { date, role: roles[0]?.id, shifts };
  });
  await as({ tenant, role: 'manager' }, async (query) => {
    const rows = await query(
      'select user_id, state, status, assignment_id, near from crew_candidates($1, $2) order by state, user_id = $3',
      [date, role, other],
    );
    assert.deepEqual(rows, [
      { user_id: person, state: 'free', status: 'cancelled', assignment_id: shifts[0], near: 0 },
      { user_id: other, state: 'free', status: 'cancelled', assignment_id: shifts[2], near: 0 },
    ]);
    await query("update event_staff_assignments set status = 'invited' where id = $1", [shifts[0]]);
  });
});

test('pay is hours at the rate of the day; staff see their own only', async () => {
  await as({ tenant }, async (query) => {
    await query(
      "insert into tenant_settings (key, value) values ('mileage_rate', '50') on conflict (tenant_id, key) do update set value = excluded.value",
    );
    // Five hours as planned at the old rate, three as reported at the new one, and a flat sum.
    await shift(query, '2027-06-12');
    await shift(query, '2027-06-13', { hours_actual: 3, miles: 10 });
    await shift(query, '2027-06-14', { pay_type: 'flat', rate_snapshot: 9_000 });
    await shift(query, '2027-06-15', { status: 'declined' });
    await shift(query, '2027-07-01');
    await shift(query, '2027-06-20', { user_id: randomUUID(), rate_snapshot: 1_000 });
  });
  const report = "select * from crew_pay_report('2027-06-01', '2027-06-30')";
  const mine = {
    user_id: ada,
    shifts: 3,
    unreported: 1,
    hours: '13.00',
    hourly_pay: '17500',
    flat_pay: '9000',
    miles: '10.0',
    travel: '500',
    total: '27000',
  };
  await as({ tenant, role: 'manager' }, async (query) => {
    const rows = await query(report);
    assert.equal(rows.length, 2);
    assert.deepEqual(rows[0], mine);
  });
  for (const role of ['staff', 'sales'] as const)
    await as({ tenant, role, userId: ada }, async (query) => {
      assert.deepEqual(await query(report), [mine]);
      const other = await query("select * from crew_shift_pay('2027-06-01', '2027-06-30', $1)", [
        randomUUID(),
      ]);
      assert.equal(other.length, 3);
      assert.ok(other.every(({ user_id }) => user_id === ada));
    });
});

test('people hear that their shift was moved, is off, or is asked for again; not of what they do themselves, or of what is over', async () => {
  const manager = randomUUID();
  const told = () =>
    as({ tenant, role: 'staff', userId: ada }, async (query) => {
      const notices = await query<{ kind: string; date: string }>(
        "select kind, subject ->> 'date' as date from notices(50) order by created_at",
      );
      await query('select read_notices()');
      return notices.map(({ kind, date }) => `${kind} ${date}`);
    });
  const act = (statement: string, values: unknown[], who: { role: 'manager' | 'staff'; userId: string }) =>
    as({ tenant, ...who }, (query) => query(statement, values));
  const boss = { role: 'manager', userId: manager } as const;
  const { id, event_id, date } = await as({ tenant }, (query) => shift(query, '2027-06-12'));
  await act("update event_dates set event_date = '2027-06-13' where id = $1", [date], boss);
  await act("update events set status = 'cancelled' where id = $1", [event_id], boss);
  await act("update events set status = 'tentative' where id = $1", [event_id], boss);
  await act("update event_staff_assignments set status = 'accepted' where id = $1", [id], {
    role: 'staff',
    userId: ada,
  });
  await act("update event_staff_assignments set notes = 'Bring gloves' where id = $1", [id], boss);
  await act('delete from event_staff_assignments where id = $1', [id], boss);
  const over = await as({ tenant }, (query) => shift(query, '2021-06-12'));
  await act("update events set status = 'cancelled' where id = $1", [over.event_id], boss);
  assert.deepEqual(await told(), [
    'shift_changed 2027-06-13',
    'shift_cancelled 2027-06-13',
    'crew_invited 2027-06-13',
    'shift_cancelled 2027-06-13',
  ]);
});
