import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, test } from 'node:test';
import { testConnection, testNewDataSource } from '@/lib/data-sources';
import { administer, createTestDatabase } from '../../../support/postgres';
import { createTenantDatabase } from '../tenant-database';

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});
const database = await createTenantDatabase();

/** Takes connections and does with them what it is told. */
async function listen(handle: Parameters<typeof createServer>[1]): Promise<number> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

const check = (result: Awaited<ReturnType<typeof testConnection>>, name: string) =>
  result.checks.find((one) => one.name === name);

test('a good router passes every check', async () => {
  const result = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.ok(result.ok, JSON.stringify(result.checks));
  assert.ok((result.schemaVersion ?? 0) > 0);
  assert.match(result.serverVersion ?? '', /^\d+/);
});

test('an administrator in place of a router fails: it could see every tenant', async () => {
  const result = await testConnection({ kind: 'postgres', url: database.adminUrl });
  assert.equal(result.code, 'data_source_privileges_missing');
});

test('a database without the tenant schema is not migrated', async () => {
  const url = await createTestDatabase('bare');
  const asAdministrator = await testConnection({ kind: 'postgres', url, purpose: 'administrator' });
  assert.ok(asAdministrator.ok);
  assert.equal(check(asAdministrator, 'schema')?.outcome, 'warning');
});

test('a schema that was made before the first release fails, and says what to use instead', async () => {
  const url = await createTestDatabase('unsupported');
  await administer(
    url,
    `create schema tenancy;
     create table tenancy.migrations (version int primary key, name text not null, checksum text not null);
     insert into tenancy.migrations values (1, 'tenancy', 'x'), (240, 'cascades', 'y')`,
  );
  const result = await testConnection({ kind: 'postgres', url, purpose: 'administrator' });
  assert.equal(result.code, 'data_source_not_migrated');
  assert.match(check(result, 'schema')?.hint ?? '', /empty database/);
});

test('a closed port, a server that never answers, and an answer that is not PostgreSQL’s', async () => {
  const quick = { timeoutMs: 300 };
  const unreachable = await testConnection({ kind: 'postgres', url: 'postgresql://u:p@127.0.0.1:1/d' });
  assert.equal(unreachable.code, 'data_source_unreachable');
  const silent = await listen(() => {});
  const silence = await testConnection(
    { kind: 'postgres', url: `postgresql://u:p@127.0.0.1:${silent}/d` },
    quick,
  );
  assert.equal(silence.code, 'data_source_timeout');
  for (const greeting of ['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.2\r\n', 'RRRRRRRRRRRR']) {
    const rude = await listen((socket) => socket.end(greeting));
    for (const mode of ['disable', 'no-verify']) {
      const url = `postgresql://u:p@127.0.0.1:${rude}/d?sslmode=${mode}`;
      const nonsense = await testConnection({ kind: 'postgres', url });
      assert.equal(nonsense.code, 'data_source_protocol_violated', `${greeting} ${mode}`);
    }
  }
});

test('malformed URLs are named as such, without being repeated', async () => {
  for (const url of [
    '',
    'hello',
    'http://host/db',
    'postgresql://',
    'postgresql://user:hunter2@host',
    'postgresql:///db',
  ]) {
    const result = await testConnection({ kind: 'postgres', url });
    assert.equal(result.code, 'data_source_url_malformed', url);
    assert.ok(!JSON.stringify(result).includes('hunter2'));
  }
});

test('a wrong password, an unknown database', async () => {
  const wrong = new URL(database.routerUrl);
  wrong.password = 'hunter2';
  const refused = await testConnection({ kind: 'postgres', url: wrong.toString() });
  assert.equal(refused.code, 'data_source_authentication_refused');
  assert.ok(!JSON.stringify(refused).includes('hunter2'));
  const missing = new URL(database.adminUrl);
  missing.pathname = '/no_such_database';
  assert.equal(
    (await testConnection({ kind: 'postgres', url: missing.toString() })).code,
    'data_source_unreachable',
  );
});

test('a slow round trip is a warning, and so is a default that is read only', async () => {
  const slow = await testConnection({ kind: 'postgres', url: database.routerUrl }, { slowMs: 0 });
  assert.ok(slow.ok);
  assert.equal(check(slow, 'latency')?.outcome, 'warning');
  const name = new URL(database.adminUrl).pathname.slice(1);
  await administer(database.adminUrl, `alter database ${name} set default_transaction_read_only = on`);
  const readOnly = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.equal(check(readOnly, 'writable')?.outcome, 'warning');
  const server = new URL(database.adminUrl);
  server.pathname = '/postgres';
  await administer(server.toString(), `alter database ${name} reset default_transaction_read_only`);
});

test('a Supabase project: no such host, a refused key, a schema that is missing', async () => {
  const project = (url: string, options = {}) =>
    testConnection({ kind: 'supabase', url, serviceKey: 'k' }, options);
  assert.equal((await project('http://127.0.0.1:1')).code, 'data_source_unreachable');
  assert.equal((await project('ftp://x')).code, 'data_source_url_malformed');
  const answering = async (status: string) => {
    const port = await listen((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n[]`));
    });
    return project(`http://127.0.0.1:${port}`);
  };
  assert.equal((await answering('401 Unauthorized')).code, 'data_source_authentication_refused');
  assert.equal((await answering('404 Not Found')).code, 'data_source_not_migrated');
  assert.ok((await answering('200 OK')).ok);
  const silent = await listen(() => {});
  assert.equal((await project(`http://127.0.0.1:${silent}`, { timeoutMs: 300 })).code, 'data_source_timeout');
});

test('every check that did not pass has a stable code and says what to do', async () => {
  const results = await Promise.all([
    testConnection({ kind: 'postgres', url: database.routerUrl }, { slowMs: 0, connectionBudget: 10_000 }),
    testConnection({ kind: 'postgres', url: database.ownerUrl, purpose: 'administrator' }),
    testConnection({ kind: 'postgres', url: database.adminUrl, purpose: 'mover' }),
  ]);
  const notes = results.flatMap(({ checks }) => checks).filter(({ outcome }) => outcome !== 'passed');
  assert.ok(notes.length >= 4);
  for (const note of notes) assert.ok(note.code && note.hint, JSON.stringify(note));
  assert.equal(check(results[0], 'connections')?.code, 'connections_short');
  const [{ latencyMs = 0, latencyP99Ms = 0, clockSkewMs = 0, addresses }] = results;
  assert.ok(latencyMs > 0 && latencyP99Ms >= latencyMs && Math.abs(clockSkewMs) < 2_000);
  assert.deepEqual(addresses, ['127.0.0.1']);
});

/** What the test says of a database after this was done to it, and after it was undone. */
async function afterDoing(sql: string, undo: string): Promise<[string | undefined, string, boolean]> {
  await database.sql(sql);
  const result = await testConnection({ kind: 'postgres', url: database.routerUrl });
  await database.sql(undo);
  const mended = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.ok(mended.ok, JSON.stringify(mended.checks));
  const failure = result.checks.find(({ outcome }) => outcome === 'failed');
  return [result.code, failure?.message ?? '', result.ok];
}

test('a database that does not keep tenants apart fails, and a planted row proves it', async () => {
  const [disabled, seen] = await afterDoing(
    'alter table accounts disable row level security',
    'alter table accounts enable row level security',
  );
  assert.equal(disabled, 'data_source_isolation_broken');
  assert.match(seen, /tenant_service sees rows of others; tenant_service changes rows of others/);
  assert.match(seen, /tenant_viewer sees rows of others/);
  assert.match(seen, /not in force on accounts/);
  const [unforced] = await afterDoing(
    'alter table invoices no force row level security',
    'alter table invoices force row level security',
  );
  assert.equal(unforced, 'data_source_isolation_broken');
  const [open, policies] = await afterDoing(
    'create policy everything on contacts for select to authenticated using (true)',
    'drop policy everything on contacts',
  );
  assert.equal(open, 'data_source_isolation_broken');
  assert.match(policies, /everything on contacts/);
  // A policy that only looks as if it asked for the tenant.
  const [pretended, rows] = await afterDoing(
    'create policy pretended on accounts for select to tenant_staff using (true or tenant_id = tenancy.current_tenant())',
    'drop policy pretended on accounts',
  );
  assert.equal(pretended, 'data_source_isolation_broken');
  assert.match(rows, /tenant_staff sees rows of others/);
  const { rows: left } = await database.sql(
    "select from accounts where name in ('Connection test', 'Planted')",
  );
  assert.equal(left.length, 0);
});

test('functions that reach beyond the database are named; over the API they are refused', async () => {
  const [code, message] = await afterDoing('create extension dblink schema public', 'drop extension dblink');
  assert.equal(code, 'data_source_functions_reachable');
  assert.match(message, /dblink\S*\(text\S*\) opens connections \(dblink\)/);
  await database.sql(
    'create schema apart; create extension dblink schema apart; grant usage on schema apart to public',
  );
  const apart = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.deepEqual([apart.ok, check(apart, 'reachable_functions')?.code], [true, 'functions_reachable']);
  await database.sql('revoke usage on schema apart from public');
  const hidden = await testConnection({ kind: 'postgres', url: database.routerUrl });
  assert.equal(check(hidden, 'reachable_functions')?.outcome, 'passed');
  await database.sql('drop extension dblink; drop schema apart');
  const [definer, why] = await afterDoing(
    'create function public.all_accounts() returns bigint language sql security definer as $$ select count(*) from accounts $$',
    'drop function public.all_accounts()',
  );
  assert.equal(definer, 'data_source_functions_reachable');
  assert.match(why, /all_accounts\(\) runs with the rights of a role that sees every tenant/);
  assert.match(
    check(hidden, 'shared_functions')?.message ?? '',
    /pg_advisory_xact_lock, lo_create, pg_notify/,
  );
});

test('what a crash would lose, and rules that are switched off, are found', async () => {
  const [unlogged, message] = await afterDoing(
    'alter table contact_accounts set unlogged',
    'alter table contact_accounts set logged',
  );
  assert.deepEqual([unlogged, /empties contact_accounts/.test(message)], ['data_source_not_durable', true]);
  await database.sql('alter table accounts disable trigger all');
  const untriggered = await testConnection({ kind: 'postgres', url: database.routerUrl });
  await database.sql('alter table accounts enable trigger all');
  assert.ok(untriggered.checks.some(({ code }) => code === 'triggers_disabled'));
  const name = new URL(database.adminUrl).pathname.slice(1);
  await administer(database.adminUrl, `alter database ${name} set synchronous_commit = off`);
  const hasty = await testConnection({ kind: 'postgres', url: database.routerUrl });
  await administer(database.adminUrl, `alter database ${name} reset synchronous_commit`);
  assert.match(check(hasty, 'durability')?.message ?? '', /synchronous_commit/);
});

test('an encoding in which texts cannot be kept is refused', async () => {
  const server = new URL(database.adminUrl);
  server.pathname = '/postgres';
  const name = `latin_${process.pid}`;
  await administer(
    server.toString(),
    `create database ${name} encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' locale_provider libc template template0`,
  );
  after(() => administer(server.toString(), `drop database if exists ${name} with (force)`));
  const url = new URL(server);
  url.pathname = `/${name}`;
  const result = await testConnection({ kind: 'postgres', url: url.toString(), purpose: 'administrator' });
  assert.equal(result.code, 'data_source_encoding_unsupported');
});

test('before a database is added, what its login lacks is named', async () => {
  const url = new URL(await createTestDatabase('lacking'));
  const login = `lacking_${process.pid}`;
  await administer(url.toString(), `create role ${login} login password 'p'`);
  after(() => administer(database.adminUrl, `drop role if exists ${login}`));
  [url.username, url.password] = [login, 'p'];
  const result = await testConnection({
    ...{ kind: 'postgres', url: url.toString(), purpose: 'administrator', given: { networks: 'any' } },
  });
  const { message = '', hint = '' } = check(result, 'privileges') ?? {};
  assert.equal(result.code, 'data_source_privileges_missing');
  assert.match(message, /CREATEROLE; CREATE on the database; CREATE on the schema public/);
  assert.match(hint, /marquee source add --script/);
});

test('a customer’s login that could read everything is warned of, one of the operator’s own is not', async () => {
  const url = await createTestDatabase('mighty');
  const given = { networks: 'any' } as const;
  const privileges = async (isCustomers: boolean) =>
    check(
      await testConnection({ kind: 'postgres', url, purpose: 'administrator', isCustomers, given }),
      'privileges',
    );
  const warned = await privileges(true);
  assert.deepEqual([warned?.outcome, warned?.code], ['warning', 'privileges_excessive']);
  assert.match(warned?.message ?? '', /is a superuser/);
  assert.equal((await privileges(false))?.outcome, 'passed');
});

test('a company is not told what names of the operator’s network lead to, nor whether there are such', async () => {
  const told = async (host: string, forCompany: boolean) => {
    const source = { kind: 'byod', url: `postgresql://u:p@${host}/x`, networks: [] } as const;
    return JSON.stringify(await testNewDataSource(source, { forCompany })).replaceAll(host, 'HOST');
  };
  const internal = await told('localhost', true);
  assert.match(internal, /"code":"data_source_address_refused".*HOST leads to no server on the internet/);
  assert.doesNotMatch(internal, /127\.0\.0\.1|::1/);
  assert.equal(await told('no-such-host.invalid', true), internal);
  assert.equal(await told('10.1.2.3', true), internal);
  assert.match(await told('localhost', false), /127\.0\.0\.1|::1/);
  assert.match(await told('no-such-host.invalid', false), /"data_source_unreachable"/);
});
