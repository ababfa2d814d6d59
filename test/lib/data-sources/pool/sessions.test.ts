// Every transaction ends, and every session is clean when the next tenant gets it, whatever a developer's SQL did.
import assert from 'node:assert/strict';
import { createServer, connect as dial, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, afterEach, test } from 'node:test';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { DataSourceError } from '@/lib/data-sources/errors';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { afterRows, commandOf } from '@/lib/data-sources/pool/session-cleaning';
import type { TenantTransaction } from '@/lib/data-sources/sources/postgres/transaction-client';
import { until } from '../../../support/until';
import { createTenantDatabase, TestDirectory } from '../tenant-database';

const directory = new TestDirectory();
const database = await createTenantDatabase();
const config = { statementTimeoutMs: 1_000 };
const tenants = await Promise.all(Array.from({ length: 4 }, () => directory.place(database, { config })));
const [a, b] = tenants as [string, string];
const managers: DataSourceManager[] = [];
after(() => Promise.all(managers.map((manager) => manager.close())));

function newManager(connectionsPerServer: number): DataSourceManager {
  const manager = new DataSourceManager(async () => ({
    directory,
    verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
    settings: { connectionsPerServer },
  }));
  managers.push(manager);
  return manager;
}

const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const execute = (manager: DataSourceManager, tenant: string, text: string) =>
  manager.execute(tenant, { text, values: [] });

/** Backends that a test stopped go on when it is over. */
const stopped: number[] = [];
afterEach(() => {
  for (const pid of stopped.splice(0)) process.kill(pid, 'SIGCONT');
});
async function stopBackend({ query }: Pick<TenantTransaction, 'query'>): Promise<void> {
  const { rows } = await query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = Number(rows[0]?.pid);
  stopped.push(pid);
  process.kill(pid, 'SIGSTOP');
}

test('a backend that stops as work throws costs its connection, not the server', async () => {
  const manager = newManager(2);
  const attempts = [a, b].map((tenant) =>
    manager.withTenantTransaction(tenant, async (transaction) => {
      await stopBackend(transaction);
      throw new Error('changed my mind');
    }),
  );
  await Promise.all(attempts.map((attempt) => assert.rejects(attempt, /changed my mind/)));
  assert.deepEqual(await execute(manager, a, 'select 1'), [['1']]);
});

test('a backend that stops while work waits for nothing ends the transaction too', async () => {
  const idle = await directory.place(database, { config: { ...config, idleInTransactionTimeoutMs: 200 } });
  const manager = newManager(1);
  const attempt = manager.withTenantTransaction(idle, async (transaction) => {
    await stopBackend(transaction);
    await new Promise(() => {});
  });
  await assert.rejects(attempt, code('data_source_connection_lost'));
  assert.deepEqual(await execute(manager, a, 'select 1'), [['1']]);
});

test('a COMMIT that is never answered says that its outcome is unknown', async () => {
  const manager = newManager(1);
  await assert.rejects(manager.withTenantTransaction(a, stopBackend), code('outcome_unknown'));
  assert.deepEqual(await execute(manager, a, 'select 1'), [['1']]);
});

test('a write cut off by a server that answers to nothing is not known to have failed', async () => {
  const manager = newManager(1);
  const asleep = 'select pg_sleep(30) /* cut off */';
  const writing = execute(manager, a, asleep);
  let pid: number | undefined;
  while (!pid) {
    const { rows } = await database.sql(
      "select pid from pg_stat_activity where query = $1 and wait_event = 'PgSleep'",
      [asleep],
    );
    pid = rows[0]?.pid;
  }
  stopped.push(pid);
  process.kill(pid, 'SIGSTOP');
  await assert.rejects(writing, code('outcome_unknown'));
});

test('rows in portions: a failure in the middle ends the transaction', async () => {
  const manager = newManager(1);
  const portions = { text: 'select 10 / (3 - n) as n from generate_series(1, 5) n', rows: 2 };
  await assert.rejects(
    manager.withTenantTransaction(a, ({ query }) => query(portions)),
    code('22012'),
  );
  const { rows } = await manager.withTenantTransaction(a, ({ query }) =>
    query({ text: 'select n from generate_series(1, 5) n', rows: 2 } as pg.QueryConfig),
  );
  assert.equal(rows.length, 5);
});

test('query objects that could hide a COMMIT, or leave a portal open, are refused', async () => {
  const manager = newManager(1);
  const inTransaction = (work: (transaction: TenantTransaction) => unknown) =>
    manager.withTenantTransaction(a, async (transaction) => work(transaction));
  const own = {
    submit: (connection: pg.Connection) => connection.query('select 1; commit'),
    handleError() {},
  };
  await assert.rejects(
    inTransaction(({ query }) => query(own)),
    code('statement_refused'),
  );
  await assert.rejects(
    inTransaction(({ query }) => query(new pg.Query('select 1; commit; create temp table t (n int)'))),
    code('statement_refused'),
  );
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  await assert.rejects(
    inTransaction(({ query }) => pipeline(query(copyTo('copy (select 1) to stdout; commit')), nowhere())),
    code('42601'),
  );
  await inTransaction(({ query }) => pipeline(query(copyTo('copy (select 1) to stdout')), nowhere()));
  assert.deepEqual(await execute(manager, b, 'select 1'), [['1']]);
});

test('COPY by query is refused in words: its data would be lost', async () => {
  const manager = newManager(1);
  const copy = 'copy (select n from generate_series(1, 10000) n) to stdout';
  await assert.rejects(
    manager.withTenantTransaction(a, ({ query }) => query(copy)),
    (error: unknown) =>
      code('statement_refused')(error) && (error as DataSourceError).hint?.includes('copyOut'),
  );
  await assert.rejects(execute(manager, a, copy), code('statement_refused'));
  assert.deepEqual(await execute(manager, b, 'select 1'), [['1']]);
});

test('what reaches every tenant of the database does not run in the context of one', async () => {
  const manager = newManager(1);
  for (const text of [
    'lock table accounts in access exclusive mode',
    '/* a /* nested */ comment */ -- and a line\n ; LOCK accounts',
    'notify planted',
    "do $$ begin execute 'lock table accounts'; end $$",
  ]) {
    await assert.rejects(
      manager.withTenantTransaction(a, ({ query }) => query(text)),
      code('statement_refused'),
      text,
    );
    await assert.rejects(execute(manager, a, text), code('statement_refused'), text);
  }
});

test('the first keyword is found behind comments, parentheses and semicolons', () => {
  assert.equal(commandOf('\n(( /* set */ -- do\nSELECT 1))'), 'select');
  assert.equal(commandOf('/* /* select */ */ ;lock x'), 'lock');
  assert.equal(commandOf('/* never ends'), '');
  assert.equal(commandOf('"lock"'), '');
});

test('only a statement that cannot leave anything is spared the cleaning', () => {
  const plain =
    'select id, count(*) from accounts a where (id = $1 or name in ($2, $3)) group by id limit 20';
  assert.deepEqual(afterRows(plain, true), []);
  assert.deepEqual(afterRows('update accounts set name = $1 where id = any ($2)', false), []);
  assert.notDeepEqual(afterRows(plain, false), [], 'SELECT INTO may make a temporary table');
  for (const text of ONE_STATEMENT) assert.notDeepEqual(afterRows(text, false), [], text);
  for (const text of ONE_STATEMENT.filter((text) => !/ into/.test(text)))
    assert.notDeepEqual(afterRows(text, true), [], text);
});

/** All that a session can show of the tenant that had it before. */
const FINGERPRINT = `
  select jsonb_build_object(
    'temporary', (select count(*) from pg_class where relnamespace = pg_my_temp_schema()),
    'functions', (select count(*) from pg_proc where pronamespace = pg_my_temp_schema()),
    'settings', (select jsonb_object_agg(name, setting order by name) from pg_settings
                 where name !~ '^(transaction_read_only|role|application_name|statement_timeout|idle_in_transaction_session_timeout|pg_trgm.*)$'),
    'custom', nullif(current_setting('planted.setting', true), ''),
    'user', current_user, 'session', session_user,
    'read_only', current_setting('transaction_read_only'),
    'locks', (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'),
    'listening', (select count(*) from pg_listening_channels()),
    'cursors', (select count(*) from pg_cursors where is_holdable),
    'prepared', (select count(*) from pg_prepared_statements where from_sql))::text`;

const ONE_STATEMENT = [
  'select 1 as i into/**/temp planted',
  'select 1 as i into global temporary planted',
  'with one as (select 1 as i) select i into local temp planted from one',
  "select * from ts_stat($$select set_config('default_transaction_read_only', 'on', false)::tsvector$$)",
  "select query_to_xml($$select set_config('role', 'tenant_service', false)$$, true, true, '')",
  "select set_config('planted.setting', 'x', false), set_config('search_path', 'pg_temp', false)",
  "select set_config('statement_timeout', '1ms', false), set_config('session_replication_role', 'origin', false)",
  `select "set_config" ('role', 'tenant_service', false)`,
  `select U&"set!005fconfig" uescape '!' ('planted.setting', 'x', false)`,
  "select set_config/* ( */('planted.setting', 'x', false)",
  'select pg_advisory_lock(42), pg_advisory_lock_shared(1, 2)',
  'select pg_advisory_lock(43), 1/0',
  "insert into accounts (name) select set_config('role', 'tenant_service', false)",
  "select set_config('default_transaction_isolation', 'serializable', false)",
  // A function by the name of a column, and the rule of a view.
  'select (44::bigint).pg_advisory_lock',
  'select (array[45::bigint])[1].pg_advisory_lock',
  "select (E'select set_config\\x28''planted.setting'', ''x'', false\\x29::tsvector'::text).ts_stat",
  "update pg_settings set setting = 'on' where name = 'default_transaction_read_only'",
  `update U&"pg\\005fsettings" set setting = 'pg_temp' where name = 'search_path'`,
];
const IN_TRANSACTION = [
  ...ONE_STATEMENT,
  'set default_transaction_read_only = on',
  'set role tenant_service',
  'set planted.setting = 1',
  'create temp table accounts (like public.accounts)',
  'create temp sequence planted',
  'prepare planted as select 1',
  'deallocate all',
  'declare planted cursor with hold for select 1',
  'listen planted',
  'discard plans',
];

test('nothing of one tenant’s session is there for the next', async () => {
  const manager = newManager(2);
  const look = async (tenant: string) => {
    const within = ({ query }: TenantTransaction) => query({ text: FINGERPRINT, rowMode: 'array' });
    return [
      (await execute(manager, tenant, FINGERPRINT))[0]?.[0],
      (await manager.withTenantTransaction(tenant, within)).rows[0]?.[0],
    ].map((text) => JSON.parse(String(text)));
  };
  const [clean, cleanWithin] = await look(a);
  const ask = async (tenant: string, index: number) => {
    const statement = IN_TRANSACTION[index % IN_TRANSACTION.length] as string;
    for (const readOnly of ONE_STATEMENT.includes(statement) ? [true, false] : []) {
      await manager.execute(tenant, { text: statement, values: [] }, { readOnly }).catch(() => {});
    }
    const fails = index % 3 === 0;
    await manager
      .withTenantTransaction(tenant, async ({ query }) => {
        await query(statement);
        if (fails) throw new Error('rolled back');
      })
      .catch(() => {});
  };
  const looks: Promise<unknown[]>[] = [];
  for (let index = 0; index < IN_TRANSACTION.length * 3; index += 1) {
    const dirty = tenants.slice(1).map((tenant) => ask(tenant, index));
    looks.push(look(a));
    await Promise.all([...dirty, looks.at(-1)]);
  }
  for (const [outside, within] of await Promise.all(looks)) {
    assert.deepEqual(outside, clean);
    assert.deepEqual(within, cleanWithin);
  }
  const { rows } = await database.sql(
    "select count(*)::int as n from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and a.usename = $1",
    [database.logins.router.name],
  );
  assert.equal(rows[0]?.n, 0);
});

test('a statement of ours that a developer’s takes the name of is prepared again', async () => {
  const manager = newManager(1);
  const name = 'planted';
  await manager.execute(a, { name, text: 'select 1', values: [] });
  await manager.withTenantTransaction(a, ({ query }) => query('deallocate all'));
  assert.deepEqual(await manager.execute(b, { name, text: 'select 1', values: [] }), [['1']]);
});

test('a session whose statements were on rows only is kept', async () => {
  const manager = newManager(1);
  const pid = () => execute(manager, a, 'select pg_backend_pid()');
  const before = await pid();
  await manager.withTenantTransaction(b, ({ query }) =>
    query('select set_config($1, $2, false)', ['planted.x', '1']),
  );
  await execute(manager, b, 'select 1/0').catch(() => {});
  assert.deepEqual(await pid(), before);
});

test('deferred checks see the tenant still', async () => {
  await database
    .sql(
      'alter table contact_accounts alter constraint contact_accounts_tenant_id_account_id_fkey deferrable initially deferred',
    )
    .catch(() => {});
  const manager = newManager(1);
  const statement =
    'insert into contact_accounts (contact_id, account_id) select gen_random_uuid(), gen_random_uuid()';
  await assert.rejects(execute(manager, a, statement), code('23503'));
  await assert.rejects(
    manager.withTenantTransaction(a, ({ query }) => query(statement)),
    code('23503'),
  );
});

/** What a client sends to have a statement of another connection cancelled. */
const isCancelRequest = (bytes: Buffer) => bytes.length >= 16 && bytes.readUInt32BE(4) === 80877102;

/** A proxy in front of the database that, once told to, swallows what the server says. */
async function swallowingProxy({ passesCancels = true } = {}): Promise<{
  url: string;
  swallow(): void;
  drop(): void;
}> {
  const { hostname, port } = new URL(database.routerUrl);
  const sockets = new Set<Socket>();
  let swallowing = false;
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    sockets.add(client);
    client.once('data', (first: Buffer) => {
      if (!passesCancels && isCancelRequest(first)) return;
      upstream.write(first);
      client.pipe(upstream);
    });
    upstream.on('data', (chunk: Buffer) => swallowing || client.write(chunk));
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('close', () => upstream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const url = new URL(database.routerUrl);
  url.port = String(typeof address === 'object' && address ? address.port : 0);
  return {
    url: url.toString(),
    swallow: () => {
      swallowing = true;
    },
    drop: () => {
      swallowing = false;
      for (const socket of sockets) socket.resetAndDestroy();
      sockets.clear();
    },
  };
}

test('a session is not lent again while a cancel request may still reach it', async () => {
  const { url } = await swallowingProxy({ passesCancels: false });
  const tenant = await directory.place(database, { config: { statementTimeoutMs: 10_000 } });
  const dataSourceId = crypto.randomUUID();
  directory.placements.set(tenant, { ...directory.placements.get(tenant)!, dataSourceId });
  directory.credentialsByTenant.set(tenant, {
    ...directory.credentialsByTenant.get(tenant)!,
    ...{ dataSourceId, url },
  });
  const manager = newManager(1);
  const pid = async () => (await execute(manager, tenant, 'select pg_backend_pid()'))[0]?.[0];
  const before = await pid();
  const given = new AbortController();
  const statement = { text: 'select pg_sleep(0.2)', values: [] };
  const running = manager.execute(tenant, statement, { signal: given.signal });
  setTimeout(() => given.abort(new Error('changed my mind')), 50);
  await assert.rejects(running, /changed my mind/);
  assert.notEqual(await pid(), before);
});

test('a write whose answer is lost is done once, and its error says what is unknown', async () => {
  const proxy = await swallowingProxy();
  const tenant = await directory.place(database, { config });
  const credentials = directory.credentialsByTenant.get(tenant)!;
  const placement = directory.placements.get(tenant)!;
  const dataSourceId = crypto.randomUUID();
  directory.placements.set(tenant, { ...placement, dataSourceId });
  directory.credentialsByTenant.set(tenant, { ...credentials, dataSourceId, url: proxy.url });
  const manager = newManager(1);
  const written = async (name: string) => {
    const { rows } = await database.sql('select count(*)::int as n from accounts where name = $1', [name]);
    return Number(rows[0]?.n);
  };
  const client = await manager.getClientForTenant(tenant, true);
  // So that the catalogs are read by now.
  await client.from('accounts').insert({ name: 'before' });
  const writes: Record<string, () => Promise<unknown>> = {
    executed: () => execute(manager, tenant, "insert into accounts (name) values ('executed')"),
    transacted: () =>
      manager.withTenantTransaction(tenant, async ({ query }) => {
        await query("insert into accounts (name) values ('transacted')");
        proxy.swallow();
      }),
    'by the client': async () => {
      const { error } = await client.from('accounts').insert({ name: 'by the client' });
      if (error) throw error;
    },
  };
  for (const [name, write] of Object.entries(writes)) {
    if (name !== 'transacted') proxy.swallow();
    const outcome = write().then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
    await until(async () => (await written(name)) > 0, `the write ${name}`);
    proxy.drop();
    assert.equal(await outcome, 'outcome_unknown', name);
    assert.equal(await written(name), 1, name);
    assert.deepEqual(await execute(manager, tenant, 'select 1'), [['1']]);
  }
});

test('what is said to read cannot write', async () => {
  const manager = newManager(1);
  await assert.rejects(
    manager.execute(a, { text: "insert into accounts (name) values ('x')", values: [] }, { readOnly: true }),
    code('25006'),
  );
  await assert.rejects(
    manager.withTenantTransaction(a, ({ query }) => query("insert into accounts (name) values ('x')"), {
      readOnly: true,
    }),
    code('25006'),
  );
  const client = await manager.getClientForTenant(a, true);
  const got = await client.rpc('expire_quotes' as never, {} as never, { get: true });
  assert.equal(got.status, 405);
});

test('a refused password is heard by every caller, also while the breaker is open', async () => {
  const tenant = await directory.place(database);
  const url = new URL(database.routerUrl);
  url.password = 'wrong';
  const dataSourceId = crypto.randomUUID();
  directory.placements.set(tenant, { ...directory.placements.get(tenant)!, dataSourceId });
  directory.credentialsByTenant.set(tenant, {
    ...directory.credentialsByTenant.get(tenant)!,
    dataSourceId,
    url: url.toString(),
  });
  const manager = newManager(4);
  // The first use of the source may be a request, which reads the schema before it is the tenant's.
  const client = await manager.getClientForTenant(tenant, true);
  assert.equal((await client.from('accounts').select()).error?.code, 'data_source_authentication_refused');
  for (let round = 0; round < 4; round += 1) {
    const asked = Array.from({ length: 8 }, () =>
      execute(manager, tenant, 'select 1').then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
    );
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(['data_source_authentication_refused']));
  }
});
