// The first week of a company: how far it is set up, its first offer, sample data.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { addTenant, createTenantDatabase, type Query, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const ownerId = randomUUID();

interface Kept {
  entity: string;
  id: string;
  title: string;
  reason: string;
}

/** A new company each time. @returns runs work as its owner, or as the system */
async function newCompany() {
  const tenant = await addTenant(database);
  return {
    asOwner: <T>(work: (query: Query) => Promise<T>) =>
      database.as({ tenant, role: 'owner', userId: ownerId }, work),
    asSystem: <T>(work: (query: Query) => Promise<T>) => database.as({ tenant }, work),
    as: <T>(role: 'manager' | 'staff', work: (query: Query) => Promise<T>) =>
      database.as({ tenant, role }, work),
  };
}

const progressOf = async (query: Query) =>
  (await query<{ is: Record<string, unknown> }>('select setup_progress() as is'))[0]?.is;

const OFFER = `select add_rental_offer('{"name": "Open-air booth", "crew_needed": 2}', '{Luna,Sol}',
  '[{"name": "3 hours", "base_price": 59500, "duration_hours": 3, "extra_hour_price": 15000, "includes": ["Prints"]}]') as id`;

/** Some sample records: a booth, and a client with a deal, a quote, an event and a task. */
function samples() {
  const ids = Object.fromEntries(
    ['type', 'booth', 'account', 'contact', 'deal', 'quote', 'event', 'date', 'task'].map((name) => [
      name,
      randomUUID(),
    ]),
  ) as Record<
    'type' | 'booth' | 'account' | 'contact' | 'deal' | 'quote' | 'event' | 'date' | 'task',
    string
  >;
  const records = [
    ['booth_types', { id: ids.type, name: 'Sample type' }],
    ['booths', { id: ids.booth, booth_type_id: ids.type, name: 'Sample booth' }],
    ['accounts', { id: ids.account, name: 'Sample client' }],
    ['contacts', { id: ids.contact, first_name: 'Ada', last_name: 'Sample', email: 'ada@sample.invalid' }],
    [
      'opportunities',
      { id: ids.deal, name: 'Sample deal', account_id: ids.account, contact_id: ids.contact },
    ],
    [
      'quotes',
      { id: ids.quote, quote_number: 'SAMPLE-1', opportunity_id: ids.deal, account_id: ids.account },
    ],
    [
      'quote_line_items',
      { id: randomUUID(), quote_id: ids.quote, item_type: 'custom', name: 'Booth', unit_price: 10000 },
    ],
    ['events', { id: ids.event, event_number: 'SAMPLE-1', title: 'Sample event', account_id: ids.account }],
    [
      'event_dates',
      { id: ids.date, event_id: ids.event, event_date: '2031-05-10', start_time: '18:00', end_time: '22:00' },
    ],
    ['tasks', { id: ids.task, title: 'Call', entity_type: 'event', entity_id: ids.event }],
  ];
  return { ids, json: JSON.stringify(records.map(([table, row]) => ({ table, row }))) };
}

const load = (query: Query, json: string) => query<{ n: number }>('select load_sample_data($1) as n', [json]);
const remove = async (query: Query) =>
  (await query<{ kept: Kept[] }>('select remove_sample_data() as kept'))[0]?.kept ?? [];
const TABLES = [
  'booth_types',
  'booths',
  'accounts',
  'contacts',
  'opportunities',
  'quotes',
  'events',
  'event_dates',
  'tasks',
];

async function count(query: Query): Promise<number> {
  let all = 0;
  for (const table of TABLES) all += (await query(`select 1 from ${table}`)).length;
  return all;
}

test('the progress of a new company follows its records and settings, step by step', async () => {
  const { asOwner } = await newCompany();
  await asOwner(async (query) => {
    const steps = ['company', 'booth', 'tax', 'texts', 'payment', 'quote'];
    const open = async () => {
      const progress = await progressOf(query);
      return steps.filter((step) => progress?.[step] !== true);
    };
    const set = (key: string, value: unknown) =>
      query(
        `insert into tenant_settings (key, value) values ($1, $2) on conflict (tenant_id, key) do update set value = excluded.value`,
        [key, JSON.stringify(value)],
      );
    assert.deepEqual(await open(), steps);
    await set('company', { name: 'Flash', lines: [], email: 'a@flash.example' });
    assert.deepEqual(await open(), steps);
    await set('company', { name: 'Flash', lines: ['1 Main St'], email: 'a@flash.example' });
    assert.deepEqual(await open(), steps.slice(1));
    await query(OFFER);
    assert.deepEqual(await open(), steps.slice(2));
    await set('tax', { name: 'Tax', rate: 0, prices_include_tax: false });
    assert.deepEqual(await open(), steps.slice(3));
    await query(
      "insert into templates (type, name, content) values ('contract', 'Contract', 'x'), ('email', 'Thanks', 'x')",
    );
    await set('payment_instructions', 'By bank transfer');
    assert.deepEqual(await open(), ['quote']);

    // What is furthest on the way comes next.
    await query("insert into leads (first_name) values ('Ada')");
    assert.equal((await progressOf(query))?.next instanceof Object, true);
    const [deal] = await query<{ id: string }>(
      "insert into opportunities (name, lead_id) select 'Deal', id from leads returning id",
    );
    assert.deepEqual((await progressOf(query))?.next, { entity: 'opportunities', id: deal?.id });
    await query("update booths set status = 'retired'");
    assert.deepEqual(await open(), ['booth', 'quote']);
  });
});

test('a first offer is added in one step, with the booth type that is there', async () => {
  const { asOwner, as } = await newCompany();
  await assert.rejects(
    as('staff', (query) => query(OFFER)),
    sqlState('PT403'),
  );
  await asOwner(async (query) => {
    const [first] = await query<{ id: string }>(OFFER);
    const [second] = await query<{ id: string }>(
      OFFER.replace('Luna,Sol', 'Nova').replace('"3 hours"', '"4 hours"'),
    );
    assert.equal(first?.id, second?.id);
    assert.deepEqual(
      (await query('select name from booths order by name')).map((row) => row.name),
      ['Luna', 'Nova', 'Sol'],
    );
    const [offered] = await query(
      "select includes, booth_type_id, base_price from packages where name = '3 hours'",
    );
    assert.deepEqual(offered, { includes: ['Prints'], booth_type_id: first?.id, base_price: '59500' });
  });
  // All or nothing.
  await assert.rejects(
    asOwner((query) => query(OFFER.replace('3 hours', '5 hours'))),
    sqlState('23505'),
  );
  await asOwner(async (query) => assert.equal((await query('select 1 from packages')).length, 2));
});

test('sample data do not count as progress, load once, and are removed to the last row', async () => {
  const { asOwner, asSystem, as } = await newCompany();
  const { json } = samples();
  await assert.rejects(
    asOwner((query) => load(query, json)),
    sqlState('42501'),
  );
  await asSystem((query) => load(query, json));
  await asSystem(async (query) => assert.equal((await load(query, samples().json))[0]?.n, 0));
  await asOwner(async (query) => {
    assert.equal(await count(query), TABLES.length);
    const progress = await progressOf(query);
    assert.deepEqual([progress?.booth, progress?.quote, progress?.next], [false, false, null]);
  });
  await assert.rejects(as('manager', remove), sqlState('PT403'));
  await asOwner(async (query) => {
    assert.deepEqual(await remove(query), []);
    assert.equal(await count(query), 0);
    assert.deepEqual(
      await query('select 1 from event_core_task_completion union all select 1 from quote_line_items'),
      [],
    );
    assert.equal((await progressOf(query))?.samples, 0);
    assert.deepEqual(await remove(query), []);
  });
});

test('sample data that were changed or are used stay, and what they need stays with them', async () => {
  const { asOwner, asSystem } = await newCompany();
  const { ids, json } = samples();
  await asSystem((query) => load(query, json));
  await asOwner(async (query) => {
    await query('update contacts set email = $1', ['real@client.example']);
    // A quote of their own on the sample deal's client.
    await query('insert into invoices (account_id) values ($1)', [ids.account]);
    await query("insert into notes (entity_type, entity_id, content) values ('event', $1, 'Mine')", [
      ids.event,
    ]);
  });
  // What the system changes by itself does not count.
  await asSystem((query) => query("update quotes set token_hash = 'x'"));
  const kept = await asOwner(remove);
  assert.deepEqual(kept.map(({ entity, title, reason }) => [entity, title, reason]).sort(), [
    ['accounts', 'Sample client', 'in_use'],
    ['contacts', 'Ada Sample', 'changed'],
    ['events', 'Sample event', 'in_use'],
  ]);
  await asOwner(async (query) => {
    assert.equal(await count(query), 4);
    // With the date, which is a part of the event. They are the company's own now.
    assert.deepEqual(await remove(query), []);
    assert.equal(await count(query), 4);
  });
});
