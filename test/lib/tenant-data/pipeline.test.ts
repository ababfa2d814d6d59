// Stages of deals, and the life of a quote.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { add, addBooth, addDeal } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

test('a quote is revised by a copy, accepted once, and not after its last day', async () => {
  await service(async (query) => {
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'x',
      unit_price: 500,
    });
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    const [second] = await query<{ id: string; revision: number; total: string }>(
      'select id, revision, total from revise_quote($1)',
      [quote],
    );
    assert.equal(second?.revision, 2);
    assert.equal(second?.total, '500');
    await query("update quotes set status = 'sent' where id = $1", [second?.id]);
    const [first] = await query('select status from quotes where id = $1', [quote]);
    assert.deepEqual(first, { status: 'superseded' });
    const [accepted] = await query("select status from accept_quote($1, 'Ada')", [second?.id]);
    assert.deepEqual(accepted, { status: 'accepted' });
  });
  await assert.rejects(
    service(async (query) => {
      const { deal } = await addDeal(query);
      const quote = await add(query, 'quotes', {
        opportunity_id: deal,
        issue_date: '2020-01-01',
        valid_until: '2020-02-01',
        status: 'sent',
      });
      await query("select accept_quote($1, 'Ada')", [quote]);
    }),
    sqlState('PT409'),
  );
});

test('a revision is valid for as many days as the quote was, from today; without a last day it has none', async () => {
  const days = [30, 0, null];
  const revised = await service(async (query) => {
    const found: unknown[] = [];
    for (const many of days) {
      const { deal } = await addDeal(query);
      const [quote] = await query<{ id: string }>(
        `insert into quotes (opportunity_id, issue_date, valid_until, status)
         values ($1, '2020-01-01', date '2020-01-01' + $2::int, 'sent') returning id`,
        [deal, many],
      );
      const [row] = await query<{ days: number | null }>(
        'select valid_until - issue_date as days, issue_date = tenancy.today() as today from revise_quote($1)',
        [quote?.id],
      );
      found.push(row);
    }
    return found;
  });
  assert.deepEqual(
    revised,
    days.map((many) => ({ days: many, today: true })),
  );
});

test('deleting a stage sends its deals where one says; the last won stage stays', async () => {
  await as({ tenant: database.tenantB, role: 'admin' }, async (query) => {
    const { deal } = await addDeal(query, { stage: 'proposal' });
    const [moved] = await query("select delete_pipeline_stage('proposal', 'negotiation') as deals");
    assert.deepEqual(moved, { deals: 1 });
    const [row] = await query('select stage, probability from opportunities where id = $1', [deal]);
    assert.deepEqual(row, { stage: 'negotiation', probability: 75 });
  });
  const inB = { tenant: database.tenantB, role: 'admin' as const };
  await assert.rejects(
    as(inB, (query) => query("select delete_pipeline_stage('closed_won', 'negotiation')")),
    sqlState('PT409'),
  );
  await assert.rejects(
    as({ ...inB, role: 'manager' }, (query) =>
      query("select delete_pipeline_stage('negotiation', 'prospecting')"),
    ),
    sqlState('PT403'),
  );
  await assert.rejects(
    as(inB, async (query) => addDeal(query, { stage: 'proposal' })),
    sqlState('PT400'),
  );
});

test('what is left out is as the tenant has set it: currency, timezone, how long a hold lasts', async () => {
  await as({ tenant, role: 'owner' }, async (query) => {
    await query("update tenant_settings set value = '\"EUR\"' where key = 'currency'");
    await query("update tenant_settings set value = '\"Europe/Lisbon\"' where key = 'timezone'");
    await query(`update tenant_settings set value = '{"expires_after_hours": 5}' where key = 'hold'`);
    const { deal } = await addDeal(query);
    const [row] = await query(
      `with d as (insert into event_dates (opportunity_id, event_date, start_time, end_time)
         values ($1, '2027-05-01', '10:00', '12:00') returning id, timezone)
       select o.currency, d.timezone, d.id from opportunities o, d where o.id = $1`,
      [deal],
    );
    const [hold] = await query(
      `insert into booth_assignments (event_date_id, booth_id, status) values ($1, $2, 'hold')
       returning hold_expires_at - now() = interval '5 hours' as five`,
      [row?.id, await addBooth(query)],
    );
    assert.deepEqual([row?.currency, row?.timezone, hold?.five], ['EUR', 'Europe/Lisbon', true]);
  });
});

test('settings that rules read keep their shape, whichever role writes them', async () => {
  const write = (key: string, value: unknown) =>
    as({ tenant, role: 'admin' }, async (query) => {
      await query('update tenant_settings set value = $2 where key = $1', [key, JSON.stringify(value)]);
    });
  for (const [key, value] of [
    ['pipeline', 5],
    ['pipeline', { stages: [] }],
    ['pipeline', { stages: [{ key: 'a', name: 'A', probability: 500, kind: 'open' }], stale_after_days: 3 }],
    ['priority_windows', { critical: 'soon', high: 7, medium: 14, low: 30 }],
    ['priority_windows', { critical: 9, high: 7, medium: 14, low: 30 }],
    ['currency', 'euro'],
    ['timezone', 'UTC+3'],
    ['timezone', null],
    ['overlap_policy', 'maybe'],
    ['hold', { expires_after_hours: -1 }],
    ['hold', []],
  ] as const)
    await assert.rejects(write(key, value), sqlState('PT400'), `${key} ${JSON.stringify(value)}`);
  await assert.rejects(
    as({ tenant, role: 'admin' }, (query) => query("delete from tenant_settings where key = 'pipeline'")),
    sqlState('PT409'),
  );
});

test('a stage with deals does not vanish by writing another pipeline, also while deals enter it', async () => {
  const without = (key: string) =>
    as({ tenant, role: 'admin' }, async (query) => {
      await query(
        `update tenant_settings set value = jsonb_set(value, '{stages}', (select jsonb_agg(s) from jsonb_array_elements(value -> 'stages') s
         where s ->> 'key' <> $1)) where key = 'pipeline'`,
        [key],
      );
    });
  let leave = () => {};
  const kept = new Promise<void>((resolve) => {
    leave = resolve;
  });
  let entered = () => {};
  const inside = new Promise<void>((resolve) => {
    entered = resolve;
  });
  const sale = as({ tenant, role: 'sales' }, async (query) => {
    const { deal } = await addDeal(query);
    await query("update opportunities set stage = 'negotiation' where id = $1", [deal]);
    entered();
    await kept;
  });
  await inside;
  // The deal is in the stage, and no other session sees it yet: the other pipeline waits for it.
  let done = false;
  const removal = without('negotiation').finally(() => {
    done = true;
  });
  removal.catch(() => {});
  await setTimeout(300);
  assert.equal(done, false);
  leave();
  await sale;
  await assert.rejects(removal, sqlState('PT409'));
});
