// Design dates, checklists and priority follow the date of the event.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addDeal } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

test('design dates follow the event unless set by hand', async () => {
  await service(async (query) => {
    const { deal, date } = await addDeal(query);
    const [event] = await query<{ id: string }>('select id from convert_opportunity($1)', [deal]);
    const [type] = await query<{ id: string }>("select id from design_item_types where name = 'Backdrop'");
    const byHand = await add(query, 'event_design_items', {
      event_id: event?.id,
      design_item_type_id: type?.id,
      name: 'By hand',
      due_date: '2027-02-01',
    });
    await query("update event_dates set event_date = '2027-07-12' where id = $1", [date]);
    const rows = await query(
      `select name, due_date::text, urgent_date::text, missed_date::text from event_design_items where event_id = $1 order by name`,
      [event?.id],
    );
    assert.deepEqual(rows, [
      { name: 'By hand', due_date: '2027-02-01', urgent_date: null, missed_date: null },
      { name: 'Photo strip', due_date: '2027-06-28', urgent_date: '2027-07-05', missed_date: '2027-07-09' },
    ]);
    const [task] = await query(
      "select due_date::text from event_core_task_completion where event_id = $1 and name_snapshot = 'Payment Received'",
      [event?.id],
    );
    assert.deepEqual(task, { due_date: '2027-07-05' });
    assert.ok(byHand);
  });
});

test('a type’s days hold for what is not approved and not dated by hand', async () => {
  await service(async (query) => {
    const { deal } = await addDeal(query);
    const [event] = await query<{ id: string }>('select id from convert_opportunity($1)', [deal]);
    const due = async () => {
      const [row] = await query<{ due: string }>(
        'select due_date::text as due from event_design_items where event_id = $1',
        [event?.id],
      );
      return row?.due;
    };
    assert.equal(await due(), '2027-05-29');
    await query("update design_item_types set due_date_days = 20 where name = 'Photo strip'");
    assert.equal(await due(), '2027-05-23');
    await query('update event_design_items set due_date = $2 where event_id = $1', [event?.id, '2027-06-01']);
    await query("update design_item_types set due_date_days = 30 where name = 'Photo strip'");
    assert.equal(await due(), '2027-06-01');
    await query('update event_design_items set dates_by_hand = false where event_id = $1', [event?.id]);
    assert.equal(await due(), '2027-05-13');
    await query("update design_item_types set due_date_days = 14 where name = 'Photo strip'");
  });
});

test('priority by the days that are left, in the tenant’s windows', async () => {
  await service(async (query) => {
    const expected: [days: number, priority: string | null][] = [
      [-1, null],
      [0, 'critical'],
      [2, 'critical'],
      [3, 'high'],
      [7, 'high'],
      [8, 'medium'],
      [14, 'medium'],
      [15, 'low'],
      [30, 'low'],
      [31, null],
    ];
    const [account] = await query<{ id: string }>("insert into accounts (name) values ('A') returning id");
    for (const [days, priority] of expected) {
      const [row] = await query(
        `with e as (insert into events (title, account_id, start_date) values ('E', $1, tenancy.today() + $2::int) returning *)
         select priority(e) from e`,
        [account?.id, days],
      );
      assert.deepEqual(row, { priority });
    }
  });
});

test('a kind of design has the usual days of its type where nothing else is said', async () => {
  await service(async (query) => {
    const days = async (values: string) => {
      const [row] = await query<{ days: number[] }>(
        `insert into design_item_types (name, type, due_date_days, urgent_threshold_days, missed_deadline_days) values ${values}
         returning array[due_date_days, urgent_threshold_days, missed_deadline_days] as days`,
      );
      return row?.days;
    };
    assert.deepEqual(await days("('Usual print', 'physical', null, null, null)"), [21, 14, 13]);
    assert.deepEqual(await days("('Usual screen', 'digital', null, null, null)"), [14, 7, 3]);
    assert.deepEqual(await days("('Own days', 'digital', 10, null, null)"), [10, 7, 3]);
    await assert.rejects(days("('Upside down', 'digital', 5, null, null)"), sqlState('23514'));
  });
});
