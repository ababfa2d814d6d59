// The servers that send what PostgreSQL would not are fakes of a few lines that speak its protocol; all else is real.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { createGzip } from 'node:zlib';
import { copyOut } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { pause } from '@/lib/time';
import { createTenantDatabase, TestDirectory } from '../../tenant-database';

const MIB = 1024 * 1024;
const directory = new TestDirectory();
const manager = new DataSourceManager(async () => ({
  directory,
  verifyAccessToken: () => Promise.reject(new Error('no tokens here')),
  settings: { connectionsPerServer: 2 },
}));
after(() => manager.close());
const database = await createTenantDatabase();
const config = { maxResultBytes: MIB, maxResultRows: 5_000 };
const tenant = await directory.place(database, { config });
const client = await manager.getClientForTenant(tenant, true);
await insertAccount();

const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;
const execute = (tenantId: string, text: string) =>
  manager.execute(tenantId, { text, values: [] }, { readOnly: true });

async function insertAccount(): Promise<void> {
  const contacts = Array.from({ length: 150 }, (_, n) => ({
    first_name: `Contact ${n}`,
    notes: 'note '.repeat(2_000),
  }));
  const account = await client.from('accounts').insert({ name: 'Many contacts' }).select('id').single();
  const inserted = await client.from('contacts').insert(contacts).select('id');
  const links = inserted.data?.map(({ id }) => ({ contact_id: id, account_id: account.data?.id as string }));
  const { error } = await client.from('contact_accounts').insert(links ?? []);
  assert.equal(error, null);
}

test('embedding back and forth ends as it grows, in PostgreSQL itself, whose session goes on', async () => {
  const sessions = async () =>
    (
      await database.sql(
        "select pid from pg_stat_activity where application_name = 'marquee' and datname = current_database() order by pid",
      )
    ).rows;
  const before = await sessions();
  const answers = await Promise.all([
    client
      .from('accounts')
      .select('id,contact_accounts(contacts(contact_accounts(accounts(contact_accounts(contacts(*))))))'),
    client.from('accounts').select('id,...contact_accounts(contacts(notes))'),
    client.from('contacts').select('*'),
    client.from('contacts').select('*').csv(),
    client
      .from('contacts')
      .update({ job_title: 'All' })
      .eq('job_title', 'x')
      .select('*,contact_accounts(accounts(*))'),
    client.from('contacts').update({ job_title: 'All' }).not('id', 'is', null).select('*'),
  ]);
  assert.deepEqual(
    answers.map(({ error, status }) => [status, error?.code]),
    [
      ...Array.from({ length: 4 }, () => [413, 'result_too_large']),
      [200, undefined],
      [413, 'result_too_large'],
    ],
  );
  const { count } = await client
    .from('contacts')
    .select('id', { count: 'exact', head: true })
    .eq('job_title', 'All');
  assert.equal(count, 0, 'a write whose answer is refused has written nothing');
  const kept = await sessions();
  assert.ok(before.every(({ pid }) => kept.some((one) => one.pid === pid)));
});

test('a column under many names is measured as often as it is named', async () => {
  const aliases = Array.from({ length: 25 }, (_, n) => `n${n}:notes`).join();
  const one = await client.from('contacts').select(aliases).limit(1);
  assert.equal(one.error, null);
  const some = await client.from('contacts').select(aliases).limit(10);
  assert.equal(some.error?.code, 'result_too_large');
});

test('a large answer is the same whether it is read as text or passed on as bytes', async () => {
  const notes = 'ä€😀'.repeat(20_000);
  const roomy = await directory.place(database);
  const reader = await manager.getClientForTenant(roomy, true);
  await reader
    .from('accounts')
    .insert([...[1, 2].map((n) => ({ name: `Large ${n}`, notes })), { name: 'Small' }]);
  const request = { method: 'GET', path: '/accounts', query: 'select=name,notes&order=name', headers: {} };
  const { body, headers } = await manager.answer(roomy, request, { useServiceRole: true });
  assert.ok(body instanceof Uint8Array, 'a large body is not decoded on its way');
  const expected = [
    { name: 'Large 1', notes },
    { name: 'Large 2', notes },
    { name: 'Small', notes: null },
  ];
  assert.deepEqual(JSON.parse(Buffer.from(body).toString()), expected);
  assert.ok(headers.some(([name, value]) => name === 'Content-Length' && value === String(body.byteLength)));
  assert.deepEqual((await reader.from('accounts').select('name,notes').order('name')).data, expected);
  const text =
    "select name, null, notes || notes as notes, 'end' as last from accounts where name = 'Large 1'";
  assert.deepEqual(await execute(roomy, text), [['Large 1', null, notes + notes, 'end']]);
  assert.deepEqual(
    await manager.withTenantTransaction(roomy, async (transaction) => (await transaction.query(text)).rows),
    [{ name: 'Large 1', '?column?': null, notes: notes + notes, last: 'end' }],
  );
});

test('lists of one row are bounded together: a list under many names costs no more than one', async () => {
  const rowsRead = async () =>
    Number(
      (
        await database.sql(
          "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows from pg_stat_user_tables where relname = 'contact_accounts'",
        )
      ).rows[0].rows,
    );
  const before = await rowsRead();
  const names = Array.from({ length: 15 }, (_, n) => `l${n}:contact_accounts(contacts(notes))`);
  const ask = (lists: string[]) =>
    manager.answer(
      tenant,
      {
        method: 'GET',
        path: '/accounts',
        query: `select=id,${lists.join()}&${lists.map((_, n) => `l${n}.limit=60`).join('&')}&order=id&limit=1`,
        headers: {},
      },
      { useServiceRole: true },
    );
  assert.equal((await ask(names.slice(0, 1))).status, 200);
  const refused = await ask(names);
  assert.deepEqual([refused.status, refused.error?.code], [413, 'result_too_large']);
  // A session reports what it read once it has been idle for a while.
  let read = 0;
  while (read === 0) {
    await pause(300);
    await client.from('tasks').select('id').limit(1);
    read = (await rowsRead()) - before;
  }
  assert.ok(read <= 4 * 150, `${read} rows were read`);
});

test('values of functions are bounded too', async () => {
  await database.sql(`
    create function public.many_texts(how_many int) returns setof text language sql stable
      as $$ select repeat('x', 1000) from generate_series(1, how_many) $$;
    grant execute on function public.many_texts to tenant_service`);
  const pids = async () =>
    (
      await database.sql(
        "select pid from pg_stat_activity where application_name = 'marquee' and datname = current_database()",
      )
    ).rows;
  const ask = (many: number) =>
    manager.answer(
      tenant,
      { method: 'GET', path: '/rpc/many_texts', query: `how_many=${many}`, headers: {} },
      { useServiceRole: true },
    );
  const small = await ask(3);
  assert.deepEqual(JSON.parse(String(small.body)), Array(3).fill('x'.repeat(1000)));
  const before = await pids();
  assert.equal((await ask(50_000)).error?.code, 'result_too_large');
  assert.deepEqual(await pids(), before, 'PostgreSQL refuses it, before it is sent');
});

test('a page of many wide rows is measured, however plain it is', async () => {
  const pids = async () =>
    (
      await database.sql(
        "select pid from pg_stat_activity where application_name = 'marquee' and datname = current_database()",
      )
    ).rows;
  const before = await pids();
  assert.equal((await client.from('contacts').select('*').limit(50)).status, 200);
  const wide = 'x'.repeat(90_000);
  await client
    .from('contacts')
    .insert(Array.from({ length: 40 }, () => ({ first_name: 'Wide', notes: wide })));
  const { status, error } = await client.from('contacts').select('*').eq('first_name', 'Wide').limit(100);
  assert.deepEqual([status, error?.code], [413, 'result_too_large']);
  assert.deepEqual(await pids(), before);
});

test('rows are counted at every level', async () => {
  const few = await directory.place(database, { config: { maxResultRows: 100 } });
  const limited = await manager.getClientForTenant(few, true);
  const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `Account ${n}` }));
  await limited.from('accounts').insert(rows(100));
  assert.equal((await limited.from('accounts').select('id')).data?.length, 100);
  await limited.from('accounts').insert(rows(1));
  assert.equal((await limited.from('accounts').select('id')).error?.code, 'result_too_large');
  assert.equal((await limited.from('accounts').select('id').limit(100)).data?.length, 100);
});

test('a request that asks for too much at once is refused before PostgreSQL hears of it', async () => {
  const refusals = await Promise.all([
    client.from('accounts').select(`id${',contact_accounts(id,accounts(id'.repeat(4)}${'))'.repeat(4)}`),
    client.from('accounts').select(Array.from({ length: 31 }, (_, n) => `c${n}:contact_accounts(id)`).join()),
    client.from('accounts').select(Array.from({ length: 301 }, (_, n) => `c${n}:name`).join()),
  ]);
  for (const { status, error } of refusals) {
    assert.deepEqual([status, error?.code], [422, 'request_too_large']);
    assert.match(error?.hint ?? '', /maxEmbed|maxSelected/);
  }
});

test('SQL that answers too many rows, or one that is too large, costs its connection; COPY streams', async () => {
  const large = [
    'select generate_series(1, 100000000)',
    `select repeat('x', ${40 * MIB})`,
    `select repeat('x', 1000) from generate_series(1, 2000)`,
  ];
  for (const text of large) {
    await assert.rejects(execute(tenant, text), code('result_too_large'), text);
    await assert.rejects(
      manager.withTenantTransaction(tenant, (transaction) => transaction.query(text)),
      code('result_too_large'),
      text,
    );
  }
  let bytes = 0;
  const counter = new Writable({
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done();
    },
  });
  await manager.withTenantTransaction(tenant, (transaction) =>
    copyOut(transaction, { table: 'contacts', columns: ['notes'] }, counter),
  );
  assert.ok(bytes > MIB);
  assert.deepEqual(await execute(tenant, 'select 1'), [['1']]);
});

/** A message of the server's. */
function message(type: string, body: Buffer, length = body.length + 4): Buffer {
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, body]);
}

const READY = message('Z', Buffer.from('I'));
const SIGNED_IN = Buffer.concat([message('R', Buffer.alloc(4)), READY]);
/** The answer to the two statements that set a session up. */
const SET_UP = Buffer.concat([...Array(2)].map(() => message('C', Buffer.from('SET\0'))).concat(READY));
/** A row of one column without a value. */
const ROW = message('D', Buffer.from([0, 1, 255, 255, 255, 255]));

/** A fake: what it sends instead of an answer. */
const HOSTILE: Record<string, { send: (socket: Socket) => void; code: string }> = {
  'a row of 900 MB': {
    send: (socket) => socket.write(message('D', Buffer.alloc(1000), 900 * MIB)),
    code: 'result_too_large',
  },
  'rows without end': { send: (socket) => endlessly(socket, ROW), code: 'result_too_large' },
  'notices without end': {
    send: (socket) => endlessly(socket, message('N', Buffer.from('SNOTICE\0\0'))),
    code: 'result_too_large',
  },
  'an error without an end': {
    send: (socket) => socket.write(message('E', Buffer.from('SERROR'))),
    code: 'data_source_protocol_violated',
  },
  'a row with more columns than it has': {
    send: (socket) => socket.write(message('D', Buffer.from([127, 255]))),
    code: 'data_source_protocol_violated',
  },
  'a row whose column is longer than the row': {
    send: (socket) => socket.write(message('D', Buffer.from([0, 1, 0, 0, 1, 0, 97]))),
    code: 'data_source_protocol_violated',
  },
  'a large row whose column is longer than the row': {
    send: (socket) =>
      socket.write(
        message('D', Buffer.concat([Buffer.from([0, 1, 127, 255, 255, 255]), Buffer.alloc(MIB / 2)])),
      ),
    code: 'data_source_protocol_violated',
  },
  'a message shorter than its header': {
    send: (socket) => socket.write(message('D', Buffer.alloc(0), 2)),
    code: 'data_source_protocol_violated',
  },
};

function endlessly(socket: Socket, bytes: Buffer): void {
  const many = Buffer.concat(Array.from({ length: 5_000 }, () => bytes));
  const write = () => {
    while (!socket.destroyed && socket.write(many));
  };
  socket.on('drain', write);
  write();
}

async function startFake(atSignIn: Buffer, answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      // In two parts, so that a header arrives in pieces.
      socket.setNoDelay(true).write(atSignIn.subarray(0, 3));
      setImmediate(() => socket.write(atSignIn.subarray(3)));
      if (atSignIn.length === 0) answer(socket);
      socket.once('data', () => {
        socket.write(SET_UP);
        socket.once('data', () => answer(socket));
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  return `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`;
}

async function placeAt(url: string): Promise<string> {
  const id = await directory.place(database, { config });
  const dataSourceId = randomUUID();
  directory.placements.set(id, { ...directory.placements.get(id)!, dataSourceId });
  directory.credentialsByTenant.set(id, { ...directory.credentialsByTenant.get(id)!, dataSourceId, url });
  return id;
}

for (const [what, { send, code: expected }] of Object.entries(HOSTILE)) {
  test(`a server that sends ${what} costs itself the connection and others nothing`, async () => {
    const answering = await placeAt(await startFake(SIGNED_IN, send));
    const signingIn = await placeAt(await startFake(Buffer.alloc(0), send));
    const memory = process.memoryUsage.rss();
    const asked = Promise.allSettled([execute(answering, 'select 1'), execute(signingIn, 'select 1')]);
    assert.deepEqual(await execute(tenant, 'select 1'), [['1']]);
    const [answered, signedIn] = await asked;
    assert.equal(answered.status === 'rejected' && answered.reason.code, expected);
    assert.equal(signedIn.status, 'rejected');
    assert.ok(process.memoryUsage.rss() - memory < 200 * MIB);
  });
}

test('a project whose answer unpacks to a thousand times its size is refused as it is unpacked', async () => {
  const project = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    const zeros = Buffer.alloc(MIB);
    const gzip = createGzip();
    gzip.pipe(response);
    const write = () => {
      while (!response.destroyed && gzip.write(zeros));
    };
    gzip.on('drain', write);
    write();
  }).listen(0, '127.0.0.1');
  await once(project, 'listening');
  after(() => project.close());
  const id = await directory.place(database, { config });
  const dataSourceId = randomUUID();
  directory.placements.set(id, { ...directory.placements.get(id)!, dataSourceId, engine: 'supabase' });
  directory.credentialsByTenant.set(id, {
    dataSourceId,
    engine: 'supabase',
    url: `http://127.0.0.1:${(project.address() as AddressInfo).port}`,
    anonKey: 'anon',
    serviceKey: 'service',
  });
  const memory = process.memoryUsage.rss();
  const { status, error } = await (await manager.getClientForTenant(id, true)).from('accounts').select('*');
  assert.deepEqual([status, error?.code], [413, 'result_too_large']);
  assert.ok(process.memoryUsage.rss() - memory < 200 * MIB);
});
