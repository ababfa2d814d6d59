// What SQL of a developer's own can do from inside one tenant to another: through the very manager that the product uses.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { DataSourceError } from '@/lib/data-sources/errors';
import { DataSourceManager } from '@/lib/data-sources/manager';
import type { TenantTransaction } from '@/lib/data-sources/sources/postgres/lent-client';
import { createTenantDatabase, TestDirectory } from './tenant-database';

const directory = new TestDirectory();
const database = await createTenantDatabase();
const victim = await directory.place(database);
const attacker = await directory.place(database);
// One connection: what an attacker leaves behind, the victim would meet.
const manager = new DataSourceManager(async () => ({
  directory,
  verifyAccessToken: () => Promise.reject(new Error('no user signs in here')),
  settings: { moveWaitMs: 200, connectionsPerServer: 1 },
}));
after(() => manager.close());
await manager.execute(victim, { text: "insert into accounts (name) values ('secret')", values: [] });

const asVictim = JSON.stringify({ role: 'tenant_service', tenant_id: victim });

/** Runs statements, one after the other, in the attacker's context; the rows of the last. */
function attack(...statements: string[]): Promise<unknown[]> {
  return manager.withTenantTransaction(attacker, async (transaction) => {
    let rows: unknown[] = [];
    for (const text of statements) rows = (await transaction.query(text)).rows;
    return rows;
  });
}

/** The victim's business as usual, on the connection the attacker had. */
async function expectUnharmed(): Promise<void> {
  const read = (transaction: TenantTransaction) => transaction.query('select name from accounts');
  const { rows } = await manager.withTenantTransaction(victim, read);
  assert.deepEqual(rows, [{ name: 'secret' }]);
  const names = await manager.execute(victim, { text: 'select name from accounts', values: [] });
  assert.deepEqual(names, [['secret']]);
}

const refusedWith = (code: string) => (error: unknown) =>
  (error instanceof pg.DatabaseError || error instanceof DataSourceError) && error.code === code;

for (const [name, statements, code] of [
  ['other claims', [`select set_config('request.jwt.claims', '${asVictim}', true)`], 'MQ005'],
  ['claims set by SET', [`set local "request.jwt.claims" = '${asVictim}'`], 'MQ005'],
  [
    'claims with its own seal and the victim’s id in front',
    [
      `select set_config('request.jwt.claims', replace(current_setting('request.jwt.claims'), '${attacker}', '${victim}'), true)`,
    ],
    'MQ005',
  ],
  [
    'leaving the role and entering as the victim',
    ['reset role', `select tenancy.enter('${victim}', 1, 'tenant_service', '${asVictim}', false)`],
    'MQ005',
  ],
  ['leaving the role', ['reset role'], '42501'],
  ['the role of the mover', ['reset role', 'set local role tenant_mover'], '42501'],
  ['the role that reads every tenant’s search keys', ['reset role', 'set local role tenant_search'], '42501'],
  ['another login', ["set session authorization 'postgres'"], '42501'],
  [
    'a temporary table, whose name is a type’s too, in the place of one that the seal’s check names',
    [
      'create temp table bytea (key text)',
      'set local search_path = pg_temp, public',
      `select set_config('request.jwt.claims', '${asVictim}', true)`,
    ],
    'MQ005',
  ],
] as const) {
  test(`${name} shows nothing of another tenant`, async () => {
    await assert.rejects(attack(...statements, 'select name from public.accounts'), refusedWith(code));
    await expectUnharmed();
  });
}

test('the keys that seals are made with cannot be read by a developer’s SQL', async () => {
  await assert.rejects(attack('select * from tenancy.router_keys'), refusedWith('42501'));
  await assert.rejects(attack('reset role', 'select * from tenancy.router_keys'), refusedWith('42501'));
  await assert.rejects(
    attack('reset role', "select tenancy.seal_router(session_user, '\\x00')"),
    refusedWith('42501'),
  );
});

test('writing with other claims is refused too', async () => {
  await assert.rejects(
    attack(
      `select set_config('request.jwt.claims', '${asVictim}', true)`,
      "insert into accounts (name) values ('planted')",
    ),
    refusedWith('MQ005'),
  );
  await expectUnharmed();
});

for (const [name, statements] of Object.entries({
  'a role': ['set role tenant_service'],
  'a search path': ['set search_path = pg_temp, extensions'],
  'claims of a session': [`set "request.jwt.claims" = '${asVictim}'`],
  'a read-only session': ['set default_transaction_read_only = on'],
  'a timeout': ["set statement_timeout = '1ms'"],
  'a temporary table that hides the real one': ['create temp table accounts (like public.accounts)'],
  'a temporary view': ["create temp view accounts as select 'planted'::text as name"],
  'a prepared statement in the place of ours': [
    'deallocate all',
    'prepare marquee_enter (uuid, bigint, text, text, boolean) as select 1',
  ],
  'the victim’s advisory lock': [
    `select pg_advisory_lock(pg_catalog.uuid_hash_extended('${victim}', 7302461))`,
  ],
  'a cursor': ['declare planted cursor with hold for select name from accounts'],
  'a subscription to notifications': ['listen planted'],
  'everything discarded': ['reset all', 'close all', 'deallocate all', 'discard plans'],
})) {
  test(`${name} ends with the transaction that made it`, async () => {
    await attack(...statements);
    await expectUnharmed();
    await assert.rejects(attack(...statements, 'select 1/0'), refusedWith('22012'));
    await expectUnharmed();
  });
}

test('a transaction that a statement of its own ended runs nothing more, and says so', async () => {
  for (const end of ['commit', 'rollback']) {
    await assert.rejects(attack(end, 'select name from accounts'), refusedWith('transaction_ended'));
    await assert.rejects(attack(end), refusedWith('transaction_ended'));
    await expectUnharmed();
  }
});

test('a transaction that COMMIT AND CHAIN leaves behind belongs to no tenant', async () => {
  await assert.rejects(attack('commit and chain', 'select name from accounts'), refusedWith('42501'));
});

test('several statements in one query are refused: none hides behind a COMMIT', async () => {
  await assert.rejects(attack('commit; select * from tenancy.fence'), refusedWith('42601'));
});

test('a failed statement that the caller ignored is an error at the end, not a silent rollback', async () => {
  const careless = manager.withTenantTransaction(attacker, async (transaction) => {
    await transaction.query("insert into accounts (name) values ('lost')");
    await transaction.query('select 1/0').catch(() => {});
  });
  await assert.rejects(careless, refusedWith('transaction_aborted'));
});

test('execute is for rows: other statements are refused there, and nothing stays in the session', async () => {
  for (const text of [
    'set role tenant_service',
    '/* rows */ create temp table accounts (name text)',
    'do $$ begin perform 1; end $$',
  ]) {
    await assert.rejects(manager.execute(attacker, { text, values: [] }), refusedWith('statement_refused'));
  }
  for (const text of [
    `select set_config('request.jwt.claims', '${asVictim}', false)`,
    'select pg_advisory_lock(1)',
    "select query_to_xml($$select set_config('search_path', 'pg_temp', false)$$, true, true, '')",
    "select U&\"set\\005fconfig\"('role', 'none', false)",
  ]) {
    await manager.execute(attacker, { text, values: [] });
    await expectUnharmed();
  }
  await expectUnharmed();
});

test('two statements of one name are two statements', async () => {
  const named = (text: string) => manager.execute(attacker, { name: 'marquee_settings_1', text, values: [] });
  assert.deepEqual(await named("select 'one'"), [['one']]);
  assert.deepEqual(await named("select 'two'"), [['two']]);
  await expectUnharmed();
});

test('a session of another tenant cannot be ended, nor seen', async () => {
  const sleeper = new pg.Client({ connectionString: database.routerUrl });
  await sleeper.connect();
  const { rows } = await sleeper.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = Number(rows[0]?.pid);
  await assert.rejects(attack(`select pg_terminate_backend(${pid})`), refusedWith('42501'));
  assert.deepEqual(await attack(`select query from pg_stat_activity where pid = ${pid}`), [
    { query: '<insufficient privilege>' },
  ]);
  await sleeper.end();
});

test('statistics show no values of other tenants', async () => {
  await database.sql('analyze accounts');
  assert.deepEqual(await attack("select * from pg_stats where schemaname = 'public'"), []);
  await assert.rejects(attack('select * from pg_statistic'), refusedWith('42501'));
});

test('files and programs of the server are out of reach', async () => {
  for (const text of [
    "select pg_read_file('postgresql.conf')",
    "copy (select 1) to program 'true'",
    "copy accounts (name) from '/etc/passwd'",
    "select lo_import('/etc/passwd')",
    'create table public.planted (name text)',
  ]) {
    await assert.rejects(attack(text), refusedWith('42501'), text);
  }
  await assert.rejects(attack('create extension dblink'), refusedWith('statement_refused'));
});

test('errors name no values of another tenant', async () => {
  const id = '7f7de0ee-8e0f-4c3b-8df1-1f1f4f6a0b11';
  await manager.execute(victim, {
    text: "insert into accounts (id, name) values ($1, 'second')",
    values: [id],
  });
  // The same id is free in another tenant: that it is taken elsewhere does not even show.
  await manager.execute(attacker, {
    text: "insert into accounts (id, name) values ($1, 'mine')",
    values: [id],
  });
  await manager.execute(victim, { text: 'delete from accounts where id = $1', values: [id] });
  await assert.rejects(
    attack(
      'insert into contact_accounts (contact_id, account_id) select gen_random_uuid(), id from accounts',
    ),
    (error: unknown) => error instanceof pg.DatabaseError && !JSON.stringify(error).includes(victim),
  );
});
