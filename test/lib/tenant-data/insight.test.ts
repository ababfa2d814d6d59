// What the database answers about the business: can we take it, are we ready, what did it earn, where is it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import {
  add,
  addAccount,
  addBooth,
  addDate,
  addDeal,
  addEquipment,
  addEvent,
  addSentInvoice,
  staffRole,
  unique,
} from './business';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as } = database;

interface Part {
  ok: boolean;
  reason: string;
}
interface Availability {
  available: boolean;
  dates: (Record<'booths' | 'kit' | 'crew' | 'travel', Part> & {
    booths: Part & { free: { id: string }[] };
  })[];
  alternatives: { shift_days: number; event_dates: string[] }[];
}

const EVENING = {
  event_date: '2027-06-12',
  start_time: '18:00',
  end_time: '23:00',
  timezone: 'Europe/Amsterdam',
};

async function ask(query: Query, given: Record<string, unknown> = {}, dates: unknown[] = [EVENING]) {
  const names = Object.keys(given);
  const [row] = await query<{ answer: Availability }>(
    `select check_availability($1${names.map((name, index) => `, ${name} => $${index + 2}`).join('')}) as answer`,
    [JSON.stringify(dates), ...Object.values(given)],
  );
  assert.ok(row);
  return row.answer;
}

test('can we take it: booths, kit, crew and travel, each with its reason; the nearest days when not', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const lights = await addEquipment(query, 'bulk', { quantity: 5 });
    const [type] = await query<{ id: string }>(
      'select equipment_type_id as id from equipment_items where id = $1',
      [lights],
    );
    const booth = await addBooth(query, {
      required_items: JSON.stringify({ [type?.id ?? '']: 3 }),
      crew_needed: 2,
    });
    const [boothType] = await query<{ id: string }>('select booth_type_id as id from booths where id = $1', [
      booth,
    ]);
    for (const _ of [1, 2])
      await add(query, 'user_role_history', {
        user_id: randomUUID(),
        role: 'staff',
        effective: '[2020-01-01,)',
      });
    const given = { booth_type_id: boothType?.id };

    const yes = await ask(query, given);
    assert.equal(yes.available, true);
    assert.deepEqual(
      yes.dates[0]?.booths.free.map(({ id }) => id),
      [booth],
    );

    const date = await addDate(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    await add(query, 'equipment_assignments', {
      event_date_id: date,
      equipment_item_id: lights,
      quantity: 3,
    });
    const no = await ask(query, given);
    assert.equal(no.available, false);
    assert.equal(no.dates[0]?.booths.reason, 'All 1 booths are taken.');
    assert.match(no.dates[0]?.kit.reason ?? '', /^Short of Equipment type .* \(2 of 3 free\)\.$/);
    assert.equal(no.dates[0]?.crew.ok, true);
    assert.deepEqual(
      no.alternatives.map(({ shift_days }) => shift_days),
      [-1, 1, -2, 2, -3],
    );

    const [event] = await query<{ event_id: string }>('select event_id from event_dates where id = $1', [
      date,
    ]);
    assert.equal((await ask(query, { ...given, without_event: event?.event_id })).available, true);
  });
});

test('two dates of one day move together; a date that leaves hours open has no more of them', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const booth = await addBooth(query);
    const date = await addDate(query);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: booth });
    const morning = { ...EVENING, start_time: '09:00', end_time: '11:00' };
    const { alternatives } = await ask(query, {}, [morning, EVENING]);
    assert.deepEqual(
      alternatives.map(({ event_dates }) => event_dates),
      ['2027-06-11', '2027-06-13', '2027-06-10', '2027-06-14', '2027-06-09'].map((day) => [day, day]),
    );
    // Two booths at once there are not, on whatever day.
    assert.deepEqual((await ask(query, { booths_needed: 2 }, [morning, EVENING])).alternatives, []);
    const open = { ...EVENING, event_date: '2027-06-10', teardown_minutes: null, setup_time: null };
    assert.equal((await ask(query, {}, [open])).dates[0]?.booths.ok, true);
  });
});

test('what a booking means is written once, and planned as if it stood in each query', async () => {
  for (const role of ['service', 'manager'] as const)
    await as({ tenant: database.tenantA, ...(role === 'manager' ? { role } : {}) }, async (query) => {
      for (const meaning of ['is_promised', 'is_booked', 'is_assigned']) {
        const plan = await query<{ 'QUERY PLAN': string }>(
          `explain (verbose, costs off) select from booth_assignments a where tenancy.${meaning}(a.status, a.hold_expires_at)`,
        );
        const text = plan.map((line) => line['QUERY PLAN']).join('\n');
        assert.match(text, /hold_expires_at > now\(\)/);
        assert.doesNotMatch(text, new RegExp(meaning));
      }
    });
});

test('can we take it says no where booking is refused, whatever the buffers, set-up and teardown are', async () => {
  for (const [before, after, given, event_date] of [
    [3600, 3600, {}, '2027-06-06'],
    [4320, 4320, {}, '2027-06-07'],
    [43_200, 43_200, {}, '2027-07-31'],
    [0, 0, { start_time: '12:00', end_time: '11:00', teardown_minutes: 2880 }, '2027-06-05'],
  ] as const) {
    const tenant = await addTenant(database);
    await as({ tenant }, async (query) => {
      const booth = await addBooth(query, { buffer_before_minutes: before, buffer_after_minutes: after });
      const first = await addDate(query, { event_date: '2027-06-01', ...given });
      await add(query, 'booth_assignments', { event_date_id: first, booth_id: booth });
      const wanted = {
        ...EVENING,
        event_date,
        start_time: '10:00',
        // On the day before.
        setup_time: '10:30',
        end_time: '12:00',
      };
      const answer = await ask(query, {}, [wanted]);
      const second = await addDate(query, wanted);
      await query('savepoint booking');
      await assert.rejects(
        add(query, 'booth_assignments', { event_date_id: second, booth_id: booth }),
        sqlState('PT409'),
        JSON.stringify([before, after, given]),
      );
      await query('rollback to booking');
      assert.equal(answer.dates[0]?.booths.ok, false, JSON.stringify([before, after, given]));
    });
  }
});

test('a place far away leaves no time for the way', async () => {
  const tenant = await addTenant(database);
  await as({ tenant, role: 'manager' }, async (query) => {
    const booth = await addBooth(query);
    await add(query, 'booth_assignments', {
      event_date_id: await addDate(query, { start_time: '10:00', end_time: '16:00' }),
      booth_id: booth,
    });
    const far = await add(query, 'locations', { name: 'Far', travel_minutes: 180 });
    const answer = await ask(query, { location_id: far });
    assert.equal(answer.dates[0]?.booths.ok, true);
    assert.equal(answer.dates[0]?.travel.ok, false);
  });
});

test('impossible questions are refused; staff and viewers do not ask', async () => {
  const { tenantA: tenant } = database;
  for (const dates of [
    [],
    [{}],
    [{ ...EVENING, event_date: '2027-02-30' }],
    [{ ...EVENING, timezone: 'Nowhere' }],
  ])
    await assert.rejects(
      as({ tenant }, (query) => ask(query, {}, dates)),
      sqlState('PT400'),
    );
  for (const role of ['staff', 'viewer'] as const)
    await assert.rejects(
      as({ tenant, role }, (query) => ask(query)),
      sqlState('PT403'),
    );
});

test('readiness of the first events that are not ready is that of all, cut', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    for (let days = 30; days >= 1; days--) {
      const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
      await addDate(query, { event_id: await addEvent(query), event_date: day });
    }
    const all = await query('select * from event_readiness() where score < 100');
    assert.equal(all.length, 30);
    assert.deepEqual(await query('select * from event_readiness(unready => 28)'), all.slice(0, 28));
    assert.deepEqual(await query('select * from event_readiness(unready => 40)'), all);
    assert.deepEqual(await query('select * from event_readiness(unready => 0)'), []);
  });
});

test('readiness counts facts, and names the next fix', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event });
    const readiness = async () => {
      const [row] = await query<{ score: number; next_fix: string | null }>(
        'select score, next_fix from event_readiness($1)',
        [event],
      );
      return row && [row.score, row.next_fix];
    };
    assert.deepEqual(await readiness(), [17, 'Reserve a booth.']);
    await add(query, 'booth_assignments', { event_date_id: date, booth_id: await addBooth(query) });
    assert.deepEqual(await readiness(), [33, 'Have the contract signed.']);
    const contract = await add(query, 'contracts', {
      event_id: event,
      account_id: await addAccount(query),
      title: 'Contract',
      body_html: '<p>We agree.</p>',
      status: 'sent',
    });
    await query("select sign_contract($1, 'Ada', 'Ada', 'I agree')", [contract]);
    assert.deepEqual(await readiness(), [50, 'Confirm the crew.']);
    await add(query, 'event_staff_assignments', {
      event_id: event,
      event_date_id: date,
      user_id: randomUUID(),
      staff_role_id: await staffRole(query),
      status: 'confirmed',
    });
    assert.deepEqual(await readiness(), [67, 'Collect the balance.']);
    const invoice = await addSentInvoice(query, 1_000, { event_id: event });
    await add(query, 'payments', { invoice_id: invoice, amount: 1_000, currency: 'USD' });
    await query('update events set briefed_at = now() where id = $1', [event]);
    assert.deepEqual(await readiness(), [100, null]);
  });
});

test('profit is revenue less labour at the rate of the day, items, fees and travel; for managers', async () => {
  const tenant = await addTenant(database);
  const event = await as({ tenant }, async (query) => {
    await query("insert into tenant_settings (key, value) values ('mileage_rate', '67')");
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event });
    const user = randomUUID();
    const role = await staffRole(query);
    await add(query, 'user_pay_rate_history', {
      user_id: user,
      rate: 2_000,
      effective: '[2020-01-01,2027-01-01)',
    });
    await add(query, 'user_pay_rate_history', { user_id: user, rate: 3_000, effective: '[2027-01-01,)' });
    await add(query, 'event_staff_assignments', {
      event_id: event,
      event_date_id: date,
      user_id: user,
      staff_role_id: role,
      status: 'confirmed',
      hours_actual: 6.5,
      miles: 20,
    });
    await add(query, 'event_custom_items', { event_id: event, name: 'Backdrop', cost: 10_000 });
    const invoice = await addSentInvoice(query, 100_000, { event_id: event });
    await add(query, 'payments', { invoice_id: invoice, amount: 60_000, currency: 'USD', fee: 1_770 });
    await query("select credit_invoice($1, 5000, 'late')", [invoice]);
    return event;
  });
  const [profit] = await as({ tenant, role: 'manager' }, (query) =>
    query('select * from event_profit($1)', [event]),
  );
  assert.deepEqual(profit, {
    currency: 'USD',
    revenue: '95000',
    labour: '19500',
    custom_items: '10000',
    fees: '1770',
    travel: '1340',
    profit: '62390',
    margin_percent: '65.7',
  });
  await assert.rejects(
    as({ tenant, role: 'sales' }, (query) => query('select * from event_profit($1)', [event])),
    sqlState('PT403'),
  );
});

test('profit is not added up over currencies: one row for each, the company’s own first', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const event = await addEvent(query);
    const figures = () =>
      query('select currency, revenue::int, custom_items::int, profit::int from event_profit($1)', [event]);
    assert.deepEqual(await figures(), [{ currency: 'USD', revenue: 0, custom_items: 0, profit: 0 }]);
    await addSentInvoice(query, 40_000, { event_id: event, currency: 'EUR' });
    assert.deepEqual(await figures(), [
      { currency: 'EUR', revenue: 40_000, custom_items: 0, profit: 40_000 },
    ]);
    await add(query, 'event_custom_items', { event_id: event, name: 'Wrap', cost: 700 });
    assert.deepEqual(await figures(), [
      { currency: 'USD', revenue: 0, custom_items: 700, profit: -700 },
      { currency: 'EUR', revenue: 40_000, custom_items: 0, profit: 40_000 },
    ]);
  });
});

test('can we take it: what is in maintenance is neither there nor taken; who has left is no crew', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const broken = await addEquipment(query, 'serialized');
    const [type] = await query<{ id: string }>(
      'select equipment_type_id as id from equipment_items where id = $1',
      [broken],
    );
    await add(query, 'equipment_items', {
      ...{ name: 'Printer', asset_tag: unique('T'), equipment_type_id: type?.id },
    });
    await addBooth(query, { required_items: JSON.stringify({ [type?.id ?? '']: 1 }) });
    const [booth] = await query<{ id: string }>('select id from booth_types');
    await add(query, 'equipment_assignments', {
      event_date_id: await addDate(query),
      equipment_item_id: broken,
    });
    await query("update equipment_items set status = 'maintenance' where id = $1", [broken]);
    const [here, gone] = [randomUUID(), randomUUID()];
    for (const user_id of [here, gone])
      await add(query, 'user_pay_rate_history', { user_id, rate: 2000, effective: '[2020-01-01,)' });
    await query('select record_roles($1)', [JSON.stringify([{ user_id: here, role: 'manager' }])]);
    const { dates } = await ask(query, { booth_type_id: booth?.id });
    assert.equal(dates[0]?.kit.ok, true, dates[0]?.kit.reason);
    assert.equal(dates[0]?.crew.reason, '1 of 1 people are free, 1 needed.');
  });
});

test('profit: a credit takes tax along, what was written off earned what came in; the rate follows day and person', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const event = await addEvent(query);
    const date = await addDate(query, { event_id: event, event_date: '2026-12-31' });
    const invoiceOf = async (price: number) => {
      const invoice = await add(query, 'invoices', { account_id: await addAccount(query), event_id: event });
      await add(query, 'invoice_line_items', {
        invoice_id: invoice,
        item_type: 'custom',
        name: 'Booth',
        unit_price: price,
        tax_rate: 25,
      });
      await query("update invoices set status = 'sent' where id = $1", [invoice]);
      return invoice;
    };
    const profit = async () => {
      const [row] = await query<Record<string, string>>('select * from event_profit($1)', [event]);
      return row && [Number(row.revenue), Number(row.labour)];
    };
    // 125.00 with tax; 25.00 credited is 20.00 of the company's.
    await query("select credit_invoice($1, 2500, 'late')", [await invoiceOf(10_000)]);
    assert.deepEqual(await profit(), [8_000, 0]);
    // 125.00, of which 50.00 came before it was written off: 40.00.
    const lost = await invoiceOf(10_000);
    await add(query, 'payments', { invoice_id: lost, amount: 5_000, currency: 'USD' });
    await query("update invoices set status = 'written_off' where id = $1", [lost]);
    assert.deepEqual(await profit(), [12_000, 0]);

    const [ada, bea] = [randomUUID(), randomUUID()];
    for (const [user_id, rate, effective] of [
      [ada, 2_000, '[2020-01-01,2027-01-01)'],
      [ada, 3_000, '[2027-01-01,)'],
      [bea, 5_000, '[2020-01-01,)'],
    ])
      await add(query, 'user_pay_rate_history', { user_id, rate, effective });
    const served = await add(query, 'event_staff_assignments', {
      event_id: event,
      event_date_id: date,
      user_id: ada,
      staff_role_id: await staffRole(query),
      status: 'confirmed',
      hours_actual: 1,
    });
    assert.deepEqual(await profit(), [12_000, 2_000]);
    await query("update event_dates set event_date = '2027-01-01' where id = $1", [date]);
    assert.deepEqual(await profit(), [12_000, 3_000]);
    await query('update event_staff_assignments set user_id = $2 where id = $1', [served, bea]);
    assert.deepEqual(await profit(), [12_000, 5_000]);
    // Agreed by hand: it stays.
    await query('update event_staff_assignments set rate_snapshot = 4500 where id = $1', [served]);
    await query("update event_dates set event_date = '2026-12-30' where id = $1", [date]);
    await query('update event_staff_assignments set user_id = $2 where id = $1', [served, ada]);
    assert.deepEqual(await profit(), [12_000, 4_500]);
  });
});

test('readiness asks every date for its booth and its whole crew', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const event = await addEvent(query);
    const state = async () => {
      const [row] = await query<{ staffed: boolean; packed: boolean }>(
        'select staffed, packed from event_readiness($1)',
        [event],
      );
      return [row?.staffed, row?.packed];
    };
    const booth = await addBooth(query, { crew_needed: 2 });
    const dates = [
      await addDate(query, { event_id: event }),
      await addDate(query, { event_id: event, event_date: '2027-06-13' }),
    ];
    const crew = [randomUUID(), randomUUID()];
    const staff = async (event_date_id: string | undefined, user_id: string | undefined) =>
      add(query, 'event_staff_assignments', {
        event_id: event,
        event_date_id,
        user_id,
        staff_role_id: await staffRole(query),
        status: 'confirmed',
      });
    await add(query, 'booth_assignments', { event_date_id: dates[0], booth_id: booth });
    for (const user of crew) await staff(dates[0], user);
    assert.deepEqual(await state(), [false, false]);
    await add(query, 'booth_assignments', { event_date_id: dates[1], booth_id: booth });
    await staff(dates[1], crew[0]);
    assert.deepEqual(await state(), [false, true]);
    await staff(dates[1], crew[1]);
    assert.deepEqual(await state(), [true, true]);
    await query("update booths set status = 'maintenance' where id = $1", [booth]);
    assert.deepEqual(await state(), [true, false]);
  });
});

test('an event is packed by the rule that says it is reserved: equipment without a booth counts, a hold does not', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    const stateOf = async (event: string) => {
      const [row] = await query<{ packed: boolean; next_fix: string }>(
        'select packed, next_fix from event_readiness($1)',
        [event],
      );
      return [row?.packed, row?.next_fix];
    };
    const served = await addEvent(query);
    const held = await addEvent(query);
    const [servedOn, heldOn] = [
      await addDate(query, { event_id: served }),
      await addDate(query, { event_id: held, event_date: '2027-06-13' }),
    ];
    assert.deepEqual(await stateOf(served), [false, 'Reserve a booth.']);
    const item = await addEquipment(query, 'serialized');
    await add(query, 'equipment_assignments', { event_date_id: servedOn, equipment_item_id: item });
    assert.equal((await stateOf(served))[0], true);
    const hold = await add(query, 'booth_assignments', {
      event_date_id: heldOn,
      booth_id: await addBooth(query),
      status: 'hold',
    });
    assert.deepEqual(await stateOf(held), [false, 'Reserve a booth.']);
    // A hold beside what is reserved changes nothing.
    await query('update booth_assignments set event_date_id = $2 where id = $1', [hold, servedOn]);
    assert.equal((await stateOf(served))[0], true);
  });
});

test('a signed contract no longer changes, and is signed once', async () => {
  const { tenantA: tenant } = database;
  const contract = await as({ tenant }, async (query) => {
    const id = await add(query, 'contracts', {
      account_id: await addAccount(query),
      title: 'Contract',
      body_html: '<p>We agree.</p>',
      status: 'sent',
    });
    await query("select sign_contract($1, 'Ada', 'Ada', 'I agree')", [id]);
    return id;
  });
  for (const sql of [
    "update contracts set body_html = 'x' where id = $1",
    "update contracts set signed_at = now() + interval '1 day' where id = $1",
    "update contracts set status = 'void' where id = $1",
    "select sign_contract($1, 'Eve', 'Eve', 'I agree')",
    'delete from contracts where id = $1',
  ])
    await assert.rejects(
      as({ tenant }, (query) => query(sql, [contract])),
      sqlState('PT409'),
    );
});

let found: { tenant: string; account: string; event: string; me: string };
before(async () => {
  const tenant = await addTenant(database);
  const me = randomUUID();
  found = await as({ tenant }, async (query) => {
    const account = await add(query, 'accounts', {
      name: 'Vandelay Industries',
      email: 'art@vandelay.example',
    });
    await add(query, 'contacts', { first_name: 'Margaret', last_name: 'Hamilton', phone: '+31 20 123 4567' });
    await addDeal(query, { name: 'Vandelay gala' });
    const event = await addEvent(query, { title: 'Vandelay wedding' });
    await addEvent(query, { title: 'Vandelay funeral' });
    await add(query, 'event_staff_assignments', {
      event_id: event,
      user_id: me,
      staff_role_id: await staffRole(query),
    });
    return { tenant, account, event, me };
  });
});

const search = async (query: Query, text: string) =>
  (await query<{ kind: string; title: string }>('select kind, title from search_records($1)', [text])).map(
    ({ kind, title }) => `${kind} ${title}`,
  );

test('search finds words in any case, parts of them, and words with typos', async () => {
  await as({ tenant: found.tenant, role: 'sales' }, async (query) => {
    assert.deepEqual((await search(query, 'VANDELAY')).sort(), [
      'account Vandelay Industries',
      'event Vandelay funeral',
      'event Vandelay wedding',
      'opportunity Vandelay gala',
    ]);
    assert.equal((await search(query, 'Margret Hamiltn'))[0], 'contact Margaret Hamilton');
    assert.equal((await search(query, 'ma'))[0], 'contact Margaret Hamilton');
    assert.equal((await search(query, '123 4567'))[0], 'contact Margaret Hamilton');
    assert.deepEqual(await search(query, '%'), []);
    assert.deepEqual(await search(query, "'; drop table accounts; --"), []);
    const [role] = await query('select current_user as name');
    assert.deepEqual(role, { name: 'tenant_sales' });
  });
});

test('search as one types: beginnings, accents, letters that changed places, two typos, any way of writing a number', async () => {
  const tenant = await addTenant(database);
  await as({ tenant }, async (query) => {
    for (const [first_name, last_name, email, phone] of [
      ['María José', 'Muñoz-Strauß', 'mj@bodas.example', '(020) 555-0199'],
      ['Bartholomew', 'Featherstone', 'barty@example.com', '+44 7700 900123'],
      ['Anna', 'Smith', 'anna.smith@corporate-events.example', null],
      ['Hannah', 'Annesley', null, null],
    ])
      await add(query, 'contacts', { first_name, last_name, email, phone });
    await add(query, 'accounts', { name: 'The Annual Ball' });
    await add(query, 'events', { title: 'Quinceañera Anna', account_id: await addAccount(query) });
  });
  const cases: [query: string, first: string][] = [
    ['munoz', 'contact María José Muñoz-Strauß'],
    ['STRAUSS', 'contact María José Muñoz-Strauß'],
    ['maría jose', 'contact María José Muñoz-Strauß'],
    ['quinceanera', 'event Quinceañera Anna'],
    ['feath', 'contact Bartholomew Featherstone'],
    ['featehrstone', 'contact Bartholomew Featherstone'],
    ['bratholomew', 'contact Bartholomew Featherstone'],
    ['fetherston', 'contact Bartholomew Featherstone'],
    ['fxatherstoze', 'contact Bartholomew Featherstone'],
    ['smtih', 'contact Anna Smith'],
    ['smith anna', 'contact Anna Smith'],
    ['corporate-ev', 'contact Anna Smith'],
    ['0205550199', 'contact María José Muñoz-Strauß'],
    ['555 0199', 'contact María José Muñoz-Strauß'],
    ['7700-900', 'contact Bartholomew Featherstone'],
    // A word of its own comes before the beginning of one, and that before the middle.
    ['anna', 'contact Anna Smith'],
    ['annes', 'contact Hannah Annesley'],
  ];
  for (const role of ['owner', 'sales', 'viewer'] as const)
    await as({ tenant, role }, async (query) => {
      for (const [text, first] of cases) assert.equal((await search(query, text))[0], first, text);
      assert.deepEqual(await search(query, 'xyzzyq'), []);
      assert.deepEqual(await search(query, '_____'), []);
      assert.deepEqual(await search(query, '\\%%%'), []);
      assert.deepEqual(await search(query, '.*|^('), []);
    });
});

test('search shows only what the user may see: staff their events, other tenants nothing', async () => {
  await as({ tenant: found.tenant, role: 'staff', userId: found.me }, async (query) => {
    assert.deepEqual(await search(query, 'vandelay'), ['event Vandelay wedding']);
    assert.deepEqual(await search(query, 'vandleay wed'), ['event Vandelay wedding']);
    await add(query, 'tasks', { title: 'Charge the batteries', assigned_to: found.me });
    assert.deepEqual(await search(query, 'batteries'), ['task Charge the batteries']);
    assert.deepEqual(await query("select from search_records('vandelay', '{account,booth}')"), []);
  });
  await as({ tenant: database.tenantB }, async (query) => {
    assert.deepEqual(await search(query, 'vandelay'), []);
  });
});

test('what was deleted softly is not found', async () => {
  await as({ tenant: found.tenant }, async (query) => {
    await query('update accounts set deleted_at = now() where id = $1', [found.account]);
    assert.ok(!(await search(query, 'vandelay')).includes('account Vandelay Industries'));
  });
});

test('a kit names types of equipment that there are, in whole numbers, and holds them', async () => {
  await as({ tenant: database.tenantA }, async (query) => {
    const type = await add(query, 'equipment_types', { name: unique('Softbox') });
    const kit = (items: Record<string, unknown>) =>
      query('savepoint s').then(() =>
        add(query, 'booth_types', { name: unique('Kit'), required_items: JSON.stringify(items) }),
      );
    for (const items of [
      { nonsense: 1 },
      { [randomUUID()]: 1 },
      { [type]: 1.5 },
      { [type]: 0 },
      { [type]: '2' },
    ]) {
      await assert.rejects(kit(items), sqlState('PT400'), JSON.stringify(items));
      await query('rollback to s');
    }
    await kit({ [type]: 2 });
    await assert.rejects(query('delete from equipment_types where id = $1', [type]), sqlState('PT409'));
    await query('rollback to s');
  });
});
