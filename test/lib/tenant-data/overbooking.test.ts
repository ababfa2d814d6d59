// Setting `overlap_policy`: `warn` lets a booking through that is in another's way and says so; `refuse` refuses.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { add, addBooth, addDate, addEquipment, addEvent, staffRole } from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;

const setPolicy = (query: Query, policy: 'refuse' | 'warn') =>
  query("update tenant_settings set value = to_jsonb($1::text) where key = 'overlap_policy'", [policy]);

async function warned(): Promise<string> {
  const tenant = await addTenant(database);
  await as({ tenant }, (query) => setPolicy(query, 'warn'));
  return tenant;
}

/** Which of these assignments stand over others, in order. */
async function over(query: Query, table: string, ids: string[]): Promise<boolean[]> {
  const rows = await query<{ overbooked: boolean }>(
    `select a.overbooked from unnest($1::uuid[]) with ordinality as x (id, place) join ${table} a using (id) order by place`,
    [ids],
  );
  return rows.map(({ overbooked }) => overbooked);
}

test('a booth booked twice is let through, seen, and an ordinary booking again when the other goes', async () => {
  const tenant = await warned();
  const { booth, first, second } = await as({ tenant }, async (query) => {
    const booth = await addBooth(query);
    const item = await addEquipment(query, 'serialized', { booth_id: booth });
    const book = async () =>
      add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booth });
    const [first, second] = [await book(), await book()];
    assert.deepEqual(await over(query, 'booth_assignments', [first, second]), [false, true]);
    // Its kit is booked twice as well.
    const kit = await query<{ overbooked: boolean }>(
      'select overbooked from equipment_assignments where equipment_item_id = $1 order by overbooked',
      [item],
    );
    assert.deepEqual(kit, [{ overbooked: false }, { overbooked: true }]);
    return { booth, first, second };
  });
  const seen = await as({ tenant, role: 'sales' }, (query) =>
    query<{ kind: string; assignment_id: string }>(
      "select kind, assignment_id from overbookings('2027-01-01') order by kind",
    ),
  );
  assert.deepEqual(
    seen.map(({ kind }) => kind),
    ['booth', 'equipment'],
  );
  assert.equal(seen[0]?.assignment_id, second);
  await as({ tenant }, async (query) => {
    // Back to `refuse`: what is booked twice may go on, be noted and checked out, but no third comes.
    await setPolicy(query, 'refuse');
    await query("update booth_assignments set notes = 'Bring the spare' where id = $1", [second]);
    // Its date may begin later within the same span.
    await query(
      `update event_dates set setup_time = start_time, start_time = start_time + interval '30 minutes'
       where id = (select event_date_id from booth_assignments where id = $1)`,
      [second],
    );
    await query('savepoint third');
    await assert.rejects(
      add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: booth }),
      sqlState('PT409'),
    );
    await query('rollback to savepoint third');
    assert.deepEqual(await over(query, 'booth_assignments', [first, second]), [false, true]);
    await query("update booth_assignments set status = 'cancelled' where id = $1", [first]);
    assert.deepEqual(await over(query, 'booth_assignments', [first, second]), [false, false]);
    assert.equal((await query("select from overbookings('2027-01-01')")).length, 0);
    await query('savepoint again');
    await assert.rejects(
      query("update booth_assignments set status = 'reserved' where id = $1", [first]),
      sqlState('PT409'),
    );
    await query('rollback to savepoint again');
  });
});

test('an overbooking is listed until it is over, also on the day after its night', async () => {
  const tenant = await warned();
  await as({ tenant }, async (query) => {
    const booth = await addBooth(query);
    for (const _ of [1, 2])
      await add(query, 'booth_assignments', {
        event_date_id: await addDate(query, { timezone: 'UTC', end_time: '08:00' }),
        booth_id: booth,
      });
    const listed = async (...days: string[]) =>
      (await query(`select from overbookings(${days.map((day) => `'${day}'`).join(', ')})`)).length;
    assert.deepEqual(
      [
        await listed('2027-06-11', '2027-06-11'),
        await listed('2027-06-12', '2027-06-12'),
        await listed('2027-06-13', '2027-06-13'),
        await listed('2027-06-14'),
      ],
      [0, 1, 1, 0],
    );
  });
});

test('a booking over an expired hold moves, and is an ordinary one', async () => {
  const tenant = await warned();
  for (const kind of ['booth', 'equipment_item'] as const) {
    await as({ tenant }, async (query) => {
      const thing = kind === 'booth' ? await addBooth(query) : await addEquipment(query, 'serialized');
      const table = `${kind.split('_')[0]}_assignments`;
      const date = await addDate(query);
      const booking = { event_date_id: date, [`${kind}_id`]: thing };
      const held = { event_date_id: await addDate(query), [`${kind}_id`]: thing, status: 'hold' };
      const hold = await add(query, table, held);
      const over_ = await add(query, table, booking);
      assert.deepEqual(await over(query, table, [over_]), [true]);
      await query(`update ${table} set hold_expires_at = now() - interval '1 hour' where id = $1`, [hold]);
      await query("update event_dates set start_time = '17:00' where id = $1", [date]);
      assert.deepEqual(await over(query, table, [over_]), [false]);
      const [expired] = await query(`select status from ${table} where id = $1`, [hold]);
      assert.deepEqual(expired, { status: 'cancelled' });
    });
  }
});

test('people, bulk equipment and moved dates are let through and seen alike', async () => {
  const tenant = await warned();
  await as({ tenant }, async (query) => {
    const [user_id, staff_role_id] = [randomUUID(), await staffRole(query)];
    const serve = async (event_date: string) => {
      const event_id = await addEvent(query);
      const event_date_id = await addDate(query, { event_id, event_date });
      const row = { event_id, event_date_id, user_id, staff_role_id, status: 'accepted' };
      return { date: event_date_id, id: await add(query, 'event_staff_assignments', row) };
    };
    const [one, other] = [await serve('2027-06-12'), await serve('2027-06-19')];
    assert.deepEqual(await over(query, 'event_staff_assignments', [one.id, other.id]), [false, false]);
    await query("update event_dates set event_date = '2027-06-12' where id = $1", [other.date]);
    assert.deepEqual(await over(query, 'event_staff_assignments', [one.id, other.id]), [false, true]);
    await query("update event_staff_assignments set status = 'declined' where id = $1", [one.id]);
    assert.deepEqual(await over(query, 'event_staff_assignments', [one.id, other.id]), [false, false]);

    const item = await addEquipment(query, 'bulk', { quantity: 10 });
    const take = async (quantity: number) =>
      add(query, 'equipment_assignments', {
        event_date_id: await addDate(query),
        equipment_item_id: item,
        quantity,
      });
    const [six, five] = [await take(6), await take(5)];
    assert.deepEqual(await over(query, 'equipment_assignments', [six, five]), [false, true]);
    await query('update equipment_assignments set quantity = 4 where id = $1', [five]);
    assert.deepEqual(await over(query, 'equipment_assignments', [six, five]), [false, false]);
  });
});

test('of 10 who book one booth at once where `warn` stands, all get it, and all but one are marked', async () => {
  const tenant = await warned();
  const { booth, dates } = await as({ tenant }, async (query) => {
    const dates: string[] = [];
    for (let index = 0; index < 10; index++) dates.push(await addDate(query));
    return { booth: await addBooth(query), dates };
  });
  await Promise.all(
    dates.map((event_date_id) =>
      as({ tenant }, (query) => add(query, 'booth_assignments', { event_date_id, booth_id: booth })),
    ),
  );
  const marked = () =>
    as({ tenant }, (query) =>
      query("select from booth_assignments where booth_id = $1 and overbooked and status = 'reserved'", [
        booth,
      ]),
    );
  assert.equal((await marked()).length, 9);
  // All leave at once but one: no deadlock, and the last is an ordinary booking.
  const results = await Promise.allSettled(
    dates
      .slice(1)
      .map((date) =>
        as({ tenant }, (query) =>
          query("update booth_assignments set status = 'cancelled' where event_date_id = $1", [date]),
        ),
      ),
  );
  for (const result of results)
    assert.equal(result.status, 'fulfilled', result.status === 'rejected' ? String(result.reason) : '');
  assert.equal((await marked()).length, 0);
});

test('whatever happens under changing policies, a booking is marked exactly while it needs to be', async () => {
  const tenant = await addTenant(database);
  const step = fc.record({
    kind: fc.constantFrom('book', 'move', 'cancel', 'take up', 'delete', 'policy'),
    date: fc.nat(4),
    day: fc.integer({ min: 10, max: 11 }),
    hour: fc.integer({ min: 0, max: 23 }),
    warn: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
      await as({ tenant }, async (query) => {
        const booth = await addBooth(query, { buffer_before_minutes: 60, buffer_after_minutes: 60 });
        const dates: string[] = [];
        for (let index = 0; index < 5; index++)
          dates.push(await addDate(query, { event_date: `2027-03-1${index}` }));
        for (const { kind, date, day, hour, warn } of steps) {
          const id = dates[date];
          await query('savepoint step');
          try {
            if (kind === 'book')
              await add(query, 'booth_assignments', { event_date_id: id, booth_id: booth });
            else if (kind === 'policy') await setPolicy(query, warn ? 'warn' : 'refuse');
            else if (kind === 'move')
              await query(
                'update event_dates set event_date = $2, start_time = $3, end_time = $4 where id = $1',
                [id, `2027-03-${day}`, `${hour}:00`, `${(hour + 5) % 24}:00`],
              );
            else if (kind === 'delete')
              await query('delete from booth_assignments where event_date_id = $1', [id]);
            else
              await query('update booth_assignments set status = $2 where event_date_id = $1', [
                id,
                kind === 'cancel' ? 'cancelled' : 'reserved',
              ]);
          } catch (error) {
            assert.ok(error instanceof pg.DatabaseError && error.code === 'PT409', String(error));
            await query('rollback to savepoint step');
          }
          const wrong = await query(
            `select a.id, a.per, a.overbooked, b.per as other from booth_assignments a
             left join booth_assignments b on b.booth_id = a.booth_id and b.id <> a.id and b.status = 'reserved' and b.per && a.per
             where a.booth_id = $1 and a.status = 'reserved'
               and (a.overbooked and b.id is null or not a.overbooked and b.id is not null and not b.overbooked)`,
            [booth],
          );
          assert.deepEqual(wrong, []);
        }
      });
    }),
    { numRuns: 25 },
  );
});
