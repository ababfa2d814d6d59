// What SQL of a developer's own can do from inside one tenant to another: through the very manager that the product uses.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { DataSourceError } from '@/lib/data-sources/errors';
import { DataSourceManager } from '@/lib/data-sources/manager';
import type { TenantTransaction } from '@/lib/data-sources/sources/postgres/transaction-client';
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
  assert.equal(await answered(victim, '/accounts', 'select=name'), '[{"name":"secret"}]');
}

/** The body of a GET that the data engine answers. */
async function answered(tenant: string, path: string, query = ''): Promise<string> {
  const request = { method: 'GET', path, query, headers: {} };
  const { body } = await manager.answer(tenant, request, { useServiceRole: true });
  return Buffer.from(body ?? '').toString();
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

/** How a text begins whose claims the database does not check. */
const MARK = '/* marquee */ ';

test('SQL of developers cannot say that it keeps its claims', async () => {
  const marked = `${MARK}select name from public.accounts`;
  const forge = `select set_config('request.jwt.claims', '${asVictim}', true)`;
  for (const text of [
    marked,
    ` ${marked}`,
    `prepare planted as ${marked}`,
    `declare planted cursor for ${marked}`,
    `copy (${marked}) to stdout`,
  ]) {
    await assert.rejects(attack(forge, text), refusedWith('statement_refused'), text);
  }
  await assert.rejects(
    manager.execute(attacker, { text: marked, values: [] }),
    refusedWith('statement_refused'),
  );
  // Inside a statement the mark says nothing: the text that the server was sent counts.
  const inner = `'/* mar' || 'quee */ select name from public.accounts'`;
  await assert.rejects(attack(forge, `select query_to_xml(${inner}, true, true, '')`), refusedWith('MQ005'));
  await expectUnharmed();
});

test('one statement cannot set claims and then read', async () => {
  const forge = `set_config('request.jwt.claims', '${asVictim}', true)`;
  const hidden = `E'select set_config\\x28''request.jwt.claims'', ''${asVictim}'', true\\x29::tsvector'`;
  for (const text of [
    `with forged as materialized (select ${forge}) select name from forged, accounts`,
    `select (select name from accounts where ${forge} is not null limit 1)`,
    `with forged as materialized (select (${hidden}::text).ts_stat) select name from forged, accounts`,
    `select $1.ts_stat, name from accounts`,
  ]) {
    const values = text.includes('$1') ? [`select ${forge}::tsvector`] : [];
    const read = await manager.execute(attacker, { text, values }).catch((error: unknown) => String(error));
    assert.doesNotMatch(JSON.stringify(read), /secret/, text);
    await expectUnharmed();
  }
});

test('a function of the database’s owner that sets claims reads nothing of another tenant', async () => {
  await database.sql(`
    create function public.other_names() returns setof text language plpgsql as $$ begin
      perform set_config('request.jwt.claims', '${asVictim}', true);
      return query select name from public.accounts;
    end $$;
    grant execute on function public.other_names() to tenant_service`);
  await assert.rejects(
    manager.execute(attacker, { text: 'select other_names()', values: [] }),
    refusedWith('MQ005'),
  );
  for (const path of [
    '/rpc/other_names',
    '/%72pc/other_names',
    '/r%70%63/other%5Fnames',
    'rpc/other_names',
  ]) {
    assert.match(await answered(attacker, path), /MQ005/, path);
  }
  await database.sql('drop function public.other_names()');
  await expectUnharmed();
});

test('nor does a computed field, a computed relationship or a handler of the owner', async () => {
  const forge = `perform set_config('request.jwt.claims', '${asVictim}', true);`;
  const names = "(select string_agg(name, ',') from public.accounts)";
  await database.sql(`
    create function public.other_name(public.accounts) returns text language plpgsql as $$ begin
      ${forge} return ${names};
    end $$;
    create function public.other_accounts(public.accounts) returns setof public.accounts language plpgsql as $$ begin
      ${forge} return query select * from public.accounts;
    end $$;
    create domain public."text/names" as text;
    create function public.add_names(state public."text/names", account public.accounts) returns public."text/names"
      language plpgsql as $$ begin ${forge} return ${names}; end $$;
    create aggregate public.all_names(public.accounts) (sfunc = public.add_names, stype = public."text/names", initcond = '');
    grant execute on function public.other_name(public.accounts), public.other_accounts(public.accounts),
      public.add_names(public."text/names", public.accounts), public.all_names(public.accounts) to tenant_service`);
  await manager.execute(attacker, { text: "insert into accounts (name) values ('own')", values: [] });
  for (const query of [
    'select=other_name',
    'select=a:other_name::text',
    'select=name&order=other_name',
    'select=name&other_name=eq.secret',
    'select=name&or=(other_name.eq.secret,name.eq.own)',
    'select=name,other_accounts(name)',
    'select=name,parent:other_accounts!inner(name)',
  ]) {
    assert.match(await answered(attacker, '/accounts', query), /MQ005/, query);
  }
  const request = { method: 'GET', path: '/accounts', query: '', headers: { accept: 'text/names' } };
  const { body } = await manager.answer(attacker, request, { useServiceRole: true });
  assert.match(String(body), /MQ005/);
  await manager.execute(attacker, { text: 'delete from accounts', values: [] });
  await database.sql(`
    drop aggregate public.all_names(public.accounts);
    drop function public.add_names, public.other_accounts, public.other_name;
    drop domain public."text/names"`);
  await expectUnharmed();
});

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
    const error = await attack(...statements, 'select 1/0').catch((reason: unknown) => reason);
    // On a busy machine the planted timeout comes first.
    assert.ok(
      refusedWith('22012')(error) || (name === 'a timeout' && refusedWith('57014')(error)),
      String(error),
    );
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

test('what is read-only writes nothing: a statement, a transaction, a GET that calls a volatile function', async () => {
  const insert = "insert into accounts (name) values ('not to be') returning name";
  const text = `with new as (${insert}) select * from new`;
  for (const sql of [insert, text]) {
    const statement = { text: sql, values: [] };
    const attempts = [
      () => manager.execute(attacker, statement, { readOnly: true }),
      () =>
        manager.withTenantTransaction(attacker, (transaction) => transaction.query(sql), { readOnly: true }),
    ];
    for (const attempt of attempts) await assert.rejects(attempt, refusedWith('25006'));
  }
  const reopened = manager.withTenantTransaction(
    attacker,
    async (transaction) => {
      await transaction.query("select set_config('transaction_read_only', 'off', true)");
      await transaction.query(insert);
    },
    { readOnly: true },
  );
  await assert.rejects(reopened, refusedWith('25001'));
  const called = await manager.answer(
    attacker,
    { method: 'GET', path: '/rpc/convert_lead', query: '', headers: {} },
    { useServiceRole: true },
  );
  assert.ok([404, 405].includes(called.status));
  const names = await manager.execute(attacker, {
    text: "select name from accounts where name = 'not to be'",
    values: [],
  });
  assert.deepEqual(names, []);
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
