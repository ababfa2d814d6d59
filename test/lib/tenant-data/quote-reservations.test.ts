// Nothing is promised twice: an accepted quote reserves its booths under one lock, is refused, or is marked as overbooked.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, addBooth, addDeal, addOffer, addPackage } from './business';
import { createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);
const setPolicy = (policy: string) =>
  service((query) =>
    query(
      `insert into tenant_settings (key, value) values ('overlap_policy', to_jsonb($1::text))
       on conflict (tenant_id, key) do update set value = excluded.value`,
      [policy],
    ),
  );

const accept = (quote: string) =>
  service(async (query) => {
    const [row] = await query<{ answer: { event_id: string; reserved: boolean; overbooked: boolean } }>(
      'select close_deal($1, $2) as answer',
      [quote, JSON.stringify({ name: 'Ada Lovelace' })],
    );
    assert.ok(row);
    return row.answer;
  });

const standing = (event: string) =>
  service(async (query) => {
    const [row] = await query<{ status: string; booths: number; overbooked: number; fix: string }>(
      `select e.status, (select count(*)::int from booth_assignments where event_id = e.id and status = 'reserved') as booths,
         (select count(*)::int from booth_assignments where event_id = e.id and overbooked) as overbooked,
         (select next_fix from event_readiness(e.id)) as fix
       from events e where e.id = $1`,
      [event],
    );
    return row;
  });

test('of two clients who accept quotes for the only booth at once, one has it and one is refused whole', async () => {
  const offers = await service(async (query) => {
    const only = await addPackage(query, 1);
    return [await addOffer(query, only), await addOffer(query, only)];
  });
  const answers = await Promise.allSettled(offers.map(({ quote }) => accept(quote)));
  const [won] = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const refused = answers.flatMap((answer, index) =>
    answer.status === 'rejected' ? [{ index, reason: answer.reason }] : [],
  );
  assert.ok(won);
  assert.equal(refused.length, 1);
  assert.ok(sqlState('PT409')(refused[0]?.reason));
  assert.match(String(refused[0]?.reason.message), /is free on 2027-06-12/);
  assert.deepEqual(await standing(won.event_id), {
    status: 'confirmed',
    booths: 1,
    overbooked: 0,
    fix: 'Have the contract signed.',
  });
  const loser = offers[refused[0]?.index ?? 0];
  const [kept] = await service((query) =>
    query(
      'select q.status, o.converted_event_id from quotes q join opportunities o on o.id = q.opportunity_id where q.id = $1',
      [loser?.quote],
    ),
  );
  assert.deepEqual(kept, { status: 'sent', converted_event_id: null });
});

test('with the policy “warn” the second is let through, marked as overbooked, and told so', async () => {
  await setPolicy('warn');
  const [first, second] = await service(async (query) => {
    const only = await addPackage(query, 1);
    return [await addOffer(query, only), await addOffer(query, only)];
  });
  const won = await accept(first?.quote ?? '');
  const late = await accept(second?.quote ?? '');
  await setPolicy('refuse');
  assert.deepEqual([won.reserved, won.overbooked], [true, false]);
  assert.deepEqual([late.reserved, late.overbooked], [true, true]);
  assert.equal((await standing(late.event_id))?.overbooked, 1);
});

test('a quote for two booths reserves two, and counts what the deal already held', async () => {
  const { quote, date, held } = await service(async (query) => {
    const two = await addPackage(query, 3);
    const offered = await addOffer(query, two, { quantity: 2 });
    const [booth] = await query<{ id: string }>(
      'select b.id from booths b join packages p on p.booth_type_id = b.booth_type_id where p.id = $1 order by b.name desc limit 1',
      [two],
    );
    const held = await add(query, 'booth_assignments', {
      event_date_id: offered.date,
      booth_id: booth?.id,
      status: 'hold',
    });
    return { ...offered, held };
  });
  const { event_id } = await accept(quote);
  const rows = await service((query) =>
    query('select id, status from booth_assignments where event_date_id = $1 order by id = $2 desc', [
      date,
      held,
    ]),
  );
  assert.deepEqual(
    rows.map(({ status }) => status),
    ['reserved', 'reserved'],
  );
  assert.equal(rows[0]?.id, held);
  assert.equal((await standing(event_id))?.status, 'confirmed');
});

test('an event without a reservation stays tentative: its next step is to reserve a booth', async () => {
  const { quote, booth } = await service(async (query) => {
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    await add(query, 'quote_line_items', {
      quote_id: quote,
      item_type: 'custom',
      name: 'Booth',
      unit_price: 1,
    });
    await query("update quotes set status = 'sent' where id = $1", [quote]);
    return { quote, booth: await addBooth(query) };
  });
  const { event_id, reserved } = await accept(quote);
  assert.equal(reserved, false);
  assert.deepEqual(await standing(event_id), {
    status: 'tentative',
    booths: 0,
    overbooked: 0,
    fix: 'Reserve a booth.',
  });
  const confirm = (query: Query) => query("update events set status = 'confirmed' where id = $1", [event_id]);
  await assert.rejects(service(confirm), sqlState('PT409'));
  await service(async (query) => {
    const [date] = await query<{ id: string }>('select id from event_dates where event_id = $1', [event_id]);
    await add(query, 'booth_assignments', { event_date_id: date?.id, booth_id: booth });
    await confirm(query);
  });
  assert.equal((await standing(event_id))?.status, 'confirmed');
});
