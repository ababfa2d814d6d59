// The role matrix, tried for every role on every table.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import pg from 'pg';
import { add, addAccount, addBooth, addDate, addDeal, addEvent, addSentInvoice, staffRole } from './business';
import { createTenantDatabase, type Query, sqlState, type UserRole } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);
const ROLES: UserRole[] = ['owner', 'admin', 'manager', 'sales', 'staff', 'viewer'];
const MANAGERS: UserRole[] = ['owner', 'admin', 'manager'];
const me = randomUUID();
const colleague = randomUUID();

let rows: {
  account: string;
  event: string;
  otherEvent: string;
  quote: string;
  product: string;
  invoice: string;
};

before(async () => {
  rows = await service(async (query) => {
    const account = await addAccount(query);
    const role = await staffRole(query);
    const [event, otherEvent] = [await addEvent(query), await addEvent(query)];
    for (const [event_id, user_id] of [
      [event, me],
      [otherEvent, colleague],
    ]) {
      const date = await addDate(query, { event_id });
      await add(query, 'event_staff_assignments', {
        event_id,
        event_date_id: date,
        user_id,
        staff_role_id: role,
        rate_snapshot: 2_500,
      });
      await add(query, 'user_pay_rate_history', { user_id, rate: 2_500, effective: '[2020-01-01,)' });
    }
    const { deal } = await addDeal(query);
    const quote = await add(query, 'quotes', { opportunity_id: deal });
    const product = await add(query, 'products', { name: 'Backdrop', price: 900, cost: 400 });
    const invoice = await addSentInvoice(query, 1_000);
    return { account, event, otherEvent, quote, product, invoice };
  });
});

/** Which roles succeed; the others are refused (42501) or see no row. */
async function whoMay(work: (query: Query) => Promise<unknown[]>): Promise<UserRole[]> {
  const may: UserRole[] = [];
  for (const role of ROLES) {
    try {
      await as({ tenant, role, userId: me }, async (query) => {
        const changed = await work(query);
        if (changed.length > 0) may.push(role);
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) refusal(error);
    }
  }
  return may;
}
class Undo extends Error {}
const refusal = (error: unknown) =>
  sqlState(error instanceof pg.DatabaseError && error.code === 'PT403' ? 'PT403' : '42501')(error);

const SELLERS: UserRole[] = [...MANAGERS, 'sales'];
const READERS: UserRole[] = [...SELLERS, 'viewer'];
const cases: [what: string, roles: UserRole[], work: (query: Query) => Promise<unknown[]>][] = [
  ['read accounts', READERS, (query) => query('select 1 from accounts')],
  ['add accounts', SELLERS, (query) => query("insert into accounts (name) values ('x') returning 1")],
  [
    'delete accounts',
    MANAGERS,
    (query) => query('delete from accounts where id = $1 returning 1', [rows.account]),
  ],
  ['read quotes', READERS, (query) => query('select 1 from quotes')],
  [
    'change quotes',
    SELLERS,
    (query) => query("update quotes set notes = 'x' where id = $1 returning 1", [rows.quote]),
  ],
  ['read invoices', READERS, (query) => query('select 1 from invoices')],
  [
    'change invoices',
    MANAGERS,
    (query) => query("update invoices set notes = 'x' where id = $1 returning 1", [rows.invoice]),
  ],
  [
    'take payments',
    MANAGERS,
    (query) =>
      query("insert into payments (invoice_id, amount, currency) values ($1, 5, 'USD') returning 1", [
        rows.invoice,
      ]),
  ],
  ['read prices', READERS, (query) => query('select price from products')],
  ['read costs', MANAGERS, (query) => query('select cost from products')],
  [
    'read rates of assignments',
    MANAGERS,
    (query) => query('select rate_snapshot from event_staff_assignments'),
  ],
  ['read default rates', MANAGERS, (query) => query('select default_rate from staff_roles')],
  [
    'read others’ pay',
    MANAGERS,
    (query) => query('select rate from user_pay_rate_history where user_id = $1', [colleague]),
  ],
  [
    'read their own pay',
    ROLES,
    (query) => query('select rate from user_pay_rate_history where user_id = $1', [me]),
  ],
  [
    'change pay',
    ['owner', 'admin'],
    (query) => query('update user_pay_rate_history set rate = 1 where user_id = $1 returning 1', [me]),
  ],
  ['read their own events', ROLES, (query) => query('select 1 from events where id = $1', [rows.event])],
  ['read others’ events', READERS, (query) => query('select 1 from events where id = $1', [rows.otherEvent])],
  [
    'change events',
    MANAGERS,
    (query) => query("update events set notes = 'x' where id = $1 returning 1", [rows.event]),
  ],
  [
    'read others’ assignments',
    READERS,
    (query) => query('select 1 from event_staff_assignments where user_id = $1', [colleague]),
  ],
  [
    'accept their assignment',
    ROLES,
    (query) =>
      query("update event_staff_assignments set status = 'accepted' where user_id = $1 returning 1", [me]),
  ],
  [
    'change settings',
    ['owner', 'admin'],
    (query) => query("update tenant_settings set value = '\"EUR\"' where key = 'currency' returning 1"),
  ],
  ['read settings', ROLES, (query) => query('select 1 from tenant_settings')],
  ['read number sequences', ['owner', 'admin'], (query) => query('select 1 from number_sequences')],
  ['read credentials', [], (query) => query('select credentials from user_integrations')],
  [
    'add a task',
    [...SELLERS, 'staff'],
    (query) => query("insert into tasks (title, assigned_to) values ('x', $1) returning 1", [me]),
  ],
  [
    'change the catalogue',
    MANAGERS,
    (query) => query("update products set name = 'y' where id = $1 returning 1", [rows.product]),
  ],
  [
    'share a view',
    MANAGERS,
    (query) => query("insert into saved_views (entity, name) values ('events', 'x') returning 1"),
  ],
  [
    'keep a view',
    ROLES,
    (query) =>
      query("insert into saved_views (entity, name, owner_id) values ('events', 'x', $1) returning 1", [me]),
  ],
];
for (const [what, roles, work] of cases)
  test(`${what}: ${roles.join(', ') || 'no role'}`, async () => {
    assert.deepEqual((await whoMay(work)).sort(), [...roles].sort());
  });

test('staff accept and report, but cannot reassign, confirm or pay themselves', async () => {
  for (const [change, code] of [
    ["status = 'confirmed'", 'PT403'],
    [`event_id = '${randomUUID()}'`, '42501'],
    ["start_time = '10:00'", '42501'],
    ['rate_snapshot = 9', '42501'],
  ] as const)
    await assert.rejects(
      as({ tenant, role: 'staff', userId: me }, (query) =>
        query(`update event_staff_assignments set ${change} where user_id = $1`, [me]),
      ),
      sqlState(code),
    );
});

test('staff see no prices: no packages, quotes, invoices, products or deals', async () => {
  await as({ tenant, role: 'staff', userId: me }, async (query) => {
    for (const table of [
      'packages',
      'add_ons',
      'products',
      'quotes',
      'quote_line_items',
      'invoices',
      'payments',
      'opportunities',
    ])
      assert.deepEqual(await query(`select 1 from ${table}`), [], table);
  });
});

test('a private note or message is its writer’s', async () => {
  const owner = { tenant, role: 'owner' as const, userId: colleague };
  const note = await as({ tenant, role: 'sales', userId: me }, (query) =>
    add(query, 'notes', {
      entity_type: 'account',
      entity_id: rows.account,
      content: 'x',
      visibility: 'private',
    }),
  );
  assert.deepEqual(await as(owner, (query) => query('select 1 from notes where id = $1', [note])), []);
});

test('an unknown role may do nothing', async () => {
  await as({ tenant, role: 'janitor' as UserRole, userId: me }, async (query) => {
    for (const table of ['accounts', 'events', 'tasks', 'tenant_settings'])
      assert.deepEqual(await query(`select 1 from ${table}`), []);
  });
});

test('a booth’s reservation is read by sales as availability, not changed', async () => {
  const assignment = await service(async (query) =>
    add(query, 'booth_assignments', { event_date_id: await addDate(query), booth_id: await addBooth(query) }),
  );
  await as({ tenant, role: 'sales', userId: me }, async (query) => {
    assert.equal((await query('select 1 from booth_assignments where id = $1', [assignment])).length, 1);
    assert.deepEqual(
      await query("update booth_assignments set status = 'cancelled' where id = $1 returning 1", [
        assignment,
      ]),
      [],
    );
  });
});

/** For each table its rows that the current role sees and may change, or the error code. */
async function rowsOf(query: Query): Promise<Record<string, string>> {
  const [found] = await query<{ rows: Record<string, string> }>(`
    select jsonb_object_agg(name, pg_temp.rows_of(name)) as rows
      from (select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r') t`);
  return found?.rows ?? {};
}

/** In PL/pgSQL, since a query whose table one may not read ends the transaction. */
const ROWS_OF = `create function pg_temp.rows_of(name text) returns text language plpgsql as $$
  declare seen text; changed text; begin
    execute format('select string_agg(id::text, '' '' order by id) from %I', name) into seen;
    begin
      execute format('select string_agg(id::text, '' '' order by id) from (select id from %I for update) t', name) into changed;
    exception when insufficient_privilege then changed := 'refused'; end;
    return format('sees %s, changes %s', seen, changed);
  exception when insufficient_privilege then return 'refused'; end $$`;

test('a user has the same rows as the role of a Supabase project’s users, which asks the claims', async () => {
  const others: Record<string, Record<string, unknown>> = {
    notes: { entity_type: 'event', entity_id: rows.event, content: 'x', visibility: 'private' },
    saved_views: { entity: 'event', name: 'Mine', owner_id: colleague },
    user_integrations: { user_id: colleague, provider: 'google_calendar' },
    user_role_history: { user_id: colleague, role: 'sales', effective: '[2020-01-01,)' },
    tasks: { title: 'Mine', assigned_to: me },
    event_dates: { event_date: '2027-06-12', start_time: '18:00', end_time: '23:00', event_id: rows.event },
  };
  await service(async (query) => {
    for (const [table, row] of Object.entries(others)) await add(query, table, row);
  });
  const seen = new Set<string>();
  for (const role of ROLES) {
    const compared = as({ tenant, role, userId: me }, async (query) => {
      await query(ROWS_OF);
      const own = await rowsOf(query);
      await query('set local role authenticated');
      const asked = await rowsOf(query);
      if (role === 'sales' || role === 'staff' || role === 'viewer') assert.deepEqual(own, asked, role);
      else assert.deepEqual(Object.keys(own), Object.keys(asked));
      // Managers also read columns of pay; the same rows all the same.
      for (const [table, found] of Object.entries(asked))
        if (found !== 'refused') assert.equal(own[table], found, `${role} ${table}`);
      for (const found of Object.values(own)) seen.add(`${role} ${found}`);
      throw new Undo();
    });
    await assert.rejects(compared, Undo);
  }
  assert.ok(seen.size > 60, 'the roles see different rows');
});
